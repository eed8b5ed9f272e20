"""The playbook that fits what somebody typed in a hurry."""

from pathlib import Path

import pytest

from bot.runbook import find_best_playbook, parse_runbook

RUNBOOK = parse_runbook((Path(__file__).parents[3] / "templates" / "runbook.md").read_text())


@pytest.mark.parametrize(
    ("words", "playbook"),
    [
        ("API is down", "api-completely-down"),
        ("the API is completely down!!", "api-completely-down"),
        ("too many connections", "database-unavailable"),
        ("database down", "database-unavailable"),
        ("the db is unreachable", "database-unavailable"),
        ("payments failing", "payment-gateway-failing"),
        ("razorpay webhooks", "payment-gateway-failing"),
        ("app crashes on android", "mobile-app-crashes"),
        ("lots of 5xx", "high-error-rate-5"),
        ("error rate is going up", "high-error-rate-5"),
        ("slow", "slow-api-responses"),
        ("latency is high", "slow-api-responses"),
    ],
)
def test_typed_words_find_their_playbook(words: str, playbook: str) -> None:
    best = find_best_playbook(RUNBOOK, words, None)
    assert best is not None
    assert best.id == playbook


@pytest.mark.parametrize(
    "words",
    [
        "",
        "nonsense",
        "login broken",
        "office wifi is not working",
        "🔥",
        "playbook 2",
        "2",
        "5 printers are out of ink",
    ],
)
def test_words_that_fit_nothing_find_nothing(words: str) -> None:
    assert find_best_playbook(RUNBOOK, words, "P0") is None


@pytest.mark.parametrize(
    "words",
    [
        "database credentials leaked",
        "AWS keys leaked in a public repository",
        "customer database exposed by a phishing attack",
        "payment data breach",
        "somebody hacked the API",
        "ransomware on the database host",
        "API token compromised",
        "vulnerability in the mobile app, CVE-2026-1234",
    ],
)
def test_an_attack_or_a_leak_gets_no_playbook_for_an_outage_by_one_common_word(words: str) -> None:
    assert find_best_playbook(RUNBOOK, words, None) is None


def test_an_attack_finds_the_playbook_that_is_for_it() -> None:
    symptoms = "**Symptoms:**\n- A key in a public repository\n\n```bash\naws s3 ls\n```\n"
    own = parse_runbook(f"# R\n\n## P0 INCIDENT: CREDENTIALS LEAKED\n\n{symptoms}")
    best = find_best_playbook(own, "database credentials leaked", None)
    assert best is not None and "LEAKED" in best.title


@pytest.mark.parametrize(
    "words", ["memory leak in the API", "database keys are slow", "API is down after the key rotation"]
)
def test_what_only_sounds_like_an_attack_keeps_its_playbook(words: str) -> None:
    assert find_best_playbook(RUNBOOK, words, None) is not None


def test_among_equals_the_one_of_the_severity_wins() -> None:
    runbook = parse_runbook(
        "# R\n## Severity\n### P0 - A\n- Response Time: 5m\n### P1 - B\n- Response Time: 5m\n"
        "## P0 INCIDENT: Queue stuck\nx\n## P1 INCIDENT: Queue empty\ny\n"
    )
    for severity, wanted in (("P0", "queue-stuck"), ("P1", "queue-empty"), (None, "queue-stuck")):
        best = find_best_playbook(runbook, "queue", severity)
        assert best is not None
        assert best.id == wanted


def test_an_example_of_a_severity_lifts_its_playbooks() -> None:
    text = (
        "# R\n## Severity\n### P0 - A\n- Examples: {}\n### P1 - B\n- Examples: {}\n"
        "## P0 INCIDENT: Queue stuck\nx\n## P1 INCIDENT: Queue empty\ny\n"
    )
    for examples, wanted in (
        (("disk", "queue lost"), "queue-empty"),
        (("queue lost", "disk"), "queue-stuck"),
    ):
        best = find_best_playbook(parse_runbook(text.format(*examples)), "queue lost", None)
        assert best is not None
        assert best.id == wanted
