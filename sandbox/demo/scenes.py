"""What the diagnostics find in each scene of the broken world: shown as pictures and as text in the documentation."""

import json
from collections.abc import Mapping
from pathlib import Path

from sandbox.monitored_systems import TITLES, Breakage, SystemsProcess
from sandbox.monitored_systems.names import ACCOUNT
from sandbox.slack.plain_text import render_message_lines
from sandbox.slack.slack import Slack
from sandbox.slack.workspace_model import WorkspaceMessage

DECLARED: Mapping[Breakage, str] = {
    Breakage.DEPLOYMENT: "p0 API is down",
    Breakage.DATABASE: "p0 database unavailable",
    Breakage.PAYMENTS: "p1 payment gateway failing",
    Breakage.ERRORS: "p1 high error rate",
    Breakage.CRASHES: "p1 mobile app crashes",
    Breakage.SLOW: "p2 slow API responses",
}
"""What somebody declares in each scene: one playbook of the shipped runbook each."""

HEALTH = "https://api.rodistaa.com/health"
"""Health endpoint of the shipped runbook's team."""

PATIENCE = 60.0
HEAD = """# What the diagnostics find

The six playbooks of the shipped runbook, declared one after another while the sandbox's world is broken in the way
that each of them is for. Pictures and texts are what the bot posted; `./tocsin shots` makes this page anew.

What a playbook lists under *Common Fixes* stands beside the finding that has its cause: see
"Fix 1" where payments fail.
"""


def build_settings(world: SystemsProcess) -> dict[str, str]:
    """What leads a bot to the world."""
    return {
        **world.environment,
        "TOCSIN_ADDRESSES": json.dumps(dict(world.addresses)),
        "TOCSIN_HEALTH_URL": HEALTH,
        "TOCSIN_REMEDIATIONS": (
            "ecs.rollback,ecs.scale,ecs.restart,postgres.end_idle,postgres.end_blocker,rds.failover,"
            "appconfig.switch,firebase.banner"
        ),
        "TOCSIN_AWS_REMEDIATION_ROLE": f"arn:aws:iam::{ACCOUNT}:role/tocsin-remediation",
    }


async def find_breakage(slack: Slack, world: SystemsProcess, scene: Breakage) -> WorkspaceMessage:
    """Break it, declare it, and give the message of what was found once everything has been looked at."""
    await world.break_(scene)
    earlier = set(_looks(slack))
    answer = await slack.people.command("ana", "general", "/incident", f"declare {DECLARED[scene]}")
    assert answer.status == 200, answer.body

    def ended() -> WorkspaceMessage | None:
        new = [message for ts, message in _looks(slack).items() if ts not in earlier]
        return next((message for message in new if _is_over(slack, message)), None)

    message = await slack.wait_for(ended, PATIENCE, f"what is found of {scene}")
    assert message is not None
    return message


def read_message(slack: Slack, message: WorkspaceMessage) -> str:
    """The message as a person reads it."""
    return "\n".join(render_message_lines(slack.workspace, message))


def render_page(texts: Mapping[Breakage, str]) -> str:
    """The page of the documentation."""
    parts = [HEAD]
    for scene, text in texts.items():
        name = f"evidence-{scene.value}"
        parts.append(
            f"## {TITLES[scene]}: `/incident declare {DECLARED[scene]}`\n\n"
            f"<picture>\n"
            f'  <source media="(prefers-color-scheme: dark)" srcset="pictures/{name}-dark.png">\n'
            f'  <img src="pictures/{name}-light.png" alt="The message of the diagnostics; its text stands below">\n'
            f"</picture>\n\n```\n{text}\n```\n"
        )
    return "\n".join(parts)


def write_page(texts: Mapping[Breakage, str], docs: Path) -> Path:
    """The page, in this folder."""
    path = docs / "EVIDENCE.md"
    path.write_text(render_page(texts), encoding="utf-8")
    return path


def _looks(slack: Slack) -> dict[str, WorkspaceMessage]:
    return {
        message.ts: message
        for channel in slack.workspace.channels.values()
        for message in slack.messages(channel.id, of_bot=True)
        if ":evidence:" in str(((message.metadata or {}).get("event_payload") or {}).get("key", ""))
    }


def _is_over(slack: Slack, message: WorkspaceMessage) -> bool:
    return any("Checked " in line for line in render_message_lines(slack.workspace, message))
