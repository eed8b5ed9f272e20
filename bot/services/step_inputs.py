"""Checks what somebody typed for the gaps of a command before it runs."""

import asyncio
from collections.abc import Mapping

from bot.command_parsers import ParseContext, classify_command
from bot.domain.playbook import ParsedStep, Step, StepKind
from bot.runbook import parse_annotations
from bot.text.redaction import redact


async def find_invalid_input(step: Step, inputs: Mapping[str, str]) -> tuple[str, str] | None:
    """The gap that cannot be filled so, and why in a sentence; None when the step only reads with what was typed.

    The command is read again with it: what was typed is one word in its place, or it is refused.
    """
    for gap, text in inputs.items():
        if redact(text) != text:
            return gap, "This looks like a key or personal data, which is never kept. Nothing was run."
    context = ParseContext(inputs=inputs, allowed=parse_annotations(step).variables)
    parsed = await asyncio.to_thread(classify_command, step.command or "", step.language, context)
    return None if _only_reads(parsed) else _explain_refusal(parsed, inputs)


def _only_reads(parsed: ParsedStep) -> bool:
    """Whether it reads, and no gap is left in it."""
    return parsed.kind is StepKind.DIAGNOSTIC and bool(parsed.actions) and not parsed.gaps


def _explain_refusal(parsed: ParsedStep, inputs: Mapping[str, str]) -> tuple[str, str]:
    gap = next((gap for gap in inputs if gap in parsed.why), next(iter(inputs), ""))
    why = (
        parsed.why[:1].upper() + parsed.why[1:] if parsed.why else "With this the command would not only read"
    )
    return gap, f"{why.rstrip('.')}. Nothing was run."
