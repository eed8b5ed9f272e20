"""`/incident`: one word, one call, one reply."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot import lifecycle
from bot.errors import Refused
from bot.incident import Outcome
from bot.lifecycle import Declaration, Desk, Request
from bot.ports import Message
from bot.runbook import best_playbook
from handlers import COMMANDS, on_call
from handlers.front import Front, request
from handlers.replies import ephemeral, open_form
from handlers.words import Command, parse
from templates import answers, duty, history, listing, modals, playbook
from templates.view import View

MOST_PARTS = 4
"""Further messages of a playbook: Slack takes five for one command."""

Row = Callable[[Front, "Asked"], Awaitable[Message | None]]
Change = Callable[[Desk, Request, int, str], Awaitable[Outcome]]


class Asked:
    """One slash command: what was typed, where, by whom, and how to answer later."""

    def __init__(self, body: dict[str, Any], respond: AsyncRespond) -> None:
        self.command: Command = parse(body.get("text", ""))
        self.channel: str = body["channel_id"]
        self.trigger: str = body["trigger_id"]
        self.respond = respond
        self.request: Request = request("command", self.trigger, body["user_id"])


def listen(bolt: AsyncApp, front: Front) -> None:
    """Register the slash command."""

    @bolt.command(COMMANDS[0])
    async def incident(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        asked = Asked(body, respond)
        message = await front.answered(lambda: _answer(front, asked))
        await ack(**ephemeral(message)) if message != answers.nothing() else await ack()


async def _answer(front: Front, asked: Asked) -> Message:
    command = asked.command
    if not command.is_known:
        return answers.unknown_word(command.word, command.nearest)
    if command.word not in READING:
        await front.must_be_allowed(asked.request.actor)
    return await ROWS[command.word](front, asked) or answers.nothing()


async def _nothing(front: Front, asked: Asked) -> Message | None:
    number = asked.command.number or await front.desk.store.incident_in(asked.channel)
    if number is None:
        await front.must_be_allowed(asked.request.actor)
        return await _declare(front, asked)
    return answers.card(await front.view(number, asked.request.actor))


async def _declare(front: Front, asked: Asked) -> Message | None:
    command, runbook = asked.command, front.desk.editions.current.runbook
    drill = command.word == "drill"
    if command.level and runbook.severity(command.level) is None:
        there_are = ", ".join(each.id for each in runbook.severities)
        raise Refused(
            f"The runbook has no severity {command.level}. It has {there_are}. Nothing was recorded."
        )
    if command.level and command.rest:
        outcome = await lifecycle.declare(
            front.desk,
            asked.request,
            Declaration(command.level, command.rest, private=command.private, drill=drill),
        )
        return answers.answer(outcome)
    if command.rest:
        view = modals.declare_severity_only(runbook, command.rest, asked.channel, command.private, drill)
    else:
        view = modals.declare(
            runbook,
            severity=command.level,
            title="",
            origin=asked.channel,
            private=command.private,
            drill=drill,
        )
    open_form(front, asked.trigger, asked.respond, view)
    return None


async def _update(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    if asked.command.rest:
        return answers.answer(
            await lifecycle.post_update(front.desk, asked.request, number, asked.command.rest)
        )
    view = modals.update(await front.open_view(number, asked.request.actor), text="", notice="")
    open_form(front, asked.trigger, asked.respond, view)
    return None


async def _acknowledge(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    return answers.answer(await lifecycle.acknowledge(front.desk, asked.request, number))


async def _join(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    return answers.answer(await lifecycle.join(front.desk, asked.request, number))


async def _lead(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    person = asked.command.person or asked.request.actor
    await front.must_be_allowed(person)
    return answers.answer(await lifecycle.lead(front.desk, asked.request, number, person))


async def _handover(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    person = asked.command.person
    if not person:
        raise Refused("Say to whom first: `/incident handover @dana What is next`. Nothing was changed.")
    if person == asked.request.actor:
        raise Refused("You hand over to somebody else; `/incident lead` takes command. Nothing was changed.")
    await front.must_be_allowed(person)
    return answers.answer(await lifecycle.lead(front.desk, asked.request, number, person, asked.command.rest))


async def _assign(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    role, _, _ = asked.command.rest.partition(" ")
    if not asked.command.person:
        raise Refused("Say who: `/incident assign scribe @dana`. Nothing was changed.")
    await front.must_be_allowed(asked.command.person)
    return answers.answer(
        await lifecycle.assign(front.desk, asked.request, number, role, asked.command.person)
    )


def _with_words(change: Change) -> Row:
    """A row whose words go to one change of the incident as they are."""

    async def row(front: Front, asked: Asked) -> Message | None:
        number = await front.number(asked.command.number, asked.channel, asked.request.actor)
        return answers.answer(await change(front.desk, asked.request, number, asked.command.rest))

    return row


async def _page(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    command = asked.command
    return answers.answer(
        await lifecycle.page(front.desk, asked.request, number, command.rest, command.person)
    )


async def _escalate(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    return answers.answer(await lifecycle.escalate(front.desk, asked.request, number))


async def _on_call(front: Front, asked: Asked) -> Message | None:
    if not on_call.is_asked(front):
        return duty.on_call(await on_call.standings(front))

    async def tell() -> None:
        shown = duty.on_call(await on_call.standings(front))
        await asked.respond(**ephemeral(shown), replace_original=False)

    async def sorry() -> None:
        await asked.respond(**ephemeral(duty.unknown()), replace_original=False)

    front.errands.run("asking who is on call", tell, sorry, on_call.WITHIN)
    return duty.asking()


async def _runbook(front: Front, asked: Asked) -> Message | None:
    words = asked.command.rest
    runbook = await front.edition(asked.command.number, asked.channel, asked.request.actor)
    if not words:
        return playbook.overview(runbook, front.runbook_url)
    named = [each for each in runbook.playbooks if words.casefold() in (each.id, each.title.casefold())]
    found = named[0] if named else best_playbook(runbook, words, None)
    if found is None:
        there_are = "; ".join(each.title for each in runbook.playbooks)
        raise Refused(f"No playbook fits “{words}”. There are: {there_are}. Nothing was changed.")
    first, *more = playbook.told(found, front.runbook_url)
    if more:

        async def rest() -> None:
            for each in more[:MOST_PARTS]:
                await asked.respond(**ephemeral(each), replace_original=False)

        front.errands.run("showing the rest of a playbook", rest)
    return first


async def _reopen(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    return answers.answer(await lifecycle.reopen(front.desk, asked.request, number))


async def _viewed(front: Front, asked: Asked) -> View:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    return await front.view(number, asked.request.actor)


async def _timeline(front: Front, asked: Asked) -> Message | None:
    return history.timeline(await _viewed(front, asked))


async def _catchup(front: Front, asked: Asked) -> Message | None:
    return history.catchup(await _viewed(front, asked))


async def _resolve(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    view = modals.resolve(
        await front.open_view(number, asked.request.actor),
        text=asked.command.rest,
        postmortem=front.postmortem(),
    )
    open_form(front, asked.trigger, asked.respond, view)
    return None


async def _checklist(front: Front, asked: Asked) -> Message | None:
    return answers.checklist_of(await _viewed(front, asked))


async def _close(front: Front, asked: Asked) -> Message | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    if asked.command.rest and not asked.command.anyway:
        raise Refused("Type `/incident close`, or `/incident close anyway REASON`. Nothing was changed.")
    return answers.answer(await lifecycle.close(front.desk, asked.request, number, asked.command.anyway))


async def _list(front: Front, asked: Asked) -> Message | None:
    return listing.listing(await front.listed(asked.request.actor, listing.LISTED, listing.LATELY))


async def _help(front: Front, asked: Asked) -> Message | None:
    return answers.help()


ROWS: dict[str, Row] = {
    "": _nothing,
    "declare": _declare,
    "drill": _declare,
    "update": _update,
    "ack": _acknowledge,
    "join": _join,
    "lead": _lead,
    "handover": _handover,
    "assign": _assign,
    "page": _page,
    "escalate": _escalate,
    "oncall": _on_call,
    "run": _with_words(lifecycle.run_diagnostics),
    "runbook": _runbook,
    "severity": _with_words(lifecycle.set_severity),
    "status": _with_words(lifecycle.set_status),
    "note": _with_words(lifecycle.add_note),
    "rename": _with_words(lifecycle.rename),
    "cancel": _with_words(lifecycle.cancel),
    "reopen": _reopen,
    "catchup": _catchup,
    "timeline": _timeline,
    "resolve": _resolve,
    "checklist": _checklist,
    "close": _close,
    "list": _list,
    "help": _help,
}

READING = frozenset({"", "oncall", "runbook", "list", "help", "checklist", "timeline", "catchup"})
"""Words that change nothing: guests may use them."""
