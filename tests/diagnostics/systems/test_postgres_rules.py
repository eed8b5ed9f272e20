"""What is said of a database's sessions and statements, row by row."""

from typing import Any

import pytest

from bot.domain.diagnosis import HITS_NOBODY
from bot.domain.finding import Finding
from bot.domain.playbook import Threshold
from diagnostics.systems.postgres import rules, statement_stats, waits
from diagnostics.systems.postgres.models import ConnectionQuota, PostgresActivity, PostgresSession
from tests.diagnostics.sessions import BY_STATE, WAITING, question, seen, session

IDLE = session(1)
FORGOT = session(2, "idle in transaction", unchanged=90.0, transaction=90.0)
LONG = session(3, "idle in transaction (aborted)", unchanged=900.0, transaction=900.0)
CONNECTIONS = [
    ("hardly anybody", seen(IDLE), "ok", "1 of 97 connections are in use (1%)."),
    ("nobody at all", seen(), "ok", "0 of 97"),
    ("getting full", seen(IDLE, taken=75), "warn", "(77%, limit 75%)"),
    ("full", seen(IDLE, taken=97), "bad", "97 of 97 connections are in use (100%, limit 90%)"),
    ("reserved ones do not count", seen(IDLE, most=100, kept=50, taken=46), "bad", "46 of 50"),
    (
        "a transaction forgotten for a minute",
        seen(IDLE, FORGOT),
        "warn",
        "1 session idle in transaction, the longest for 1 min",
    ),
    (
        "one forgotten for long, aborted",
        seen(LONG, FORGOT),
        "bad",
        "2 sessions idle in transaction, the longest for 15 min",
    ),
    (
        "idle in transaction for a moment",
        seen(session(4, "idle in transaction", unchanged=0.1)),
        "ok",
        "longest for 0 s",
    ),
    ("states hidden", seen(session(5, None), see=False), "unknown", "hides the sessions of others"),
    (
        "a role has all that it may have",
        seen(
            IDLE,
            taken=20,
            narrow=(ConnectionQuota("role app", 20, 20), ConnectionQuota("database prod", 50, 20)),
        ),
        "bad",
        "role app has 20 of its 20 (limit 90%); 20 of 97 connections are in use (21%).",
    ),
    (
        "a role has most of what it may have",
        seen(IDLE, taken=20, narrow=(ConnectionQuota("role app", 20, 16),)),
        "warn",
        "role app has 16 of its 20 (limit 75%)",
    ),
    (
        "a role has room",
        seen(IDLE, taken=20, narrow=(ConnectionQuota("role app", 50, 20),)),
        "ok",
        "20 of 97",
    ),
    ("only a server of one connection", seen(most=3, kept=3, taken=0), "ok", "0 of 0"),
]


CROWDED = seen(LONG, FORGOT, taken=11, most=30)
FIRST_WORDS = [
    ("why it is red comes first, with its limit", CROWDED,
     "2 sessions idle in transaction, the longest for 15 min (limit 5 min); 11 of 27 connections are in use (41%)."),
    ("a warning with its limit", seen(FORGOT, taken=11, most=30),
     "1 session idle in transaction, the longest for 1 min (limit 1 min); 11 of 27 connections are in use (41%)."),
    ("the worse of two comes first", seen(FORGOT, taken=27, most=30),
     "27 of 27 connections are in use (100%, limit 90%); 1 session idle in transaction, "
     "the longest for 1 min (limit 1 min)."),
    ("a role that is full", seen(IDLE, taken=20, narrow=(ConnectionQuota("role app", 20, 20),)),
     "The role app has 20 of its 20 (limit 90%); 20 of 97 connections are in use (21%)."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "said"), FIRST_WORDS, ids=[word[0] for word in FIRST_WORDS])
def test_a_red_line_begins_with_its_reason(name: str, given: PostgresActivity, said: str) -> None:
    assert rules.judge_connections(given, question()).headline == said


def test_who_counts_connections_hears_who_holds_others_up() -> None:
    found = waits.add_waits(
        rules.judge_connections(seen(ROOT, FIRST, SECOND), question()), seen(ROOT, FIRST, SECOND), question()
    )
    assert found.verdict == "bad"
    assert found.headline.startswith("2 sessions wait for pid 10 (app, idle in transaction), for up to 2 min")
    assert "of 97 connections are in use" in found.headline
    assert found.table is not None and found.table.rows[0][0] == "10"
    alone = rules.judge_connections(seen(IDLE), question())
    assert waits.add_waits(alone, seen(IDLE), question()) == alone


