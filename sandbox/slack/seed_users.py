"""Who works in the workspace when it starts: enough roles to try every permission."""

from typing import Any

from sandbox.slack.workspace import BOT_USER, OTHER_TEAM, SLACKBOT, TEAM, Workspace
from sandbox.slack.workspace_model import User


def _person(id: str, handle: str, name: str, title: str, tz: str = "UTC", **flags: Any) -> User:
    team = OTHER_TEAM if flags.get("is_stranger") else TEAM
    domain = "partner.example" if flags.get("is_stranger") else "team.example"
    return User(id, handle, name, f"{handle}@{domain}", team, tz, title, **flags)


PEOPLE = (
    _person("U0ANA00001", "ana", "Ana Duarte", "Incident Commander", "Europe/Lisbon"),
    _person("U0BRUNO001", "bruno", "Bruno Keller", "CTO", "Europe/Berlin"),
    _person("U0CHIDI001", "chidi", "Chidi Okafor", "On-Call Engineer", "Africa/Lagos"),
    _person("U0DEVIKA01", "devika", "Devika Rao", "DevOps Lead", "Asia/Kolkata"),
    _person("U0GUS00001", "gus", "Gus Holm", "Contractor (guest)", "Europe/Stockholm", is_restricted=True),
    _person("U0STATBOT1", "statusbot", "Status Bot", "", is_bot=True),
    _person("U0SASHA001", "sasha", "Sasha Lind", "Partner's engineer", is_stranger=True),
)
INSIDERS = ("ana", "bruno", "chidi", "devika")


def expect_team(workspace: Workspace, name: str = "incident-response") -> None:
    """The team comes into the channel of this name as soon as somebody makes it."""
    workspace.joining[name] = tuple(person.id for person in PEOPLE if person.handle in INSIDERS)


def seed(workspace: Workspace) -> None:
    """Add the app, the people, `#general` with the team, and `#partners`, shared with another team."""
    workspace.users[SLACKBOT] = User(SLACKBOT, "slackbot", "Slackbot", "", TEAM)
    workspace.users[BOT_USER] = User(BOT_USER, "tocsin", "Tocsin", "", TEAM, is_bot=True)
    for person in PEOPLE:
        workspace.users[person.id] = person
    team = [person.id for person in PEOPLE if person.team == TEAM]
    general = workspace.new_channel("general", team[0], members=team)
    general.is_general = True
    partners = workspace.new_channel("partners", team[0], members=[person.id for person in PEOPLE])
    partners.is_ext_shared = True
