"""What holds a public text back, what is only marked, and what is left alone."""

from datetime import timedelta

import pytest

from bot.domain.incident import Status
from bot.domain.public_wording import ConcernKind, WordingFacts, find_concerns

EVERY_15 = WordingFacts(
    names=("Bruno Keller", "Ana Lima", "will", "Mark Price", "May Chen", "Zoë Ødegård (SRE)", "support"),
    own_names=("Bruno", "Keller", "May", "Chen"),
    allowed="For urgent issues, contact support@acme.com or https://acme.com/help",
    every=timedelta(minutes=15),
)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("The server prod-db-01 does not answer", ConcernKind.HOST, "prod-db-01"),
        ("10.0.3.17 is unreachable", ConcernKind.HOST, "10.0.3.17"),
        ("api.internal.acme.com:8443 is slow", ConcernKind.HOST, "api.internal.acme.com:8443"),
        ("See https://grafana.acme.com/d/abc", ConcernKind.HOST, "https://grafana.acme.com/d/abc"),
        ("i-0abc1234def567890 was replaced", ConcernKind.HOST, "i-0abc1234def567890"),
        ("Bruno Keller is on it", ConcernKind.PERSON, "Bruno Keller"),
        ("bruno keller is on it", ConcernKind.PERSON, "bruno keller"),
        ("Keller is on it", ConcernKind.PERSON, "Keller"),
        ("We asked Will to look", ConcernKind.PERSON, "Will"),
        ("Will Smith, or rather Mark Price, looks", ConcernKind.PERSON, "Mark Price"),
        ("may chen looks at it", ConcernKind.PERSON, "may chen"),
        ("Our colleague May looks at it", ConcernKind.PERSON, "May"),
        ("It is with Chen's team", ConcernKind.PERSON, "Chen"),
        ("zoe Ødegard is on it", ConcernKind.PERSON, "zoe Ødegard"),
        ("Ask <@U0BRUNO001>", ConcernKind.PERSON, "<@U0BRUNO001>"),
        ("Ask @bruno", ConcernKind.PERSON, "@bruno"),
        ("Write to bruno@acme.com", ConcernKind.MAIL, "bruno@acme.com"),
        ("The key AKIAIOSFODNN7EXAMPLE leaked", ConcernKind.SECRET, "AKI…"),
        ("updates every 30 minutes", ConcernKind.CADENCE, "every 30 minutes"),
        ("updates every hour", ConcernKind.CADENCE, "every hour"),
        ("Tracked as INC-42", ConcernKind.TICKET, "INC-42"),
        ("Tracked as #4711", ConcernKind.TICKET, "#4711"),
        ("AWS has an outage", ConcernKind.VENDOR, "AWS"),
        ("The database is full", ConcernKind.INTERNAL, "database"),
    ],
)
def test_it_is_found_with_its_kind(text: str, kind: ConcernKind, words: str) -> None:
    found = find_concerns(text, EVERY_15)
    assert (kind, words) in [(each.kind, each.words) for each in found]


@pytest.mark.parametrize(
    "text",
    [
        "🔴 We are currently experiencing issues with “API is down”",
        "We will provide updates every 15 minutes.",
        "For urgent issues, contact support@acme.com",
        "Payments by card fail for some users since 03:02 UTC.",
        "We are slack about nothing; the keller is dry.",
        "We will mark orders; they may be late, at no other price.",
        "Will it last? May be. Support is there, our support team too.",
        "Since 3 May 2026, and in May as a whole, on May 12 too.",
        "• Will be fixed\n- May take a while",
    ],
)
def test_ordinary_words_and_the_templates_own_are_left_alone(text: str) -> None:
    assert find_concerns(text, EVERY_15) == ()


def test_secrets_people_and_hosts_hold_back_and_vendors_do_not() -> None:
    held = {
        each.kind: each.holds for each in find_concerns("AWS database of JIRA-7 at db-3, says @bo", EVERY_15)
    }
    assert held == {
        ConcernKind.PERSON: True,
        ConcernKind.HOST: True,
        ConcernKind.TICKET: False,
        ConcernKind.VENDOR: False,
        ConcernKind.INTERNAL: False,
    }


def test_what_is_only_watched_is_no_longer_experienced() -> None:
    text = "We are currently experiencing issues with payments."
    assert find_concerns(text, EVERY_15) == ()
    watched = WordingFacts(every=EVERY_15.every, status=Status.MONITORING)
    (found,) = find_concerns(text, watched)
    assert found.kind is ConcernKind.ONGOING and found.holds


@pytest.mark.parametrize("said", ["Status: Investigating", "*Status:* resolved", "STATUS - MONITORING"])
def test_a_status_that_the_text_names_is_the_one_that_is_published(said: str) -> None:
    (found,) = find_concerns(f"API is down\n{said}", WordingFacts(status=Status.IDENTIFIED))
    assert found.kind is ConcernKind.ONGOING and found.holds
    assert found.why == "does not fit the status, identified"
    assert find_concerns("Status: Identified", WordingFacts(status=Status.IDENTIFIED)) == ()


def test_without_a_rhythm_none_may_be_promised() -> None:
    (found,) = find_concerns("Updates every 15 minutes", WordingFacts())
    assert found.kind is ConcernKind.CADENCE and "no rhythm is" in found.why


def test_a_secret_is_never_shown_whole() -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    assert all(secret not in each.words for each in find_concerns(f"key {secret}", EVERY_15))
