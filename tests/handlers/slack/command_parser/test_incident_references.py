"""Every spelling of an incident's name in front of words, and what is none."""

import pytest

from handlers.slack.command_parser import WORDS, ArgumentKind, find_command, guess_number, parse_command

SPELLINGS = (
    "INC-1", "inc-1", "Inc-1", "INC 1", "INC1", "inc1", "INC_1", "INC.1", "INC#1", "INC #1", "INC - 1", "INC-#1",
    "INC-01",
    "INC–1", "INC—1", "INC‑1", "INC−1", "INC－1", "ＩＮＣ－１", "ＩＮＣ１", "ｉｎｃ 1", "INC\u00a01",
    "INC\u20091", "INC\u200b-1",
    "INC-1:", "INC-1,", "INC-1.", "INC-1;", "INC-1!", "INC-1 -", "INC-1 –", "INC-1 —", "INC-1 :", "INC-1：",
    "INC-1…", "INC-1 →",
    "*INC-1*", "*INC-1:*", "*INC-1*:", "_INC-1_", "~INC-1~", "`INC-1`", "```INC-1```", "*_INC-1_*",
    '"INC-1"', "'INC-1'", "“INC-1”", "„INC-1“", "‘INC-1’", "«INC-1»", '"INC-1":', "“INC 1,”",
    "(INC-1)", "[INC-1]", "{INC-1}", "（INC-1）", "[INC-1]:", "&lt;INC-1&gt;", "\u2068INC-1\u2069", "\ufeffINC-1",
    "in INC-1", "for INC-1", "on INC-1", "to INC-1:", "about INC 1", "re: INC-1", "incident INC-1",
    "for the incident INC-1",
    "#INC-1", "inc-1-api-is-down", "#inc-1-api-is-down", "`#inc-1-api-is-down`", "_inc-1-api-is-down_",
    "in #inc-1-500-errors",
    "INC--1", "INC/1", "INC=1", "INC~1", "INC·1", "INC⁃1", "INC־1", "INCー1", "INC- 1", "INC -1", "INC ‑ 1", "INC:1",
    "INC no. 1", "INC no 1", "INC number 1", "Inc nr. 1:", "INC №1", "INC № 1", "INC (1)", "INC[1]", "INC-001",
    "I\u00adNC-1", "IN\u200bC-1", "I\u200dN\u200dC-1", "INC\u2060-\u20601", "INC-\ufe0f1", "INC-1\ufe0f",
    "INC-1\ufe0f\u20e3", "INC-1\u200d:",
    "🚨 INC-1", "🚨INC-1", ":rotating_light: INC-1", ":+1: :fire: INC-1:", "🇩🇪 INC-1", "🧑‍🚒 *INC-1*",
    "- INC-1", "-INC-1", "— INC-1 —", "&gt; INC-1", "→ INC-1", "• INC-1", "|INC-1|", "INC-1|", "INC-1 =>", "INC-1=>",
    "@INC-1", "@inc-1-api-is-down", "@ INC-1", "# INC-1", "##INC-1", "/INC-1", "... INC-1",
    "¡INC-1!", "¿INC-1?", "《INC-1》", "〈INC-1〉", "〔INC-1〕", "INC-1،", "INC-1؛", "INC-1।", "INC-1、", "INC-1？",
    "**INC-1**", "__INC-1__", "~~INC-1~~", "``INC-1``", "inc‑1‑api‑is‑down",
    "regarding INC-1:", "within INC-1", "inside INC-1", "concerning inc 1", "channel INC-1", "incident: INC-1",
    "in the channel #INC-1",
    "from INC-1:", "into INC-1,", "under INC-1 -", "per INC-1:",
    "INC-1-API-IS-DOWN", "#INC-1-API-IS-DOWN", "INC-1-Api-Is-Down", "Inc-1-API-is-down", "*INC-1-API-IS-DOWN*:",
    "INC‑1‑API‑IS‑DOWN", "INC_1:", "inc_1", "INC-¹", "INC-①", "INC-１",
    "ІNC-1", "INС-1", "ІNС-1", "ΙΝC-1", "inс-1", "іnc 1", "ІＮС－1",
)  # fmt: skip
LINKS = (
    "<#C0123|inc-1-api-is-down>",
    "<#C0123>",
    "<#C0123|>",
    "*<#C0123|war-room>*",
    "in <#C0123|war-room>:",
    "(<#C0123>)",
    "<https://acme.slack.com/archives/C0123>",
    "<https://acme.slack.com/archives/C0123|inc-1-api-is-down>",
    "https://acme.slack.com/archives/C0123",
    "in https://acme.enterprise.slack.com/archives/C0123?a=b :",
    "🚨 <#C0123|inc-1-api-is-down>",
)
SPACES = (" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u2009", "\u3000", " \u200b")
TEXT_WORDS = [
    each
    for each in WORDS
    if (word := find_command(each)) and word.takes is ArgumentKind.TEXT and word.works_on
]
CHOSEN = ("status identified", "severity P2", "close anyway", "meeting cancel")
ALONE_WORDS = [
    each
    for each in WORDS
    if (word := find_command(each)) and word.takes is ArgumentKind.NOTHING and word.works_on
]
ABOUT_ONE = [
    each
    for each in WORDS
    if (word := find_command(each)) and word.works_on and word.takes is not ArgumentKind.OTHER
]


