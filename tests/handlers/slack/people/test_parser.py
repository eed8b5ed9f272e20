"""Whom typed words mean: mentions, user groups, contacts, roles, and names of the channel's members."""

import pytest

from bot.ports.messages import SlackPerson
from handlers.slack.people.directory import Directory
from handlers.slack.people.people_parser import ResolvedPeople, parse_people

ANA, BRUNO, CHIDI, DANA, ALEX, SASCHA = "U0ANA", "U0BRUNO", "U0CHIDI", "U0DANA", "U0ALEX", "U0SASCHA"
ZOE, LEE, PAT = "U0ZOE", "U0LEE", "U0PAT"
MEMBERS = (
    SlackPerson(ANA, "ana", real_name="Ana Duarte", handle="ana"),
    SlackPerson(BRUNO, "Bruno K.", real_name="Bruno Keller", handle="bkeller"),
    SlackPerson(CHIDI, "chidi", real_name="Chidi Okafor", handle="chidi"),
    SlackPerson(DANA, "dana", real_name="Dana Jones", handle="dj"),
    SlackPerson(ALEX, "alex", real_name="Alex Müller", handle="alex.m"),
    SlackPerson(SASCHA, "sascha", real_name="Alex Weber", handle="alexw"),
    SlackPerson(ZOE, "Zoë", real_name="Zoë Ångström-Smith", handle="zoe"),
    SlackPerson(PAT, "pat", real_name="Pat O'Brien", handle="pob"),
    SlackPerson(LEE, "李雷", real_name="Li Lei", handle="li.lei"),
)
CONTACTS = ("CTO", "DevOps Lead", "On-Call Engineer", "AWS Support", "R&D Lead", "SRE Berlin", "SRE Lagos")
BOOK = Directory(me=ANA, contacts=CONTACTS, roles={"scribe": BRUNO, "commander": DANA}, members=MEMBERS)


