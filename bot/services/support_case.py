"""A case at a vendor's support: whom the runbook says to contact, how, and what to tell them. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from bot.contacts import build_name_key
from bot.domain.diagnostic_run import BAD, WARN, StepResult
from bot.domain.playbook import AwsCall, Playbook
from bot.runbook import Runbook, classify_step
from bot.text.truncation import cut

SUPPORT = re.compile(
    r"\b(?:contact|call|open\s+a\s+(?:case|ticket)\s+(?:with|at))\s+"
    r"(?P<who>[A-Z][\w.&-]*(?:\s+[A-Z][\w.&-]*){0,2}\s+support)\b",
    re.IGNORECASE,
)
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?=\.dkr\.ecr\.)|(?<=:)\d{12}(?=:)")
NAMES = ("cluster", "services", "DBClusterIdentifier", "DBInstanceIdentifier", "logGroupName")
"""The parameters of the runbook's AWS commands that name a resource."""

MAX_FINDINGS, MAX_FINDING_LENGTH, MAX_LENGTH = 8, 240, 3500
AMAZON = "aws"
ACCOUNT_LINE, REGION_LINE, NOT_KNOWN = "Account: ", "Region: ", "see the console"


def find_support(text: str) -> str:
    """Whose support a sentence of the runbook says to contact (`AWS Support`); empty for nobody."""
    found = SUPPORT.search(text)
    return " ".join(found["who"].split()) if found else ""


def find_way(runbook: Runbook, who: str) -> str:
    """How the runbook says that they are reached: a number or an address with the line it stands in; empty where it
    says nothing that could be used."""
    key = build_name_key(who)
    for contact in runbook.contacts:
        if build_name_key(contact.name) == key:
            numbers = [handle.removeprefix("tel:") for handle in contact.handles if handle.startswith("tel:")]
            return f"{numbers[0]} (runbook line {contact.line})" if numbers else ""
    vendor = build_name_key(who.rsplit(None, 1)[0])
    for link in runbook.links:
        name = build_name_key(link.name)
        if name == key or name.startswith(vendor):
            return f"{link.url} ({link.name}, runbook line {link.line})"
    return ""


def build_parameters(
    runbook: Runbook, playbook: Playbook, who: str, title: str, found: Iterable[StepResult]
) -> dict[str, str]:
    """What the card is made from: whom to call, how, and what to tell them."""
    text = "\n".join(_tell(runbook, playbook, who, tuple(found)))
    return {"title": title, "call": who, "way": find_way(runbook, who), "command": cut(text, MAX_LENGTH)}


def add_place(parameters: Mapping[str, str], account: str, region: str) -> dict[str, str]:
    """The same with the account and the region that the settings name, where the runbook and the findings do not."""
    lines = parameters["command"].split("\n")
    place = next((place for place, line in enumerate(lines) if line.startswith(ACCOUNT_LINE)), None)
    if place is None:
        return dict(parameters)
    if account and lines[place] == f"{ACCOUNT_LINE}{NOT_KNOWN}":
        lines[place] = f"{ACCOUNT_LINE}{account}"
    if region and not any(line.startswith(REGION_LINE) for line in lines):
        lines.insert(place + 1, f"{REGION_LINE}{region}")
    return {**parameters, "command": cut("\n".join(lines), MAX_LENGTH)}


def _tell(runbook: Runbook, playbook: Playbook, who: str, found: tuple[StepResult, ...]) -> Iterator[str]:
    yield f"{playbook.title}."
    if who.casefold().startswith(AMAZON):
        yield f"{ACCOUNT_LINE}{_find_account(found) or NOT_KNOWN}"
        for name, values in _list_resources(playbook).items():
            yield f"{name}: {', '.join(values)}"
    telling = [result for result in found if result.verdict in (BAD, WARN)][:MAX_FINDINGS]
    if telling:
        yield "What we see:"
    for result in telling:
        yield cut(f"- {result.title}: {result.headline}", MAX_FINDING_LENGTH)


def _find_account(found: Iterable[StepResult]) -> str:
    """The account, where a finding's evidence names it in an ARN or an image."""
    for result in found:
        table = result.detail.table
        cells = " ".join(cell for row in table.rows for cell in row) if table is not None else ""
        if named := ACCOUNT.search(f"{result.headline} {result.detail.text} {cells}"):
            return named[0]
    return ""


def _list_resources(playbook: Playbook) -> Mapping[str, list[str]]:
    """The regions and resources that the playbook's AWS commands name."""
    told: dict[str, dict[str, None]] = {"Region": {}, "Resources": {}}
    for step in playbook.steps():
        for action in (step.meaning or classify_step(step)).actions:
            call = action.call
            if isinstance(call, AwsCall):
                told["Region"].update(dict.fromkeys([call.region] if call.region else []))
                told["Resources"].update(dict.fromkeys(_list_names(call)))
    return {name: list(values) for name, values in told.items() if values}


def _list_names(call: AwsCall) -> Iterator[str]:
    for name in NAMES:
        value = call.parameters.get(name)
        for word in value if isinstance(value, list | tuple) else (value,):
            if isinstance(word, str) and "$" not in word:
                yield f"{call.service} {word}"
