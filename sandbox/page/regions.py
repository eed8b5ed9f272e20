"""A tab's page in pieces that are drawn, compared and sent by themselves."""

from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.model import Channel, Ephemeral, Message, User
from sandbox.page import draw
from sandbox.page.links import link
from sandbox.page.marks import Marks
from sandbox.page.offer import Offer
from sandbox.page.panel import Panel
from sandbox.page.reading import Reading
from sandbox.page.sight import Sight, people_to_be
from sandbox.page.steps import first_minute, incident_rooms
from sandbox.wording import readable
from sandbox.workspace import Workspace

HOME = "home"
LATEST = 200
"""How many messages of a conversation are drawn: the newest."""
REACTIONS = (("white_check_mark", "✅"), ("eyes", "👀"), ("pushpin", "📌"), ("+1", "👍"))
Entry = Message | Ephemeral


class Tab(NamedTuple):
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
class Drawing:
    """Draws tabs. What a message looks like is kept for each reader until anything in it changes."""

    workspace: Workspace
    marks: Marks
    offer: Offer
    note: str
    panel: Panel | None = None
    _templates: Environment = field(init=False)
    _kept: dict[tuple[str, str, str, str], tuple[object, Region]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        loader = FileSystemLoader(Path(__file__).parent)
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.globals["link"] = link

    def tab(self, reader: User, place: str, thread: str) -> Tab:
        """The tab as asked for; what this person cannot see becomes the conversation where everybody is."""
        sight = Sight(self.workspace, reader)
        channel = sight.channel(place)
        if place == HOME:
            return Tab(reader, HOME)
        if channel is None:
            return Tab(reader, self._first(sight))
        return Tab(reader, place, thread if thread in channel.messages else "")

    def page(self, tab: Tab, state: str) -> str:
        """The whole page; `state` is what its stream of changes begins from."""
        regions = self.regions(tab)
        sight = Sight(self.workspace, tab.reader)
        return self._render(
            "page.html",
            tab=tab,
            state=state,
            regions={each.key: each for each in regions},
            entries_m=[each for each in regions if each.key.startswith("m/")],
            entries_t=[each for each in regions if each.key.startswith("t/")],
            where=self._title(sight, tab),
            read_to=self._read_to(sight, tab),
        )

    def regions(self, tab: Tab) -> list[Region]:
        """Every piece of this tab, in the order of the page."""
        sight = Sight(self.workspace, tab.reader)
        channel = sight.channel(tab.place)
        drawn = [
            self._region(
                "sidebar", sight=sight, tab=tab, marks=self.marks, people=people_to_be(self.workspace)
            ),
            self._region(
                "guide", steps=first_minute(self.workspace, self.marks), rooms=self._rooms(sight), tab=tab
            ),
            self._region("head", sight=sight, tab=tab, channel=channel, users=self.workspace.users),
            self._region("modal", html=self._modal(sight)),
            self._region("panel", panel=self.panel),
        ]
        if channel is None:
            home = sight.home()
            html = draw.home(self.workspace, home, tab.reader) if home else None
            return [*drawn, self._region("home", html=html)]
        drawn.append(self._region("composer", sight=sight, channel=channel, thread="", offer=self.offer))
        drawn += self._entries(sight, channel, "m", "")
        if tab.thread:
            parts = {"sight": sight, "channel": channel, "offer": self.offer}
            drawn.append(self._region("composer", "reply", thread=tab.thread, **parts))
            drawn += self._entries(sight, channel, "t", tab.thread)
        return drawn

    def _entries(self, sight: Sight, channel: Channel, prefix: str, thread: str) -> list[Region]:
        footing = self._names()
        return [
            self._entry(sight, channel, each, prefix, footing)
            for each in sight.messages(channel, thread)[-LATEST:]
        ]

    def _entry(self, sight: Sight, channel: Channel, message: Entry, prefix: str, names: object) -> Region:
        """One message with its menu, drawn anew only when it, its thread or a name in it is another."""
        place = (sight.reader.id, channel.id, prefix, message.ts)
        pinned = any(each.ts == message.ts for each in channel.pins)
        today = Reading(self.workspace, sight.reader).today
        footing = (message, len(channel.replies(message.ts)), sight.joined(channel), pinned, names, today)
        kept = self._kept.get(place)
        if kept is not None and kept[0] == footing:
            return kept[1]
        region = self._region(
            "entry",
            key=f"{prefix}/{message.ts}",
            html=draw.message(self.workspace, message, sight.reader),
            message=message,
            mine=message.user == sight.reader.id,
            words=readable(self.workspace, message.text, sight.reader.tz),
            whispered=isinstance(message, Ephemeral),
            spoken=isinstance(message, Message)
            and message.subtype in (None, "thread_broadcast", "file_share"),
            joined=sight.joined(channel),
            in_thread=prefix == "t",
            shortcuts=self.offer.shortcuts,
            reactions=REACTIONS,
        )
        self._kept[place] = (footing, region)
        return region

    def _modal(self, sight: Sight) -> str | None:
        view = sight.modal()
        return draw.view(self.workspace, view, sight.reader) if view else None

    def _names(self) -> tuple[object, ...]:
        """Everything by which a message calls somebody or something."""
        return (
            tuple((each.id, each.name) for each in self.workspace.channels.values()),
            tuple((each.id, each.name) for each in self.workspace.users.values()),
        )

    def _rooms(self, sight: Sight) -> list[Channel]:
        return [each for each in incident_rooms(self.workspace) if sight.sees(each)]

    def _first(self, sight: Sight) -> str:
        """Where somebody begins: the channel of everybody, else any of theirs."""
        rooms = sight.rooms(joined=True)
        general = [each for each in rooms if each.is_general]
        return next((each.id for each in (*general, *rooms)), HOME)

    def _title(self, sight: Sight, tab: Tab) -> str:
        channel = sight.channel(tab.place)
        return "Tocsin" if channel is None else sight.name(channel)

    def _read_to(self, sight: Sight, tab: Tab) -> str:
        channel = sight.channel(tab.place)
        return "" if channel is None else self.marks.read_to(tab.reader, channel)

    def _region(self, name: str, key: str = "", **values: Any) -> Region:
        html = self._render(f"{name}.html", note=self.note, **values)
        return Region(key or name, blake2b(html.encode(), digest_size=8).hexdigest(), html)

    def _render(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(values)