def named(text: str) -> list[int | str]:
    """What is named, as numbers and channel ids."""
    return [reference.channel or reference.number or 0 for reference in parse_command(text).references]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_understood_before_and_behind_every_word(spelling: str) -> None:
    wrong = {
        text: (parse_command(text).word, named(text), parse_command(text).rest)
        for word in ABOUT_ONE
        for text in (
            f"{word} {spelling}",
            f"{spelling} {word}",
            f"{word}\n{spelling}",
            f"{word}\u00a0{spelling}",
        )
        if (parse_command(text).word, named(text), parse_command(text).rest) != (word, [1], "")
    }
    assert wrong == {}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_in_front_of_text_leaves_the_text_as_it_is(spelling: str) -> None:
    for word in TEXT_WORDS:
        for space in SPACES:
            for text in (
                f"{word} {spelling}{space}all *good*, 5%",
                f"{spelling} {word}{space}all *good*, 5%",
            ):
                assert (parse_command(text).word, named(text)) == (word, [1]), repr(text)
                assert parse_command(text).rest == "all *good*, 5%", repr(text)


@pytest.mark.parametrize("link", LINKS)
def test_a_link_to_a_channel_names_what_that_channel_belongs_to(link: str) -> None:
    for text in (f"update {link} all good", f"{link} update all good"):
        assert (named(text), parse_command(text).rest) == (["C0123"], "all good")


@pytest.mark.parametrize(
    "bare",
    [
        "no. 1",
        "№1",
        "number 1",
        "# 1",
        "for #1",
        "in incident 1",
        "on no. 1",
        "incident no. 1",
        "1",
        "#1",
        "#1.",
        "(1)",
        "＃１",
        "*1*",
        "“1”",
        "incident 1",
        "incident #1",
        "Incident-1",
    ],
)
def test_a_bare_number_is_an_incident_where_nothing_else_follows(bare: str) -> None:
    for word in ABOUT_ONE:
        if word != "severity":
            assert named(f"{word} {bare}") == [1], word
    assert named(f"{bare} ack") == [1]
    assert named(f"{bare} update x") == [1]
    assert (parse_command(bare).word, named(bare)) == ("", [1])