def seen(found: ResolvedPeople) -> dict[str, object]:
    """What was found, without what is empty."""
    said = {
        "people": found.people,
        "groups": tuple(group.id for group in found.groups),
        "contacts": found.contacts,
        "emails": found.emails,
        "everyone": found.everyone,
        "unknown": found.unknown,
        "unclear": tuple(word for word, _ in found.unclear),
        "rest": found.rest,
    }
    return {name: each for name, each in said.items() if each}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", {}),
        ("   ", {}),
        # one person, in every spelling
        ("<@U0DANA>", {"people": (DANA,)}),
        ("<@U0DANA|dana jones>", {"people": (DANA,)}),
        ("<@W0GRID|dana>", {"people": ("W0GRID",)}),
        ("*<@U0DANA>*", {"people": (DANA,)}),
        ("“<@U0DANA>”", {"people": (DANA,)}),
        ("(<@U0DANA>)", {"people": (DANA,)}),
        ("to <@U0DANA>", {"people": (DANA,)}),
        ("@dana", {"people": (DANA,)}),
        ("＠dana", {"people": (DANA,)}),
        ("@dj", {"people": (DANA,)}),
        ("dana", {"people": (DANA,)}),
        ("DANA", {"people": (DANA,)}),
        ("Dana Jones", {"people": (DANA,)}),
        ("@Dana Jones", {"people": (DANA,)}),
        ("dana  jones", {"people": (DANA,)}),
        ("dana.", {"people": (DANA,)}),
        ("dana!", {"people": (DANA,)}),
        ("“dana”", {"people": (DANA,)}),
        ("`@dana`", {"people": (DANA,)}),
        ("bruno", {"people": (BRUNO,)}),
        ("Bruno K.", {"people": (BRUNO,)}),
        ("@bkeller", {"people": (BRUNO,)}),
        ("zoe", {"people": (ZOE,)}),
        ("ZOË", {"people": (ZOE,)}),
        ("zoe angstrom-smith", {"people": (ZOE,)}),
        ("李雷", {"people": (LEE,)}),
        ("da\u200bna", {"people": (DANA,)}),
        ("dana\u2060", {"people": (DANA,)}),
        ("pat o'brien", {"people": (PAT,)}),
        ("Pat O’Brien", {"people": (PAT,)}),
        ("pat o’brien the db is gone", {"people": (PAT,), "rest": "the db is gone"}),
        ("the on-call", {"contacts": ("On-Call Engineer",)}),
        ("the on call!", {"contacts": ("On-Call Engineer",)}),
        ("The CTO please", {"contacts": ("CTO",), "rest": "please"}),
        ("our CTO and the devops lead", {"unknown": ("our",), "rest": "CTO and the devops lead"}),
        ("the devops pipeline is stuck", {"unknown": ("the",), "rest": "devops pipeline is stuck"}),
        ("the devops pipeline is stuck <@U0DANA>", {"people": (DANA,), "rest": "the devops pipeline is stuck"}),
        ("me", {"people": (ANA,)}),
        ("myself", {"people": (ANA,)}),
        ("@me", {"people": (ANA,)}),
        ("scribe", {"people": (BRUNO,)}),
        ("the scribe", {"people": (BRUNO,)}),
        ("commander", {"people": (DANA,)}),
        ("dana@example.com", {"emails": ("dana@example.com",)}),
        ("<mailto:dana@example.com|dana@example.com> come", {"emails": ("dana@example.com",), "rest": "come"}),
        # words after the person
        ("<@U0DANA> what is next", {"people": (DANA,), "rest": "what is next"}),
        ("<@U0DANA>: what is next", {"people": (DANA,), "rest": "what is next"}),
        ("<@U0DANA>, the db is gone", {"people": (DANA,), "rest": "the db is gone"}),
        ("<@U0DANA>\nthe db\nis gone", {"people": (DANA,), "rest": "the db\nis gone"}),
        ("dana please", {"people": (DANA,), "rest": "please"}),
        ("chidi the db is down", {"people": (CHIDI,), "rest": "the db is down"}),
        ("Chidi Please look", {"people": (CHIDI,), "rest": "Please look"}),
        ("chidi - look at <https://x.example/a,b>", {"people": (CHIDI,), "rest": "look at <https://x.example/a,b>"}),
        ("chidi ana says it is down", {"people": (CHIDI,), "rest": "ana says it is down"}),
        ("<@U0DANA> a &lt;b&gt; &amp; c", {"people": (DANA,), "rest": "a &lt;b&gt; & c"}),
        # contacts
        ("CTO", {"contacts": ("CTO",)}),
        ("cto the index is gone", {"contacts": ("CTO",), "rest": "the index is gone"}),
        ("@CTO", {"contacts": ("CTO",)}),
        ("devops lead, now", {"contacts": ("DevOps Lead",), "rest": "now"}),
        ("devops", {"contacts": ("DevOps Lead",)}),
        ("oncall", {"contacts": ("On-Call Engineer",)}),
        ("on call", {"contacts": ("On-Call Engineer",)}),
        ("on-call engineer it is back", {"contacts": ("On-Call Engineer",), "rest": "it is back"}),
        ("on call engineer it is back", {"contacts": ("On-Call Engineer",), "rest": "it is back"}),
        ("R&amp;D Lead", {"contacts": ("R&D Lead",)}),
        ("aws is slow", {"contacts": ("AWS Support",), "rest": "is slow"}),
        ("sre", {"unclear": ("sre",)}),
        ("sre lagos", {"contacts": ("SRE Lagos",)}),
        # groups and everyone
        ("<!subteam^S0ONCALL|@oncall>", {"groups": ("S0ONCALL",)}),
        ("<!subteam^S0ONCALL>", {"groups": ("S0ONCALL",)}),
        ("<!subteam^S0ONCALL|@oncall> come", {"groups": ("S0ONCALL",), "rest": "come"}),
        ("everyone", {"everyone": True}),
        ("all-hands please", {"everyone": True, "rest": "please"}),
        ("all hands on deck", {"everyone": True, "rest": "on deck"}),
        ("<!channel>", {"everyone": True}),
        ("<!here> help", {"everyone": True, "rest": "help"}),
        ("@channel", {"everyone": True}),
        # several
        ("<@U0DANA> <@U0BRUNO>", {"people": (DANA, BRUNO)}),
        ("<@U0DANA><@U0BRUNO>", {"people": (DANA, BRUNO)}),
        ("<@U0DANA>,<@U0BRUNO> come", {"people": (DANA, BRUNO), "rest": "come"}),
        ("<@U0DANA> and <@U0BRUNO> come", {"people": (DANA, BRUNO), "rest": "come"}),
        ("<@U0DANA> <@U0DANA>", {"people": (DANA,)}),
        ("<@U0DANA> &amp; <@U0BRUNO>", {"people": (DANA, BRUNO)}),
        ("@dana @chidi", {"people": (DANA, CHIDI)}),
        ("dana and chidi", {"people": (DANA, CHIDI)}),
        ("dana or chidi", {"people": (DANA, CHIDI)}),
        ("dana or it burns down", {"people": (DANA,), "rest": "or it burns down"}),
        ("dana chidi", {"people": (DANA, CHIDI)}),
        ("Dana Jones Bruno Keller chidi", {"people": (DANA, BRUNO, CHIDI)}),
        ("dana alex", {"people": (DANA,), "unclear": ("alex",)}),
        ("dana, chidi and bruno", {"people": (DANA, CHIDI, BRUNO)}),
        ("dana, chidi, and bruno: db down", {"people": (DANA, CHIDI, BRUNO), "rest": "db down"}),
        ("Dana Jones + Bruno Keller", {"people": (DANA, BRUNO)}),
        ("CTO and DevOps Lead", {"contacts": ("CTO", "DevOps Lead")}),
        ("CTO, DevOps Lead", {"contacts": ("CTO", "DevOps Lead")}),
        ("CTO/DevOps Lead", {"contacts": ("CTO", "DevOps Lead")}),
        ("CTO & devops the db is down", {"contacts": ("CTO", "DevOps Lead"), "rest": "the db is down"}),
        ("CTO and <@U0DANA>", {"contacts": ("CTO",), "people": (DANA,)}),
        ("<@U0DANA> <!subteam^S1|@oncall>", {"people": (DANA,), "groups": ("S1",)}),
        ("CTO and everyone", {"contacts": ("CTO",), "everyone": True}),
        ("CTO, hurry up please", {"contacts": ("CTO",), "rest": "hurry up please"}),
        ("CTO, dana says that it is down", {"contacts": ("CTO",), "rest": "dana says that it is down"}),
        ("CTO, dana", {"contacts": ("CTO",), "people": (DANA,)}),
        ("CTO and tell them that it burns", {"contacts": ("CTO",), "rest": "and tell them that it burns"}),
        # one good and one bad
        ("<@U0DANA> @nobody", {"people": (DANA,), "unknown": ("@nobody",)}),
        ("@nobody <@U0DANA>", {"people": (DANA,), "unknown": ("@nobody",)}),
        ("@nobody @dana", {"people": (DANA,), "unknown": ("@nobody",)}),
        ("CTO and Nobody", {"contacts": ("CTO",), "unknown": ("Nobody",)}),
        ("CTO, DevOps Leed", {"contacts": ("CTO",), "unknown": ("DevOps Leed",)}),
        ("dana and zorro", {"people": (DANA,), "unknown": ("zorro",)}),
        # nobody
        ("@nobody", {"unknown": ("@nobody",)}),
        ("@nobody tell <@U0DANA>", {"unknown": ("@nobody",), "rest": "tell <@U0DANA>"}),
        ("zorro", {"unknown": ("zorro",)}),
        ("zorro please", {"unknown": ("zorro",), "rest": "please"}),
        ("please", {"unknown": ("please",)}),
        ("Zed Zorro now", {"unknown": ("Zed Zorro",), "rest": "now"}),
        ("Dana Smith", {"unknown": ("Dana Smith",)}),
        ("Dana Smith the db is down", {"unknown": ("Dana Smith",), "rest": "the db is down"}),
        ("<@U0DANA|dana>'s db is slow", {"unknown": ("@dana's",), "rest": "db is slow"}),
        ("@Dana Smith", {"unknown": ("@Dana Smith",)}),
        ("@bkeller Please come", {"people": (BRUNO,), "rest": "Please come"}),
        ("DevOps Redis is down", {"contacts": ("DevOps Lead",), "rest": "Redis is down"}),
        ("dana's db", {"unknown": ("dana's",), "rest": "db"}),
        ("<#C0OPS|ops>", {"unknown": ("#ops",)}),
        ("&lt;@U0DANA&gt;", {"unknown": ("<@U0DANA>",)}),
        ("@", {"unknown": ("@",)}),
        ("123", {"unknown": ("123",)}),
        # two who fit
        ("alex", {"unclear": ("alex",)}),
        ("Alex the db is down", {"unclear": ("Alex",), "rest": "the db is down"}),
        ("Alex Weber", {"people": (SASCHA,)}),
        ("@alexw", {"people": (SASCHA,)}),
        ("@alex.m", {"people": (ALEX,)}),
        ("dana and alex", {"people": (DANA,), "unclear": ("alex",)}),
        # the person at the end
        ("the db is restored <@U0DANA>", {"people": (DANA,), "rest": "the db is restored"}),
        ("db restored, rollback runs -> <@U0DANA>", {"people": (DANA,), "rest": "db restored, rollback runs"}),
        ("please <@U0DANA>", {"people": (DANA,), "rest": "please"}),
        ("words @dana", {"people": (DANA,), "rest": "words"}),
        ("come quick <@U0DANA> <@U0BRUNO>", {"people": (DANA, BRUNO), "rest": "come quick"}),
        ("words to <@U0DANA>!", {"people": (DANA,), "rest": "words"}),
        # somebody of whom the words only speak
        ("what is next, ask <@U0DANA>", {"unknown": ("what",), "rest": "is next, ask <@U0DANA>"}),
        ("tell <@U0DANA> that it burns", {"unknown": ("tell",), "rest": "<@U0DANA> that it burns"}),
    ],
)  # fmt: skip
def test_whom_words_mean(typed: str, expected: dict[str, object]) -> None:
    assert seen(parse_people(typed, BOOK)) == expected


