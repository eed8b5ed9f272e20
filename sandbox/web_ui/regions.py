"""A tab's page in pieces that are drawn, compared and sent by themselves."""

from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.slack.mrkdwn_text import render_readable
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import Ephemeral, User, WorkspaceChannel, WorkspaceMessage
from sandbox.web_ui import rendering
from sandbox.web_ui.app_commands import AppCommands
from sandbox.web_ui.fault_panel import FaultPanel
from sandbox.web_ui.links import build_conversation_url
from sandbox.web_ui.read_state import ReadMarkers
from sandbox.web_ui.tutorial import build_tutorial, list_incident_channels
from sandbox.web_ui.viewer import ReaderContext
from sandbox.web_ui.visibility import VisibleWorkspace, list_playable_users

HOME = "home"
LATEST = 200
"""How many messages of a conversation are drawn: the newest."""
REACTIONS = (("white_check_mark", "✅"), ("eyes", "👀"), ("pushpin", "📌"), ("+1", "👍"))
Entry = WorkspaceMessage | Ephemeral


class BrowserTab(NamedTuple):
    """One window: whose it is, the conversation's id or `home`, and the thread that is open beside it."""

    reader: User
    place: str
    thread: str = ""


class Region(NamedTuple):
    """One piece of the page and the mark of what it shows; equal marks show the same."""

    key: str
    mark: str
    html: str


@dataclass(slots=True)
class PageRenderer:
    """Draws tabs. What a message looks like is kept for each reader until anything in it changes."""

    workspace: Workspace
    marks: ReadMarkers
    offer: AppCommands
    note: str
    panel: FaultPanel | None = None
    _templates: Environment = field(init=False)
    _kept: dict[tuple[str, str, str, str], tuple[object, Region]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        loader = FileSystemLoader(Path(__file__).parent)
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.globals["link"] = build_conversation_url

    def tab(self, reader: User, place: str, thread: str) -> BrowserTab:
        """The tab as asked for; what this person cannot see becomes the conversation where everybody is."""
        sight = VisibleWorkspace(self.workspace, reader)
        channel = sight.channel(place)
        if place == HOME:
            return BrowserTab(reader, HOME)
        if channel is None:
            return BrowserTab(reader, self._first(sight))
        return BrowserTab(reader, place, thread if thread in channel.messages else "")

    def page(self, tab: BrowserTab, state: str) -> str:
        """The whole page; `state` is what its stream of changes begins from."""
        regions = self.regions(tab)
        sight = VisibleWorkspace(self.workspace, tab.reader)
        return self._render(
            "page.html",
            tab=tab,
            state=state,
            regions={region.key: region for region in regions},
            entries_m=[region for region in regions if region.key.startswith("m/")],
            entries_t=[region for region in regions if region.key.startswith("t/")],
            where=self._title(sight, tab),
            read_to=self._read_to(sight, tab),
        )

    def regions(self, tab: BrowserTab) -> list[Region]:
        """Every piece of this tab, in the order of the page."""
        sight = VisibleWorkspace(self.workspace, tab.reader)
        channel = sight.channel(tab.place)
        drawn = [
            self._region(
                "sidebar", sight=sight, tab=tab, marks=self.marks, people=list_playable_users(self.workspace)
            ),
            self._region(
                "guide", steps=build_tutorial(self.workspace, self.marks), rooms=self._rooms(sight), tab=tab
            ),
            self._region("head", sight=sight, tab=tab, channel=channel, users=self.workspace.users),
            self._region("modal", html=self._modal(sight)),
            self._region("panel", panel=self.panel),
        ]
        if channel is None:
            home = sight.home()
            html = rendering.render_home(self.workspace, home, tab.reader) if home else None
            return [*drawn, self._region("home", html=html)]
        drawn.append(self._region("composer", sight=sight, channel=channel, thread="", offer=self.offer))
        drawn += self._entries(sight, channel, "m", "")
        if tab.thread:
            parts = {"sight": sight, "channel": channel, "offer": self.offer}
            drawn.append(self._region("composer", "reply", thread=tab.thread, **parts))
            drawn += self._entries(sight, channel, "t", tab.thread)
        return drawn

    def _entries(
        self, sight: VisibleWorkspace, channel: WorkspaceChannel, prefix: str, thread: str
    ) -> list[Region]:
        footing = self._names()
        return [
            self._entry(sight, channel, message, prefix, footing)
            for message in sight.messages(channel, thread)[-LATEST:]
        ]

    def _entry(
        self, sight: VisibleWorkspace, channel: WorkspaceChannel, message: Entry, prefix: str, names: object
    ) -> Region:
        """One message with its menu, drawn anew only when it, its thread or a name in it is another."""
        place = (sight.reader.id, channel.id, prefix, message.ts)
        pinned = any(pin.ts == message.ts for pin in channel.pins)
        today = ReaderContext(self.workspace, sight.reader).today
        footing = (message, len(channel.replies(message.ts)), sight.has_joined(channel), pinned, names, today)
        kept = self._kept.get(place)
        if kept is not None and kept[0] == footing:
            return kept[1]
        region = self._region(
            "entry",
            key=f"{prefix}/{message.ts}",
            html=rendering.render_message(self.workspace, message, sight.reader),
            message=message,
            mine=message.user == sight.reader.id,
            words=render_readable(self.workspace, message.text, sight.reader.tz),
            whispered=isinstance(message, Ephemeral),
            spoken=isinstance(message, WorkspaceMessage)
            and message.subtype in (None, "thread_broadcast", "file_share"),
            joined=sight.has_joined(channel),
            in_thread=prefix == "t",
            shortcuts=self.offer.shortcuts,
            reactions=REACTIONS,
        )
        self._kept[place] = (footing, region)
        return region

    def _modal(self, sight: VisibleWorkspace) -> str | None:
        view = sight.modal()
        return rendering.render_view(self.workspace, view, sight.reader) if view else None

    def _names(self) -> tuple[object, ...]:
        """Everything by which a message calls somebody or something."""
        return (
            tuple((channel.id, channel.name) for channel in self.workspace.channels.values()),
            tuple((user.id, user.name) for user in self.workspace.users.values()),
        )

    def _rooms(self, sight: VisibleWorkspace) -> list[WorkspaceChannel]:
        return [channel for channel in list_incident_channels(self.workspace) if sight.sees(channel)]

    def _first(self, sight: VisibleWorkspace) -> str:
        """Where somebody begins: the channel of everybody, else any of theirs."""
        rooms = sight.rooms(joined=True)
        general = [room for room in rooms if room.is_general]
        return next((room.id for room in (*general, *rooms)), HOME)

    def _title(self, sight: VisibleWorkspace, tab: BrowserTab) -> str:
        channel = sight.channel(tab.place)
        return "Tocsin" if channel is None else sight.name(channel)

    def _read_to(self, sight: VisibleWorkspace, tab: BrowserTab) -> str:
        channel = sight.channel(tab.place)
        return "" if channel is None else self.marks.read_to(tab.reader, channel)

    def _region(self, name: str, key: str = "", **values: Any) -> Region:
        html = self._render(f"{name}.html", note=self.note, **values)
        return Region(key or name, blake2b(html.encode(), digest_size=8).hexdigest(), html)

    def _render(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(values)
