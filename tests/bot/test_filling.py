"""What may be filled in for a command's gaps: one value that leaves it a command that only reads."""

import pytest

from bot.lifecycle import misfit
from bot.runbook import gaps_of, read, recognised, step_at

TEXT = """# Runbook

## P1 INCIDENT: BOOKINGS FAIL

```sql
-- Look at one booking
SELECT state FROM bookings WHERE id = <booking-id>;
```

```bash
# Look at one user
psql -h $PGHOST -c "SELECT state FROM users WHERE name = '<user-name>'"

# End one session
psql -h $PGHOST -c "SELECT pg_terminate_backend(<pid>)"

# Ask one page
curl https://api.rodistaa.com/v1/<page>
```
"""
RUNBOOK = recognised(read(TEXT))
STEPS = {step.title: step for playbook in RUNBOOK.playbooks for step in playbook.steps()}


@pytest.mark.parametrize(
    ("title", "value", "fits"),
    [
        ("Look at one booking", "42", True),
        ("Look at one booking", "1 OR 1=1", False),
        ("Look at one booking", "1; DELETE FROM bookings", False),
        ("Look at one booking", "(SELECT pg_sleep(9))", False),
        ("Look at one user", "ana", True),
        ("Look at one user", "x' OR 'a'='a", False),
        ("Ask one page", "trucks", True),
        ("Ask one page", "../admin", False),
        ("Ask one page", "a password=hunter2", False),
    ],
)
async def test_one_value_fits_and_whatever_changes_more_is_refused(
    title: str, value: str, fits: bool
) -> None:
    step = STEPS[title]
    (gap,) = gaps_of(step)
    found = await misfit(step, {gap: value})
    assert (found is None) is fits, found
    if found is not None:
        assert found[0] == gap and found[1].endswith("Nothing was run.") and value not in found[1]


def test_what_would_change_something_asks_for_nothing() -> None:
    assert gaps_of(STEPS["End one session"]) == ()
    assert gaps_of(None) == ()
    assert step_at(RUNBOOK, "", STEPS["End one session"].line) is STEPS["End one session"]
    assert step_at(RUNBOOK, "OTHER.md", STEPS["End one session"].line) is None