@pytest.mark.parametrize(
    "text",
    [
        "#1 text",
        "1: text",
        "#1: text",
        "incident 1 text",
        "incident #1: text",
        "＃１ text",
        "# 1: text",
        "#1, text",
        "#1 - text",
        "1 : text",
        "1; text",
        "1 - text",
        "1 – text",
        "1 -&gt; text",
        "(#1) text",
        "in #1 text",
        "for #1: text",
        "for 1: text",
        "in incident 1: text",
        "for the incident #1 text",
        "incident no. 1 text",
        "incident number 1 text",
        "incident_1 text",
        "incident: 1 text",
        "inc: 5 things",
        "Inc. 5 things",
        "INC, 1 text",
        "inc 5% of errors",
        "INC-",
        "INC- text",
        "INC-: text",
        "*INC-* text",
        "INC-1x",
        "inc 20k errors",
        "INC-1.rolled back",
        "inc5.example.com is down",
        "inc-1.example.com is down",
        "1, text",
        "1) text",
        "1. text",
        "1.) text",
        "1] text",
        "(1) text",
        "[1] text",
        "1), text",
        "1! text",
        "1? text",
        "1… text",
        "1 | text",
        "1| text",
        "1 = text",
        "1/ text",
        "1 ) text",
        "1\ntext",
        "1 \n text",
        "１） text",
        "*1.* text",
        "No. 1: text",
        "number 1: text",
        "1 2",
        "1, 2",
        "1,2",
        "1 and 2",
        "1 & #2",
        "3, maybe 4 hosts",
        "1) restarted 2) waited",
        "INC-O1 text",
        "INC-O1: text",
        "inc-o1 text",
        "INC-l text",
        "INC-I: text",
        "INC-1O text",
        "INC-l2 text",
        "INC O1 text",
        "INC#O1 text",
        "INC-О1 text",
        "INC-Ⅰ text",
        "INCO1 text",
        "lNC-1 text",
        "1NC-1 text",
        "|NC-1 text",
        "ICN-1 text",
        "INCC-1: text",
        "IINC-1 text",
        "INNC 1 text",
        "INC-one text",
        "INC two: text",
        "incident one text",
        "Incident 1 text",
        "Incident-1 text",
        "Incident1: text",
        "incidents 1 text",
        "Incident O1 text",
        "from INC-1 we know that",
        "under INC-1 we saw it",
        "in INC-O1: text",
    ],
)
def test_a_number_in_front_of_a_text_is_unclear(text: str) -> None:
    for word in TEXT_WORDS:
        assert (named(f"{word} {text}"), bool(parse_command(f"{word} {text}").unclear)) == ([], True), word


@pytest.mark.parametrize(
    "text", ["1", "#1", "(1)", "no. 1", "#1 text", "1: text", "#1: text", "incident 1 text", "INC-O1 text"]
)
def test_a_number_behind_what_was_chosen_is_unclear(text: str) -> None:
    for chosen in ("status identified:", *CHOSEN):
        command = parse_command(f"{chosen} {text}")
        assert (command.references, bool(command.unclear)) == ((), True), chosen
        named_before = parse_command(f"{chosen} INC-2 {text}")
        assert (named_before.references[0].number, named_before.unclear) == (2, ""), chosen
        word, _, behind = chosen.partition(" ")
        named_first = parse_command(f"{word} INC-2 {behind} {text}")
        assert (named_first.references[0].number, named_first.unclear) == (2, ""), chosen


@pytest.mark.parametrize("chosen", CHOSEN)
def test_ordinary_words_behind_what_was_chosen_name_nothing(chosen: str) -> None:
    for text in (
        "because 1 of 6 tasks is up",
        "500 errors are back",
        "5% of users",
        "in 15 minutes",
        "to 3 replicas",
    ):
        command = parse_command(f"{chosen} {text}")
        assert (command.references, command.unclear, text in command.rest) == ((), "", True), text


ALIKE = ("INC-O1", "INC-l", "INC-1O", "INC O1:", "lNC-1", "|NC-1", "ICN-1", "INC-one", "Incident 1", "Incident O1",
         "INC-1x")  # fmt: skip
"""What looks like an incident's name and may be mistyped."""


