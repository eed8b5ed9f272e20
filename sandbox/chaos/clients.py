"""A crowd that works incidents and cannot wait: it clicks twice, and does not ask whether the bot is well."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.chaos.promises import RequestRecord, Verdict, What, translate_before
from sandbox.slack.event_delivery import ONCE, BotAnswer, DeliveryOptions
from sandbox.slack.plain_text import render_message_lines
from sandbox.slack.slack import Slack
from sandbox.slack.workspace_model import Ephemeral, WorkspaceMessage, WorkspaceView

TWICE = DeliveryOptions(copies=2)
SURELY_NOT = (
    "Nothing was recorded",
    "Nothing was changed",
    "Nothing was posted",
    "Slack does not say who you are",
    "is already incident commander",
)
IN_DOUBT = ("Check whether it was saved", "went wrong on my side")
PAUSE = 0.15
ITEMS = ("Update status page", "Verify full system recovery", "Document root cause", "Create action items")
SEVERITIES = ("P0", "P1", "P2")


@dataclass(slots=True)
class CrowdIncident:
    """One incident that a member of the crowd works on."""

    number: int
    room: str
    severity: str
    status: str = "investigating"
    commander: str = ""
    resolved: bool = False


@dataclass(slots=True)
class CrowdMember:
    """Somebody of the crowd, deciding by chances that the seed fixes."""

    slack: Slack
    who: str
    chance: random.Random
    aim: Callable[[], None]
    era: Callable[[], int]
    """Another one after a restore: what was asked in the one before is not sure."""
    told: list[RequestRecord] = field(default_factory=list)
    works: list[CrowdIncident] = field(default_factory=list)
    _serial: int = 0

    async def work(self, until: Callable[[], bool]) -> None:
        """One request after the other until it is enough."""
        while not until():
            await self._one()
            await asyncio.sleep(PAUSE * self.chance.random())

    async def _one(self) -> None:
        going = [work for work in self.works if not work.resolved]
        over = [work for work in self.works if work.resolved]
        roll = self.chance.random()
        if not self.works or (roll < 0.08 and len(going) < 4):
            await self._declare()
        elif over and roll < 0.3:
            await self._tick(self.chance.choice(over))
        elif going:
            work = self.chance.choice(going)
            await self.chance.choices(
                (self._update, self._status, self._severity, self._lead, self._note, self._resolve),
                (8, 2, 1, 1, 2, 1),
            )[0](work)

    def _words(self, kind: str) -> str:
        self._serial += 1
        return f"{kind} {self.who} {self._serial:03d}"

    async def _declare(self) -> None:
        words, severity = self._words("Outage"), self.chance.choice(SEVERITIES)
        verdict, answer = await self._type("declare", 0, words, f"declare {severity} {words}", "is declared")
        if verdict == "accepted":
            number = int(answer.partition("INC-")[2].split()[0])
            self.works.append(
                CrowdIncident(
                    number, f"inc-{number}-{words.lower().replace(' ', '-')}", severity, commander=self.who
                )
            )

    async def _update(self, work: CrowdIncident) -> None:
        words = self._words("Step")
        await self._type("update", work.number, words, f"update INC-{work.number} {words}", "posted")

    async def _note(self, work: CrowdIncident) -> None:
        words = self._words("Note")
        await self._type(
            "note", work.number, words, f"note INC-{work.number} {words}", "Noted in the timeline"
        )

    async def _status(self, work: CrowdIncident) -> None:
        new = {"investigating": "identified", "identified": "monitoring"}.get(work.status, "investigating")
        verdict, _ = await self._type(
            "status", work.number, new, f"status INC-{work.number} {new}", f"Status is now {new}"
        )
        work.status = new if verdict == "accepted" else ""

    async def _severity(self, work: CrowdIncident) -> None:
        new = self.chance.choice([severity for severity in SEVERITIES if severity != work.severity])
        words = f"severity INC-{work.number} {new}"
        verdict, _ = await self._type("severity", work.number, new, words, f"Severity is now {new}")
        work.severity = new if verdict == "accepted" else ""

    async def _lead(self, work: CrowdIncident) -> None:
        """Two of the team take command from one another."""
        new = "bruno" if work.commander != "bruno" else "devika"
        verdict, _ = await self._type(
            "lead", work.number, new, f"lead INC-{work.number}", "is now incident commander", who=new
        )
        work.commander = new if verdict == "accepted" else "somebody"

    async def _type(
        self, what: What, number: int, words: str, text: str, success: str, who: str = ""
    ) -> tuple[Verdict, str]:
        self.aim()
        era = self.era()
        delivery = TWICE if self.chance.random() < 0.3 else ONCE
        answer = await self.slack.people.command(
            who or self.who, "general", "/incident", text, delivery=delivery
        )
        verdict, said = _best([_judge_answer(reply, success) for reply in (answer, *answer.others)])
        told = RequestRecord(self.who, what, number, words, verdict, said)
        if self.era() != era:
            told = told.mark_uncertain()
        self.told.append(told)
        return told.verdict, said

    async def _resolve(self, work: CrowdIncident) -> None:
        self.aim()
        era = self.era()
        await self.slack.people.command(self.who, "general", "/incident", f"resolve INC-{work.number} mended")
        title = f"Resolve INC-{work.number}"
        try:
            view = await self.slack.wait_for(lambda: self._form(title), 1.0)
        except TimeoutError:
            return
        assert view is not None
        self.aim()
        delivery = TWICE if self.chance.random() < 0.5 else ONCE
        answer = await self.slack.people.submit(self.who, view, delivery=delivery)
        taken = any(
            reply.status == 200 and not reply.body.strip("{} \n") for reply in (answer, *answer.others)
        )
        verdict: Verdict = "accepted" if taken else "refused" if answer.status == 200 else "in doubt"
        told = RequestRecord(self.who, "resolve", work.number, "", verdict, answer.body)
        self.told.append(told if self.era() == era else told.mark_uncertain())
        work.resolved = verdict != "refused"
        if (left := self.slack.open_view(self.who)) is not None:
            await self.slack.people.close(left)

    async def _tick(self, work: CrowdIncident) -> None:
        found = self._checklist(work)
        if found is None:
            return
        item = self.chance.choice(ITEMS)
        button = _button(found, item)
        if button is None:
            return
        self.aim()
        era = self.era()
        before = len(self.slack.ephemerals(self.who))
        answer = await self.slack.people.click(self.who, found, button, delivery=TWICE)
        clear = all(reply.status == 200 for reply in (answer, *answer.others))
        await asyncio.sleep(PAUSE)
        heard = "".join(self._text(ephemeral) for ephemeral in self.slack.ephemerals(self.who)[before:])
        verdict: Verdict = "accepted" if clear and not heard and self.era() == era else "in doubt"
        self.told.append(RequestRecord(self.who, "tick", work.number, item, verdict, heard))

    def _form(self, title: str) -> WorkspaceView | None:
        """The form that is open, if it is this one: an answer that came late may have opened another."""
        view = self.slack.open_view(self.who)
        return view if view is not None and view.title == title else None

    def _checklist(self, work: CrowdIncident) -> WorkspaceMessage | None:
        room = self.slack.workspace.find_channel(work.room)
        messages = self.slack.messages(room, of_bot=True) if room else []
        return next(
            (message for message in messages if "Post-incident checklist" in self._text(message)), None
        )

    def _text(self, message: WorkspaceMessage | Ephemeral) -> str:
        return "\n".join(render_message_lines(self.slack.workspace, message))


def _judge_answer(answer: BotAnswer, success: str) -> tuple[Verdict, str]:
    if answer.status != 200:
        return "in doubt", answer.problem
    said = str(answer.parsed.get("text", "")) if isinstance(answer.parsed, dict) else str(answer.parsed)
    said = translate_before(said)
    if success in said:
        return "accepted", said
    if any(words in said for words in SURELY_NOT):
        return "refused", said
    return "in doubt", said


def _best(judged: list[tuple[Verdict, str]]) -> tuple[Verdict, str]:
    """Of a request that was sent twice: accepted when either says so, refused only when both do."""
    order: dict[Verdict, int] = {"accepted": 0, "in doubt": 1, "refused": 2}
    return min(judged, key=lambda judgement: order[judgement[0]])


def _button(message: WorkspaceMessage, item: str) -> str | None:
    for block in message.blocks:
        for element in block.get("elements", []):
            label = element.get("text", {})
            if (
                isinstance(label, dict)
                and str(label.get("text", "")).startswith(item)
                and not any(mark in label["text"] for mark in "☑✓")
            ):
                return str(element["action_id"])
    return None
