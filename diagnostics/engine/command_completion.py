"""Completes a command with the answers of those inside of it, `$(aws ...)`, and reads it again before it is asked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.command_parsers import MAX_INNER_COMMANDS, read_argument
from bot.domain.check_request import CheckRequest, UnfinishedCommand
from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import InnerCommand, ParsedStep, StepKind
from bot.runbook import classify_step
from bot.text.redaction import redact
from diagnostics.engine.planner import ValueOf, match_action, parse_now
from diagnostics.engine.router import LazyDiagnostics

MAX_SHOWN = 120
"""Letters of an answer that are shown where it is no argument."""

BY_HAND = "Run it yourself."


@dataclass(frozen=True, slots=True)
class CommandCompleter:
    """Asks the inner commands one after the other, those inside of others first."""

    systems: LazyDiagnostics
    value_of: ValueOf

    async def complete(self, question: CheckRequest, by: float) -> CheckRequest:
        """The question with the action that its command means once everything is filled in.

        Raises Inconclusive where an answer is no single argument, or where the command would no longer only read.
        """
        unfinished = question.unfinished
        assert unfinished is not None
        answers: dict[str, str] = {}
        for _ in range(MAX_INNER_COMMANDS + 1):
            meaning = await asyncio.to_thread(self._read, question, unfinished, answers)
            waiting = [inner for inner in meaning.inner_commands if inner.need not in answers]
            if not waiting:
                return self._build(question, unfinished, meaning, answers)
            answers[waiting[0].need] = await self._ask(waiting[0], by)
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "Its inner commands never end.", BY_HAND)

    def _read(
        self, question: CheckRequest, unfinished: UnfinishedCommand, answers: Mapping[str, str]
    ) -> ParsedStep:
        needs = classify_step(unfinished.step).needs
        inputs = {**unfinished.inputs, **answers}
        return parse_now(unfinished.step, needs, self.value_of, question.now, inputs)

    async def _ask(self, inner: InnerCommand, by: float) -> str:
        try:
            answer = await self.systems.made.read_text(inner.action, by)
        except Inconclusive as why:
            raise Inconclusive(why.cause, f"$({inner.text}): {why.said}", why.next_look) from why
        argument = read_argument(answer)
        if argument is None:
            came = " ".join(redact(answer).split())
            shown = f"gave “{came[:MAX_SHOWN]}”" if came else "gave nothing"
            said = f"$({inner.text}) {shown}, which is not exactly one plain argument."
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, BY_HAND)
        return argument

    def _build(
        self,
        question: CheckRequest,
        unfinished: UnfinishedCommand,
        meaning: ParsedStep,
        answers: Mapping[str, str],
    ) -> CheckRequest:
        before = classify_step(unfinished.step)
        texts = {inner.need: inner.text for inner in before.inner_commands}
        came = [f"$({texts.get(need, need)}) is {answer}" for need, answer in answers.items()]
        action = match_action(question.action, before, meaning, has_inputs=True)
        if action is None or meaning.kind is not StepKind.DIAGNOSTIC:
            said = f"With what came it is no diagnostic any more: {meaning.why}. {'; '.join(came)}."
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, BY_HAND)
        command = "\n# ".join((question.command, *came))
        return replace(question, action=action, command=command, unfinished=None)
