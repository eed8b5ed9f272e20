"""The names of what can be carried out, as settings and files spell them."""

APPROVABLE_KINDS = ("ecs.rollback", "ecs.scale", "postgres.end_idle", "github.workflow")
