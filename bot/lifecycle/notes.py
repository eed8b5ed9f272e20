"""Notes: words that people type, and messages that they keep, in the timeline. What is written there stays."""

from bot.effects import KeepMessage
from bot.errors import Refused
from bot.incident import EntryKind, Outcome
from bot.letters import cut
from bot.lifecycle.declare import TEXT_LENGTH
from bot.lifecycle.desk import Desk, Request, held, once
from bot.ports import Said, Transaction

NO_WORDS = "(no words, perhaps a picture or a file)"


async def add_note(desk: Desk, request: Request, number: int, text: str) -> Outcome:
    """Keep words in the timeline. The outcome is `noted` or `refused`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        if not text.strip():
            raise Refused("Type what to note: `/incident note Rolled back at 03:10`. Nothing was changed.")
        words = cut(text.strip(), TEXT_LENGTH)
        await work.add_entry(incident.number, request.actor, EntryKind.NOTE_ADDED, text=words)
        return Outcome("noted", number, {"text": words})

    return await once(desk, request, change)


async def keep(desk: Desk, request: Request, number: int, said: Said, source: str) -> Outcome:
    """Keep a message in the timeline; `source` is its `channel:ts`. `noted` or `noted_already`."""

    async def change(work: Transaction) -> Outcome:
        await held(work, request, number)
        if number in await work.noted_from(source):
            return Outcome("noted_already", number)
        return Outcome("noted", number, {"text": await _note(work, number, request.actor, said, source)})

    return await once(desk, request, change)


async def pin(desk: Desk, request: Request, number: int | None, channel: str, ts: str) -> Outcome:
    """Somebody pinned a message: it is read and kept. `pinned` or `noted_already`; without a `number` nothing is said,
    since only the message tells whether it is about an incident.
    """

    async def change(work: Transaction) -> Outcome:
        if number is not None:
            await held(work, request, number)
            if number in await work.noted_from(f"{channel}:{ts}"):
                return Outcome("noted_already", number)
        await work.enqueue([KeepMessage(channel=channel, ts=ts, person=request.actor, incident=number)])
        return Outcome("pinned", number) if number is not None else Outcome("nothing_new")

    return await once(desk, request, change)


async def kept(work: Transaction, effect: KeepMessage, number: int, said: Said) -> None:
    """Slack said what the pinned message says."""
    source = f"{effect.channel}:{effect.ts}"
    await work.lock(number)
    if number not in await work.noted_from(source):
        await _note(work, number, effect.person, said, source)


async def source_changed(desk: Desk, request: Request, source: str, text: str | None) -> Outcome:
    """A message was edited (`text` is what it says now) or deleted (None). `noticed`, or `nothing_new` where no
    timeline keeps it or its words are the same.
    """

    if not await desk.store.is_noted(source):
        return Outcome("nothing_new")

    async def change(work: Transaction) -> Outcome:
        found = await work.noted_from(source)
        noticed: int | None = None
        for number, last in found.items():
            before = last.detail["text"]
            words = before if text is None else _words(text)
            if last.kind is EntryKind.SOURCE_DELETED or (text is not None and words == before):
                continue
            kind = EntryKind.SOURCE_DELETED if text is None else EntryKind.SOURCE_EDITED
            await work.lock(number)
            await work.add_entry(number, request.actor, kind, text=words, source=source)
            noticed = number
        return Outcome("nothing_new") if noticed is None else Outcome("noticed", noticed)

    return await once(desk, request, change)


async def _note(work: Transaction, number: int, actor: str, said: Said, source: str) -> str:
    words = _words(said.text)
    detail = {"text": words, "link": said.link, "author": said.author, "source": source}
    await work.add_entry(number, actor, EntryKind.NOTE_ADDED, **detail)
    return words


def _words(text: str) -> str:
    return cut(text.strip(), TEXT_LENGTH) or NO_WORDS
