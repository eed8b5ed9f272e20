"""What can be done in an incident: what its playbook tells people to do, then what the findings suggest. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.diagnostic_run import BAD, WARN, StepResult
from bot.domain.playbook import AwsCall, Playbook, Step, StepKind
from bot.domain.remediation import EXECUTABLE, RULES, RemediationKind
from bot.domain.remediation_words import IN_TRANSACTION, Wanted, parse_wanted
from bot.domain.section_parts import Bullet, BulletList
from bot.runbook import Runbook, classify_step
from bot.services.support_case import build_parameters, find_support
from bot.text.truncation import cut

KINDS = {kind.value: kind for kind in EXECUTABLE}
IMPERATIVE = re.compile(r"^(?:if\b[^:]{0,80}:\s*)?(?P<deed>.*)$", re.IGNORECASE | re.DOTALL)
LOOKING = re.compile(
    r"(?:check|look|verify|monitor|review|document|contact|identify|analy[sz]e|inspect|see|ask)\b",
    re.IGNORECASE,
)
DEEDS = (
    (RemediationKind.ECS_ROLLBACK, re.compile(r"\broll\s?-?back\b", re.IGNORECASE)),
    (RemediationKind.ECS_SCALE, re.compile(r"\bscale\s+(?:up|out|horizontally)\b", re.IGNORECASE)),
    (
        RemediationKind.ECS_RESTART,
        re.compile(
            r"\brestart\b.{0,40}\b(?:database connections?|connection pools?|tasks?|services?|backend|api)\b",
            re.IGNORECASE,
        ),
    ),
    (
        RemediationKind.END_BLOCKER,
        re.compile(r"\b(?:kill|end|terminate|cancel)\b.{0,40}\bblock(?:er|ing)\b", re.IGNORECASE),
    ),
    (RemediationKind.END_IDLE, re.compile(r"\b(?:kill|end|terminate)\b.{0,40}\bidle\b", re.IGNORECASE)),
    (RemediationKind.REVERT, re.compile(r"\brevert\b", re.IGNORECASE)),
    (RemediationKind.FAILOVER, re.compile(r"\bfail\s?-?over\b", re.IGNORECASE)),
    (RemediationKind.SWITCH, re.compile(r"\b(?:fallback|circuit breaker|feature flag)\b", re.IGNORECASE)),
    (RemediationKind.BANNER, re.compile(r"\bbanner\b", re.IGNORECASE)),
    (
        RemediationKind.BY_HAND,
        re.compile(
            r"\b(?:restart|disable|enable|flush|drain|maintenance mode)\b",
            re.IGNORECASE,
        ),
    ),
)
"""What an instruction without a command tells people to do; the first that fits counts."""

ENDS_SESSIONS = re.compile(r"\bpg_terminate_backend\b", re.IGNORECASE)
BLOCKERS = re.compile(r"\bpg_blocking_pids\b", re.IGNORECASE)
AGE = re.compile(r"interval\s+'(?P<count>\d{1,4})\s*(?P<unit>second|minute|hour)s?'", re.IGNORECASE)
SECONDS = {"second": 1, "minute": 60, "hour": 3600}
SUGGESTED = {
    "deployment": RemediationKind.ECS_ROLLBACK,
    "connections": RemediationKind.END_IDLE,
    "lock": RemediationKind.END_BLOCKER,
    "memory": RemediationKind.ECS_SCALE,
}
"""What a finding's suspect suggests, by its kind. An app's release is halted in its store, no service is rolled back
for it."""

MAX_COMMAND_LENGTH, MAX_TITLE_LENGTH = 4000, 200


@dataclass(frozen=True, slots=True)
class RemediationOffer:
    """One thing that can be done: its kind, what it needs, the runbook's words for it and where they stand, or the
    finding that suggests it (`why`)."""

    kind: RemediationKind
    title: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    line: int = 0
    file: str = ""
    reason: str = ""

    @property
    def verb(self) -> str:
        return RULES[self.kind].verb


def list_offers(
    runbook: Runbook, playbook: Playbook | None, found: Iterable[StepResult]
) -> list[RemediationOffer]:
    """The playbook's remediations in its order, then what the findings suggest; each once."""
    found = tuple(found)
    own = list(_list_playbook_offers(runbook, playbook, found)) if playbook else []
    offers: dict[tuple[object, ...], RemediationOffer] = {}
    for offer in (*own, *_list_suggested(runbook, playbook, found)):
        is_by_hand = offer.kind is RemediationKind.BY_HAND
        named = offer.parameters.get("workflow", "") or offer.parameters.get("flag", "")
        key = (offer.kind, offer.title if is_by_hand else named)
        offers.setdefault(key, offer)
    return list(offers.values())


