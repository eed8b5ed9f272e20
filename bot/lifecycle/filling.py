"""Whether what somebody typed for the gaps of a command may be asked with."""

import asyncio
from collections.abc import Mapping

from bot.commands import Given, recognise
from bot.runbook import told_of
from bot.step import Kind, Step
from diagnostics.redaction import redacted


async def misfit(step: Step, inputs: Mapping[str, str]) -> tuple[str, str] | None:
    """The gap that cannot be filled so, and why in a sentence; None when the step only reads with what was typed.

    The command is read again with it: what was typed is one word in its place, or it is refused.
    """
    for gap, text in inputs.items():
        if redacted(text) != text:
            return gap, "This looks like a key or personal data, which is never kept. Nothing was run."
    told = Given(inputs=inputs, allowed=told_of(step).variables)
    read = await asyncio.to_thread(recognise, step.command or "", step.language, told)
    open_still = [need for need in read.needs if not need.startswith("$")]
    if read.kind is Kind.DIAGNOSTIC and read.actions and not open_still:
        return None
    gap = next((gap for gap in inputs if gap in read.why), next(iter(inputs), ""))
    why = read.why[:1].upper() + read.why[1:] if read.why else "With this the command would not only read"
    return gap, f"{why.rstrip('.')}. Nothing was run."