@pytest.mark.parametrize(
    ("name", "given", "verdict", "words"), CONNECTIONS, ids=[connection[0] for connection in CONNECTIONS]
)
def test_connections_are_judged_by_how_many_are_left(
    name: str, given: PostgresActivity, verdict: str, words: str
) -> None:
    found = rules.judge_connections(given, question())
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


def test_the_runbooks_own_limit_for_connections_wins() -> None:
    told = Threshold("bad", "connections", ">", 50, "%", 12)
    found = rules.judge_connections(seen(IDLE, taken=60), question(BY_STATE, told))
    assert found.verdict == "bad" and "runbook limit 50%, line 12" in found.headline


def test_a_limit_without_a_per_cent_sign_is_a_number_of_connections() -> None:
    told = Threshold("bad", "connections", ">", 400, "", 12)
    rows = [
        (390, 497, "warn", "(78%, limit 75%)"),
        (401, 497, "bad", "runbook limit 400 connections, line 12"),
    ]
    rows += [(97, 97, "bad", "(100%, limit 90%)"), (40, 97, "ok", "(41%)")]
    for taken, free, verdict, words in rows:
        found = rules.judge_connections(seen(IDLE, taken=taken, most=free + 3), question(BY_STATE, told))
        assert (found.verdict, words in found.headline) == (verdict, True), found.headline
    errors = Threshold("bad", "connection errors", ">", 5, "%", 12)
    assert rules.judge_connections(seen(IDLE, taken=40), question(BY_STATE, errors)).verdict == "ok"


ROOT = session(10, "idle in transaction", unchanged=130.0, transaction=130.0)
FIRST = session(11, "active", unchanged=120.0, blocked_by=(10,), waits_for="Lock: transactionid")
SECOND = session(12, "active", unchanged=60.0, blocked_by=(11,), waits_for="Lock: tuple")
BUSY = session(10, "active", unchanged=60.0)


def waiter(pid: int, seconds: float, by: int = 10) -> PostgresSession:
    return session(pid, "active", unchanged=seconds, blocked_by=(by,), waits_for="Lock: tuple")


WAITS = [
    ("nobody waits", seen(IDLE), "ok", "No session waits for a lock."),
    (
        "clients that have nothing to do",
        seen(session(1, waits_for="Client: ClientRead")),
        "ok",
        "No session waits",
    ),
    (
        "one waits",
        seen(ROOT, FIRST),
        "bad",
        "1 session waits for pid 10 (app, idle in transaction), for up to 2 min",
    ),
    ("a chain", seen(ROOT, FIRST, SECOND), "bad", "2 sessions wait for pid 10"),
    (
        "each for the other",
        seen(
            session(1, "active", blocked_by=(2,), unchanged=30.0),
            session(2, "active", blocked_by=(1,), unchanged=30.0),
        ),
        "bad",
        "each other",
    ),
    ("one waits for a moment", seen(BUSY, waiter(11, 0.2)), "ok", "1 session waits for pid 10 (app, active)"),
    (
        "one waits for some seconds",
        seen(BUSY, waiter(11, 4.0)),
        "warn",
        "1 session waits for pid 10 (app, active), for up to 4 s (limit 1 s).",
    ),
    ("one waits for long", seen(BUSY, waiter(11, 10.0)), "bad", "for up to 10 s (limit 10 s)."),
    (
        "five wait for some seconds",
        seen(BUSY, *(waiter(pid, 4.0) for pid in range(11, 16))),
        "bad",
        "5 sessions wait for pid 10 (app, active), for up to 4 s (limit 5 sessions).",
    ),
    (
        "five wait for a moment",
        seen(BUSY, *(waiter(pid, 0.1) for pid in range(11, 16))),
        "warn",
        "5 sessions wait",
    ),
    (
        "two hold others up, one of them indirectly the most",
        seen(
            BUSY,
            session(20, "active", unchanged=60.0),
            waiter(11, 60.0),
            waiter(12, 60.0, 20),
            waiter(13, 60.0, 12),
            waiter(14, 60.0, 13),
        ),
        "bad",
        "4 sessions wait, 3 of them for pid 20 (app, active), for up to 1 min",
    ),
    (
        "a light lock, as every busy database has them",
        seen(session(1, "active", waits_for="LWLock: WALWrite")),
        "ok",
        "No session waits for a lock.",
    ),
    (
        "many wait for a light lock",
        seen(*(session(pid, "active", waits_for="LWLock: WALWrite") for pid in range(5))),
        "warn",
        "5 sessions wait for LWLock: WALWrite (limit 5 sessions)",
    ),
    (
        "waiting for the disk is work",
        seen(session(1, "active", waits_for="IO: DataFileRead")),
        "ok",
        "No session waits",
    ),
    (
        "very many wait for the disk",
        seen(*(session(pid, "active", waits_for="IO: DataFileRead") for pid in range(20))),
        "warn",
        "20 sessions wait for IO: DataFileRead (limit 20 sessions)",
    ),
    (
        "an old transaction",
        seen(session(1, "active", transaction=400.0)),
        "warn",
        "oldest transaction is 6 min old (limit 300 s)",
    ),
    ("a very old one", seen(session(1, "active", transaction=4000.0)), "bad", "66 min old"),
    ("hidden", seen(session(1, None), see=False), "unknown", "hides"),
    (
        "the root is no client",
        seen(session(1, "active", blocked_by=(99,), unchanged=30.0)),
        "bad",
        "1 session waits for pid 99, which is no client's session",
    ),
    (
        "the root is a prepared transaction",
        seen(session(1, "active", blocked_by=(0,), unchanged=30.0)),
        "bad",
        "1 session waits for a prepared transaction",
    ),
]