def list_suggested_offers(
    runbook: Runbook, playbook: Playbook | None, found: Iterable[StepResult]
) -> list[RemediationOffer]:
    """What these findings suggest, each kind once; with the playbook's own words where it has some for that."""
    results = tuple(found)
    kinds = {offer.kind for offer in _list_suggested(runbook, playbook, results)}
    offers = {offer.kind: offer for offer in reversed(list_offers(runbook, playbook, results))}
    return [offers[kind] for kind in offers if kind in kinds][::-1]


def find_offer(
    runbook: Runbook, playbook: Playbook | None, offers: Sequence[RemediationOffer], words: str
) -> RemediationOffer | None:
    """What the words of `/incident fix` mean: a kind with what it needs, or what the playbook has by this title; None
    for nothing."""
    wanted = parse_wanted(words)
    if wanted is not None:
        return _build_wanted(runbook, playbook, offers, wanted)
    said = words.casefold().strip()
    fitting = [offer for offer in offers if said and said in offer.title.casefold()]
    return fitting[0] if len(fitting) == 1 else None


def find_offer_at(
    runbook: Runbook, playbook: Playbook | None, offers: Iterable[RemediationOffer], line: int, file: str
) -> RemediationOffer | None:
    """What the runbook tells people to do at this line."""
    return next((offer for offer in offers if (offer.line, offer.file) == (line, file)), None)


def _build_wanted(
    runbook: Runbook, playbook: Playbook | None, offers: Sequence[RemediationOffer], wanted: Wanted
) -> RemediationOffer:
    known = next((offer for offer in offers if offer.kind is wanted.kind), None)
    title = known.title if known else RULES[wanted.kind].verb
    base = known.parameters if known else _targets(runbook, playbook, wanted.kind)
    return RemediationOffer(
        wanted.kind,
        title,
        {**base, **wanted.parameters},
        known.why if known else "",
        known.line if known else 0,
        known.file if known else "",
        wanted.reason,
    )


def _list_playbook_offers(
    runbook: Runbook, playbook: Playbook, found: Sequence[StepResult]
) -> Iterator[RemediationOffer]:
    for section in playbook.sections:
        for part in section.parts:
            if isinstance(part, Step):
                offer = _build_step_offer(runbook, playbook, part)
                yield from (offer,) if offer else ()
            elif isinstance(part, BulletList):
                yield from filter(
                    None, (_build_bullet_offer(runbook, playbook, item, found) for item in part.items)
                )


def _build_step_offer(runbook: Runbook, playbook: Playbook, step: Step) -> RemediationOffer | None:
    meaning = step.meaning or classify_step(step)
    if meaning.kind is not StepKind.REMEDIATION:
        return None
    command = cut(step.command or step.note, MAX_COMMAND_LENGTH)
    offer = RemediationOffer(
        RemediationKind.BY_HAND,
        cut(step.title, MAX_TITLE_LENGTH),
        {"command": command, "title": cut(step.title, MAX_TITLE_LENGTH)},
        line=step.line,
        file=playbook.file,
    )
    if (kind := KINDS.get(meaning.stands_for or "")) is not None:
        parameters = {**_targets(runbook, playbook, kind), **_parse_arguments(kind, meaning.arguments)}
        return replace(offer, kind=kind, parameters=parameters)
    if meaning.stands_for is None and ENDS_SESSIONS.search(command) and BLOCKERS.search(command):
        return replace(offer, kind=RemediationKind.END_BLOCKER, parameters={})
    if meaning.stands_for is None and ENDS_SESSIONS.search(command):
        return replace(offer, kind=RemediationKind.END_IDLE, parameters=_parse_idle(command))
    return offer


def _parse_arguments(kind: RemediationKind, arguments: str) -> dict[str, str]:
    """What stands behind the name in a comment: `rollback.yml service=api`."""
    words = arguments.split()
    given = [word for word in words if "=" in word]
    if kind is RemediationKind.WORKFLOW:
        name = next((word for word in words if "=" not in word), "")
        return {"workflow": name, **({"inputs": " ".join(given)} if given else {})}
    return dict(word.split("=", 1) for word in given)


