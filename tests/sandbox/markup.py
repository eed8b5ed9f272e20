"""A piece of the page as a browser would take it apart, and what in it may stand there at all."""

from html.parser import HTMLParser

ALLOWED = {
    "a": {"class", "href", "target", "rel"},
    "article": {"class", "data-channel", "data-ts", "data-ephemeral"},
    "button": {"type", "class", "title", "aria-label", "data-"},
    "details": {"class"},
    "div": {"class", "tabindex", "role", "aria-label", "data-"},
    "fieldset": {"class", "aria-invalid", "aria-describedby", "data-"},
    "form": {"novalidate", "aria-labelledby", "data-"},
    "img": {"src", "alt"},
    "input": {"type", "id", "name", "value", "checked", "required", "placeholder", "minlength", "maxlength", "min",
              "max", "step", "autofocus", "aria-invalid", "aria-describedby", "aria-label", "data-"},
    "label": {"class", "for"},
    "ol": {"class", "start"},
    "optgroup": {"label"},
    "option": {"value", "selected"},
    "p": {"class", "id", "role"},
    "select": {"id", "multiple", "required", "aria-invalid", "aria-describedby", "aria-label", "data-"},
    "span": {"class", "role", "aria-label", "aria-hidden", "data-ago"},
    "summary": {"aria-label"},
    "textarea": {"id", "rows", "required", "placeholder", "minlength", "maxlength", "autofocus", "aria-invalid",
                 "aria-describedby", "aria-label", "data-"},
    "th": {"scope"},
    "time": {"datetime", "title"},
    "h2": {"id"},
    "ul": {"class"},
}  # fmt: skip
PLAIN = """b blockquote br code em figcaption figure footer h1 h3 h4 h5 h6 header hr legend li pre s small strong
           table tbody td thead tr"""
BARE = frozenset(PLAIN.split())
EMPTY = frozenset({"br", "hr", "img", "input"})
"""Elements that nothing stands in."""
LARGE = "article blockquote details div fieldset figure form header h1 h2 h3 h4 h5 h6 hr ol p pre table ul"
ENDS_A_PARAGRAPH = frozenset(LARGE.split())
"""Elements that a browser would not leave inside of a `p`."""
SAFE_LINKS = ("http://", "https://", "mailto:", "tel:", "slack:", "/?")


class Found(HTMLParser):
    """The elements and attributes of a piece of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.misplaced: list[str] = []
        self._open: list[str] = []
        self.feed(str(html))
        self.close()
        self.misplaced += [f"{tag} is left open" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if len(dict(attrs)) < len(attrs):
            self.misplaced.append(f"{tag} has an attribute twice")
        if tag in ENDS_A_PARAGRAPH and "p" in self._open:
            self.misplaced.append(f"{tag} in p")
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.misplaced.append(f"/{tag} in {'/'.join(self._open)}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def foreign(self) -> list[str]:
        """What is not on the list of what the page draws, or stands where a browser would move it."""
        wrong = [*self.misplaced]
        for tag, attributes in self.tags:
            allowed: set[str] | None = set() if tag in BARE else ALLOWED.get(tag)
            if allowed is None:
                wrong.append(tag)
                continue
            for name, value in attributes.items():
                if name not in allowed and not (name.startswith("data-") and "data-" in allowed):
                    wrong.append(f"{tag} {name}")
                if name == "href" and not (value or "").startswith(SAFE_LINKS):
                    wrong.append(f"{tag} {name}={value}")
                if name == "src" and not (value or "").startswith(("data:image/", "/static/")):
                    wrong.append(f"{tag} {name}={value}")
        return wrong
