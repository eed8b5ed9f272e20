"""Keys that are known by how they look, whoever gave them out."""

import re

KEY_SHAPES = re.compile(
    r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}"  # AWS
    r"|rzp_(?:live|test)_[A-Za-z0-9]{8,}"  # Razorpay
    r"|xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}"  # Slack
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]+"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"  # GitHub
    r"|gl(?:pat|rt|dt|ptt|cbt|soat|ft|oas|agent|imt|ffct)-[A-Za-z0-9_-]{16,}"  # GitLab
    r"|sntr[yu]s_[A-Za-z0-9_=+/-]{16,}|[rs]k_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{8,}"  # Sentry, Stripe
    r"|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{16,}"  # Google
    r"|sk-(?<![\w-]sk-)[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}"  # OpenAI, …
    r"|(?<![0-9A-Za-z])(?:[0-9a-f]{32}[\s:,;|/\"']{1,4})?(?:AC|SK)[0-9a-f]{32}(?![0-9A-Za-z])"  # Twilio, and its tokens
    r"(?:[\s:,;|/\"'=]{1,4}(?:(?:auth[ _-]?)?token[\s:=\"']{1,4})?[0-9a-f]{32}(?![0-9A-Za-z]))?"
    r"|(?<![\w-])key-[0-9a-f]{32}(?!\w)|(?<!\w)[0-9a-f]{32}-us\d{1,2}(?!\w)"  # Mailgun, Mailchimp
    r"|(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{32,33}(?![\w-])|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"  # Telegram, Shopify
    r"|d(?:op|or|oo)_v1_[a-f0-9]{64}|hf_[A-Za-z0-9]{30,}|lin_api_[A-Za-z0-9]{32,}|NRAK-[A-Z0-9]{27}"  # DigitalOcean, …
    r"|(?<!\w)hv[sbr]\.[A-Za-z0-9_-]{16,}|pypi-[A-Za-z0-9_-]{16,}|AT[AC]TT3[A-Za-z0-9_=-]{20,}"  # Vault, PyPI, …
    r"|sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{20,}|(?<!\w)dapi[0-9a-f]{32}|tskey-[a-z]{2,12}-[A-Za-z0-9-]{12,}"  # Square, …
    r"|AGE-SECRET-KEY-1[A-Z0-9]{20,}|(?<![\w-])pul-[0-9a-f]{40}|(?<![\w.])dp\.(?:st|ct|pt|sa)\.[\w.-]{20,}"  # Pulumi, …
    r"|nvapi-[\w-]{20,}|(?<!\w)gsk_[A-Za-z0-9]{20,}|(?<!\w)sbp_[0-9a-f]{40}|(?<!\w)fm[12]_[A-Za-z0-9+/=_-]{14,}"
    r"|(?<![A-Za-z0-9+/])EAA[A-Za-z0-9]{60,}"  # Facebook
    r"|(?:(?<=[?&;\s]sig=)|(?<=^sig=))(?!\d+\b)[A-Za-z0-9%+/=_-]{6,}"  # shared access signatures
    r"|(?:(?<=auth token )|(?<=auth token: )|(?<=auth_token ))[0-9a-f]{32}(?![0-9A-Za-z])"
    r"|eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){1,4}"  # a JWT, also a sealed one or half of one
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[A-Za-z0-9+/=\s\\:,.-]){0,20000}"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
"""Their makers stand beside them; a key with a prefix is told from a word by what follows it."""