def _parse_idle(command: str) -> dict[str, str]:
    age = AGE.search(command)
    states = IN_TRANSACTION if IN_TRANSACTION in command.casefold() else "idle"
    return {
        "states": states,
        "age": str(int(age["count"]) * SECONDS[age["unit"].casefold()] if age else 300),
    }


def _build_bullet_offer(
    runbook: Runbook, playbook: Playbook, item: Bullet, found: Sequence[StepResult]
) -> RemediationOffer | None:
    text = item.text.replace("**", "").strip()
    if who := find_support(text):
        title = cut(f"Call {who}", MAX_TITLE_LENGTH)
        parameters = build_parameters(runbook, playbook, who, title, found)
        return RemediationOffer(
            RemediationKind.BY_HAND, title, parameters, line=item.line, file=playbook.file
        )
    deed = IMPERATIVE.match(text)
    if deed is None or LOOKING.match(deed["deed"]):
        return None
    kind = next((kind for kind, words in DEEDS if words.search(deed["deed"])), None)
    if kind is None:
        return None
    title = cut(text, MAX_TITLE_LENGTH)
    parameters = _targets(runbook, playbook, kind)
    if kind in FINDERS and not parameters:
        kind = RemediationKind.BY_HAND
    if kind is RemediationKind.BY_HAND:
        parameters = {"command": "", "title": title}
    return RemediationOffer(kind, title, parameters, line=item.line, file=playbook.file)


def _targets(runbook: Runbook, playbook: Playbook | None, kind: RemediationKind) -> dict[str, str]:
    """Which service or cluster is meant: the one that the playbook looks at, else the runbook's first one."""
    find = FINDERS.get(kind)
    if find is None:
        return {}
    others = (other for other in runbook.playbooks if other is not playbook)
    for candidate in (*((playbook,) if playbook else ()), *others):
        for step in candidate.steps():
            if target := find(step):
                return target
    return {}


def _find_service(step: Step) -> dict[str, str]:
    for action in (step.meaning or classify_step(step)).actions:
        call = action.call
        if isinstance(call, AwsCall) and (call.service, call.operation) == ("ecs", "DescribeServices"):
            services = call.parameters.get("services")
            cluster = call.parameters.get("cluster", "default")
            name = services[0] if isinstance(services, list | tuple) and services else None
            if isinstance(name, str) and isinstance(cluster, str) and "$" not in name + cluster:
                region = {"region": call.region} if call.region else {}
                return {"cluster": cluster, "service": name.rpartition("/")[2], **region}
    return {}


def _find_cluster(step: Step) -> dict[str, str]:
    for action in (step.meaning or classify_step(step)).actions:
        call = action.call
        if isinstance(call, AwsCall) and (call.service, call.operation) == ("rds", "DescribeDBClusters"):
            name = call.parameters.get("DBClusterIdentifier")
            if isinstance(name, str) and "$" not in name:
                return {"cluster": name, **({"region": call.region} if call.region else {})}
    return {}


def _find_flag(step: Step) -> dict[str, str]:
    """What a comment of the runbook says of a flag, for every instruction that means it."""
    meaning = step.meaning or classify_step(step)
    if meaning.stands_for != RemediationKind.SWITCH.value:
        return {}
    return _parse_arguments(RemediationKind.SWITCH, meaning.arguments)


FINDERS: Mapping[RemediationKind, Callable[[Step], dict[str, str]]] = {
    RemediationKind.ECS_ROLLBACK: _find_service,
    RemediationKind.ECS_SCALE: _find_service,
    RemediationKind.ECS_RESTART: _find_service,
    RemediationKind.FAILOVER: _find_cluster,
    RemediationKind.SWITCH: _find_flag,
}
"""What a kind changes, as a step that looks at it names it. Without such a step it is done by hand."""


def _list_suggested(
    runbook: Runbook, playbook: Playbook | None, found: Iterable[StepResult]
) -> Iterator[RemediationOffer]:
    for result in found:
        kind = SUGGESTED.get(result.suspect.kind) if result.suspect else None
        if kind is None or result.verdict not in (BAD, WARN):
            continue
        parameters = _targets(runbook, playbook, kind)
        if parameters or kind not in FINDERS:
            why = f"{result.title}: {result.headline}"
            yield RemediationOffer(kind, RULES[kind].verb, parameters, why)
