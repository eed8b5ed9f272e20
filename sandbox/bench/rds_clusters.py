"""An RDS whose clusters all exist, each with a writer and a reader: what it tells, and what a failover does.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverDBCluster.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.bench.ecs_services import ACCOUNT, REGION

ANSWER = (
    '<{0}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{0}Result>{1}</{0}Result>'
    "<ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata></{0}Response>"
)
LAG = {"Label": "AuroraReplicaLag", "Datapoints": [{"Timestamp": 0, "Maximum": 18.0, "Unit": "Milliseconds"}]}


@dataclass(slots=True)
class RdsClusters:
    """The clusters that were failed over, by name."""

    moved: set[str] = field(default_factory=set)

    def read(self, asked: Mapping[str, str]) -> str | None:
        """The answer to a question; None for one that is not known here."""
        describe = READS.get(asked["Action"])
        return ANSWER.format(asked["Action"], describe(self, asked)) if describe else None

    def fail_over(self, name: str) -> str:
        """The other instance writes from now on."""
        self.moved ^= {name}
        return ANSWER.format("FailoverDBCluster", f"<DBCluster>{_describe(self, name)}</DBCluster>")


def _describe(clusters: RdsClusters, name: str) -> str:
    writer = 2 if name in clusters.moved else 1
    members = "".join(
        f"<DBClusterMember><DBInstanceIdentifier>{name}-{number}</DBInstanceIdentifier>"
        f"<IsClusterWriter>{str(number == writer).lower()}</IsClusterWriter><PromotionTier>1</PromotionTier>"
        "</DBClusterMember>"
        for number in (1, 2)
    )
    return (
        f"<DBClusterIdentifier>{name}</DBClusterIdentifier><Status>available</Status>"
        f"<DBClusterArn>arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{name}</DBClusterArn>"
        f"<Engine>aurora-postgresql</Engine><DBClusterMembers>{members}</DBClusterMembers>"
    )


def _describe_clusters(clusters: RdsClusters, asked: Mapping[str, str]) -> str:
    name = asked["DBClusterIdentifier"]
    return f"<DBClusters><DBCluster>{_describe(clusters, name)}</DBCluster></DBClusters>"


def _describe_instances(clusters: RdsClusters, asked: Mapping[str, str]) -> str:
    name = next(value for key, value in asked.items() if key.endswith("Value.1"))
    listed = "".join(
        f"<DBInstance><DBInstanceIdentifier>{name}-{number}</DBInstanceIdentifier>"
        "<DBInstanceStatus>available</DBInstanceStatus><DBInstanceClass>db.r6g.large</DBInstanceClass></DBInstance>"
        for number in (1, 2)
    )
    return f"<DBInstances>{listed}</DBInstances>"


READS: Mapping[str, Callable[[RdsClusters, Mapping[str, str]], str]] = {
    "DescribeDBClusters": _describe_clusters,
    "DescribeDBInstances": _describe_instances,
    "DescribeEvents": lambda clusters, asked: "<Events></Events>",
    "DescribeGlobalClusters": lambda clusters, asked: "<GlobalClusters></GlobalClusters>",
}
