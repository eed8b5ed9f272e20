"""Any other read-only AWS operation: the answer as a table or a text, without a verdict."""

import asyncio
import json
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

import jmespath
from botocore import xform_name
from jmespath.exceptions import JMESPathError

from bot.command_parsers import run_filters
from bot.command_parsers.aws.access_level import classify_call
from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from bot.domain.playbook import Action, AwsCall, Filter, StepKind
from bot.text.redaction import SECRET, redact, redact_value
from diagnostics.clients.aws import AwsClients, render_cli_command
from diagnostics.rendering.tables import build_table, describe_count, format_text

Seen = TypeVar("Seen")

MAX_ITEMS = 1_000
"""Items of an operation that comes in pages, where the command names no number: more than anybody reads at 3 am."""

ENVIRONMENT = re.compile(r"env|environment|(?:environment)?_?variables", re.IGNORECASE)
"""Names of objects whose values are all taken out: an environment is where secrets live."""


@dataclass(frozen=True, slots=True)
class AwsSnapshot:
    """What came back, redacted: `amount` of it in words, as a table where it is one, else as a text.

    `truncated` when there is more than was read; `trouble` says why the command's filters gave up.
    """

    operation: str
    amount: str
    table: EvidenceTable | None = None
    text: str = ""
    truncated: bool = False
    trouble: str = ""


def build_snapshot(call: AwsCall, answer: Mapping[str, Any], filters: Sequence[Filter] = ()) -> AwsSnapshot:
    """An answer as the command shows it: its query, then its filters; redacted before either sees it.

    Raises Inconclusive when the query or the filters cannot be applied.
    """
    operation = xform_name(call.operation, "-")
    value, truncated = _read_value(call, answer)
    if filters:
        return _apply_filters(operation, _format_output(value, call.output), filters, truncated)
    shown = _only_list(value)
    amount, table = describe_count(shown), build_table(shown)
    text = "" if table or amount == "nothing" else format_text(shown)
    return AwsSnapshot(operation, amount, table, text, truncated)


def _read_value(call: AwsCall, answer: Mapping[str, Any]) -> tuple[Any, bool]:
    """What the command's query leaves of an answer, redacted before it, and whether there is more of it."""
    told = {name: value for name, value in answer.items() if name not in ("ResponseMetadata", "Truncated")}
    value = redact_value(_plain(told))
    return value if call.query is None else _apply_query(call.query, value), bool(answer.get("Truncated"))


def _apply_filters(operation: str, text: str, filters: Sequence[Filter], truncated: bool) -> AwsSnapshot:
    through = run_filters(filters, text)
    if through.trouble is not None:
        return AwsSnapshot(
            operation, "", text=format_text(text), truncated=truncated, trouble=redact(through.trouble)
        )
    lines = redact(through.text).splitlines()
    amount = f"{len(lines)} line{'s' * (len(lines) != 1)}" if lines else "nothing"
    return AwsSnapshot(operation, amount, text=format_text("\n".join(lines)), truncated=truncated)


def interpret(seen: AwsSnapshot, question: CheckRequest) -> Finding:
    """Always unknown: no rule says whether this is well."""
    more = ", and there is more" if seen.truncated else ""
    cause, then = UnknownCause.NO_RULE, ""
    if seen.trouble:
        cause, said = UnknownCause.NOT_UNDERSTOOD, f"{seen.operation} answered, but {seen.trouble}"
    elif seen.amount == "nothing":
        call = question.action.call
        by = (
            " that its query or filters let through"
            if isinstance(call, AwsCall) and _narrows(question)
            else ""
        )
        cause, said = UnknownCause.NO_DATA, f"{seen.operation} gave nothing{by}{more}."
        then = "Check the names, the filters and the region."
    else:
        said = f"{seen.operation} gave {seen.amount}{more}; there is no rule for this."
    return Finding(
        Verdict.UNKNOWN,
        said,
        question.now,
        cause,
        measure=seen.amount,
        table=seen.table,
        text=seen.text,
        next_look=then,
    )


def _narrows(question: CheckRequest) -> bool:
    call = question.action.call
    return bool(question.action.filters) or (isinstance(call, AwsCall) and call.query is not None)


