"""`git log` and GitHub's `gh`: commits, runs, releases."""

import re
from collections.abc import Sequence

from bot.commands.filters import read_jq
from bot.commands.given import Command, Given, Word
from bot.commands.options import Read, Spelling, read_options, spelled
from bot.commands.part import Part
from bot.errors import Unclear
from bot.step import GitCall, Kind

AROUND = Spelling("git", spelled("--no-pager, -P --no-pager"), spelled("-C --folder"))
LOG = Spelling(
    "git log",
    spelled(
        "--oneline, --all, --graph, --stat, --shortstat, --name-only, --name-status, --decorate, --no-decorate,"
        " --no-merges, --merges, --first-parent, --reverse, --abbrev-commit, --no-color, --color, --no-pager,"
        " -i --regexp-ignore-case, --follow, -p --patch"
    ),
    spelled(
        "--since, --after, --until, --before, -n --max-count, --author, --committer, --grep, --format, --pretty,"
        " --date, -S --pickaxe, -G --pickaxe-regex, --skip"
    ),
)
CHANGES = frozenset(
    {"revert", "push", "reset", "merge", "rebase", "commit", "tag", "cherry-pick", "clean", "rm"}
)
GITHUB = Spelling(
    "gh",
    spelled("--log, --log-failed, --exclude-drafts, --exclude-pre-releases, --all, -v --verbose"),
    spelled(
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


def read_git(command: Command, given: Given, folder: str | None) -> Part:
    """`git log`; what changes something is a remediation without a call."""
    around = read_options(command.words[1:], AROUND, until_word=True)
    folder = around.last("folder") or folder
    if not around.rest:
        raise Unclear("git is given nothing to do")
    verb = around.rest[0]
    if verb in CHANGES:
        return Part(Kind.REMEDIATION, f"git {verb} changes something")
    if verb != "log":
        raise Unclear(f"git {verb[:30]} looks at somebody's own clone")
    words, paths = _before_dashes(command.words[len(command.words) - len(around.rest) + 1 :])
    if any("%G" in word.text for word in words):
        raise Unclear("git log would run another program to check signatures")
    counted = [word for word in words if re.fullmatch(r"-\d{1,6}", word.text)]
    read = read_options([word for word in words if word not in counted], LOG)
    options = _options(read)
    if counted:
        options["max-count"] = counted[-1].text[1:]
    call = GitCall("commits", options, tuple(read.rest), paths, folder)
    return Part(Kind.DIAGNOSTIC, "git log only reads", "git.commits", call)


def read_github(command: Command, given: Given, folder: str | None) -> Part:
    """`gh run list`, `gh release list` and their like."""
    words = [word.text for word in command.words[1:3]]
    if len(words) < 2:
        raise Unclear("gh is given nothing to do")
    what = LISTS.get((words[0], words[1]))
    if what is None:
        if CHANGING.fullmatch(words[1]):
            return Part(Kind.REMEDIATION, f"gh {words[0]} {words[1]} changes something")
        raise Unclear(f"gh {words[0][:20]} {words[1][:20]} is not evaluated")
    read = read_options(command.words[3:], GITHUB)
    repository = read.last("repo")
    if repository is not None and not REPOSITORY.fullmatch(repository):
        raise Unclear("gh -R is understood as OWNER/NAME")
    if "jq" in read.values:
        read_jq(read.last("jq") or ".")
    call = GitCall(what, _options(read), tuple(read.rest))
    return Part(Kind.DIAGNOSTIC, f"gh {words[0]} {words[1]} only reads", f"github.{what}", call)


def _before_dashes(words: Sequence[Word]) -> tuple[list[Word], tuple[str, ...]]:
    """The words before `--`, and the paths behind it."""
    texts = [word.text for word in words]
    at = texts.index("--") if "--" in texts else len(texts)
    return list(words[:at]), tuple(texts[at + 1 :])


def _options(read: Read) -> dict[str, str | bool]:
    return {
        **dict.fromkeys(sorted(read.flags), True),
        **{name: values[-1] for name, values in read.values.items()},
    }
