"""Emoji by their names in Slack. Names that are not here stay `:name:`, as in a workspace that has no such emoji."""

import re

from markupsafe import Markup

NAMED = {
    "+1": "👍",
    "-1": "👎",
    "bell": "🔔",
    "boom": "💥",
    "chart_with_upwards_trend": "📈",
    "clock3": "🕒",
    "eyes": "👀",
    "fire": "🔥",
    "hammer_and_wrench": "🛠️",
    "hourglass_flowing_sand": "⏳",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "lock": "🔒",
    "mag": "🔍",
    "memo": "📝",
    "mega": "📣",
    "no_entry": "⛔",
    "phone": "☎️",
    "pushpin": "📌",
    "raised_hands": "🙌",
    "red_circle": "🔴",
    "rotating_light": "🚨",
    "tada": "🎉",
    "thumbsup": "👍",
    "warning": "⚠️",
    "wave": "👋",
    "white_check_mark": "✅",
    "x": "❌",
}
NAME = re.compile(r":([a-z0-9_+'-]{1,100}):")
SURROGATES = range(0xD800, 0xE000)
"""Halves of characters: no text may hold one by itself."""
CODE_POINTS = re.compile(r"[0-9a-f]{2,6}(-[0-9a-f]{2,6}){0,9}")


def render_emoji(name: str, unicode: str = "") -> Markup:
    """One emoji with its name for who listens. `unicode` has its code points in hexadecimal, as in rich text."""
    face = NAMED.get(name, "")
    if not face and CODE_POINTS.fullmatch(unicode):
        points = (int(part, 16) for part in unicode.split("-"))
        face = "".join(chr(point) for point in points if point < 0x110000 and point not in SURROGATES)
    if not face:
        return Markup("<span>:{}:</span>").format(name)
    return Markup('<span role="img" aria-label="{}">{}</span>').format(name.replace("_", " "), face)
