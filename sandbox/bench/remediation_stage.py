"""A bot of the bench with an incident, where remediations are asked for, approved and looked at, and it is killed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.bench.environment import BenchStage, Session
from sandbox.bench.remediation_targets import Targets
from sandbox.slack.plain_text import render_message_lines
from sandbox.slack.workspace_model import WorkspaceMessage

SESSIONS = ("end idle", "end blocker")
"""Of these one at a time, since both are about the one database."""

ENDS = ("done", "failed", "void", "expired", "rejected")
APPROVER = "bruno"
PATIENCE = 120.0
AT_ONCE = 10
ROWS = "select number, kind, state, why, verdict, receipt ->> 'answer' as answer from remediation order by number"


@dataclass(slots=True)
class RemediationStage:
    """A bot with an incident, and what it may change there; `open_session` opens one that may be ended, as the name
    of the remediation wants it, and `session` is the last of these. `pace` are the seconds between two looks."""

    stage: BenchStage
    targets: Targets
    room: str
    open_session: Callable[[str], Session]
    count: int = 0
    pace: float = 0.02
    _session: Session | None = None

    @property
    def session(self) -> Session:
        assert self._session is not None
        return self._session

    async def ask(self, kind: str) -> str:
        """Propose one on a target of its own. Gives the name of what it would do."""
        self.count += 1
        if kind in SESSIONS:
            self._session = await asyncio.to_thread(self.open_session, kind)
        self.targets.switches.flags.find(f"app-{self.count}")
        words, name = {
            "rollback": (f"rollback svc-{self.count}", f"rollback svc-{self.count}"),
            "scale": (f"scale svc-{self.count} to 8", f"scale svc-{self.count}"),
            "workflow": (f"workflow w{self.count}.yml", f"workflow w{self.count}.yml"),
            "restart": (f"restart svc-{self.count}", f"restart svc-{self.count}"),
            "failover": (f"failover cl-{self.count} because it hangs", f"failover cl-{self.count}"),
            "revert": (f"revert #{self.count}", f"revert PR_{self.count}"),
            "switch": (
                f"switch fallback on in app-{self.count}/production/flags",
                f"switch app-{self.count}",
            ),
            "banner": (f"banner Line {self.count} is down", f"banner {self.count}"),
            "end idle": ("end idle sessions over 0 s", kind),
            "end blocker": ("end blocker", kind),
        }[kind]
        answer = await self.stage.slack.people.command("ana", self.room, "/incident", f"fix {words}")
        assert answer.ok, answer.body
        return name

    def rows(self, places: Sequence[int] = ()) -> list[dict[str, Any]]:
        """The remediations with these numbers (none: all), in their order."""
        rows = self.stage.rows(ROWS)
        return [row for row in rows if not places or row["number"] in places]

    def count_in(self, places: Sequence[int], **columns: str) -> int:
        """How many of them have these values."""
        return sum(all(row[name] == value for name, value in columns.items()) for row in self.rows(places))

    def card(self, number: int) -> WorkspaceMessage | None:
        """The card of one of them; None while there is none."""
        for message in self.stage.slack.messages(self.room, of_bot=True):
            lines = render_message_lines(self.stage.slack.workspace, message)
            if any(line.startswith(f"R{number}: ") for line in lines):
                return message
        return None

    async def wait_until(self, true: Callable[[], object], what: str) -> None:
        """Wait for what is seen from outside. Raises AssertionError with what stands then."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    await asyncio.sleep(self.pace)
        except TimeoutError:
            log = self.stage.program.last_words()
            last = [f"{row['kind']} {row['state']}: {row['why']}" for row in self.rows()[-AT_ONCE:]]
            raise AssertionError(f"{what} did not come: {'; '.join(last)}\n{log}") from None

    async def wait_until_over(self, places: Sequence[int]) -> None:
        """Until all of them have come to their end and that is said. They are looked after no more then."""
        await self.wait_until(partial(_is_over, self, places), "the end of all of them")
        self.stage.rows("update remediation set look_at = null where verdict <> ''")

    async def propose(self, kinds: tuple[str, ...]) -> list[str]:
        """One of each of these kinds, up to their cards. Gives what they would do, in the order of their numbers."""
        self.stage.rows("update remediation set settled_at = settled_at - interval '1 hour'")
        before = len(self.rows())
        names = [await self.ask(kind) for kind in kinds]
        await self.wait_until(
            lambda: all(self.card(before + place + 1) for place in range(len(names))), "the cards"
        )
        return names

    async def approve(self, places: Sequence[int]) -> None:
        """The second person agrees; who is told that it was not taken clicks again."""
        for number in places:
            while self.count_in([number], state="proposed"):
                card, told = self.card(number), len(self.stage.slack.ephemerals(APPROVER))
                assert card is not None
                answer = await self.stage.slack.people.click(APPROVER, card, "approve_remediation")
                assert answer.ok, answer.body
                await self.wait_until(partial(self._is_answered, number, told), "an answer to the approval")

    def _is_answered(self, number: int, told: int) -> bool:
        """Whether the approval was taken, or the person has heard more than `told` times."""
        is_taken = not self.count_in([number], state="proposed")
        return is_taken or len(self.stage.slack.ephemerals(APPROVER)) > told

    async def withdraw(self, number: int) -> None:
        """Who asked takes it back."""
        card = self.card(number)
        assert card is not None
        await self.stage.slack.people.click("ana", card, "withdraw_remediation")
        await self.wait_until(lambda: self.count_in([number], state="void"), "that it is withdrawn")

    async def kill(self) -> None:
        """As `kill -9`; then it is started again, and nothing is held any more."""
        self.stage.program.kill()
        self.targets.open_all()  # the process that acts outlives the bot: what it has begun comes to its end
        await self.wait_until(lambda: not self.targets.acts_in.held, "that nothing is held")
        self.targets.answers_lost = self.targets.is_lost = False
        await self.stage.program.start()
        self.stage.slack.request_url = self.stage.program.request_url

    def let_pass(self) -> None:
        """So much time passes that what was not found will not be found any more."""
        self.stage.rows("alter table remediation disable trigger remediation_once")
        self.stage.rows(
            "update remediation set started_at = started_at - interval '6 minutes'"
            " where state in ('executing', 'unknown')"
        )
        self.stage.rows("alter table remediation enable trigger remediation_once")


def _is_over(scene: RemediationStage, places: Sequence[int]) -> bool:
    return all(
        row["state"] in ENDS and (row["verdict"] or row["state"] != "done") for row in scene.rows(places)
    )
