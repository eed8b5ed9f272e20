"""Any other operation of AWS that only reads: what it answers is shown as a table or a text, and judged by nobody."""

import asyncio
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import jmespath
from botocore import xform_name
from jmespath.exceptions import JMESPathError

from bot.commands import filtered
from bot.commands.aws.kinds import kind_of
from bot.step import AwsCall, Filter, Kind
from diagnostics.aws import Aws, typed
from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict
from diagnostics.question import Question
from diagnostics.redaction import SECRET, redacted, redacted_value
from diagnostics.shapes import as_table, as_text, count

MOST_ITEMS = 1_000
"""Items of an operation that comes in pages, where the command names no number: more than anybody reads at 3 am."""

ENVIRONMENT = re.compile(r"env|environment|(?:environment)?_?variables", re.IGNORECASE)
"""Names of objects whose values are all taken out: an environment is where secrets live."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What came back, redacted: `amount` of it in words, as a table where it is one, else as a text.

    `truncated` when there is more than was read; `trouble` says why the command's filters gave up.
    """

    operation: str
    amount: str
    table: Table | None = None
    text: str = ""
    truncated: bool = False
    trouble: str = ""


def snapshot(call: AwsCall, answer: Mapping[str, Any], filters: Sequence[Filter] = ()) -> Snapshot:
    """An answer as the command shows it: its query, then its filters. Redacted before either sees it. Raises CannotTell
    when the query or the filters cannot be applied."""
    operation = xform_name(call.operation, "-")
    told = {name: each for name, each in answer.items() if name not in ("ResponseMetadata", "Truncated")}
    truncated = bool(answer.get("Truncated"))
    value = redacted_value(_plain(told))
    if call.query is not None:
        value = _selected(call.query, value)
    if filters:
        return _filtered(operation, _printed(value, call.output), filters, truncated)
    shown = _only_list(value)
    amount, table = count(shown), as_table(shown)
    text = "" if table or amount == "nothing" else as_text(shown)
    return Snapshot(operation, amount, table, text, truncated)


def _filtered(operation: str, text: str, filters: Sequence[Filter], truncated: bool) -> Snapshot:
    through = filtered(filters, text)
    if through.trouble is not None:
        return Snapshot(
            operation, "", text=as_text(text), truncated=truncated, trouble=redacted(through.trouble)
        )
    lines = redacted(through.text).splitlines()
    amount = f"{len(lines)} line{'s' * (len(lines) != 1)}" if lines else "nothing"
    return Snapshot(operation, amount, text=as_text("\n".join(lines)), truncated=truncated)


def interpret(seen: Snapshot, question: Question) -> Finding:
    """Always unknown: no rule says whether this is well."""
    more = ", and there is more" if seen.truncated else ""
    cause, then = Cause.NO_RULE, ""
    if seen.trouble:
        cause, said = Cause.NOT_UNDERSTOOD, f"{seen.operation} answered, but {seen.trouble}"
    elif seen.amount == "nothing":
        call = question.action.call
        by = (
            " that its query or filters let through"
            if isinstance(call, AwsCall) and _narrows(question)
            else ""
        )
        cause, said = Cause.NO_DATA, f"{seen.operation} gave nothing{by}{more}."
        then = "Look at the names, the filters and the region."
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


def _narrows(question: Question) -> bool:
    call = question.action.call
    return bool(question.action.filters) or (isinstance(call, AwsCall) and call.query is not None)


class Generic:
    """Made of the bot's AWS clients."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    async def look(self, question: Question, by: float) -> Finding:
        """What the operation answers, as the command shows it."""
        call = question.action.call
        assert isinstance(call, AwsCall)
        kind, why = kind_of(call.service, call.operation, call.parameters)
        if kind not in (Kind.DIAGNOSTIC, Kind.PROBE):
            raise CannotTell(Cause.NOT_UNDERSTOOD, f"It is not asked: {why}.", "Run it yourself.")
        asking = replace(call, max_items=call.max_items or MOST_ITEMS) if call.pages else call
        answer = await self._aws.call(asking, by)
        try:
            async with asyncio.timeout_at(by):
                seen = await asyncio.to_thread(snapshot, call, answer, question.action.filters)
        except TimeoutError:
            said = f"{xform_name(call.operation, '-')} answered too much to be read in time."
            raise CannotTell(Cause.TIMEOUT, said, "Ask for less of it.") from None
        return replace(interpret(seen, question), command=question.command or typed(call))


def _selected(query: str, value: Any) -> Any:
    try:
        with warnings.catch_warnings():  # [?state==`ACTIVE`], as everybody writes it, is deprecated there
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            return jmespath.search(query, value)
    except JMESPathError as error:
        why = " ".join(redacted(str(error)).split())[:160].rstrip(".")
        said = f"The command's --query cannot be applied: {why}."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Correct it in the runbook.") from None


def _printed(value: Any, output: str | None) -> str:
    """The value as the AWS CLI prints it for the filters behind it. Raises CannotTell for what is not known."""
    if output in (None, "json"):
        return json.dumps(value, indent=4, ensure_ascii=False) + "\n"
    if output == "text":
        rows = value if isinstance(value, list) else [value]
        if any(isinstance(each, list) for each in rows):
            lines = [each if isinstance(each, list) else [each] for each in rows]
        else:
            lines = [rows]
        if not any(isinstance(each, list | dict) for line in lines for each in line):
            return "".join("\t".join(map(_word, line)) + "\n" for line in lines)
    said = f"What --output {output} prints of this is not known here, so its filters are not applied."
    raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Use --output json with jq, or run it yourself.")


def _word(value: Any) -> str:
    return "None" if value is None else str(value)


def _only_list(value: Any) -> Any:
    """The list of an answer that has one, beside tokens and other small things."""
    if not isinstance(value, Mapping):
        return value
    lists = [each for each in value.values() if isinstance(each, list) and each]
    large = [each for each in value.values() if isinstance(each, Mapping)]
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
            if hidden and isinstance(each, str)
            else _plain(_known(value, str(key)), str(key))
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(each, name) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return f"[{len(value)} bytes]"
    return value


def _known(given: Mapping[str, Any], key: str) -> Any:
    """A value, judged by the name that stands beside it: of `OutputValue` what `OutputKey` says, of `Value` what the
    `Name`, `Key` or `OptionName` says."""
    stem = key.removesuffix("Value")
    if stem == key:
        return given[key]
    beside = [name for name in given if str(name).endswith((f"{stem}Key", f"{stem}Name"))]
    return redacted_value(given[key], str(given[beside[0]])) if beside else given[key]
