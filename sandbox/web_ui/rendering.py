"""Messages, modals and the home as HTML, as one person sees them. Everything that anybody wrote is escaped."""

from markupsafe import Markup

from sandbox.slack.workspace import BOT_USER, Workspace
from sandbox.slack.workspace_model import (
    Ephemeral,
    User,
    WorkspaceChannel,
    WorkspaceMessage,
    WorkspaceView,
)
from sandbox.web_ui.block_html import render_blocks
from sandbox.web_ui.emoji import render_emoji
from sandbox.web_ui.file_downloads import render_upload
from sandbox.web_ui.mrkdwn import render_emoji_names, render_mrkdwn
from sandbox.web_ui.viewer import ReaderContext

EMPTY = Markup("")
HUES = 8
SPOKEN = (None, "thread_broadcast", "bot_message", "file_share")
"""Subtypes of what somebody says; the others tell that something happened."""


def render_message(workspace: Workspace, message: WorkspaceMessage | Ephemeral, reader: User) -> Markup:
    """The `<article>` of a message."""
    reading = ReaderContext(workspace, reader)
    private = isinstance(message, Ephemeral)
    edited = _render_edit_mark(message) if isinstance(message, WorkspaceMessage) else EMPTY
    if message.blocks:
        body = render_blocks(reading, message.blocks) + edited
    else:
        body = Markup('<div class="text">{}{}</div>').format(render_mrkdwn(reading, message.text), edited)
    happened = " happened" if isinstance(message, WorkspaceMessage) and message.subtype not in SPOKEN else ""
    author = workspace.users.get(message.user)
    head = Markup('<header><b>{}</b>{} <span class="at">{}</span></header>').format(
        author.name if author else "Somebody",
        Markup(' <span class="badge">APP</span>') if author and author.is_bot else EMPTY,
        reading.clock(message.ts),
    )
    note = Markup('<p class="note">👁 Only visible to you</p>') if private else EMPTY
    if isinstance(message, WorkspaceMessage):
        note += _render_pin(reading, message)
        body += _under(reading, message)
    return Markup(
        '<article class="message{}" data-channel="{}" data-ts="{}"{}>{}<div class="said">{}{}{}</div></article>'
    ).format(
        happened,
        message.channel,
        message.ts,
        Markup(" data-ephemeral") if private else EMPTY,
        _avatar(author),
        note,
        head,
        body,
    )


def render_view(workspace: Workspace, view: WorkspaceView, reader: User) -> Markup:
    """The `<form>` of a modal."""
    reading = ReaderContext(workspace, reader)
    submit, close = ((view.payload.get(part) or {}).get("text") for part in ("submit", "close"))
    foot = Markup('<button type="button" data-close>{}</button>').format(close or "Close")
    if submit:
        foot += Markup('<button class="primary">{}</button>').format(render_emoji_names(submit))
    return Markup(
        '<form data-view="{}" data-hash="{}" novalidate aria-labelledby="view-title">'
        '<header><span class="avatar bot" aria-hidden="true"></span><h2 id="view-title">{}</h2>'
        '<button type="button" class="plain" data-close aria-label="Close">✕</button></header>'
        '<div class="fields-of">{}</div><footer>{}</footer></form>'
    ).format(
        view.id, view.hash, render_emoji_names(view.title), render_blocks(reading, view.blocks, view), foot
    )


def render_home(workspace: Workspace, view: WorkspaceView, reader: User) -> Markup:
    """The app's home."""
    drawn = render_blocks(ReaderContext(workspace, reader), view.blocks, view)
    return Markup('<div class="home-view" data-view="{}">{}</div>').format(view.id, drawn)


def _avatar(author: User | None) -> Markup:
    if author is not None and author.id == BOT_USER:
        return Markup('<span class="avatar bot" aria-hidden="true"></span>')
    name = author.name if author else "?"
    hue = sum(map(ord, author.id)) % HUES if author else 0
    initials = "".join(word[0] for word in name.split()[:2])
    return Markup('<span class="avatar hue-{}" aria-hidden="true">{}</span>').format(hue, initials)


def _render_pin(reading: ReaderContext, message: WorkspaceMessage) -> Markup:
    channel = reading.workspace.channels.get(message.channel)
    pin = next((pin for pin in channel.pins if pin.ts == message.ts), None) if channel else None
    if pin is None:
        return EMPTY
    by = reading.workspace.users.get(pin.created_by)
    return Markup('<p class="note pinned">📌 Pinned by {}</p>').format(by.name if by else "somebody")


def _render_edit_mark(message: WorkspaceMessage) -> Markup:
    return Markup(' <span class="edited">(edited)</span>') if message.edited else EMPTY


def _under(reading: ReaderContext, message: WorkspaceMessage) -> Markup:
    """Files, reactions and the way into the thread."""
    users = reading.workspace.users
    drawn = EMPTY
    for file in message.extra.get("files", ()):
        drawn += render_upload(reading, file)
    if message.reactions:
        faces = EMPTY
        for name, people in message.reactions:
            who = ", ".join(users[person].name for person in people if person in users)
            faces += Markup(
                '<button type="button" data-react="{}" title="{}" class="{}">{} {}</button>'
            ).format(
                name, who, "mine" if reading.reader.id in people else "", render_emoji(name), len(people)
            )
        drawn += Markup('<div class="reactions">{}</div>').format(faces)
    channel: WorkspaceChannel | None = reading.workspace.channels.get(message.channel)
    replies = channel.replies(message.ts) if channel else []
    if replies:
        words = f"{len(replies)} {'reply' if len(replies) == 1 else 'replies'}"
        drawn += Markup(
            '<button type="button" class="thread-link" data-thread="{}">{} <span>last at {}</span></button>'
        ).format(message.ts, words, reading.clock(replies[-1].ts))
    return drawn
