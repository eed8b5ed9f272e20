"""The sentences about changes of an incident: status, severity, title, roles, its end and its return."""

from collections.abc import Callable, Mapping

from templates.kit import Bold, Line, Person, lasted
from templates.view import View

Detail = Mapping[str, str]


def _status(view: View, detail: Detail) -> Line:
    return (
        Person(detail["actor"]),
        " set the status to ",
        Bold(detail["to"]),
        f", it was {detail['before']}.",
    )


def _severity(view: View, detail: Detail) -> Line:
    every = (
        f"Updates every {lasted(float(detail['every']))}."
        if detail["every"]
        else "Updates have no fixed time."
    )
    called = f" Called: {detail['called']}." if detail["called"] else " Nobody new is called."
    change = f"{detail['before']} to {detail['to']}"
    return (Person(detail["actor"]), " changed the severity from ", Bold(change), f". {every}{called}")


def _renamed(view: View, detail: Detail) -> Line:
    return (
        Person(detail["actor"]),
        " gave it another title: ",
        Bold(detail["to"]),
        f" (was: {detail['before']}).",
    )


def _role(view: View, detail: Detail) -> Line:
    return (Person(detail["person"]), f" is {detail['role']} now.")


def _cancelled(view: View, detail: Detail) -> Line:
    why = f": {detail['reason']}" if detail["reason"] else "."
    return (Bold("False alarm."), " ", Person(detail["actor"]), f" cancelled {view.incident.reference}{why}")


def _reopened(view: View, detail: Detail) -> Line:
    called = f" Called again, nobody was on it: {detail['called']}." if detail.get("called") else ""
    said = f" reopened {view.incident.reference}, it was {detail['before']}.{called}"
    return (Person(detail["actor"]), said)


SENTENCES: dict[str, Callable[[View, Detail], Line]] = {
    "status_changed": _status,
    "severity_changed": _severity,
    "renamed": _renamed,
    "role_assigned": _role,
    "cancelled": _cancelled,
    "reopened": _reopened,
}
"""The sentences by the name that an effect gives them."""


Facts = Mapping[str, str]


def cut_title(facts: Facts) -> str:
    """Said where a title was too long; empty where it was not."""
    had = facts.get("cut")
    return f" It had {had} characters and is cut; the timeline has it whole." if had else ""


def _severity_set(facts: Facts) -> Line:
    every = (
        f"updates every {lasted(float(facts['every']))}" if facts["every"] else "updates have no fixed time"
    )
    called = f"called: {facts['called']}" if facts["called"] else "nobody new is called"
    return (f"The severity is {facts['to']} now: {every}, {called}.",)


OUTCOMES: dict[str, Callable[[Facts], Line]] = {
    "status_changed": lambda facts: (f"The status is {facts['status']} now.",),
    "status_already": lambda facts: (f"The status is {facts['status']} already. Nothing was changed.",),
    "severity_changed": _severity_set,
    "severity_already": lambda facts: (f"The severity is {facts['severity']} already. Nothing was changed.",),
    "renamed": lambda facts: ("The title is now: ", facts["title"], cut_title(facts)),
    "pinned": lambda facts: ("It goes into the timeline.",),
    "noted_already": lambda facts: ("It is in the timeline already. Nothing was done twice.",),
    "noted": lambda facts: ("Noted in the timeline: ", facts["text"]),
    "command_offered": lambda facts: (
        Person(facts["person"]),
        " is asked. Until they accept, command stays.",
    ),
    "role_assigned": lambda facts: (Person(facts["person"]), f" is {facts['role']} now."),
    "cancelled": lambda facts: ("Cancelled as a false alarm. Everybody is told, there is no checklist.",),
    "cancelled_already": lambda facts: ("It was cancelled before. Nothing was changed.",),
    "reopened": lambda facts: ("It is open again, and its clock runs.",),
    "open_already": lambda facts: ("It is open. Nothing was changed.",),
}
"""What the person who asked is told for each outcome."""
