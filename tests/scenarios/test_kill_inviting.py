"""The bot is killed while it hands a mail over; started again, everybody has one invitation.

Who may have had theirs before the kill has the same mail twice at most."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.mailbox import Mailbox, serve_mail
from tests.scenarios.beside import Databases, run_beside
from tests.scenarios.killing import Theatre, theatre
from tests.scenarios.test_kill_proposals import opened, resolved

CONTACTS = '[contacts]\n"CTO" = "slack:U0BRUNO001"\n'
MOMENTS = ("asked", "taken")
"""At the recipient, before anything is handed over; at the mail, before the server says that it has it."""

PEOPLE = ("ana", "bruno", "chidi")


@pytest.mark.timeout(300)
async def test_killed_at_the_mail_everybody_is_invited_once(databases: Databases, tmp_path: Path) -> None:
    await run_beside(MOMENTS, databases, tmp_path, invite_killed)


async def invite_killed(moment: str, database: str, folder: Path) -> None:
    """Kill the bot at the first mail; then let it be."""
    box, struck = Mailbox(), asyncio.Event()
    with serve_mail(box) as port:
        settings = {
            "TOCSIN_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "TOCSIN_MAIL_FROM": "incidents@team.example",
        }
        async with theatre(database, folder, contacts=CONTACTS, more=settings) as stage:

            def blow() -> None:
                if not struck.is_set():
                    struck.set()
                    stage.program.kill()

            await resolved(stage)
            if moment == "asked":
                box.when_asked = blow
            else:
                box.when_taken = blow
            await arrange(stage)
            await stage.until(struck.is_set, what="the mail")
            await stage.start()
            told = "select 1 from meeting_guest where told < 0"
            await stage.until(lambda: stage.quiet() and not stage.looking.rows(told), 60, "the mails")
    sent = Counter(str(mail["Message-ID"]) for mail in box.mails)
    assert len(sent) == len(PEOPLE)
    # The mails go side by side, so more than one may be with the server when the kill comes.
    assert max(sent.values()) <= (2 if moment == "taken" else 1)


async def arrange(stage: Theatre) -> None:
    """The form, with everybody."""
    (row,) = stage.looking.rows("select channel from incident")
    await stage.slack.people.command("caller001", row["channel"], "/incident", "meeting")
    form = await opened(stage)
    at = datetime.now(UTC) + timedelta(days=2)
    people = [stage.slack.person(who).id for who in PEOPLE]
    given: dict[str, dict[str, Any]] = {
        "guests": {"guests": people},
        "other_time": {"other_time": int(at.timestamp())},
    }
    await stage.slack.people.submit("caller001", form, given)
