"""What the person who asked is told, only for their eyes: what happened, or what was wrong and what to do."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.incident import Outcome
from bot.ports import Message
from bot.runbook import Runbook
from templates import actions, calls, turns
from templates.alert import alert
from templates.checklist import checklist
from templates.kit import (
    Bold,
    ChannelRef,
    Code,
    Line,
    Person,
    When,
    button,
    buttons,
    lasted,
    lines,
    message,
)
from templates.view import View, never_filled

MOST_LINKS = 6


def answer(outcome: Outcome) -> Message:
    """The words for what came of a request; nothing where the channel shows it anyway."""
    words = WORDS.get(outcome.did)
    if words is None:
        return nothing()
    reference = "The incident" if outcome.incident is None else f"INC-{outcome.incident}"
    body = words(outcome.facts, reference)
    blocks = [lines("answer", *body)]
    if similar := outcome.facts.get("similar"):
        join = button(f"Join INC-{similar}", actions.JOIN, actions.value(similar), primary=True)
        blocks.append(buttons("answer-buttons", join))
    return message(body, *blocks)


def nothing() -> Message:
    """No words: what was asked for shows itself."""
    return Message("")


def _said(*body: Line) -> Message:
    return message(body, lines("answer", *body))


Facts = Mapping[str, str]
Words = Callable[[Facts, str], list[Line]]
"""What is said, from the outcome's facts and how its incident is called."""


def _room(facts: Facts) -> Line:
    channel = facts["channel"]
    return (ChannelRef(channel),) if channel else ("its channel is being opened",)


def _declared(facts: Facts, reference: str) -> list[Line]:
    body: list[Line] = [
        (Bold(f"{reference} is declared: {facts['severity']} {facts['title']}"),),
        ("You command until someone else does. Its channel is being opened, you are invited.",),
    ]
    if title_was := turns.cut_title(facts):
        body.append((title_was.strip(),))
    if facts.get("drill"):
        body.append(("A drill: nobody is called. The channel says who would have been.",))
    if facts.get("private"):
        body.append(("Private: only who is called or invited sees it.",))
    if facts["called"]:
        body.append((f"Called: {facts['called']}.",))
    if facts["everyone"]:
        body.append((f"The incidents channel is called: {facts['everyone']}.",))
    if facts["missing"]:
        body.append((f"Not called: {facts['missing']}. The channel says what is missing.",))
    if facts["similar"]:
        body.append((f"INC-{facts['similar']} is open and looks the same.",))
    return body


def _acknowledged(facts: Facts, reference: str) -> list[Line]:
    took = lasted(float(facts["seconds"]))
    target = f" (target: under {lasted(float(facts['target_seconds']))})" if facts["target_seconds"] else ""
    return [
        (
            Bold(f"You acknowledged {reference}"),
            f" after {took}{target}. Where: ",
            *_room(facts),
        )
    ]


def _updated(facts: Facts, reference: str) -> list[Line]:
    following: Line = ()
    if facts["next"]:
        following = (" The next one is promised for ", When(_moment(facts["next"])), ".")
    return [(f"The update to {reference} is posted.", *following)]


def _snoozed(facts: Facts, reference: str) -> list[Line]:
    until, promise = When(_moment(facts["until"])), When(_moment(facts["promise"]))
    return [("I remind again at ", until, ". The promise stays ", promise, ".")]


def _resolved_already(facts: Facts, reference: str) -> list[Line]:
    by: Line = (" by ", Person(facts["by"])) if facts["by"] else ()
    at: Line = (" at ", When(_moment(facts["at"]))) if facts["at"] else ()
    return [(f"{reference} was resolved already", *by, *at, ". Nothing was changed.")]


def _items_open(facts: Facts, reference: str) -> list[Line]:
    return [
        (Bold("Not closed: these items are open."),),
        *(("☐ ", text) for text in facts["items"].splitlines()),
        ("Tick them, or close with a reason: ", Code("/incident close anyway REASON")),
    ]


def _fixed(text: str) -> Words:
    return lambda facts, reference: [(text.format(reference=reference),)]


def _turned(words: Callable[[Facts], Line]) -> Words:
    return lambda facts, reference: [words(facts)]


def _looking(facts: Facts, reference: str) -> list[Line]:
    what = facts["title"] or "the checks of all playbooks"
    return [(Bold(f"Running: {what}."), " The channel shows what is found, within half a minute.")]


