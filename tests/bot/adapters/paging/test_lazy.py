"""Providers' libraries are large: a bot whose contacts need none of them does not carry them."""

import subprocess
import sys

SCRIPT = """
import sys
import bot.app, bot.adapters.paging, bot.adapters.paging.on_call, bot.adapters.paging.pagerduty_webhook
print(*sorted({"pagerduty", "httpx2", "apprise", "icalendar", "recurring_ical_events"} & set(sys.modules)))
"""


def test_no_providers_library_is_imported_before_a_contact_needs_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
