"""`check` says which remediations are on, with which rights, who approves, and what lacks."""

import os
from pathlib import Path

from tests.bot_template import TEMPLATE
from tests.github_workflows import serve

ROOT = Path(__file__).parents[3]
RUNBOOK = """# Runbook

## P0 INCIDENT: API DOWN

### Actions

<!-- tocsin: remediation github.workflow {name} service=api -->
```bash
./scripts/rollback-production.sh
```
"""


def check(folder: Path, name: str, **settings: str) -> str:
    runbook, contacts = folder / "runbook.md", folder / "contacts.toml"
    runbook.write_text(RUNBOOK.format(name=name))
    contacts.write_text(
        '[contacts]\nCTO = "slack:U0BRUNO001"\n[approvers]\n"*" = ["CTO", "slack:S0OPS001"]\n'
    )
    given = {"PATH": os.environ["PATH"], "TOCSIN_CONTACTS": str(contacts), "TOCSIN_SECRETS_DIR": "/nowhere"}
    told = TEMPLATE.run(["check", str(runbook)], given | settings)
    assert told.returncode in (0, 1), told.stderr
    return told.stdout.partition("Remediations:\n")[2]


def test_what_is_on_with_which_right_and_by_whom_and_what_lacks(tmp_path: Path) -> None:
    with serve() as github:
        more = {"GITHUB_TOKEN": "ghp_read", "GITHUB_REPOSITORY": "acme/app", "GITHUB_API_URL": github.address}
        on = {"TOCSIN_REMEDIATIONS": "github.workflow", "TOCSIN_REMEDIATION_GITHUB_TOKEN": "ghp_act"}
        told = check(tmp_path, "rollback.yml", **more, **on)
        assert "github.workflow is on with TOCSIN_REMEDIATION_GITHUB_TOKEN (Actions: write" in told
        assert "Approved by CTO, slack:S0OPS001." in told
        assert "members edit user groups" in told
        assert "workflow rollback.yml" not in told, "that one can be run"
        lacking = check(tmp_path, "nothing.yml", **more, TOCSIN_REMEDIATIONS="github.workflow")
        assert "TOCSIN_REMEDIATION_GITHUB_TOKEN is not set: what is approved is refused" in lacking
        assert "acme/app has no workflow nothing.yml" in lacking
        assert github.dispatches == []


def test_off_is_said_in_a_line(tmp_path: Path) -> None:
    told = check(tmp_path, "rollback.yml")
    assert "Remediations are off: TOCSIN_REMEDIATIONS names no kind." in told
    assert "set GITHUB_REPOSITORY" in told
