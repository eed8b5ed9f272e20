"""The RDS cluster, its writer and its reader, and what happened to them lately."""

from datetime import UTC, datetime, timedelta

from moto.rds.models import Event, rds_backends

from sandbox.monitored_systems.names import ACCOUNT, DB_CLUSTER, DB_READER, DB_WRITER, REGION
from sandbox.monitored_systems.scenarios import Scene

ENGINE, VERSION = "aurora-postgresql", "15.4"


def make() -> None:
    """A cluster with two instances, the first of which writes."""
    backend = rds_backends[ACCOUNT][REGION]
    backend.create_db_cluster(
        {
            "db_cluster_identifier": DB_CLUSTER,
            "engine": ENGINE,
            "engine_version": VERSION,
            "database_name": "rodistaa",
            "master_username": "rodistaa_admin",
            "master_user_password": "Sandbox-Only-1",
        }
    ).status = "available"
    for name in (DB_WRITER, DB_READER):
        backend.create_db_instance(
            {
                "db_instance_identifier": name,
                "db_cluster_identifier": DB_CLUSTER,
                "db_instance_class": "db.r6g.large",
                "engine": ENGINE,
                "engine_version": VERSION,
            }
        )


def show(scene: Scene) -> None:
    """The cluster is available in every scene: what fails lies above it. Its last events are a backup's."""
    backend = rds_backends[ACCOUNT][REGION]
    now = datetime.now(UTC)
    backend.events = [
        _event(DB_WRITER, "DB_INSTANCE_BACKUP_START", now - timedelta(minutes=52)),
        _event(DB_WRITER, "DB_INSTANCE_BACKUP_FINISH", now - timedelta(minutes=47)),
    ]


def _event(instance: str, kind: str, at: datetime) -> Event:
    made = Event(kind, rds_backends[ACCOUNT][REGION].databases[instance])
    made.date = at
    return made
