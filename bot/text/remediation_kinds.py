"""The names of what can be carried out, as settings and files spell them."""

APPROVABLE_KINDS = (
    "ecs.rollback",
    "ecs.scale",
    "ecs.restart",
    "postgres.end_idle",
    "postgres.end_blocker",
    "rds.failover",
    "github.workflow",
    "github.revert",
    "appconfig.switch",
    "firebase.banner",
)