@pytest.mark.parametrize(("name", "given", "verdict", "words"), WAITS, ids=[wait[0] for wait in WAITS])
def test_waiting_is_judged_by_who_holds_others_up(
    name: str, given: PostgresActivity, verdict: str, words: str
) -> None:
    found = waits.judge_waits(given, question(WAITING))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


def test_the_tree_has_the_root_first_and_who_waits_below_it() -> None:
    table = waits.judge_waits(seen(SECOND, FIRST, ROOT), question(WAITING)).table
    assert table is not None
    assert [row[0] for row in table.rows] == ["10", "  11", "    12"]


def test_all_who_wait_are_in_the_tree_whoever_holds_them_up() -> None:
    ring = (waiter(31, 60.0, 32), waiter(32, 60.0, 31))
    table = waits.judge_waits(
        seen(BUSY, waiter(11, 60.0), waiter(41, 60.0, 99), *ring), question(WAITING)
    ).table
    assert table is not None
    assert [row[0] for row in table.rows] == ["10", "  11", "41", "31", "  32"]


def test_only_where_somebody_is_held_up_it_is_said_to_end_a_session() -> None:
    old = judged_of(session(1, "active", transaction=4000.0))
    assert "Ending" not in old.next_look and "oldest transaction" in old.next_look
    assert "Ending" in judged_of(BUSY, waiter(11, 60.0)).next_look


def judged_of(*sessions: PostgresSession) -> Finding:
    return waits.judge_waits(seen(*sessions), question(WAITING))


def test_the_runbooks_own_limit_for_waiting_wins() -> None:
    told = Threshold("bad", "lock waits", ">", 2, "s", 12)
    found = waits.judge_waits(seen(BUSY, waiter(11, 4.0)), question(WAITING, told))
    assert found.verdict == "bad" and "runbook limit 2 s, line 12" in found.headline


HEADS = ("pid", "application_name", "state")


def to_end(count: int) -> list[tuple[str, ...]]:
    return [(str(pid), "app", "idle") for pid in range(count)]


PREVIEWS = [
    ("nobody", 0, seen(IDLE), "no_rule", "No session matches, so none would be ended."),
    ("one", 1, seen(IDLE), "no_rule", "This would end 1 session: 0 of 97 connections would remain in use."),
    ("some of a full one", 80, seen(IDLE, taken=97), "no_rule", "end 80 sessions: 17 of 97 connections would remain"),
    ("few of a full one", 2, seen(IDLE, taken=97), "no_rule", "end 2 sessions: 95 of 97 connections would remain"),
    ("more than are counted", 9, seen(IDLE, taken=4), "no_rule", "0 of 97 connections would remain in use"),
    ("reserved ones do not count", 4, seen(IDLE, most=60, kept=10, taken=44), "no_rule", "40 of 50 connections"),
    ("hidden", 0, seen(session(5, None), see=False), "forbidden", "hides the sessions of others"),
    ("hidden, and some are seen", 3, seen(session(5, None), IDLE, see=False), "forbidden", "hides the sessions"),
    ("without pg_monitor, and nobody else is there", 1, seen(IDLE, see=False), "no_rule", "This would end 1 session"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "count", "given", "cause", "words"), PREVIEWS, ids=[preview[0] for preview in PREVIEWS]
)
def test_whom_a_kill_would_hit_is_shown_and_never_judged(
    name: str, count: int, given: PostgresActivity, cause: str, words: str
) -> None:
    found = rules.preview_termination(to_end(count), HEADS, given, question())
    assert (found.verdict, found.cause, words in found.headline) == ("unknown", cause, True), found.headline
    if cause == "no_rule":
        assert (found.measure == HITS_NOBODY) == (count == 0)
    if cause == "no_rule" and count:
        assert found.table is not None and len(found.table.rows) + found.table.left_out == count
        assert "run it yourself" in found.next_look


