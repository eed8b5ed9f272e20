"""What the webhooks of all providers share: whether one is signed with a secret of ours. Pure."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence


class InvalidSignature(Exception):
    """The signature is wrong or missing: whoever sent it, nothing is done. Answer 401."""


class InvalidWebhook(Exception):
    """Signed, and not usable, such as no JSON. Answer 400, so that it is not sent again."""


def split_secrets(setting: str) -> tuple[str, ...]:
    """The secrets in a setting: two with a comma while one is being changed for the other."""
    return tuple(each for part in setting.split(",") if (each := part.strip()))


def verify_digest(body: bytes, given: Iterable[str], secrets: Sequence[str]) -> None:
    """Raises InvalidSignature unless one of the given hex digests is the body's HMAC-SHA256 with one of our secrets."""
    fits = False
    for signature in given:
        for secret in secrets:
            ours = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            fits |= hmac.compare_digest(ours.encode(), signature.lower().encode(errors="surrogateescape"))
    if not fits:
        raise InvalidSignature


def verify_token(given: str, secrets: Sequence[str]) -> None:
    """Raises InvalidSignature unless it is one of our secrets."""
    fits = False
    for secret in secrets:
        fits |= hmac.compare_digest(secret.encode(), given.encode(errors="surrogateescape"))
    if not fits:
        raise InvalidSignature
