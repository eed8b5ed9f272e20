"""Plain names behind, before and between other people: everybody is meant, or it is said who is not."""

from dataclasses import replace

import pytest

from bot.ports.messages import SlackPerson
from handlers.slack.people.people_parser import parse_people
from tests.handlers.slack.people.test_parser import ANA, BOOK, BRUNO, CHIDI, DANA, seen

WILL = "U0WILL"
WITH_WILL = replace(
    BOOK, members=(*BOOK.members, SlackPerson(WILL, "will", real_name="Will Byers", handle="will"))
)

EVERYBODY = [
    # a name beside a mention, a contact, a user group, an address
    ("<@U0DANA> chidi", {"people": (DANA, CHIDI)}),
    ("<@U0DANA>chidi", {"people": (DANA, CHIDI)}),
    ("<@U0DANA> CHIDI!", {"people": (DANA, CHIDI)}),
    ("<@U0DANA> *chidi*", {"people": (DANA, CHIDI)}),
    ("<@U0DANA> “chidi”", {"people": (DANA, CHIDI)}),
    ("<@U0DANA> (chidi)", {"people": (DANA, CHIDI)}),
    ("<@U0DANA>\nchidi", {"people": (DANA, CHIDI)}),
    ("<@U0DANA>: chidi", {"people": (DANA, CHIDI)}),
    ("<@U0DANA> - chidi", {"people": (DANA, CHIDI)}),
    ("<@U0DANA> – chidi, bruno", {"people": (DANA, CHIDI, BRUNO)}),
    ("chidi <@U0DANA>", {"people": (CHIDI, DANA)}),
    ("CTO chidi", {"contacts": ("CTO",), "people": (CHIDI,)}),
    ("chidi CTO", {"contacts": ("CTO",), "people": (CHIDI,)}),
    ("CTO Chidi Okafor", {"contacts": ("CTO",), "people": (CHIDI,)}),
    ("CTO DevOps Lead chidi", {"contacts": ("CTO", "DevOps Lead"), "people": (CHIDI,)}),
    ("CTO chidi devops", {"contacts": ("CTO", "DevOps Lead"), "people": (CHIDI,)}),
    ("<!subteam^S0ONCALL|@oncall> chidi", {"groups": ("S0ONCALL",), "people": (CHIDI,)}),
    ("dana@example.com chidi", {"emails": ("dana@example.com",), "people": (CHIDI,)}),
    ("CTO oncall engineer", {"contacts": ("CTO", "On-Call Engineer")}),
    ("CTO me", {"contacts": ("CTO",), "people": (ANA,)}),
    ("CTO the scribe", {"contacts": ("CTO",), "people": (BRUNO,)}),
    ("CTO everyone", {"contacts": ("CTO",), "everyone": True}),
    ("CTO alex", {"contacts": ("CTO",), "unclear": ("alex",)}),
    # several
    ("<@U0DANA> chidi bruno", {"people": (DANA, CHIDI, BRUNO)}),
    ("<@U0DANA> chidi, bruno", {"people": (DANA, CHIDI, BRUNO)}),
    ("<@U0DANA> chidi and bruno", {"people": (DANA, CHIDI, BRUNO)}),
    ("CTO chidi &amp; bruno", {"contacts": ("CTO",), "people": (CHIDI, BRUNO)}),
    ("<@U0DANA> chidi <@U0BRUNO>", {"people": (DANA, CHIDI, BRUNO)}),
    ("<@U0DANA>, chidi CTO", {"people": (DANA, CHIDI), "contacts": ("CTO",)}),
    # and words behind them
    ("CTO chidi the db is down", {"contacts": ("CTO",), "people": (CHIDI,), "rest": "the db is down"}),
    ("CTO, chidi the db is down", {"contacts": ("CTO",), "people": (CHIDI,), "rest": "the db is down"}),
    ("CTO alex the db is down", {"contacts": ("CTO",), "unclear": ("alex",), "rest": "the db is down"}),
    ("CTO chidi redis died", {"contacts": ("CTO",), "people": (CHIDI,), "rest": "redis died"}),
    ("CTO devops the db is down", {"contacts": ("CTO", "DevOps Lead"), "rest": "the db is down"}),
    ("<@U0DANA> chidi: the db is down", {"people": (DANA, CHIDI), "rest": "the db is down"}),
    ("<@U0DANA> chidi - the db is down", {"people": (DANA, CHIDI), "rest": "the db is down"}),
    ("<@U0DANA> chidi, come quickly", {"people": (DANA, CHIDI), "rest": "come quickly"}),
    ("<@U0DANA> chidi come quickly", {"people": (DANA, CHIDI), "rest": "come quickly"}),
    ("<@U0DANA> chidi bruno come", {"people": (DANA, CHIDI, BRUNO), "rest": "come"}),
    ("<@U0DANA> chidi please", {"people": (DANA, CHIDI), "rest": "please"}),
    ("CTO all hands on deck", {"contacts": ("CTO",), "everyone": True, "rest": "on deck"}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "expected"), EVERYBODY)
