"""`./tocsin bench commands`: what Tocsin and two guards for agents say of the same fifty commands.

The guards are installed from the package index into an environment of their own, `.tmp/guards`, when that is not there.
"""

import json
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.cli.published_commands import CHANGING, READING
from bot.domain.playbook import StepKind
from bot.runbook import classify_step, parse_runbook


@dataclass(frozen=True, slots=True)
class Guard:
    """A package of the index, and the Python that reads commands as JSON and prints a word and whether it lets each
    run, as JSON."""

    name: str
    package: str
    script: str


READ = "import json, sys\ncommands = json.load(sys.stdin)\n"
GUARDS = (
    Guard(
        "cmdwall 0.1.3",
        "cmdwall==0.1.3",
        READ + "from cmdwall.security.safety_level import SafetyLevelClassifier\n"
        "levels = [SafetyLevelClassifier().classify(command) for command in commands]\n"
        "print(json.dumps([(f'level {level}', level == 1) for level in levels]))\n",
    ),
    Guard(
        "claude-safety-guard 0.2.0",
        "claude-safety-guard==0.2.0",
        READ + "from claude_safety_guard.guard import evaluate\n"
        "said = [str(evaluate(command).outcome).rpartition('.')[2].lower() for command in commands]\n"
        "print(json.dumps([(word, word == 'allow') for word in said]))\n",
    ),
)
"""Asked by their own functions, with their own defaults."""

OWN = "Tocsin"
RUNS = "runs"
INSTALL_WITHIN_S = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """A tool's own word for a command, and whether it would let it run without a question."""

    word: str
    lets_run: bool


Answers = Mapping[str, Sequence[Answer]]
"""By the tool's name, an answer for each command."""


def classify_command(command: str) -> StepKind:
    """What Tocsin takes a command for that stands in a playbook of a runbook."""
    text = f"# R\n\n## P0 INCIDENT: X\n\n### Actions\n\n```bash\n{command}\n```\n"
    (step,) = [step for playbook in parse_runbook(text).playbooks for step in playbook.steps()]
    return classify_step(step).kind


def report_comparison(home: Path, say: Callable[[str], object]) -> int:
    """Ask every tool, and say what each says of each command. Exit code 1 where Tocsin runs what changes something."""
    commands = [*CHANGING, *READING]
    answers: dict[str, Sequence[Answer]] = {OWN: [_ask_tocsin(command) for command in commands]}
    try:
        python = _install_guards(home, say)
        answers |= {guard.name: _ask_guard(python, guard, commands) for guard in GUARDS}
    except (OSError, subprocess.SubprocessError) as error:
        say(f"The other tools cannot be asked: {getattr(error, 'stderr', '') or error}")
    for line in format_comparison(answers):
        say(line)
    return int(any(answer.lets_run for answer in answers[OWN][: len(CHANGING)]))


def format_comparison(answers: Answers) -> list[str]:
    """A Markdown table of what each says of each command, and one of the counts."""
    kinds = [("changes", command) for command in CHANGING] + [("reads", command) for command in READING]
    table = [
        f"| `{command}` | {kind} | {' | '.join(said[at].word for said in answers.values())} |"
        for at, (kind, command) in enumerate(kinds)
    ]
    changing, reading = (f"of {len(each)} that" for each in (CHANGING, READING))
    return [
        f"| command | it | {' | '.join(answers)} |",
        "| --- | --- |" + " --- |" * len(answers),
        *table,
        "",
        f"| tool | {changing} change something, taken as safe | {reading} only read, taken as safe |",
        "| --- | --- | --- |",
        *(
            f"| {name} | {_count_safe(said[: len(CHANGING)])} | {_count_safe(said[len(CHANGING) :])} |"
            for name, said in answers.items()
        ),
    ]


def _count_safe(answers: Sequence[Answer]) -> int:
    return sum(answer.lets_run for answer in answers)


def _ask_tocsin(command: str) -> Answer:
    kind = classify_command(command)
    lets_run = kind is StepKind.DIAGNOSTIC
    return Answer(RUNS if lets_run else "card" if kind is StepKind.REMEDIATION else "by hand", lets_run)


def _install_guards(home: Path, say: Callable[[str], object]) -> Path:
    """The Python of an environment that has the guards. Raises OSError, subprocess.SubprocessError."""
    python, wanted = home / "bin" / "python", "\n".join(guard.package for guard in GUARDS)
    noted = home / "installed"
    if not noted.exists() or noted.read_text() != wanted:
        say(f"Installing {' and '.join(guard.package for guard in GUARDS)} into {home} ...")
        venv.create(home, clear=True, with_pip=True)
        command = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--only-binary=:all:",
            *wanted.splitlines(),
        ]
        subprocess.run(command, check=True, timeout=INSTALL_WITHIN_S, stdout=sys.stderr)
        noted.write_text(wanted)
    return python


def _ask_guard(python: Path, guard: Guard, commands: Sequence[str]) -> list[Answer]:
    done = subprocess.run(
        [python, "-I", "-c", guard.script],
        env={},  # a stranger's package has no business with this machine's keys
        input=json.dumps(commands),
        check=True,
        capture_output=True,
        text=True,
        timeout=INSTALL_WITHIN_S,
    )
    return [Answer(word, lets_run) for word, lets_run in json.loads(done.stdout.splitlines()[-1])]
