"""What speaks for rolling a service back, and against it; what could not be checked."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.adapters.remediation.ecs_service import EcsService
from bot.adapters.remediation.migrations_between import Lookup

RECENT = timedelta(hours=24)
SETTINGS = (
    "networkConfiguration",
    "loadBalancers",
    "platformVersion",
    "launchType",
    "capacityProviderStrategy",
)
"""What a revision of the service has beside its task definition, and what stays when that goes back."""


def list_digests(revision: Mapping[str, Any]) -> frozenset[str]:
    """The digests of the images of a service revision."""
    images = revision.get("containerImages", ())
    return frozenset(str(image["imageDigest"]) for image in images if image.get("imageDigest"))


def map_images(revision: Mapping[str, Any]) -> dict[str, str]:
    """Its images by container."""
    images = revision.get("containerImages", ())
    return {str(image["containerName"]): str(image.get("image", "")) for image in images}


def shorten_images(image: str) -> str:
    """Images without their registries."""
    return ", ".join(name.rpartition("/")[2] for name in image.split(", ")) or "not known"


def parse_tag(image: str) -> str:
    """The tag of an image; empty without one."""
    return image.partition("@")[0].rpartition(":")[2] if ":" in image else ""


def list_supports(service: EcsService) -> tuple[str, ...]:
    """What speaks for it."""
    told = []
    if service.running < service.desired:
        told.append(f"{service.running} of {service.desired} tasks run.")
    primary = service.primary
    if primary.get("rolloutState") == "FAILED":
        told.append(f"Its deployment failed: {primary.get('rolloutStateReason', '')}")
    if (began := primary.get("createdAt")) and datetime.now(UTC) - began <= RECENT:
        told.append(f"Its deployment began {began.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")
    return tuple(told)


def list_objections(service: EcsService) -> tuple[str, ...]:
    """What speaks against it."""
    told = []
    if service.running >= service.desired > 0:
        told.append(f"All {service.desired} tasks run.")
    began = service.primary.get("createdAt")
    if began and datetime.now(UTC) - began > RECENT:
        days = (datetime.now(UTC) - began).days
        told.append(f"The last deployment is {days} days old: it may not be the cause.")
    if service.owner:
        told.append(
            f"{service.owner} sets this service too: its next run brings the refused version back. Revert the merge "
            "beside it: /incident fix revert."
        )
    return tuple(told)


def list_unchecked(
    migrations: Lookup, running: Mapping[str, Any], before: Mapping[str, Any]
) -> tuple[str, ...]:
    """What could not be checked."""
    told = [migrations.unknown] if migrations.unknown else []
    if not list_digests(running) or not list_digests(before):
        told.append("Whether the image is another one: ECS tells no digest.")
    return tuple(told)


def list_warnings(
    running: Mapping[str, Any], before: Mapping[str, Any], migrations: Lookup
) -> tuple[str, ...]:
    """What the card warns of in red."""
    told = []
    if migrations.found:
        told.append(
            f"Migrations lie between the two images and do not go back: {', '.join(migrations.found[:3])}."
        )
    others = [name for name in SETTINGS if before and running and before.get(name) != running.get(name)]
    if others:
        told.append(f"Only the task definition goes back; {', '.join(others)} stay as they are.")
    return tuple(told)
