"""Pictures and files. The page loads only what is its own; what lies elsewhere is named and linked."""

from codecs import getincrementaldecoder

from markupsafe import Markup

from sandbox.slack.uploads import find_named_upload, guess_mimetype
from sandbox.slack.workspace_model import File, Json
from sandbox.web_ui import links
from sandbox.web_ui.viewer import WEB, ReaderContext, is_allowed_url

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What is shown as it is: no kind of them can hold a script."""
LINES, LONGEST = 12, 4000
"""How much of a text is shown at once: lines, bytes."""


def render_image(reading: ReaderContext, made: Json) -> Markup:
    """The picture of an image block or element."""
    url, words = str(made.get("image_url") or ""), made["alt_text"]
    file = find_named_upload(reading.workspace, made["slack_file"]) if made.get("slack_file") else None
    if file is not None and guess_mimetype(file) in PICTURES:
        return Markup('<img src="{}" alt="{}">').format(
            links.build_upload_url(reading.reader, file.id), words
        )
    if url.startswith("data:image/"):
        return Markup('<img src="{}" alt="{}">').format(url, words)
    if is_allowed_url(url, WEB):
        return Markup(
            '<a class="picture" href="{}" target="_blank" rel="noopener noreferrer">🖼 {}</a>'
        ).format(url, words)
    return Markup('<span class="picture">🖼 {}</span>').format(words)


def render_upload(reading: ReaderContext, shape: Json) -> Markup:
    """A file of a message: a picture, the beginning of a text, or its name."""
    file = reading.workspace.files.get(str(shape.get("id", "")))
    title = shape.get("title") or shape.get("name") or "a file"
    if shape.get("mode") == "tombstone":
        return Markup('<p class="file">This file was deleted.</p>')
    if file is None or file.content is None:
        return Markup('<p class="file">📄 {}</p>').format(title)
    link = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format
    address, kind = links.build_upload_url(reading.reader, file.id), guess_mimetype(file)
    if kind in PICTURES:
        shown = Markup('<img src="{}" alt="{}">').format(address, file.alt_text or title)
        return Markup("<figure><figcaption>{}</figcaption>{}</figure>").format(title, link(address, shown))
    beginning = _beginning(file.content)
    if beginning is not None:
        return Markup("<figure><figcaption>📄 {}</figcaption><pre>{}</pre></figure>").format(
            link(address, title), beginning
        )
    return Markup('<p class="file">📄 {} <small>{}</small></p>').format(link(address, title), _size(file))


def _beginning(content: bytes) -> str | None:
    """The first lines; None when it is no text. A character that is cut in two at the end is left out."""
    try:
        text = getincrementaldecoder("utf-8")().decode(content[:LONGEST])
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    lines = text.splitlines()
    whole = len(lines) <= LINES and len(content) <= LONGEST
    return "\n".join(lines if whole else [*lines[:LINES], "…"])


def _size(file: File) -> str:
    for unit, bytes in (("MB", 1_000_000), ("kB", 1000)):
        if file.size >= bytes:
            return f"{file.size / bytes:.1f} {unit}"
    return f"{file.size} bytes"
