"""All that the bot said to Slack in one test: its calls, its bodies to response_urls, and its answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sandbox.slack import BotAnswer, Slack
from sandbox.slack.event_delivery import ONCE, DeliveryOptions, Kind, Transport
from sandbox.slack.workspace_model import Json
from tests.schemas.checking import COMMAND_ANSWER, VIEW_ANSWER, validate

NO_ANSWER = "acknowledgement"
"""What only takes note of a click or a shortcut: there is nothing to say in it."""


@dataclass(slots=True)
class Overheard:
    """A way from Slack to the bot that keeps what comes back."""

    way: Transport
    answers: list[tuple[str, BotAnswer]] = field(default_factory=list)

    async def send(
        self,
        kind: Kind,
        payload: Json,
        delivery: DeliveryOptions = ONCE,
        extra: Mapping[str, str] | None = None,
    ) -> BotAnswer:
        answer = await self.way.send(kind, payload, delivery, extra)
        about = COMMAND_ANSWER if kind == "slash_commands" else NO_ANSWER
        if payload.get("type") == "view_submission":
            about = VIEW_ANSWER
        self.answers += [(about, each) for each in (answer, *answer.others)]
        return answer

    def problems(self) -> Iterator[str]:
        """What Slack could not use among the answers."""
        for about, answer in self.answers:
            said = answer.parsed
            if answer.status != 200 or said in ("", {}):
                continue
            if isinstance(said, str) and about == COMMAND_ANSWER:
                said = {"text": said}
            if about == NO_ANSWER or not isinstance(said, dict):
                yield f"{about}: Slack does not read {answer.body[:80]}"
            else:
                yield from validate(about, said)


UPLOAD = "upload"
"""The bytes of a file go to an address that a method gave: they have no arguments."""


def overhear(slack: Slack) -> Overheard:
    """Listen in on what the bot answers from now on."""
    overheard = Overheard(slack.people._transport)
    slack.people._transport = overheard
    return overheard


def problems(slack: Slack, overheard: Overheard) -> list[str]:
    """Why Slack would refuse any of what was sent, each reason once."""
    methods = [call for call in slack.calls if call.method != UPLOAD]
    found = [each for call in methods for each in validate(call.method, call.args)]
    return list(dict.fromkeys([*found, *overheard.problems()]))