WORDS: dict[str, Words] = {
    "looking": _looking,
    "looking_already": _fixed("That runs already: the channel of {reference} shows what is found."),
    "playbook_chosen": lambda facts, reference: [
        (f"{reference} goes on with ", Bold(facts["title"]), ". It is posted, and its steps run.")
    ],
    "playbook_already": lambda facts, reference: [(f"{reference} has this playbook: {facts['title']}.",)],
    "declared": _declared,
    "acknowledged": _acknowledged,
    "acknowledged_already": _fixed("You acknowledged {reference} before."),
    "joined": lambda facts, reference: [(f"You are invited to {reference}: ", *_room(facts))],
    "joined_already": lambda facts, reference: [(f"You joined {reference} before: ", *_room(facts))],
    "commander_changed": lambda facts, reference: [(Person(facts["person"]), " commands now.")],
    "commander_already": lambda facts, reference: [(Person(facts["person"]), " commands already.")],
    "updated": _updated,
    "draft_outdated": _fixed("An update was posted meanwhile, so this draft was not. Use /incident update."),
    "snoozed": _snoozed,
    "snoozed_already": _fixed("It was snoozed once for this update. Nothing was changed."),
    "nothing_to_snooze": _fixed("There is no further reminder to snooze. The update is still awaited."),
    "resolved": _fixed("{reference} is resolved. The checklist is in its channel."),
    "resolved_already": _resolved_already,
    "closed": _fixed("{reference} is closed."),
    "closed_already": _fixed("{reference} was closed before. Nothing was changed."),
    "items_open": _items_open,
    "refused": lambda facts, reference: [(facts["sentence"],)],
    "unanswered": _fixed("This request is being worked on already. Nothing was done twice."),
    **{did: _turned(words) for did, words in (turns.OUTCOMES | calls.OUTCOMES).items()},
}
"""What is said for each outcome. Ticks are not here: the checklist itself shows them."""


def _moment(epoch: str) -> datetime:
    return datetime.fromtimestamp(int(epoch), UTC)


def refused(sentence: str) -> Message:
    """A rule says no, in its own sentence."""
    return _said((sentence,))


def unknown_word(word: str, near: str | None) -> Message:
    """A word that is not in the grammar."""
    if near is not None:
        return _said(
            (f"I don't know “{word}”. Did you mean ", Code(f"/incident {near}"), "? Nothing was changed.")
        )
    return _said((f"I don't know “{word}”. Type ", Code("/incident help"), ". Nothing was changed."))


def store_away(runbook: Runbook, in_doubt: bool, why: str = "does not answer") -> Message:
    """The database does not answer or takes no changes: the truth, and how to get help without the bot."""
    first: Line = (
        Bold(f"Nothing was recorded: my database {why}."),
        " Start by hand, and try again soon.",
    )
    if in_doubt:
        first = (
            Bold("My database went away while this was being recorded."),
            " Look whether it is there before you repeat it.",
        )
    body: list[Line] = [first]
    body += [("• ", Bold(contact.name), f": {_reached(contact.text)}") for contact in runbook.contacts]
    body += [("• ", link.name, f": {link.url}") for link in runbook.links[:MOST_LINKS]]
    return _said(*body)


def _reached(text: str) -> str:
    """What the runbook says about reaching somebody; a gap that was never filled in is called one."""
    return f"the runbook only says {text}" if never_filled(text) else text


def failure(error_id: str) -> Message:
    """A fault of ours."""
    return _said(
        (f"That did not work: a fault of mine. The log has it as error {error_id}.",), ("Please try again.",)
    )


def form_failed() -> Message:
    """A form could not be opened."""
    return _said(
        ("The form could not be opened: Slack took too long. Nothing was changed.",),
        ("Try again, or declare in one line: ", Code("/incident declare p0 API is down")),
    )


def card(view: View) -> Message:
    """How an incident stands."""
    drawn = alert(view)
    return Message(drawn.text, drawn.blocks)


def checklist_of(view: View) -> Message:
    """The checklist, for one person."""
    if not view.situation.items:
        return _said((f"{view.incident.reference} has no checklist yet: it comes when it is resolved.",))
    return checklist(view)


HELP = (
    ("declare [private] p0 WORDS", "declare at once; without words a form opens"),
    ("drill [p0 WORDS]", "the same as a rehearsal: marked, and nobody is called"),
    ("ack · join", "come to help"),
    ("lead [@who] · handover @who [words] · assign ROLE @who", "who commands, who does what"),
    ("page WHO [words] · escalate · oncall", "call one more, the next ones; who is on call"),
    ("update [text] · status monitoring · severity P1", "tell everybody what changed"),
    ("note TEXT · timeline · catchup", "what happened so far"),
    ("resolve [text] · cancel [why] · reopen", "it is over, it was nothing, it is not over"),
    ("checklist · close", "what comes afterwards"),
    ("run [playbook or step] · runbook [NAME]", "look again what is wrong; what to do"),
    ("rename TITLE · list", "a better title; what is open"),
)
"""Every line of the help: forms of the command with ` · ` between them, and what they do."""


def help() -> Message:
    """The grammar on half a screen."""
    body: list[Line] = [(Bold("/incident …"),)]
    body += [(Code(words), f"  {what}") for words, what in HELP]
    body.append(
        ("In an incident's channel it is understood; elsewhere name it: ", Code("/incident update INC-42 …"))
    )
    return _said(*body)
