"""The words of a name, and names and values that are a secret's: of columns, settings, parameters and addresses."""

import re

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

SECRET = re.compile(
    r"passw(?:or)?d|passphrase|passcode|secret(?!ary)|credential|api_?key|conninfo|(?:^|_)(?:pass|pwd|jwt|otp|totp|cvv|dsn)(?:$|_)"
    r"|(?:^|_)m?pin$|card_?num(?:ber)?|(?:recovery|backup|scratch)_?codes?|(?:seed|recovery)_?phrase|security_?answers?"
    r"|tokens?(?:$|_)|(?:access|private|signing|encryption|auth|licen[cs]e|master|subscription|consumer|hmac|session"
    r"|client|account|shared|host|ssh|ssl|service|server)_?keys?(?:$|_)|connection_?string|database_?url|auth_key"
)
"""Over the words of a name joined with `_`."""

TOLD = re.compile(
    r"(?:^|_)(?:at|ids?|count|type|version|age|days|length|size|ttl|limit|attempts|failures|errors|requests|changed|reset|domains|source|spec|enabled|required"
    r"|expir(?:ed|es|y|ation|es_at|es_in)|used|arn|name|status|state|created|updated|rotated|method|policy|encryption|seconds|ms|per_[a-z]+)$"
    r"|^(?:is|has|can|needs|next|continuation|page|pagination|client|idempotency|cursor|max|min|num|total|prompt"
    r"|completion|input|output|cached|used|sync|lock|version|view|http|creation)_(?:\w+_)?tokens?$|^(?:is|has|can|needs)_"
)
"""What is only told of a secret (`token_count`, `password_changed_at`), and tokens that are none (`next_token`)."""

SHAPES = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|[rs]k_(?:live|test)_\w{8,}|whsec_\w{8,}|rzp_(?:live|test)_\w{8,}|AIza[\w-]{3,}|ya29\.[\w-]{16,}|eyJ[\w-]{6,}\.[\w-]+"
    r"|sntr[yu]s_[\w=+/-]{16,}|npm_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|\d{5,}:[A-Za-z][\w-]{5,}"
)
"""Keys that are known by how they look: Slack's, GitHub's, AWS's, Stripe's, Google's, Telegram's, ..."""


def split_name(text: str) -> list[str]:
    """The words of a name, split at signs and where the case changes, in small letters."""
    return [word.lower() for word in WORD.findall(text)]


def is_secret_name(name: str) -> bool:
    """Whether something of this name holds a secret: `password_hash`, `apiKey`, `app.secret_key`."""
    told = "_".join(split_name(name))
    return bool(SECRET.search(told)) and not TOLD.search(told)