@pytest.mark.parametrize("alike", ALIKE)
def test_what_looks_like_an_incidents_name_is_never_silently_a_text(alike: str) -> None:
    for word in ABOUT_ONE:
        takes = find_command(word).takes  # type: ignore[union-attr]
        for text in (f"{word} {alike} words", f"{word} in {alike} words"):
            command = parse_command(text)
            assert command.word == word
            if takes in (
                ArgumentKind.NOTHING,
                ArgumentKind.LEVEL,
            ):  # refused with these words: no incident, no severity
                assert command.rest, text
            else:
                assert command.unclear, text


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("1", 1), ("#12", 12), ("INC-O1", 1), ("INC-1O", 10), ("INC-l", 1), ("INC-I2", 12), ("incident one", 1),
        ("INC two", 2), ("the incident #7", 7), ("ICN-3", 3), ("1NC-4", 4), ("|NC-5", 5), ("INC-O", 0), ("INC-x", None),
    ],
)  # fmt: skip
def test_the_number_that_is_asked_about_is_the_one_that_is_probably_meant(
    said: str, number: int | None
) -> None:
    assert guess_number(said) == number


@pytest.mark.parametrize(
    "text", ["#1 text", "1: text", "#1: text", "incident 1 text", "incident #1: text", "＃１ text"]
)
def test_a_number_in_front_of_a_text_is_a_part_of_it_where_an_incident_was_named(text: str) -> None:
    for word in TEXT_WORDS:
        behind = parse_command(f"{word} INC-2 {text}")
        assert (behind.unclear, behind.rest) == ("", text), word


@pytest.mark.parametrize(
    "text",
    [
        "1 of 6 tasks is up", "in production we see", "incident is nearly over", "the incident INC-1 is over",
        "500 errors are back",
        "10:30 rolled back", "same cause as INC-1", "we see INC-1 again", "included 5 more hosts",
        "increase of 5", "incoming 5 alerts", "5% of users", "1.5 GB left", "2,000 requests",
        "for 10 minutes nothing", "at 5",
        "on 3 of 5 hosts", "incident commander is 1 hour away", "in 1 hour", "INC is 1", "INC-1.5 is out", "INC-x",
        "C0123 is full",
        "pinc-1 x", "vINC1", "the #1 cause", "3 - 5 minutes more", "12:05: rolled back", "2/3 done",
        "5xx errors", "1st attempt failed",
        "-5% of orders", "in 15 minutes", "to 3 replicas", "at 12 we restarted",
        "in #general we said",
        "incl. 5 hosts", "Acme Inc. 2 hosts down", "incident.io is down", "🔥 500 errors", ":fire: 3 hosts left",
        "- 3 hosts left", "≥ 99% are back", "INV-1 is paid",
        "1.5) is the factor", "24/7 support", "1/3 of it", "10.0.0.1 is down", "3 of 4, and more", "NIC-1 is down",
        "1-2 hosts are left", "1,5 GB left", "1 + 1 hosts", "INC-X is none", "incoming", "ICN is none", "I NC 1",
        "after INC-1 we see it again", "since INC-1 it is slow", "like INC-1", "INC is one of them", "INC on hold",
        "incidents are nearly over", "incident one-pager is out", "from 1 host", "0.5, more or less",
        "this is INC-1 again", "see https://acme.slack.com/archives/C0123/p1700000000000000",
        "https://acme.slack.com/archives/C0123/p1700000000000000 has the log",
    ],
)  # fmt: skip
def test_ordinary_words_name_nothing(text: str) -> None:
    if text.startswith("the incident"):
        text = f"it seems that {text}"
    for word in TEXT_WORDS:
        command = parse_command(f"{word} {text}")
        assert (command.word, command.references, command.unclear, command.rest) == (word, (), "", text)


@pytest.mark.parametrize(
    ("text", "numbers", "rest"),
    [
        ("INC-1, INC-2: x", [1, 2], "x"),
        ("INC-1 and INC-2 are down", [1, 2], "are down"),
        ("INC-1 & inc 2 x", [1, 2], "x"),
        ("INC-1 <#C0123|inc-2-x> x", [1, "C0123"], "x"),
        ("INC-1 &amp; INC-2 x", [1, 2], "x"),
        ("INC-1; INC-2 x", [1, 2], "x"),
        ("INC-1 + INC-2: x", [1, 2], "x"),
        ("INC-1 → INC-2 x", [1, 2], "x"),
        ("both INC-1 and INC-2: x", [1, 2], "x"),
        ("INC-1/2 x", [1, 2], "x"),
        ("INC-1 and 2 x", [1, 2], "x"),
        ("INC 1 &amp; #2: x", [1, 2], "x"),
        ("INC-1\u200b2 x", [12], "x"),
        ("INC-1, 2 hosts are left", [1], "2 hosts are left"),
        ("INC-1, 2: x", [1, 2], "x"),
        ("INC-1,2: x", [1, 2], "x"),
        ("INC-1, 2, 3: x", [1, 2, 3], "x"),
        ("INC-1, 2) x", [1, 2], "x"),
        ("INC-1, 2 - x", [1, 2], "x"),
        ("INC-1, #2 x", [1, 2], "x"),
        ("INC-1, 2 and 3: x", [1, 2, 3], "x"),
        ("INC-1 2: x", [1], "2: x"),
        ("INC-1 2", [1], "2"),
        ("INC-1 - 2: x", [1, 2], "x"),
        ("INC-1 – 2) x", [1, 2], "x"),
        ("INC-1 to 2: x", [1, 2], "x"),
        ("INC-1 through INC-3 x", [1, 3], "x"),
        ("INC-1-2-3 x", [1, 2, 3], "x"),
        ("INC-1_2 x", [1, 2], "x"),
        ("INC-1|2 x", [1, 2], "x"),
        ("INC-1 to 5 replicas", [1], "to 5 replicas"),
        ("INC-1 to monitoring", [1], "to monitoring"),
        ("INC-1 10:30 rolled back", [1], "10:30 rolled back"),
        ("INC-1 5% are back", [1], "5% are back"),
        ("INC-1: 2: x", [1], "2: x"),
        ("INC-1; 2: x", [1, 2], "x"),
        ("INC-1-2 x", [1, 2], "x"),
        ("INC-1–2: x", [1, 2], "x"),
        ("inc-1-2 x", [1, 2], "x"),
        ("INC 1-2 x", [1, 2], "x"),
        ("INC-1 - INC-2: x", [1, 2], "x"),
        ("INC-1 or 2: x", [1, 2], "x"),
        ("INC-1 vs INC-2: x", [1, 2], "x"),
        ("INC-1, 2.5 GB left", [1], "2.5 GB left"),
        ("INC-1, 10:30 rolled back", [1], "10:30 rolled back"),
        ("INC-1-500-errors x", [1], "500-errors x"),
        ("INC-1 - 2 hosts left", [1], "2 hosts left"),
        ("INC-1-5% of orders", [1], "5% of orders"),
        ("INC-1-API-IS-DOWN x", [1], "x"),
        ("INC-1-Api down", [1], "Api down"),
        ("INC-1-roll-back now", [1], "roll-back now"),
        ("ІNC-1 x", [1], "x"),
        ("INC-1 and 5% are back", [1], "and 5% are back"),
        ("INC-1 🔥 all of it", [1], "🔥 all of it"),
        ("INC-1 (the first one) x", [1], "(the first one) x"),
        ("INC-1 same as INC-2", [1], "same as INC-2"),
        ("INC-1's database is back", [1], "INC-1's database is back"),
        ("“INC-1 all good”", [1], "“all good”"),
        ("(INC-1 all good)", [1], "(all good)"),
        ("INC-1 -5% of orders", [1], "-5% of orders"),
        ("INC-1 .env is missing", [1], ".env is missing"),
        ("INC-1-rolled back", [1], "rolled back"),
        ("INC-1—rolled back", [1], "rolled back"),
        ('INC-1 "x" is down', [1], '"x" is down'),
        ("INC-1 line one\nline two", [1], "line one\nline two"),
    ],
)
def test_what_is_named_and_what_is_left(text: str, numbers: list[int | str], rest: str) -> None:
    for word in TEXT_WORDS:
        assert (named(f"{word} {text}"), parse_command(f"{word} {text}").rest) == (numbers, rest)


@pytest.mark.parametrize("word", ALONE_WORDS)
def test_a_word_that_takes_nothing_keeps_what_it_does_not_understand(word: str) -> None:
    for text in (
        "INC-1 please",
        "INC-1 now!",
        "please INC-1",
        "now for INC-1",
        "asap: INC-1",
        "thanks, INC-1 👍",
    ):
        assert (named(f"{word} {text}"), parse_command(f"{word} {text}").rest) == ([1], ""), text
    for text in ("thx", "👍", ":+1:", "pls!", "immediately", "thank you", "now, please", "\u200b"):
        assert (named(f"{word} {text}"), parse_command(f"{word} {text}").rest) == ([], ""), text
    assert named(f"{word} 1 and 2") == [1, 2]
    for text in (
        "<@U1|dana>",
        "the other one",
        "INC-1 the other one",
        "1.5",
        "nowhere",
        "1,2",
        "please the other",
    ):
        assert parse_command(f"{word} {text}").rest != ""
    assert [parse_command(f"{word} {text}").rest for text in ("@dana", "INC-1 @dana", "now @dana")] == [
        "@dana"
    ] * 3


def test_a_name_of_the_runbook_may_be_followed_by_the_incident() -> None:
    for text in (
        "run rollback INC-1",
        "run rollback for INC-1",
        "run INC-1 rollback",
        "run rollback in <#C1|x>",
    ):
        assert (len(parse_command(text).references), parse_command(text).rest) == (1, "rollback")


@pytest.mark.parametrize("name", ["INC-1", "in INC 1:", "*inc-1*", "for INC-1", "<#C1|x>", "(INC-1)"])
def test_an_incident_is_named_behind_people_too(name: str) -> None:
    for text in (f"lead <@U1|dana> {name}", f"assign scribe <@U1|dana> {name}", f"assign scribe {name} <@U1|dana>",
                 f"page <@U1|dana> {name} look at it", f"handover <@U1|dana>, {name} look at it",
                 f"page <!subteam^S1|@oncall> {name} look"):  # fmt: skip
        assert len(parse_command(text).references) == 1, text
        assert "INC" not in parse_command(text).rest.upper(), text
    for text in (
        f"page CTO {name} look",
        f"page CTO, DevOps Lead {name} look",
        f"page devops lead and CTO {name} look",
    ):
        command = parse_command(text).extract_last_reference(["CTO", "DevOps Lead"])
        assert (len(command.references), command.rest.rpartition(" ")[2]) == (1, "look"), text
        assert "INC" not in command.rest.upper()
    assert (named("close anyway INC-1: nobody left"), parse_command("close anyway INC-1 x").anyway) == (
        [1],
        "x",
    )
    assert not parse_command("page <@U1|dana> the same as INC-1").references
    assert not parse_command("page CTO the same as INC-1").extract_last_reference(["CTO"]).references


@pytest.mark.parametrize("spelled", ["INC-{0}", "#INC {0}", "inc-{0}-api-is-down", "in INC-{0}:"])
def test_a_number_of_thousands_of_digits_names_an_incident_that_nobody_has(spelled: str) -> None:
    long = spelled.format("9" * 30_000)
    for word in ABOUT_ONE:
        for text in (f"{word} {long}", f"{long} {word}", f"{word} {long} what we saw"):
            (number,) = named(text)
            assert isinstance(number, int) and number > 2**63, text[:40]


@pytest.mark.parametrize("spelled", ["{0}", "#{0}", "incident {0}", "p{0}", "{0}m", "step {0}", "@{0}"])
def test_thousands_of_digits_are_read_wherever_they_stand(spelled: str) -> None:
    long = spelled.format("9" * 30_000)
    for word in WORDS:
        for text in (f"{word} {long}", f"{long} {word}", f"{word} some words {long}"):
            assert parse_command(text).typed, text[:40]
