"""Slack's marked-up text as a person reads it: names instead of ids, times instead of tokens."""

import re
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from sandbox.slack.workspace import Workspace

NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
PRETTY = ("{date_pretty}", "{date_short_pretty}", "{date_long_pretty}", "{day_divider_pretty}")
TOKEN = re.compile(r"<([^<>\n]+)>")


def render_readable(workspace: Workspace, text: str, tz: str = "UTC") -> str:
    """The text with mentions, links and dates resolved (dates in the zone `tz`) and `& < >` unescaped."""
    zone: tzinfo = UTC if tz == "UTC" else ZoneInfo(tz)

    def resolve(match: re.Match[str]) -> str:
        inside, _, label = match[1].partition("|")
        if inside.startswith("!date^"):
            return _date(inside, zone)
        if inside.startswith("@"):
            user = workspace.users.get(inside[1:])
            return f"@{user.name if user else label or inside[1:]}"
        if inside.startswith("#"):
            channel = workspace.channels.get(inside[1:])
            return f"#{channel.name if channel else label or inside[1:]}"
        if inside.startswith("!subteam^"):
            group = workspace.usergroups.get(inside.removeprefix("!subteam^"))
            return f"@{group.handle}" if group else label or inside
        if inside.startswith("!"):
            return f"@{inside[1:]}"
        address = inside.removeprefix("mailto:")
        return f"{label} ({address})" if label and label != address else address

    return _unescape(TOKEN.sub(resolve, text))


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _date(token: str, zone: tzinfo) -> str:
    """`!date^seconds^format[^link]` in the reader's zone; `ago` and `pretty` forms as plain dates."""
    _, seconds, form, *_ = [*token.split("^"), "{date} {time}"]
    try:
        at = datetime.fromtimestamp(int(seconds), zone)
    except (ValueError, OverflowError, OSError):
        return token
    return format_date_token(at, form)


def format_date_token(at: datetime, form: str, today: date | None = None) -> str:
    """An instant in the words of one of Slack's forms, such as `{date_short} {time}`, as it stands in its zone.

    `today` is the reader's day, by which the `pretty` forms say yesterday, today or tomorrow.
    Source: docs.slack.dev, “Date format strings” of the date element.
    """
    nth = "th" if at.day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(at.day % 10, "th")
    full, short = f"{at:%B} {at.day}{nth}, {at:%Y}", f"{at:%b} {at.day}, {at:%Y}"
    day = f"{at:%A}, {at:%B} {at.day}{nth}"
    long = f"{day}, {at:%Y}"
    near = NEAR.get((at.date() - today).days, "") if today else ""
    if near and form.startswith(PRETTY):
        near = near.capitalize()
    form = form.removeprefix("\u200b")  # with which an app keeps the capital away
    form = form.replace(" ({ago})", "")  # how long until then needs a clock that goes on: the page has one
    forms = {
        "{date_num}": f"{at:%Y-%m-%d}",
        "{date_slash}": f"{at:%d/%m/%Y}",
        "{date}": full,
        "{date_long_full}": f"{at:%B} {at.day}, {at:%Y}",
        "{date_long}": long,
        "{date_short}": short,
        "{date_pretty}": near or full,
        "{date_long_pretty}": near or long,
        "{date_short_pretty}": near or short,
        "{day_divider_pretty}": near or (day if today and at.year == today.year else long),
        "{time}": f"{at:%H:%M}",
        "{time_secs}": f"{at:%H:%M:%S}",
        "{ago}": f"{at:%H:%M}",
    }
    for name, words in forms.items():
        form = form.replace(name, words)
    return form
