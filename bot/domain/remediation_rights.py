"""With which right each kind of remediation is carried out, and whether everything for it is there. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.contacts.approvers import Approvers
from bot.domain.remediation import EXECUTABLE, RemediationKind


@dataclass(frozen=True, slots=True)
class KindRight:
    """The setting that holds the right (`field` of the settings, `setting` as people spell it), and what it may do.
    `also` are a field and a setting without which it is of no use."""

    field: str
    setting: str
    may: str
    also: tuple[str, str] | None = None

    @property
    def needed(self) -> tuple[tuple[str, str], ...]:
        """Every setting that it needs: field and name."""
        return ((self.field, self.setting), *((self.also,) if self.also else ()))


AWS = ("aws_remediation_role", "TOCSIN_AWS_REMEDIATION_ROLE")
GITHUB = ("remediation_github_token", "TOCSIN_REMEDIATION_GITHUB_TOKEN")
SESSIONS = (
    "remediation_database_url",
    "TOCSIN_REMEDIATION_DATABASE_URL",
    "pg_signal_backend in one database",
)
RIGHTS: Mapping[RemediationKind, KindRight] = {
    RemediationKind.ECS_ROLLBACK: KindRight(
        *AWS,
        "ecs:UpdateService or ecs:StopServiceDeployment on one service, or codedeploy:StopDeployment, for 15 min",
    ),
    RemediationKind.ECS_SCALE: KindRight(
        *AWS,
        "ecs:UpdateService or application-autoscaling:RegisterScalableTarget for one service, for 15 min",
    ),
    RemediationKind.ECS_RESTART: KindRight(*AWS, "ecs:UpdateService on one service, for 15 min"),
    RemediationKind.END_IDLE: KindRight(*SESSIONS),
    RemediationKind.END_BLOCKER: KindRight(*SESSIONS),
    RemediationKind.FAILOVER: KindRight(*AWS, "rds:FailoverDBCluster on one cluster, for 15 min"),
    RemediationKind.WORKFLOW: KindRight(*GITHUB, "Actions: write on one repository"),
    RemediationKind.REVERT: KindRight(*GITHUB, "Contents and Pull requests: write on one repository"),
    RemediationKind.SWITCH: KindRight(
        *AWS,
        "appconfig:CreateHostedConfigurationVersion, appconfig:StartDeployment and appconfig:StopDeployment in one "
        "environment, for 15 min",
    ),
    RemediationKind.BANNER: KindRight(
        "remediation_google_credentials",
        "TOCSIN_REMEDIATION_GOOGLE_CREDENTIALS",
        "cloudconfig.configs.update in one project",
        ("firebase_project", "TOCSIN_FIREBASE_PROJECT"),
    ),
}


@dataclass(frozen=True, slots=True)
class ReadinessLine:
    """One sentence about what is switched on; `is_warning` where something has to be mended or known."""

    sentence: str
    is_warning: bool = False


OFF = ReadinessLine("Remediations are off: TOCSIN_REMEDIATIONS names no kind. Every card is by hand.")
NOBODY = "nobody may approve it: [approvers] in TOCSIN_CONTACTS has no line for it and no “*”. Its cards are by hand"


def list_readiness(
    kinds: Iterable[RemediationKind], approvers: Approvers, is_set: Callable[[str], bool]
) -> tuple[ReadinessLine, ...]:
    """Which kinds are on, with which rights, who approves, and what lacks. `is_set` tells of a setting by its name."""
    chosen = [kind for kind in EXECUTABLE if kind in set(kinds)]
    if not chosen:
        return (OFF,)
    told = [line for kind in chosen for line in _describe_kind(kind, approvers, is_set)]
    return (*told, *_warn_of_groups(chosen, approvers), *_describe_break_glass(chosen, approvers))


def _describe_kind(
    kind: RemediationKind, approvers: Approvers, is_set: Callable[[str], bool]
) -> Iterator[ReadinessLine]:
    right, names = RIGHTS[kind], approvers.of(kind.value)
    if not names:
        yield ReadinessLine(f"{kind.value} is on, and {NOBODY}.", True)
    else:
        yield ReadinessLine(
            f"{kind.value} is on with {right.setting} ({right.may}). Approved by {', '.join(names)}."
        )
    for _, setting in right.needed:
        if not is_set(setting):
            yield ReadinessLine(
                f"{kind.value} is on, and {setting} is not set: what is approved is refused.", True
            )


def _warn_of_groups(kinds: Iterable[RemediationKind], approvers: Approvers) -> Iterator[ReadinessLine]:
    names = dict.fromkeys(name for kind in kinds for name in approvers.of(kind.value))
    groups = [name for name in names if name.startswith("slack:S")]
    if groups:
        yield ReadinessLine(
            f"{', '.join(groups)}: Slack lets members edit user groups unless the workspace forbids it, and whoever "
            "joins one may approve. Let only admins edit them (Slack: Settings, Permissions, User Groups).",
            True,
        )


def _describe_break_glass(kinds: Iterable[RemediationKind], approvers: Approvers) -> Iterator[ReadinessLine]:
    alone = [kind.value for kind in kinds if kind.value in approvers.break_glass]
    if alone:
        yield ReadinessLine(
            f"Break-glass is on for {', '.join(alone)}: in a P0 one approver alone may do it, when every approver was "
            "paged for its card and none has clicked for 5 min.",
            True,
        )
