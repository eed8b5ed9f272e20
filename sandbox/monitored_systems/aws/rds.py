"""The RDS cluster, its writer and its reader, and what happened to them lately."""

from datetime import UTC, datetime, timedelta

from moto.rds.models import Event, RDSBackend, rds_backends

from sandbox.monitored_systems.aws import failovers
from sandbox.monitored_systems.names import ACCOUNT, DB_CLUSTER, DB_READER, DB_WRITER, REGION
from sandbox.monitored_systems.scenarios import Breakage, Scene

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
    """The cluster is available in every scene: what fails lies above it. Its last events are a backup's, and those of a
    failover that healed what was broken: whoever writes since then goes on."""
    backend = rds_backends[ACCOUNT][REGION]
    has_healed = scene.broken is None and failovers.STATE.has_settled
    kept = [event for event in backend.events if has_healed and failovers.CATEGORY in event.event_categories]
    if not has_healed:
        _restore_writer(backend)
    now = datetime.now(UTC)
    backend.events = [
        _event(DB_WRITER, "DB_INSTANCE_BACKUP_START", now - timedelta(minutes=52)),
        _event(DB_WRITER, "DB_INSTANCE_BACKUP_FINISH", now - timedelta(minutes=47)),
        *kept,
    ]


def _restore_writer(backend: RDSBackend) -> None:
    """Whoever was failed over to, the first instance writes again."""
    failovers.reset()
    cluster = backend.clusters[DB_CLUSTER]
    cluster.status, cluster.writer = failovers.AVAILABLE, backend.databases[DB_WRITER]
    for member in cluster.members:
        member.is_cluster_writer = member is cluster.writer


def is_mended(scene: Scene) -> bool:
    """Whether a failover has dropped the connections that filled the database."""
    backend = rds_backends[ACCOUNT][REGION]
    failovers.advance(backend, backend.clusters[DB_CLUSTER])
    return scene.has(Breakage.DATABASE) and failovers.STATE.has_settled


def _event(instance: str, kind: str, at: datetime) -> Event:
    made = Event(kind, rds_backends[ACCOUNT][REGION].databases[instance])
    made.date = at
    return made
