"""One contact method: `slack:U0123ABCD`, `pagerduty:user/PABC123`, `tel:+15550100`, `apprise:CTO_SMS`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class HandleKind(StrEnum):
    """How a handle reaches somebody; the value is how people are told."""

    SLACK_USER = "Slack"
    SLACK_GROUP = "Slack user group"
    SLACK_EMAIL = "Slack, by e-mail"
    PAGERDUTY_SERVICE = "PagerDuty service"
    PAGERDUTY_USER = "PagerDuty user"
    PAGERDUTY_POLICY = "PagerDuty escalation policy"
    PHONE = "phone"
    APPRISE = "Apprise"


@dataclass(frozen=True, slots=True)
class Handle:
    """One way to one contact. `value` is what stands after the colon, without `service/` and the like.

    A PagerDuty service's value is its integration key (32 letters and digits), the name of a setting that holds
    it, or the service's id; an Apprise one's is the name of a setting that holds its address.
    """

    kind: HandleKind
    value: str

    @property
    def text(self) -> str:
        """As the contacts file writes it."""
        return f"{PREFIXES[self.kind]}{self.value}"

    @property
    def secret(self) -> bool:
        """Whether the value itself must not be shown: an integration key lets anybody page."""
        return self.kind is HandleKind.PAGERDUTY_SERVICE and bool(INTEGRATION_KEY.fullmatch(self.value))

    @property
    def shown(self) -> str:
        """The same for people's eyes: an integration key is cut to its last four signs."""
        return f"{PREFIXES[self.kind]}…{self.value[-4:]}" if self.secret else self.text

    @property
    def setting(self) -> str:
        """The name of the setting that the handle points to; empty when it points to none."""
        if self.kind is HandleKind.APPRISE or (
            self.kind is HandleKind.PAGERDUTY_SERVICE and "_" in self.value
        ):
            return self.value
        return ""


PREFIXES = {
    HandleKind.SLACK_USER: "slack:",
    HandleKind.SLACK_GROUP: "slack:",
    HandleKind.SLACK_EMAIL: "slack:",
    HandleKind.PAGERDUTY_SERVICE: "pagerduty:service/",
    HandleKind.PAGERDUTY_USER: "pagerduty:user/",
    HandleKind.PAGERDUTY_POLICY: "pagerduty:policy/",
    HandleKind.PHONE: "tel:",
    HandleKind.APPRISE: "apprise:",
}
INTEGRATION_KEY = re.compile(r"[A-Za-z0-9]{32}")
SETTING = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
PAGERDUTY_ID = r"[A-Z][A-Z0-9]{3,19}"
SHAPES = (
    (HandleKind.SLACK_USER, re.compile(r"slack:([UW][A-Z0-9]{1,20})")),
    (HandleKind.SLACK_GROUP, re.compile(r"slack:(S[A-Z0-9]{1,20})")),
    (HandleKind.SLACK_EMAIL, re.compile(r"slack:([^@\s:/<>]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")),
    (
        HandleKind.PAGERDUTY_SERVICE,
        re.compile(rf"pagerduty:service/([A-Za-z0-9]{{32}}|{SETTING}|{PAGERDUTY_ID})"),
    ),
    (HandleKind.PAGERDUTY_USER, re.compile(rf"pagerduty:user/({PAGERDUTY_ID})")),
    (HandleKind.PAGERDUTY_POLICY, re.compile(rf"pagerduty:policy/({PAGERDUTY_ID})")),
    (HandleKind.PHONE, re.compile(r"tel:(\+?[0-9][0-9 ().-]{2,24})")),
    (HandleKind.APPRISE, re.compile(rf"apprise:({SETTING}|[A-Z][A-Z0-9]*)")),
)

EXAMPLES = {
    "slack": "slack:U0123ABCD, slack:S0456EFGH or slack:dana@example.com",
    "pagerduty": "pagerduty:user/PABC123, pagerduty:policy/PABC123 or pagerduty:service/ with an integration key",
    "tel": "tel:+15550100",
    "apprise": "apprise:CTO_SMS, the name of a setting that holds the address",
}
"""What a handle of each kind looks like, for those who wrote one that does not."""


def parse_handle(text: str) -> Handle | str:
    """The handle, or a sentence that says what is wrong with the text."""
    text = text.strip()
    for kind, shape in SHAPES:
        if found := shape.fullmatch(text):
            value = found[1]
            return Handle(kind, re.sub(r"[^0-9+]", "", value) if kind is HandleKind.PHONE else value)
    start = text.partition(":")[0]
    if start in EXAMPLES:
        return f"“{_cut(text)}” is no {start} handle. Write it like {EXAMPLES[start]}."
    return f"“{_cut(text)}” is no handle. It begins with {', '.join(f'{example}:' for example in EXAMPLES)}."


def list_missing_settings(handle: Handle, is_set: Callable[[str], bool]) -> tuple[str, ...]:
    """The names of the settings without which a handle cannot be used, of those that are not set."""
    needed: tuple[str, ...] = ()
    match handle.kind:
        case HandleKind.APPRISE:
            needed = (handle.value,)
        case HandleKind.PAGERDUTY_SERVICE if handle.setting:
            needed = (handle.setting,)
        case HandleKind.PAGERDUTY_SERVICE if not handle.secret:
            needed = ("PAGERDUTY_API_KEY", "PAGERDUTY_FROM")
        case HandleKind.PAGERDUTY_USER | HandleKind.PAGERDUTY_POLICY:
            needed = ("PAGERDUTY_API_KEY", "PAGERDUTY_FROM", "PAGERDUTY_SERVICE")
        case _:
            pass
    return tuple(name for name in needed if not is_set(name))


def _cut(text: str) -> str:
    """No more of a wrong handle than is needed to find it: it may be a secret in the wrong place."""
    return text if len(text) <= 24 else f"{text[:20]}…"