def test_without_the_channels_members_names_are_not_understood_and_mentions_are() -> None:
    book = Directory(me=ANA, contacts=CONTACTS)
    assert seen(parse_people("chidi look", book)) == {"unknown": ("chidi",), "rest": "look"}
    assert seen(parse_people("<@U0DANA> look", book)) == {"people": (DANA,), "rest": "look"}


def test_who_fits_a_name_that_two_have_is_told() -> None:
    ((word, who),) = parse_people("alex", BOOK).unclear
    assert (word, sorted(who)) == ("alex", ["Alex Müller (@alex.m)", "Alex Weber (@alexw)"])
    ((_, contacts),) = parse_people("sre", BOOK).unclear
    assert contacts == ("SRE Berlin", "SRE Lagos")


def test_how_a_mention_was_spelled_is_kept_for_ids_that_slack_does_not_know() -> None:
    assert parse_people("<@U0NOBODY|zed>", BOOK).labels == {"U0NOBODY": "zed"}


@pytest.mark.parametrize(
    ("rest", "left"),
    [
        ("", ""),
        ("please", ""),
        ("now, please!", ""),
        ("and fix it", "and fix it"),
        ("the db is down", "the db is down"),
    ],
)
def test_courtesies_behind_a_person_are_no_words(rest: str, left: str) -> None:
    assert ResolvedPeople(rest=rest).leftover == left
