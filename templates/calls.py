"""The sentences about people who are called: up the ladder, back from the providers, on the next business day."""

from collections.abc import Callable, Mapping

from templates.kit import Bold, Line, Person, lasted
from templates.view import View

Detail = Mapping[str, str]


def _escalated(view: View, detail: Detail) -> Line:
    number = int(detail["line"]) if detail["line"].isdigit() else 0
    source: Line = (" (the runbook, ", view.at_rung(number), ")") if number else ()
    known = detail.get("known", "")
    no_more = f" {known}: called before, and I know no further way." if known else ""
    said = f"Now called: {detail['to']}" if detail["to"] else "Nobody new could be called"
    mentions = _mentions(detail)
    return (Bold(f"{detail['why']} {said}"), *source, ".", no_more, *mentions, " Please acknowledge.")


def _mentions(detail: Detail) -> Line:
    """Mentions of those who were called in Slack before: it rings once more."""
    people = detail.get("people", "").split()
    return tuple(span for person in people for span in (" ", Person(person)))


def _requested(view: View, detail: Detail) -> Line:
    named: Line = (Bold(detail["to"]), *_mentions(detail))
    who: Line = (Person(detail["person"]),) if detail["person"] else named
    words = f": {detail['text']}" if detail["text"] else "."
    return (Person(detail["actor"]), " called ", *who, words)


def _still(view: View, detail: Detail) -> Line:
    return (Person(detail["actor"]), " is still on it.")


def _business_day(view: View, detail: Detail) -> Line:
    return (
        Person(detail["person"]),
        f" it is the next business day: {view.incident.reference} waits for you.",
    )


def _no_way_left(view: View, detail: Detail) -> Line:
    how = view.reach(detail["contact"])
    return (
        Bold(f"{detail['why']} Reach {detail['contact']} another way"),
        f": {how}." if how else ". I know no phone number.",
    )


def _not_told(view: View, detail: Detail) -> Line:
    done = "ended" if detail["what"] == "resolve" else "acknowledged"
    return (
        f"The page of {detail['contact']} could not be {done} at its provider: {detail['why']} Do it there.",
    )


def _on_call_problem(view: View, detail: Detail) -> Line:
    return (Bold(f"Who is on call as {detail['contact']}: "), detail["why"])


def _who(detail: Detail) -> Line:
    return (Person(detail["person"]),) if detail["person"] else (detail["who"],)


def _there(view: View, detail: Detail) -> Line:
    target = f" (target: {view.answered_within})" if view.answered_within else ""
    after = lasted(float(detail["seconds"]))
    page = f", by the page of {detail['contact']}"
    return (*_who(detail), f" acknowledged at PagerDuty after {after}{target}{page}.")


def _too_late(view: View, detail: Detail) -> Line:
    what = f" answered the page of {detail['contact']} at PagerDuty; "
    reference = view.incident.reference
    if not detail["status"]:
        return (
            *_who(detail),
            what,
            f"{reference} was over then and is open again. Please acknowledge it anew.",
        )
    return (*_who(detail), what, f"{reference} is {detail['status']} already.")


def _page_resolved(view: View, detail: Detail) -> Line:
    what = f" resolved the page of {detail['contact']} at PagerDuty. "
    return (*_who(detail), what, f"{view.incident.reference} stays open until somebody resolves it here.")


def _by_nobody(view: View, detail: Detail) -> Line:
    said = f"PagerDuty says that the page of {detail['contact']} was acknowledged, and by no person. "
    return (said, "It does not count as an answer: I go on calling.")


def _would_be_called(view: View, detail: Detail) -> Line:
    nobody = "If it were real, nobody would be called."
    called = f"If it were real, these would be called now: {detail['names']}." if detail["names"] else nobody
    everyone = f" The incidents channel would be called: {detail['everyone']}." if detail["everyone"] else ""
    missing = f" Not reached: {detail['missing']}." if detail["missing"] else ""
    return (Bold("This is a drill. "), f"{called}{everyone}{missing}")


SENTENCES: dict[str, Callable[[View, Detail], Line]] = {
    "page_requested": _requested,
    "escalated": _escalated,
    "would_be_called": _would_be_called,
    "still_on_it": _still,
    "business_day": _business_day,
    "no_way_left": _no_way_left,
    "not_told": _not_told,
    "on_call_problem": _on_call_problem,
    "acknowledged_there": _there,
    "answered_too_late": _too_late,
    "page_resolved": _page_resolved,
    "answered_by_nobody": _by_nobody,
}
"""The sentences by the name that an effect gives them."""

Facts = Mapping[str, str]

OUTCOMES: dict[str, Callable[[Facts], Line]] = {
    "paged": lambda facts: (
        "Called: ",
        *((Person(facts["person"]),) if facts["person"] else (facts["to"],)),
        ". The incident shows how far it came.",
    ),
    "paged_already": lambda facts: (
        "They were called already, and I know no further way to reach them. Nobody was called.",
    ),
    "escalated": lambda facts: ("The next ones are called; the channel says who.",),
    "still_on_it": lambda facts: ("Thank you. I ask again when nothing happens for a while.",),
}
"""What the person who asked is told for each outcome."""
