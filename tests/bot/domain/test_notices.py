"""A notice is kept in an outbox row under names that never change, and a row that an older version wrote is read."""

import importlib
import pkgutil
from datetime import UTC, datetime
from typing import get_args

import pytest

from bot import services
from bot.domain.effects import (
    PostNotice,
    TellFollower,
    TellIncidentsChannel,
    TellThread,
    dump_effect,
    parse_effect,
)
from bot.domain.notices import (
    NEWS,
    NOTICES,
    AcknowledgedNotice,
    ChannelFailedNotice,
    EscalatedNotice,
    FollowerNews,
    ImpactNews,
    MergedInNotice,
    MovedNotice,
    Notice,
    PageFailedNotice,
    PageHeldNotice,
    PageRequestedNotice,
    ReopenedNotice,
    UpdateNews,
    dump_detail,
    parse_notice,
)
from bot.domain.text_fields import list_text_fields

KEPT = {
    "acknowledged": "actor channel seconds target_seconds uncalled",
    "acknowledged_there": "contact person seconds who", "answered_by_nobody": "contact",
    "answered_too_late": "contact person status who", "business_day": "person", "cancelled": "actor reason",
    "channel_back": "channel", "channel_failed": "why", "channel_lost": "channel how",
    "closed": "actor left reason", "commander_changed": "before by person", "effect_failed": "what why",
    "escalated": "known line of people step to why",
    "impact_changed": "actor affected_users affected_users_before impact impact_before",
    "merged": "actor channel into title", "merged_in": "actor channel from title", "moved": "channel",
    "no_way_left": "contact why", "nobody_there": "channel", "not_told": "contact what why",
    "on_call_problem": "contact why", "page_dropped": "names", "page_failed": "contact others person why",
    "page_held": "names until", "page_lost": "contact", "page_requested": "actor people person persons text to",
    "page_resolved": "contact person who", "remediation_news": "reference sentence title",
    "renamed": "actor before to", "reopened": "actor before called", "restored": "held lost",
    "role_assigned": "person role", "severity_changed": "actor before called every reason to",
    "status_changed": "actor before to", "still_on_it": "actor", "unmerged": "actor channel from title",
    "update_asked": "commander minutes people role to", "update_overdue": "commander minutes missed",
    "would_be_called": "everyone missing names",
}  # fmt: skip
"""The names of every notice and of its texts, as rows have them that an older version wrote. One may be added."""

KEPT_NEWS = {
    "update": "", "resolved": "by", "cancelled": "by reason", "merged": "by reason",
    "severity": "actor before called every reason to",
    "impact": "actor affected_users affected_users_before impact impact_before",
}  # fmt: skip


def test_no_name_that_a_row_may_have_is_lost() -> None:
    for known, kept in ((NOTICES, KEPT), (NEWS, KEPT_NEWS)):
        found = {name: {field.name for field in list_text_fields(kind)} for name, kind in known.items()}
        lost = {name: set(texts.split()) - found[name] for name, texts in kept.items()}
        assert lost == {name: set() for name in kept}


def test_every_notice_comes_back_as_a_row_kept_it() -> None:
    for words, kind in NOTICES.items():
        notice = parse_notice(words, [(field.name, "1795400000") for field in list_text_fields(kind)])
        for effect in (
            PostNotice.say(7, notice, "c"),
            TellThread.say(7, notice, "c"),
            TellIncidentsChannel.say(7, "incidents", notice, "c"),
        ):
            assert effect.notice == notice


@pytest.mark.parametrize(
    ("notice", "detail"),
    [
        (
            AcknowledgedNotice(actor="U1", seconds=95, target_seconds=None, channel="", uncalled=True),
            {"actor": "U1", "seconds": "95", "target_seconds": "", "channel": "", "uncalled": "yes"},
        ),
        (MovedNotice(channel="C1"), {"channel": "C1"}),
        (PageFailedNotice(contact="CTO", why="x"), {"contact": "CTO", "why": "x"}),
        (
            PageFailedNotice(contact="CTO", why="x", person="", others=("U1", "U2")),
            {"contact": "CTO", "why": "x", "person": "", "others": "U1 U2"},
        ),
        (
            PageHeldNotice(names="CTO", until=datetime(2026, 11, 23, 3, 32, tzinfo=UTC)),
            {"names": "CTO", "until": "1795404720"},
        ),
        (ReopenedNotice(actor="U1", before="closed"), {"actor": "U1", "before": "closed"}),
        (
            MergedInNotice(actor="U1", source="INC-7", title="t", channel=""),
            {"actor": "U1", "from": "INC-7", "title": "t", "channel": ""},
        ),
        (
            EscalatedNotice(why="w", to="", known="", line=0, step=1, total=3, people=("U1",)),
            {"why": "w", "to": "", "known": "", "line": "0", "step": "1", "of": "3", "people": "U1"},
        ),
        (
            PageRequestedNotice(actor="U1", to="CTO", person="", persons=(), text="", mentioned=("U2",)),
            {"actor": "U1", "to": "CTO", "person": "", "persons": "", "text": "", "people": "U2"},
        ),
    ],
)
def test_a_row_has_texts_by_plain_names(notice: Notice, detail: dict[str, str]) -> None:
    assert dict(dump_detail(notice)) == detail
    assert parse_notice(notice.words, detail.items()) == notice


def test_what_a_row_keeps_of_an_effect_is_the_name_and_the_texts() -> None:
    notice = ChannelFailedNotice(why="no")
    row = (
        "TellIncidentsChannel",
        '{"incident": 1, "words": "channel_failed", "detail": [["why", "no"]], "change": "c", "channel_name": "inc"}',
    )
    effect = TellIncidentsChannel.say(1, "inc", notice, "c")
    assert dump_effect(effect) == row
    assert effect.key == "told:1:channel_failed:c"
    followed = TellFollower(incident=1, person="U1", what="update", change="3")
    assert followed.news == UpdateNews()
    told = parse_effect(
        "TellFollower",
        {
            "incident": 1,
            "person": "U1",
            "what": "impact",
            "change": "3",
            "more": [["impact", ""], ["actor", "U2"]],
        },
    )
    assert isinstance(told, TellFollower) and told.news == ImpactNews(actor="U2", impact="")


def test_what_an_older_version_wrote_less_into_is_read_with_what_there_is() -> None:
    requested = parse_notice("page_requested", {"actor": "U1", "to": "", "person": "U2", "text": ""}.items())
    assert isinstance(requested, PageRequestedNotice) and requested.people == ("U2",)
    changed = parse_notice("severity_changed", {"actor": "U1", "before": "P1", "to": "P0"}.items())
    assert dict(dump_detail(changed))["reason"] == ""


def test_a_name_of_another_version_is_no_notice() -> None:
    with pytest.raises(KeyError):
        parse_notice("of_next_year", [])


def test_every_notice_is_given_by_a_service() -> None:
    made = {
        value
        for package in pkgutil.iter_modules(services.__path__, "bot.services.")
        for value in vars(importlib.import_module(package.name)).values()
        if isinstance(value, type)
    }
    assert [kind for kind in (*get_args(Notice), *get_args(FollowerNews)) if kind not in made] == []
