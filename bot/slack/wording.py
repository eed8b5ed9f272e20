"""What Slack writes for its own reading, back in the words that people see."""

import html
import re

TOKEN = re.compile(r"<([@#!])([^>|]*)(?:\|([^>]*))?>")


def as_typed(text: str) -> str:
    """The words as the person saw them: `<@U1|dana>` is @dana, `&lt;` is <, and NUL, which no database keeps, is ␀."""

    def shown(token: re.Match[str]) -> str:
        sign, id, label = token.groups()
        return (
            (label or id) if sign == "!" and label else {"@": "@", "#": "#", "!": "@"}[sign] + (label or id)
        )

    return html.unescape(TOKEN.sub(shown, text)).replace("\x00", "␀")