class AnyAws:
    """Made of the bot's AWS clients."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """What the operation answers, as the command shows it."""
        call = question.action.call
        assert isinstance(call, AwsCall)
        seen = await self._ask(call, question.action.filters, build_snapshot, by)
        return replace(interpret(seen, question), command=question.command or render_cli_command(call))

    async def read_text(self, action: Action, by: float) -> str:
        """What the command prints for another one that takes it as an argument, redacted. Raises Inconclusive."""
        assert isinstance(action.call, AwsCall)
        return await self._ask(action.call, action.filters, _print_answer, by)

    async def _ask(
        self,
        call: AwsCall,
        filters: Sequence[Filter],
        build: Callable[[AwsCall, Mapping[str, Any], Sequence[Filter]], Seen],
        by: float,
    ) -> Seen:
        kind, why = classify_call(call.service, call.operation, call.parameters, call.query)
        if kind not in (StepKind.DIAGNOSTIC, StepKind.PROBE):
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"Skipped: {why}.", "Run it yourself.")
        asking = replace(call, max_items=call.max_items or MAX_ITEMS) if call.pages else call
        answer = await self._aws.call(asking, by)
        try:
            async with asyncio.timeout_at(by):
                return await asyncio.to_thread(build, call, answer, filters)
        except TimeoutError:
            said = f"{xform_name(call.operation, '-')} answered too much to be read in time."
            raise Inconclusive(UnknownCause.TIMEOUT, said, "Ask for less of it.") from None


def _print_answer(call: AwsCall, answer: Mapping[str, Any], filters: Sequence[Filter]) -> str:
    value, _ = _read_value(call, answer)
    through = run_filters(filters, _format_output(value, call.output))
    if through.trouble is not None:
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, redact(through.trouble))
    return redact(through.text)


def _apply_query(query: str, value: Any) -> Any:
    try:
        with warnings.catch_warnings():  # [?state==`ACTIVE`], as everybody writes it, is deprecated there
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            return jmespath.search(query, value)
    except JMESPathError as error:
        why = " ".join(redact(str(error)).split())[:160].rstrip(".")
        said = f"The command's --query cannot be applied: {why}."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Correct it in the runbook.") from None


def _format_output(value: Any, output: str | None) -> str:
    """The value as the AWS CLI prints it for the filters behind it. Raises Inconclusive for what is not known."""
    if output in (None, "json"):
        return json.dumps(value, indent=4, ensure_ascii=False) + "\n"
    lines = _lines(value) if output == "text" else None
    if lines is not None:
        return "".join("\t".join(map(_word, line)) + "\n" for line in lines)
    said = f"What --output {output} prints of this is not known here, so its filters are not applied."
    raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Use --output json with jq, or run it yourself.")


def _lines(value: Any) -> list[list[Any]] | None:
    """The words of each line that `--output text` prints; None for objects and for lists inside of lists."""
    rows = value if isinstance(value, list) else [value]
    if any(isinstance(row, list) for row in rows):
        lines = [row if isinstance(row, list) else [row] for row in rows]
    else:
        lines = [rows]
    return None if any(isinstance(word, list | dict) for line in lines for word in line) else lines


def _word(value: Any) -> str:
    return "None" if value is None else str(value)


def _only_list(value: Any) -> Any:
    """The list of an answer that has one, beside tokens and other small things."""
    if not isinstance(value, Mapping):
        return value
    lists = [item for item in value.values() if isinstance(item, list) and item]
    large = [item for item in value.values() if isinstance(item, Mapping)]
    return lists[0] if len(lists) == 1 and not large else value


def _plain(value: Any, name: str = "") -> Any:
    """As the AWS CLI has it: instants as texts. Values of environments go, start scripts, and what stands beside a
    telling name (`{"ParameterKey": "DbPassword", "ParameterValue": …}`)."""
    if name == "UserData":
        return SECRET
    if isinstance(value, Mapping):
        hidden = ENVIRONMENT.fullmatch(name) is not None
        return {
            str(key): SECRET
            if hidden and isinstance(item, str)
            else _plain(_redact_by_name(value, str(key)), str(key))
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(item, name) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return f"[{len(value)} bytes]"
    return value


def _redact_by_name(given: Mapping[str, Any], key: str) -> Any:
    """A value, judged by the name that stands beside it: of `OutputValue` what `OutputKey` says, of `Value` what the
    `Name`, `Key` or `OptionName` says."""
    stem = key.removesuffix("Value")
    if stem == key:
        return given[key]
    beside = [name for name in given if str(name).endswith((f"{stem}Key", f"{stem}Name"))]
    return redact_value(given[key], str(given[beside[0]])) if beside else given[key]
