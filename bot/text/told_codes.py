"""Finds one-time codes, PINs and card codes as a sentence tells them: `Your OTP is 482913`, `482913 is your OTP`.

A number alone may be anything: the words beside it tell. What counts or answers stays as it is."""

import re
from collections.abc import Callable

CODE_WORDS = re.compile(r"otp|pin|cv[vc]|code|passw", re.IGNORECASE)
"""One of these stands in every text that tells a code: most texts have none, and are not looked through."""

CODES = (
    r"m?pin|t?otp|cvv2?|cvc2?|passcode|(?:verification|security|login|confirmation|one[ -]time|2fa|mfa|sms)[ _-]"
    r"(?:pass)?(?:code|pin|word)"
)
TOLD = re.compile(
    rf"(?P<name>(?<![A-Za-z])(?:{CODES})(?:[ _-](?:code|pin|no|number))?"
    r"(?:[ ](?:for|to|of)[ ](?!\d+\b)[^\s:]{1,40})?(?:[ ](?:is|was))?[\s:=#\"'(\[-]{1,4})"
    r"(?P<value>\d{3}[ -]\d{3}|\d{3,8})(?![\w-]|[.:/,]\d|\s?%)",
    re.IGNORECASE,
)
TOLD_BEHIND = re.compile(
    r"(?<![\w.:/-])(?P<value>\d{3}[ -]\d{3}|\d{4,8})(?=[ ](?:is|as)[ ]"
    rf"(?:your\b[^\n.]{{0,40}}?\b(?:{CODES}|code)\b|the\b[^\n.]{{0,40}}?\b(?:{CODES})\b))",
    re.IGNORECASE,
)
SAID = re.compile(
    r"(?P<name>\bpassword[ ](?:is|was)[: ]{1,2})(?=\S*[\d!@#$%^&*])[^\s\"',;]{4,}", re.IGNORECASE
)
COUNTED = re.compile(
    r"\s?(?:[nuµm]?s|sec|min|hours?|times?|errors?|failed|failures?|attempts?|retries|tries|requests?|users?|rows?|keys|items"
    r"|bytes?|[kMGT]i?B|messages?|digits?|codes?|pins|otps|per|of|out|OK)\b", re.IGNORECASE
)  # fmt: skip
"""What stands behind a number that counts something: `otp 1200 ms`, `otp 5000 attempts`."""


def mask_told_codes(text: str, mark: str) -> str:
    """The text with the mark in place of each code that it tells."""
    if CODE_WORDS.search(text) is None:
        return text
    text = TOLD.sub(_build_mask(mark), text)
    return SAID.sub(rf"\g<name>{mark}", TOLD_BEHIND.sub(mark, text))


def _build_mask(mark: str) -> Callable[[re.Match[str]], str]:
    def mask(found: re.Match[str]) -> str:
        # three digits are the status of an answer, but for a card's code
        is_short = len(found["value"]) == 3 and not found["name"].lower().startswith("cv")
        counts = COUNTED.match(found.string, found.end())
        return found[0] if is_short or counts else f"{found['name']}{mark}"

    return mask
