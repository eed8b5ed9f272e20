"""The addresses of the page, beside the Web API: the page, its stream, its acts, its files."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from sandbox.slack.jsontext import read_json
from sandbox.slack.uploads import UNKNOWN, guess_mimetype
from sandbox.slack.view_state import ImpossibleActionError
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import Json, User
from sandbox.web_ui.app_commands import AppCommands
from sandbox.web_ui.fault_panel import FaultPanel
from sandbox.web_ui.file_downloads import PICTURES
from sandbox.web_ui.live_updates import LiveUpdates
from sandbox.web_ui.origin_guard import guard_actions, guard_reads
from sandbox.web_ui.read_state import ReadMarkers
from sandbox.web_ui.regions import BrowserTab, PageRenderer
from sandbox.web_ui.user_actions import UserActions
from sandbox.web_ui.visibility import VisibleWorkspace, list_playable_users

if TYPE_CHECKING:
    from sandbox.slack.slack import Slack

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FIRST = "ana"
"""Whose page opens when none is named."""
Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_page_routes(
    offer: AppCommands, note: str = "", panel: FaultPanel | None = None
) -> Callable[["Slack"], Iterable[web.RouteDef]]:
    """The page's routes, for `Slack.start(also=…)`. `note` is a line above the steps, such as how time runs here,
    `panel` breaks what the runbook looks at.
    """

    def routes(slack: "Slack") -> Iterable[web.RouteDef]:
        marks = ReadMarkers()
        if panel is not None:
            panel.changed = slack.workspace.changes.touch
        drawing = PageRenderer(slack.workspace, marks, offer, note, panel)
        live = LiveUpdates(drawing, slack.workspace.changes, slack.api.stopping)
        return [
            web.get("/", guard_reads(_page(drawing, live))),
            web.get("/live", guard_actions(_stream(drawing, live))),
            web.post("/act/{name}", guard_actions(_act(slack, marks, offer, panel))),
            web.get("/static/{name}", guard_reads(_file)),
            web.get("/file/{id}", guard_reads(_upload(slack.workspace))),
        ]

    return routes


def _page(drawing: PageRenderer, live: LiveUpdates) -> Respond:
    async def page(request: web.Request) -> web.Response:
        tab = _tab(drawing, request)
        return web.Response(text=drawing.page(tab, live.state), content_type="text/html")

    return page


def _stream(drawing: PageRenderer, live: LiveUpdates) -> Respond:
    async def stream(request: web.Request) -> web.StreamResponse:
        since = request.headers.get("Last-Event-ID") or request.query.get("since", "")
        return await live.stream(request, _tab(drawing, request), since)

    return stream


def _act(slack: "Slack", marks: ReadMarkers, offer: AppCommands, panel: FaultPanel | None) -> Respond:
    async def act(request: web.Request) -> web.Response:
        acts = UserActions(slack.workspace, slack.people, marks, offer, panel).list_actions()
        work = acts.get(request.match_info["name"])
        body = await _body(request)
        if work is None or body is None:
            return web.json_response({"say": "The page asked for something that is not there."}, status=400)
        try:
            sight = VisibleWorkspace(slack.workspace, _reader(slack.workspace, str(body.get("as", ""))))
            return web.json_response({"say": await work(sight, body)})
        except ImpossibleActionError as why:
            return web.json_response({"say": str(why)}, status=409)

    return act


def _upload(workspace: Workspace) -> Respond:
    async def upload(request: web.Request) -> web.Response:
        file = VisibleWorkspace(workspace, _find_reader(workspace, request)).file(request.match_info["id"])
        if file is None:
            raise web.HTTPNotFound
        kind = guess_mimetype(file)
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


def _tab(drawing: PageRenderer, request: web.Request) -> BrowserTab:
    query, reader = request.query, _find_reader(drawing.workspace, request)
    return drawing.tab(reader, query.get("at", ""), query.get("thread", ""))


def _find_reader(workspace: Workspace, request: web.Request) -> User:
    try:
        return _reader(workspace, request.query.get("as", FIRST))
    except ImpossibleActionError as why:
        raise web.HTTPNotFound(text=f"{why}\n") from None


def _reader(workspace: Workspace, handle: str) -> User:
    people = {user.handle: user for user in list_playable_users(workspace)}
    if handle not in people:
        raise ImpossibleActionError(
            f"Nobody here is called that. Be one of {', '.join(people)}: /?as={FIRST}"
        )
    return people[handle]


async def _body(request: web.Request) -> Json | None:
    try:
        body = await request.json(loads=read_json)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