def test_a_known_name_beside_others_is_meant_too(typed: str, expected: dict[str, object]) -> None:
    found = parse_people(typed, BOOK)
    assert (seen(found), found.spoken_of, found.doubtful) == (expected, (), ())


SPOKEN_OF = [
    ("CTO chidi says it is down", "chidi"),
    ("CTO, chidi says it is down", "chidi"),
    ("CTO chidi is away", "chidi"),
    ("CTO chidi restarted it", "chidi"),
    ("CTO call chidi", "chidi"),
    ("CTO please chidi", "chidi"),
    ("CTO with chidi", "chidi"),
    ("CTO then Bruno Keller", "Bruno Keller"),
    ("CTO the db is down @chidi", "@chidi"),
    ("CTO come and bring chidi along", "chidi"),
    ("CTO the DevOps Lead does not answer", "DevOps Lead"),
    ("CTO devops pipeline is stuck", "devops"),
    ("CTO aws is slow", "aws"),
    ("CTO everyone in eu is affected", "everyone"),
    ("CTO everyone is affected", "everyone"),
    ("CTO alex says it is down", "alex"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "who"), SPOKEN_OF)
def test_somebody_of_whom_the_words_speak_is_not_meant_and_is_named(typed: str, who: str) -> None:
    found = parse_people(typed, BOOK)
    assert (found.contacts, found.people, found.groups, found.everyone) == (("CTO",), (), (), False)
    assert (found.spoken_of, found.doubtful, found.unclear) == ((who,), (), ())
    assert found.rest == typed.removeprefix("CTO").lstrip(", ")


def test_mentions_in_the_words_are_named_too() -> None:
    found = parse_people("CTO the same as <@U0DANA|dana> and <!subteam^S1|@oncall>", BOOK)
    assert (found.people, found.groups, found.spoken_of) == ((), (), ("@dana", "@oncall"))
    found = parse_people("chidi come quickly <@U0DANA|dana>", BOOK)
    assert (found.people, found.spoken_of) == ((CHIDI,), ("@dana",))
    found = parse_people("come chidi <@U0DANA|dana>", BOOK)
    assert (found.people, found.rest, found.spoken_of) == ((DANA,), "come chidi", ("chidi",))


DOUBTFUL = [
    ("CTO zorro", "zorro"),
    ("CTO Zed Zorro", "Zed Zorro"),
    ("CTO, zorro", "zorro"),
    ("CTO zorro!", "zorro"),
    ("CTO Chidi Smith", "Chidi Smith"),
    ("CTO zorro: the db is down", "zorro"),
    ("CTO, zorro: the db is down", "zorro"),
    ("CTO and zorro the db is down", "zorro"),
    ("CTO and zorro come", "zorro"),
    ("CTO 李", "李"),
    ("CTO the db is down @zorro", "@zorro"),
]


