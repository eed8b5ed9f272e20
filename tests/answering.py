"""A server that answers Slack's clients with whatever the test wants, odd things included."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "xoxb-a-token-that-nobody-may-see"
POSTED = {"ok": True, "channel": "C1", "ts": "1.000001"}
ME = {"ok": True, "user_id": "UBOT", "team_id": "T1", "url": "https://team.slack.example/"}

Reply = web.Response | dict[str, Any]


@dataclass
class Answering:
    """Gives the prepared replies in turn, then `{"ok": true}`; `asked` has each method and its fields."""

    replies: deque[Reply] = field(default_factory=deque)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append((request.match_info["method"], form))
        self.connections.add(request.transport)
        reply = self.replies.popleft() if self.replies else {"ok": True}
        return web.json_response(reply) if isinstance(reply, dict) else reply

    @property
    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]
