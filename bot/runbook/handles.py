"""How somebody can be reached, found in a text: Slack ids, e-mail addresses, phone numbers."""

import re

from bot.runbook.markdown.inline import MAX_TEXT_LENGTH

MENTION = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>|<!subteam\^(S[A-Z0-9]{2,20})(?:\|[^>]*)?>")
MEMBER = re.compile(r"(?<![\w@/.-])([UWS][0-9][A-Z0-9]{6,20})(?![\w@.-])")
MAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})(?![\w@])")
PHONE = re.compile(r"(?<![\w+./-])(\+?\(?\d[\d ().\u00a0-]{6,24}\d)(?![\w/]|-\w)")
WEB = re.compile(r"https?://\S+")
DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def find_handles(text: str) -> tuple[str, ...]:
    """How somebody can be reached: Slack ids and e-mail addresses as `slack:…`, phone numbers as `tel:…`."""
    text = text[:MAX_TEXT_LENGTH]
    text = DATE.sub(" ", WEB.sub(" ", text) if "://" in text else text)
    found = [next(filter(None, match.groups())) for match in MENTION.finditer(text)]
    text = MENTION.sub(" ", text)
    found += MEMBER.findall(text)
    if "@" in text:
        found += [mail.rstrip(".") for mail in MAIL.findall(text)]
        text = MAIL.sub(" ", text)
    phones = [number for match in PHONE.finditer(text) if (number := _phone(match[1]))]
    return tuple(dict.fromkeys([f"slack:{id}" for id in found] + [f"tel:{phone}" for phone in phones]))


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    international = text.startswith("+")
    if not (7 if international else 10) <= len(digits) <= 15 or not digits.strip("0"):
        return ""
    return ("+" if international else "") + digits
