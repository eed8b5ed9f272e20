"""What may be filled in for a command's gaps: one value that leaves it a command that only reads."""

import pytest

from bot.runbook import classify_steps, find_step, list_gaps, parse_runbook
from bot.services import find_invalid_input

TEXT = """# Runbook

## P1 INCIDENT: BOOKINGS FAIL

```sql
-- Check one booking
SELECT state FROM bookings WHERE id = <booking-id>;
```

```bash
# Check one user
psql -h $PGHOST -c "SELECT state FROM users WHERE name = '<user-name>'"

# End one session
psql -h $PGHOST -c "SELECT pg_terminate_backend(<pid>)"

# Ask one page
curl https://api.rodistaa.com/v1/<page>
```
"""
RUNBOOK = classify_steps(parse_runbook(TEXT))
STEPS = {step.title: step for playbook in RUNBOOK.playbooks for step in playbook.steps()}


@pytest.mark.parametrize(
    ("title", "value", "fits"),
    [
        ("Check one booking", "42", True),
        ("Check one booking", "1 OR 1=1", False),
        ("Check one booking", "1; DELETE FROM bookings", False),
        ("Check one booking", "(SELECT pg_sleep(9))", False),
        ("Check one user", "ana", True),
        ("Check one user", "x' OR 'a'='a", False),
        ("Ask one page", "trucks", True),
        ("Ask one page", "../admin", False),
        ("Ask one page", "a password=hunter2", False),
    ],
)
async def test_one_value_fits_and_whatever_changes_more_is_refused(
    title: str, value: str, fits: bool
) -> None:
    step = STEPS[title]
    (gap,) = list_gaps(step)
    found = await find_invalid_input(step, {gap: value})
    assert (found is None) is fits, found
    if found is not None:
        assert found[0] == gap and found[1].endswith("Nothing was run.") and value not in found[1]


def test_what_would_change_something_asks_for_nothing() -> None:
    assert list_gaps(STEPS["End one session"]) == ()
    assert list_gaps(None) == ()
    assert find_step(RUNBOOK, "", STEPS["End one session"].line) is STEPS["End one session"]
    assert find_step(RUNBOOK, "OTHER.md", STEPS["End one session"].line) is None