@pytest.mark.parametrize(("typed", "who"), DOUBTFUL)
def test_what_may_be_a_name_and_fits_nobody_is_named_and_stays_in_the_words(typed: str, who: str) -> None:
    found = parse_people(typed, BOOK)
    assert (found.contacts, found.people, found.unknown) == (("CTO",), (), ())
    assert found.doubtful == (who,)
    assert found.rest == typed.removeprefix("CTO").lstrip(", ")


def test_a_name_that_fits_nobody_between_others_is_named() -> None:
    found = parse_people("<@U0DANA>, zorro, chidi", BOOK)
    assert (found.people, found.unknown, found.rest) == ((DANA, CHIDI), ("zorro",), "")
    found = parse_people("<@U0DANA> and zorro: the db is down", BOOK)
    assert (found.people, found.unknown, found.rest) == ((DANA,), ("zorro",), "the db is down")
    found = parse_people("<@U0DANA> zorro chidi", BOOK)
    assert (found.people, found.spoken_of, found.doubtful) == ((DANA,), ("chidi",), ("zorro",))
    found = parse_people("<@U0DANA> chidi zorro", BOOK)
    assert (found.people, found.doubtful) == ((DANA, CHIDI), ("zorro",))
    found = parse_people("zorro <@U0DANA>", BOOK)
    assert (found.people, found.rest, found.doubtful) == ((DANA,), "zorro", ("zorro",))


@pytest.mark.parametrize(
    "words",
    [
        "the index is gone", "hurry", "come quickly", "help", "urgent!", "db down", "database down", "please",
        "now, please", "redis died in eu", "5 pods died", "503", "👍", "https://x.example/a", "it burns",
        "search is failing", "checkout failing", "all of it is gone", "chidi's db is down", "because chidi is away",
        "hurry up, it burns", "and tell them that it burns", "call me back", "tell me",
    ],
)  # fmt: skip
@pytest.mark.parametrize("front", ["CTO {}", "<@U0DANA> {}", "CTO, {}", "CTO: {}", "chidi {}"])
def test_a_sentence_is_text_and_nothing_of_it_is_doubted(front: str, words: str) -> None:
    found = parse_people(front.format(words), BOOK)
    assert found.count == 1
    assert (found.spoken_of, found.doubtful, found.unknown) == ((), (), ())
    assert found.rest == words


@pytest.mark.parametrize("sign", ["CTO: ", "CTO - ", "CTO — ", "CTO -&gt; ", "CTO because "])
@pytest.mark.parametrize("words", ["chidi says it is down", "ask chidi and bruno", "call <@U0DANA> back"])
def test_behind_a_colon_a_dash_or_because_it_is_text(sign: str, words: str) -> None:
    found = parse_people(sign + words, BOOK)
    assert (found.contacts, found.people, found.spoken_of, found.doubtful) == (("CTO",), (), (), ())
    assert found.rest.endswith(words)


def test_a_name_that_is_a_word_too_is_a_name_where_nothing_else_follows() -> None:
    assert parse_people("CTO will", WITH_WILL).people == (WILL,)
    assert parse_people("CTO Will", WITH_WILL).people == (WILL,)
    found = parse_people("CTO will you look", WITH_WILL)
    assert (found.people, found.spoken_of, found.rest) == ((), (), "will you look")
    found = parse_people("CTO Will come later", WITH_WILL)
    assert (found.people, found.spoken_of) == ((), ("Will",))


@pytest.mark.parametrize(
    ("typed", "may"),
    [
        ("CTO chidi", True), ("<@U0DANA> chidi", True), ("chidi <@U0DANA>", True), ("CTO: chidi", True),
        ("CTO chidi the db is down", True), ("CTO come chidi", True), ("CTO please chidi", True),
        ("CTO", False), ("CTO please", False), ("CTO come now", False), ("CTO: chidi says it is down", False),
        ("CTO 503", False), ("<@U0DANA> <@U0BRUNO>", False), ("CTO because chidi is away", False),
    ],
)  # fmt: skip
def test_the_members_names_are_needed_only_where_words_may_hold_one(typed: str, may: bool) -> None:
    assert bool(parse_people(typed, replace(BOOK, members=(), roles={})).may_name) is may
