"""The addresses of the page, beside the Web API: the page, its stream, its acts, its files."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from sandbox.files import UNKNOWN, mimetype
from sandbox.jsontext import read_json
from sandbox.model import Json, User
from sandbox.page.acting import Acting
from sandbox.page.guard import own, shown
from sandbox.page.live import Live
from sandbox.page.marks import Marks
from sandbox.page.offer import Offer
from sandbox.page.panel import Panel
from sandbox.page.pictures import PICTURES
from sandbox.page.regions import Drawing, Tab
from sandbox.page.sight import Sight, people_to_be
from sandbox.state import CannotType
from sandbox.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.slack import Slack

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FIRST = "ana"
"""Whose page opens when none is named."""
Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page_of(
    offer: Offer, note: str = "", panel: Panel | None = None
) -> Callable[["Slack"], Iterable[web.RouteDef]]:
    """The page's routes, for `Slack.start(also=…)`. `note` is a line above the steps, such as how time runs here,
    `panel` breaks what the runbook looks at.
    """

    def routes(slack: "Slack") -> Iterable[web.RouteDef]:
        marks = Marks()
        if panel is not None:
            panel.changed = slack.workspace.changes.touch
        drawing = Drawing(slack.workspace, marks, offer, note, panel)
        live = Live(drawing, slack.workspace.changes, slack.api.stopping)
        return [
            web.get("/", shown(_page(drawing, live))),
            web.get("/live", own(_stream(drawing, live))),
            web.post("/act/{name}", own(_act(slack, marks, offer, panel))),
            web.get("/static/{name}", shown(_file)),
            web.get("/file/{id}", shown(_upload(slack.workspace))),
        ]

    return routes


def _page(drawing: Drawing, live: Live) -> Respond:
    async def page(request: web.Request) -> web.Response:
        tab = _tab(drawing, request)
        return web.Response(text=drawing.page(tab, live.state), content_type="text/html")

    return page


def _stream(drawing: Drawing, live: Live) -> Respond:
    async def stream(request: web.Request) -> web.StreamResponse:
        since = request.headers.get("Last-Event-ID") or request.query.get("since", "")
        return await live.stream(request, _tab(drawing, request), since)

    return stream


def _act(slack: "Slack", marks: Marks, offer: Offer, panel: Panel | None) -> Respond:
    async def act(request: web.Request) -> web.Response:
        acts = Acting(slack.workspace, slack.people, marks, offer, panel).acts()
        work = acts.get(request.match_info["name"])
        body = await _body(request)
        if work is None or body is None:
            return web.json_response({"say": "The page asked for something that is not there."}, status=400)
        try:
            sight = Sight(slack.workspace, _reader(slack.workspace, str(body.get("as", ""))))
            return web.json_response({"say": await work(sight, body)})
        except CannotType as why:
            return web.json_response({"say": str(why)}, status=409)

    return act


def _upload(workspace: Workspace) -> Respond:
    async def upload(request: web.Request) -> web.Response:
        file = Sight(workspace, _named(workspace, request)).file(request.match_info["id"])
        if file is None:
            raise web.HTTPNotFound
        kind = mimetype(file)
        if kind in PICTURES:
            return web.Response(body=file.content, content_type=kind)
        kept = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
        return web.Response(body=file.content, content_type=UNKNOWN, headers=kept)

    return upload


async def _file(request: web.Request) -> web.StreamResponse:
    path = STATIC / request.match_info["name"]
    if path.parent != STATIC or path.suffix not in TYPES or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8")


def _tab(drawing: Drawing, request: web.Request) -> Tab:
    query, reader = request.query, _named(drawing.workspace, request)
    return drawing.tab(reader, query.get("at", ""), query.get("thread", ""))


def _named(workspace: Workspace, request: web.Request) -> User:
    try:
        return _reader(workspace, request.query.get("as", FIRST))
    except CannotType as why:
        raise web.HTTPNotFound(text=f"{why}\n") from None


def _reader(workspace: Workspace, handle: str) -> User:
    people = {each.handle: each for each in people_to_be(workspace)}
    if handle not in people:
        raise CannotType(f"Nobody here is called that. Be one of {', '.join(people)}: /?as={FIRST}")
    return people[handle]


async def _body(request: web.Request) -> Json | None:
    try:
        body = await request.json(loads=read_json)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