def sample(*rows: tuple[int, int, float]) -> list[dict[str, Any]]:
    return [
        {"queryid": id, "calls": calls, "total": total, "query": f"select {id}"} for id, calls, total in rows
    ]


STATEMENTS = [
    (
        "nothing came to its end",
        sample((1, 5, 50.0)),
        sample((1, 5, 50.0)),
        "unknown",
        "Nothing runs just now",
    ),
    ("quick ones", sample((1, 5, 50.0)), sample((1, 15, 60.0)), "ok", "the slowest 1 ms on average"),
    (
        "slow since months, quick now",
        sample((1, 1000, 900_000.0)),
        sample((1, 1010, 900_010.0)),
        "ok",
        "slowest 1 ms",
    ),
    (
        "quick since months, slow now",
        sample((1, 1000, 1000.0)),
        sample((1, 1002, 1500.0)),
        "warn",
        "250 ms on average",
    ),
    (
        "very slow",
        sample((1, 0, 0.0)),
        sample((1, 2, 8000.0)),
        "bad",
        "4000 ms on average, 1.0 times a second",
    ),
    (
        "very slow, once",
        sample((1, 0, 0.0)),
        sample((1, 1, 4000.0)),
        "warn",
        "4000 ms on average, 0.5 times a second (limit 100 ms",
    ),
    (
        "two different ones, each once",
        sample(),
        sample((7, 1, 1500.0), (8, 1, 4000.0)),
        "bad",
        "4000 ms on average",
    ),
    ("one that is new", sample(), sample((7, 2, 3000.0)), "bad", "1500 ms"),
    ("two beyond the limit", sample(), sample((7, 2, 3000.0), (8, 2, 400.0)), "bad", "1 more beyond it"),
    ("set back in between", sample((1, 900, 9000.0)), sample((1, 2, 3.0)), "unknown", "were set back"),
]


@pytest.mark.parametrize(
    ("name", "before", "after", "verdict", "words"),
    STATEMENTS,
    ids=[statement[0] for statement in STATEMENTS],
)
def test_statements_are_judged_by_what_two_samples_differ_in(
    name: str, before: list[dict[str, Any]], after: list[dict[str, Any]], verdict: str, words: str
) -> None:
    asked = "select query from pg_stat_statements where mean_exec_time > 100"
    found = statement_stats.interpret(
        statement_stats.compare_samples(before, after, 2.0), question(asked), asked
    )
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


def test_the_latency_of_an_api_is_no_limit_of_a_statement() -> None:
    asked = "select query from pg_stat_statements"
    seen = statement_stats.compare_samples(sample((1, 5, 50.0)), sample((1, 15, 3050.0)), 2.0)
    for metric, verdict in (("p95 latency", "warn"), ("query time", "bad")):
        told = Threshold("bad", metric, ">", 250, "ms", 12)
        assert statement_stats.interpret(seen, question(asked, told), asked).verdict == verdict


@pytest.mark.parametrize(
    ("lasting", "after", "verdict", "words"),
    [
        ((), sample((1, 15, 60.0)), "ok", "the slowest 1 ms on average."),
        ((9.0,), sample((1, 15, 60.0)), "ok", "the slowest 1 ms on average."),
        ((45.0,), sample((1, 15, 60.0)), "warn", "1 more has run for over 10 s and not ended, the longest for 45 s"),
        ((45.0, 12.0, 30.0, 11.0, 90.0), sample((1, 15, 60.0)), "bad", "5 more have run for over 10 s and not ended"),
        ((45.0,) * 5, sample((1, 5, 50.0)), "bad", "No statement came to its end in 2 s; 5 have run for over 10 s"),
        ((45.0,), sample((1, 10, 6050.0)), "bad", "1200 ms on average, 2.5 times a second (limit 1000 ms); 1 more"),
    ],
)  # fmt: skip
def test_statements_that_do_not_end_are_not_well(
    lasting: tuple[float, ...], after: list[dict[str, Any]], verdict: str, words: str
) -> None:
    asked = "select query from pg_stat_statements where mean_exec_time > 100"
    running = [session(number, "active", unchanged=each) for number, each in enumerate(lasting)]
    assert statement_stats.interpret(
        statement_stats.compare_samples(sample((1, 5, 50.0)), sample((1, 5, 50.0)), 2.0, [session(9, "active",
         unchanged=1.0)]),
        question(asked), asked,
    ).headline == "No statement came to its end in 2 s."  # fmt: skip
    others = [session(90, "idle", unchanged=900.0), session(91, "idle in transaction", unchanged=900.0)]
    seen = statement_stats.compare_samples(sample((1, 5, 50.0)), after, 2.0, (*running, *others))
    found = statement_stats.interpret(seen, question(asked), asked)
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline
