"""Who would be reached: the runbook with the contacts file, in `check` too."""

import json
import os
import subprocess
from pathlib import Path

from bot.contacts import parse_contacts
from bot.runbook import add_contact_book, check_reach, format_report, parse_runbook
from tests.bot_template import TEMPLATE

ROOT = Path(__file__).parents[3]
SHIPPED = parse_runbook((ROOT / "templates" / "runbook.md").read_text())
CONTACTS = """
[contacts]
"CTO" = ["slack:U0123ABCD", "tel:+15550100"]
"DevOps Lead" = "apprise:OPS_SMS"
"Senior engineers" = "slack:S0SENIOR1"
[on_call]
"On-Call Engineer" = ["pagerduty:schedule/PSCH001", "calendar:https://user:secret@cal.example/token/x.ics"]
"""
BOOK = parse_contacts(CONTACTS)[0]


def test_each_severity_says_who_is_reached_and_who_not_and_why() -> None:
    p0, p1, p2, p3 = check_reach(SHIPPED, BOOK, lambda name: False)
    assert p0.everyone
    assert p0.reached == (
        ("CTO", "Slack, phone"),
        ("On-Call Engineer", "who is on call by the calendar"),
        ("Senior engineers", "Slack user group"),
    )
    assert p0.unreached == (
        ("DevOps Lead", "apprise:OPS_SMS needs the setting OPS_SMS, not set yet"),
        ("AWS Support", "no contact method"),
    )
    assert [name for name, _ in p1.reached] == ["Senior engineers"]
    assert p2.unreached == ()
    assert (p3.reached, p3.unreached) == ((), ())


def test_with_its_setting_a_contact_is_reached() -> None:
    _, p1, *_ = check_reach(SHIPPED, BOOK, lambda name: name == "OPS_SMS")
    assert p1.reached == (("DevOps Lead", "Apprise"), ("Senior engineers", "Slack user group"))
    assert p1.unreached == ()


def test_the_contacts_file_answers_the_runbooks_warnings() -> None:
    assert {problem.line for problem in SHIPPED.problems} == {14, 353, 354, 355}
    found = add_contact_book(SHIPPED, BOOK, lambda name: True)
    assert found.problems == ()
    lacking = add_contact_book(SHIPPED, BOOK, lambda name: False)
    assert [(problem.line, problem.message.partition(" needs")[0]) for problem in lacking.problems] == [
        (354, "DevOps Lead: apprise:OPS_SMS"),
        (355, "On-Call Engineer: PagerDuty schedule PSCH001"),
    ]


def test_what_is_secret_in_an_address_is_not_printed() -> None:
    text = format_report(
        add_contact_book(SHIPPED, BOOK, lambda name: True),
        False,
        check_reach(SHIPPED, BOOK, lambda name: True),
    )
    assert "calendar https://cal.example/…" in text
    assert "secret" not in text
    assert "token" not in text


def checked(tmp_path: Path, contacts: str, *words: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "contacts.toml"
    path.write_text(contacts)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "PAGERDUTY_"))
    }
    told = {"TOCSIN_CONTACTS": str(path), "TOCSIN_SECRETS_DIR": str(tmp_path), "NO_COLOR": "1"}
    return TEMPLATE.run(["check", str(ROOT / "templates" / "runbook.md"), *words], kept | told)


def test_check_reads_the_contacts_and_the_secrets_folder(tmp_path: Path) -> None:
    (tmp_path / "OPS_SMS").write_text("json://localhost")
    done = checked(tmp_path, CONTACTS)
    assert done.returncode == 0, done.stderr
    assert "CTO (Slack, phone)" in done.stdout
    assert "DevOps Lead (Apprise)" in done.stdout
    told = json.loads(checked(tmp_path, CONTACTS, "--json").stdout)
    assert told["contacts"][0]["handles"] == ["slack:U0123ABCD", "tel:+15550100"]
    assert told["severities"][1]["page"] == ["DevOps Lead", "Senior engineers"]


def test_check_says_what_is_wrong_with_the_contacts_and_still_shows_the_runbook(tmp_path: Path) -> None:
    done = checked(tmp_path, '[contacts]\nCTO = "slack:nobody"\n')
    assert done.returncode == 2
    assert done.stderr.startswith(
        'tocsin: TOCSIN_CONTACTS: contacts.toml, line 2: "CTO": “slack:nobody” is no slack handle.'
    )
    assert "4 severities" in done.stdout
