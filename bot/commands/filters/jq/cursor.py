"""A place in a jq expression, and the steps to the next."""

import re

from bot.errors import Unclear

BLANK = re.compile(r"(?:\s|#[^\n]*)*")


class Cursor:
    """`text` and how far it is read; blanks in front are passed over."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.blank()

    @property
    def ended(self) -> bool:
        return self.at >= len(self.text)

    def wrong(self) -> Unclear:
        """The error at this place."""
        return Unclear(f"jq's “{self.text[self.at : self.at + 20] or self.text[-20:]}” is not evaluated")

    def blank(self) -> None:
        """Go past blanks and comments."""
        found = BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def taken(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go past what a pattern matches here."""
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def sign(self, sign: str) -> bool:
        """Go past a sign or a word, and the blanks behind it."""
        if not self.text.startswith(sign, self.at):
            return False
        after = self.text[self.at + len(sign) : self.at + len(sign) + 1]
        if sign[-1].isalnum() and (after.isalnum() or after == "_"):
            return False
        self.at += len(sign)
        self.blank()
        return True

    def expect(self, sign: str) -> None:
        """Go past a sign that has to be here."""
        if not self.sign(sign):
            raise self.wrong()

    def close(self, sign: str, needed: bool = True) -> bool:
        """A closing sign; the blanks behind it are left, for what follows may belong to it."""
        self.blank()
        if self.text.startswith(sign, self.at):
            self.at += 1
            return True
        if needed:
            raise self.wrong()
        return False
