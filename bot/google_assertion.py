"""What a service account of Google's signs, to be given an access token for it.

It is signed here, because google-auth brings a client of its own that knows no deadline.
https://developers.google.com/identity/protocols/oauth2/service-account
"""

import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

TOKENS = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = 3600
"""Seconds for which a token is asked."""


def build_token_request(credentials: Path, scope: str, now: int) -> dict[str, str]:
    """The form that `TOKENS` takes: the account of this key file asks for a token with this scope, `now` being seconds
    since 1970. Raises ValueError when the file is no key of a service account."""
    return {"grant_type": GRANT, "assertion": _sign(credentials, scope, now)}


def _sign(credentials: Path, scope: str, now: int) -> str:
    try:
        told = json.loads(credentials.read_text("utf-8"))
        key = load_pem_private_key(told["private_key"].encode(), password=None)
        claims = {"iss": told["client_email"], "scope": scope, "aud": TOKENS, "iat": now, "exp": now + LIFE}
        head = {"alg": "RS256", "typ": "JWT", "kid": told.get("private_key_id", "")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("it is no service account's key")
    signed = ".".join(_encode_base64url(json.dumps(part).encode()) for part in (head, claims))
    return f"{signed}.{_encode_base64url(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _encode_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
