"""What a runbook learns: a hunk for each recorded thing, as a diff that git applies, and nothing made worse."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.diagnostic_run import StepResult
from bot.domain.incident import Situation, TimelineEntry
from bot.domain.runbook_draft import StepRecord
from bot.domain.runbook_hunk import RunbookHunk, apply_hunks, format_diff
from bot.domain.timeline_details import ResolvedDetail, TimelineDetail, parse_detail
from bot.runbook import parse_runbook
from bot.runbook.dead_links import list_links
from bot.runbook.improvements import Improvements, RecordedIncident, propose_improvements
from bot.runbook.typed_commands import extract_commands, generalise, has_secret, list_words
from sandbox.repositories import BareRepository
from tests.templates import worlds

RUNBOOK = (Path(__file__).parents[3] / "templates" / "runbook.md").read_text()
PATH = "docs/runbook.md"


def recorded(**more: object) -> RecordedIncident:
    """An incident of the first playbook that took 47 minutes, by what was recorded."""
    seen = worlds.view().situation
    playbook = parse_runbook(RUNBOOK).playbooks[0]
    begun = seen.incident.declared_at
    entries = (
        TimelineEntry(begun, "U0ANA", parse_detail("declared", {})),
        TimelineEntry(begun + timedelta(minutes=47), "U0ANA", ResolvedDetail(done="x", cause="")),
    )
    incident = replace(seen.incident, number=42, playbook=playbook.id, title="API is down")
    situation = replace(seen, incident=incident, entries=entries, pages=(), evidence=())
    return RecordedIncident(**{"situation": situation, **more})  # type: ignore[arg-type]


def unread(title: str, line: int, cause: str, headline: str) -> StepResult:
    step = StepResult(0, "p", line, "", title, "diagnostic", "ecs.describe_services")
    return replace(step, verdict="unknown", cause=cause, headline=headline)


def applied(found: Improvements) -> str:
    """The runbook with all of them; git applies the diff too."""
    return apply_hunks(RUNBOOK, found.hunks)


def test_everything_recorded_becomes_one_diff_that_git_applies(tmp_path: Path) -> None:
    runbook = parse_runbook(RUNBOOK)
    step = next(iter(runbook.playbooks[0].steps()))
    contact = runbook.contacts[0]
    case = recorded(
        typed=("aws ecs describe-tasks --cluster prod-7 --tasks 9f8e",),
        records=(StepRecord(step.title, 0, 7),),
    )
    page = replace(worlds.view().situation.pages[0], contact=contact.name, failed="no such user")
    results = (unread(step.title, 1, "not_found", "the cluster prod-7 is not there"),)
    situation = replace(case.situation, evidence=results, pages=(page,))
    found = propose_improvements(RUNBOOK, replace(case, situation=situation))
    reasons = "\n".join(hunk.reason for hunk in found.hunks)
    for words in (
        "names what is not there in INC-42: the cluster prod-7 is not there",
        f"{contact.name} could not be reached in INC-42: no such user",
        "crossed in none of 7 incidents",
        "INC-42 took 47 min",
        "in no step yet: aws ecs describe-tasks --cluster <cluster> --tasks <tasks>",
    ):
        assert words in reasons, words
    git = BareRepository(tmp_path, {PATH: RUNBOOK})
    git.check_patch(format_diff(PATH, RUNBOOK, applied(found)))
    before, after = (len(parse_runbook(text).problems) for text in (RUNBOOK, applied(found)))
    assert after <= before and found.worse == 0


def test_a_typed_command_never_runs_by_itself_and_has_its_kind() -> None:
    found = propose_improvements(
        RUNBOOK, recorded(typed=("aws ecs update-service --service api-9 --desired-count 9",))
    )
    (hunk,) = (hunk for hunk in found.hunks if hunk.kind)
    assert hunk.kind == "remediation"
    assert hunk.added[1:4] == ("<!-- tocsin: never by itself -->", "```bash", "# From INC-42 (remediation)")
    steps = [step for step in parse_runbook(applied(found)).playbooks[0].steps() if step.command]
    assert "<service>" in str(steps[-1].command) and [part.text for part in steps[-1].said] == [
        "never by itself"
    ]


def test_a_known_command_adds_nothing_and_a_secret_is_left_out_and_counted() -> None:
    known = next(step.command for step in parse_runbook(RUNBOOK).playbooks[0].steps() if step.command)
    typed = (known, "[secret]", "curl -H 'Authorization: Bearer abcdefghijklmnop1234' https://x.example/")
    found = propose_improvements(RUNBOOK, recorded(typed=typed))
    assert not [hunk for hunk in found.hunks if hunk.kind] and found.secrets == 2


def test_a_playbook_that_was_missing_is_written_down() -> None:
    case = recorded(typed=("kubectl get pods -n mail-7",))
    incident = replace(case.situation.incident, playbook=None, title="Mail is late", severity="P1")
    found = propose_improvements(RUNBOOK, replace(case, situation=replace(case.situation, incident=incident)))
    playbook = parse_runbook(applied(found)).playbooks[-1]
    assert "MAIL IS LATE" in playbook.title.upper() and playbook.severity == "P1"
    assert [step.command for step in playbook.steps() if step.command][-1].endswith("kubectl get pods -n <n>")


@pytest.mark.parametrize("cause", ["timeout", "throttled", "busy", "bug", "stopped"])
def test_what_says_nothing_about_the_runbook_is_no_learning(cause: str) -> None:
    title = next(iter(parse_runbook(RUNBOOK).playbooks[0].steps())).title
    case = recorded()
    situation: Situation = replace(case.situation, evidence=(unread(title, 1, cause, "It took too long"),))
    found = propose_improvements(RUNBOOK, replace(case, situation=situation))
    assert [hunk.reason for hunk in found.hunks] == [
        "Measured: INC-42 took 47 min from the declaration to the resolution."
    ]


def test_a_check_without_data_told_nothing() -> None:
    title = next(iter(parse_runbook(RUNBOOK).playbooks[0].steps())).title
    case = recorded()
    situation = replace(case.situation, evidence=(unread(title, 1, "no_data", "no point in 10 minutes"),))
    found = propose_improvements(RUNBOOK, replace(case, situation=situation))
    assert f"“{title}” told nothing in INC-42: no point in 10 minutes" in [
        hunk.reason for hunk in found.hunks
    ]


def test_only_lines_in_code_format_of_a_known_program_are_commands() -> None:
    said = "try aws s3 ls\n`redis-cli INFO memory` and `not a command` ```\n$ kubectl get pods -A\nhello\n```"
    assert extract_commands(said) == ["kubectl get pods -A", "redis-cli INFO memory"]
    assert extract_commands("`aws` `curl` `rm -rf /`") == []


def test_arguments_that_the_runbook_does_not_have_become_placeholders() -> None:
    words = list_words("aws ecs describe-services --cluster main")
    typed = "aws ecs describe-services --cluster main --services bruno-api --output=json | grep Bruno"
    assert generalise(typed, words) == (
        "aws ecs describe-services --cluster main --services <services> --output=<output> | grep <value>"
    )
    assert has_secret("psql postgres://u:hunter2hunter2@h/db") and not has_secret("kubectl get pods")


def test_ends_of_lines_and_of_the_file_stay_as_they_are(tmp_path: Path) -> None:
    text = "# A\r\n\r\nlast line"
    improved = apply_hunks(text, [RunbookHunk("r", 3, ("", "> note")), RunbookHunk("r", 1, ("> first",))])
    assert improved == "# A\r\n> first\r\n\r\nlast line\r\n\r\n> note\r\n"
    git = BareRepository(tmp_path, {PATH: text})
    git.check_patch(format_diff(PATH, text, improved))
    with pytest.raises(ValueError, match="line 1 is not what it was"):
        apply_hunks("# B\n", [RunbookHunk("r", 0, ("# C",), ("# A",))])


def test_a_dead_link_has_a_note_behind_it_and_only_plain_links_are_asked() -> None:
    dead = {"https://grafana.rodistaa.com": "404, not found"}
    found = propose_improvements(RUNBOOK, recorded(dead=dead))
    (hunk,) = [each for each in found.hunks if "is dead" in each.reason]
    assert hunk.reason == "The link of “Grafana” is dead: 404, not found"
    changed = apply_hunks(RUNBOOK, [hunk])
    assert "- **Grafana**: https://grafana.rodistaa.com _(dead link: 404, not found)_\n" in changed
    links = "# R\n## Key URLs\n- **A**: https://a.example/x\n- **B**: https://me:pw@b.example\n- **C**: ftp://c.example\n"
    assert list_links(links + "- **D**: [here](./d.md)\n") == ["https://a.example/x"]


def noted(case: RecordedIncident, *results: StepResult, text: str = RUNBOOK) -> str:
    """The runbook with everything that was learned where the checks ended so."""
    situation = replace(case.situation, evidence=results)
    return apply_hunks(text, propose_improvements(text, replace(case, situation=situation)).hunks)


def test_a_duration_is_written_as_it_was_measured_and_from_when_it_began() -> None:
    case = recorded()
    seen, begun = case.situation, case.situation.incident.declared_at
    short = replace(seen.entries[1], at=begun + timedelta(seconds=2))
    situation = replace(seen, entries=(seen.entries[0], short))
    (hunk,) = propose_improvements(RUNBOOK, replace(case, situation=situation)).hunks
    assert hunk.reason == "Measured: INC-42 took 2 s from the declaration to the resolution."
    earlier = parse_detail(
        "times_corrected", {"began": str((begun - timedelta(minutes=13)).timestamp()), "reason": "x"}
    )
    situation = replace(seen, entries=(*seen.entries, TimelineEntry(short.at, "U0ANA", earlier)))
    (hunk,) = propose_improvements(RUNBOOK, replace(case, situation=situation)).hunks
    assert hunk.reason == "Measured: INC-42 took 1 h from when it began to the resolution."


def test_of_two_steps_with_one_title_the_one_of_its_playbook_is_noted() -> None:
    text = "\n".join(
        f"## P{n} INCIDENT: {name}\n### Actions\n```bash\n# Check the logs\naws logs tail /{name}\n```\n"
        for n, name in ((0, "MAIL IS LATE"), (1, "SHOP IS DOWN"))
    )
    first = parse_runbook(text).playbooks[0]
    case = recorded()
    incident = replace(case.situation.incident, playbook=first.id)
    result = replace(unread("Check the logs", 5, "not_found", "no such group"), playbook=first.id)
    case = replace(case, situation=replace(case.situation, incident=incident, entries=()))
    after = noted(case, result, text=text)
    assert after.index("no such group") < after.index("SHOP IS DOWN")
    other = replace(result, playbook="gone")
    assert noted(case, other, text=text) == text, "which of the two it was cannot be told"


def test_who_was_reached_in_one_way_was_reached_and_who_in_none_was_not() -> None:
    contact = parse_runbook(RUNBOOK).contacts[0]
    case, page = recorded(), worlds.view().situation.pages[0]
    failure = parse_detail("page_failed", {"contact": contact.name, "why": "PagerDuty knows no such user"})
    accepted = parse_detail("page_accepted", {"contact": contact.name, "how": "pagerduty"})

    def reasons(*details: TimelineDetail, failed: str = "") -> str:
        pages = (replace(page, contact=contact.name, failed=failed),) if failed else ()
        entries = tuple(TimelineEntry(case.situation.incident.declared_at, "", each) for each in details)
        situation = replace(case.situation, pages=pages, entries=entries)
        found = propose_improvements(RUNBOOK, replace(case, situation=situation))
        return "\n".join(hunk.reason for hunk in found.hunks)

    assert f"{contact.name} could not be reached in INC-42: PagerDuty knows no such user" in reasons(failure)
    assert "reached" not in reasons(failure, accepted)
    assert "reached" not in reasons(accepted, failed="no such user")


def test_people_become_roles_and_words_stay_words() -> None:
    seen = worlds.view().situation
    title = next(iter(parse_runbook(RUNBOOK).playbooks[0].steps())).title
    said = "<!-- tocsin: never by itself --> [x](http://evil.example) a < b"
    words = f"<@{seen.incident.commander}> and Devika Rao lock `orders` {said}"
    case = recorded(names={"U0DEVIKA": "Devika Rao"})
    page = replace(seen.pages[0], person="U0DEVIKA", contact="Devika (On-Call Engineer)")
    case = replace(case, situation=replace(case.situation, pages=(page,)))
    after = noted(case, unread(title, 1, "no_data", words))
    assert "the commander and On-Call Engineer lock \\`orders\\`" in after and "Devika" not in after
    assert "<!-- tocsin: never by itself -->" not in after
    assert "\\[x\\](http://evil.example) a ‹ b" in after


def test_a_note_with_a_secret_is_left_out_and_counted() -> None:
    title = next(iter(parse_runbook(RUNBOOK).playbooks[0].steps())).title
    case = recorded()
    result = unread(title, 1, "not_found", "no key AKIAIOSFODNN7EXAMPLE of dana@acme.example")
    situation = replace(case.situation, evidence=(result,))
    found = propose_improvements(RUNBOOK, replace(case, situation=situation))
    assert found.secrets == 1 and "dana" not in str(found.hunks) and "AKIA" not in str(found.hunks)


def test_what_stands_there_is_not_proposed_again_and_a_count_replaces_the_one_before() -> None:
    title = next(iter(parse_runbook(RUNBOOK).playbooks[0].steps())).title
    case = recorded(records=(StepRecord(title, 0, 7),), typed=("aws ecs describe-tasks --tasks 9f8e",))
    once = noted(case, unread(title, 1, "not_found", "no such cluster"))
    assert once.count("crossed in none of 7") == 1
    assert noted(case, unread(title, 1, "not_found", "no such cluster"), text=once) == once
    later = noted(replace(case, records=(StepRecord(title, 0, 8),)), text=once)
    assert "crossed in none of 8" in later and "crossed in none of 7" not in later


def test_a_playbook_that_was_missing_needs_no_typed_command() -> None:
    case = recorded()
    incident = replace(case.situation.incident, playbook=None, title="Mail <!-- tocsin: x --> is late")
    found = propose_improvements(RUNBOOK, replace(case, situation=replace(case.situation, incident=incident)))
    assert parse_runbook(applied(found)).playbooks[-1].symptoms and "MAIL" in applied(found)
