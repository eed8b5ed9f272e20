"""`git log` and GitHub's `gh`: commits, runs, releases."""

import re
from collections.abc import Sequence

from bot.command_parsers.filters import parse_jq
from bot.command_parsers.parse_context import ParseContext, ShellCommand, ShellWord
from bot.command_parsers.parsed_command import ParsedCommand
from bot.command_parsers.shell.options import OptionSpec, ParsedOptions, parse_options, parse_spellings
from bot.domain.playbook import GitCall, StepKind
from bot.errors import UnsupportedCommand

AROUND = OptionSpec("git", parse_spellings("--no-pager, -P --no-pager"), parse_spellings("-C --folder"))
LOG = OptionSpec(
    "git log",
    parse_spellings(
        "--oneline, --all, --graph, --stat, --shortstat, --name-only, --name-status, --decorate, --no-decorate,"
        " --no-merges, --merges, --first-parent, --reverse, --abbrev-commit, --no-color, --color, --no-pager,"
        " -i --regexp-ignore-case, --follow, -p --patch"
    ),
    parse_spellings(
        "--since, --after, --until, --before, -n --max-count, --author, --committer, --grep, --format, --pretty,"
        " --date, -S --pickaxe, -G --pickaxe-regex, --skip"
    ),
)
CHANGES = frozenset(
    {"revert", "push", "reset", "merge", "rebase", "commit", "tag", "cherry-pick", "clean", "rm"}
)
GITHUB = OptionSpec(
    "gh",
    parse_spellings("--log, --log-failed, --exclude-drafts, --exclude-pre-releases, --all, -v --verbose"),
    parse_spellings(
        "-L --limit, -b --branch, -w --workflow, -R --repo, -s --status, --json, -q --jq, -t --template, -u --user,"
        " -e --event, --created, -c --commit, --state, -l --label, -A --author, -S --search, -B --base, -H --head,"
        " -O --order, -j --job"
    ),
)
LISTS = {
    ("run", "list"): "runs",
    ("run", "view"): "run",
    ("release", "list"): "releases",
    ("release", "view"): "release",
    ("pr", "list"): "pulls",
    ("pr", "view"): "pull",
    ("workflow", "list"): "workflows",
    ("issue", "list"): "issues",
}
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+|<[^<>/]+>/?<?[^<>/]*>?|\$\w+")
CHANGING = re.compile(
    r"run|rerun|cancel|create|delete|edit|merge|close|reopen|enable|disable|ready|upload|comment"
)


def parse_git(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """`git log`; what changes something is a remediation without a call."""
    around = parse_options(command.words[1:], AROUND, until_word=True)
    folder = around.last("folder") or folder
    if not around.rest:
        raise UnsupportedCommand("git is given nothing to do")
    verb = around.rest[0]
    if verb in CHANGES:
        return ParsedCommand(StepKind.REMEDIATION, f"git {verb} changes something")
    if verb != "log":
        raise UnsupportedCommand(f"git {verb[:30]} looks at somebody's own clone")
    return _log(*_before_dashes(command.words[len(command.words) - len(around.rest) + 1 :]), folder)


def _log(words: Sequence[ShellWord], paths: tuple[str, ...], folder: str | None) -> ParsedCommand:
    """`git log` with these words; a number alone is how many commits are meant."""
    if any("%G" in word.text for word in words):
        raise UnsupportedCommand("git log would run another program to check signatures")
    counted = [word for word in words if re.fullmatch(r"-\d{1,6}", word.text)]
    read = parse_options([word for word in words if word not in counted], LOG)
    options = _options(read)
    if counted:
        options["max-count"] = counted[-1].text[1:]
    call = GitCall("commits", options, tuple(read.rest), paths, folder)
    return ParsedCommand(StepKind.DIAGNOSTIC, "git log only reads", "git.commits", call)


def parse_github(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """`gh run list`, `gh release list` and their like."""
    words = [word.text for word in command.words[1:3]]
    if len(words) < 2:
        raise UnsupportedCommand("gh is given nothing to do")
    what = LISTS.get((words[0], words[1]))
    if what is None:
        if CHANGING.fullmatch(words[1]):
            return ParsedCommand(StepKind.REMEDIATION, f"gh {words[0]} {words[1]} changes something")
        raise UnsupportedCommand(f"gh {words[0][:20]} {words[1][:20]} is not evaluated")
    read = parse_options(command.words[3:], GITHUB)
    repository = read.last("repo")
    if repository is not None and not REPOSITORY.fullmatch(repository):
        raise UnsupportedCommand("gh -R is understood as OWNER/NAME")
    if "jq" in read.values:
        parse_jq(read.last("jq") or ".")
    call = GitCall(what, _options(read), tuple(read.rest))
    return ParsedCommand(StepKind.DIAGNOSTIC, f"gh {words[0]} {words[1]} only reads", f"github.{what}", call)


def _before_dashes(words: Sequence[ShellWord]) -> tuple[list[ShellWord], tuple[str, ...]]:
    """The words before `--`, and the paths behind it."""
    texts = [word.text for word in words]
    at = texts.index("--") if "--" in texts else len(texts)
    return list(words[:at]), tuple(texts[at + 1 :])


def _options(read: ParsedOptions) -> dict[str, str | bool]:
    return {
        **dict.fromkeys(sorted(read.flags), True),
        **{name: values[-1] for name, values in read.values.items()},
    }
