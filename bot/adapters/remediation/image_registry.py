"""Whether the images of a service still are in their registry, and still are those that run.

A tag can be moved to another image: tasks that are started anew then run something else than before.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from bot.adapters.remediation.aws_calls import Reader
from bot.ports.remediation import RemediationUnavailable

ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]+))?"
)
GONE = ("ImageNotFoundException", "RepositoryNotFoundException")


@dataclass(frozen=True, slots=True)
class ImageCheck:
    """What a registry says of one image: why tasks cannot start with it (`gone`), that other content would come
    (`moved`), or what could not be asked (`unknown`); all are sentences, empty where there is nothing to say. `digest`
    is what the tag means now."""

    gone: str = ""
    moved: str = ""
    unknown: str = ""
    digest: str = ""


def check_images(reader: Reader, images: Iterable[Mapping[str, Any]]) -> tuple[ImageCheck, ...]:
    """One check for each image of a service revision, in its order."""
    return tuple(_check_image(reader, str(each.get("image", "")), each.get("imageDigest")) for each in images)


def _check_image(reader: Reader, image: str, running: str | None) -> ImageCheck:
    if "@sha256:" in image:
        return ImageCheck(digest=image.rpartition("@")[2])
    named = ECR.fullmatch(image)
    if named is None:
        registry = image.partition("/")[0] if "." in image.partition("/")[0] else "Docker Hub"
        return ImageCheck(unknown=f"Whether {registry} answers and still has {image}: it is no ECR.")
    tag = named["tag"] or "latest"
    asked = {"registryId": named["account"], "repositoryName": named["name"], "imageIds": [{"imageTag": tag}]}
    try:
        found = reader.ask("ecr", "describe_images", **asked)["imageDetails"]
    except RemediationUnavailable as away:
        if _is_gone(away):
            return ImageCheck(gone=f"{named['name']}:{tag} is not in ECR any more: no task would start.")
        return ImageCheck(unknown=f"Whether ECR still has {named['name']}:{tag}: {away}")
    digest = str(found[0]["imageDigest"]) if found else ""
    if not running:
        return ImageCheck(
            unknown=f"Whether {tag} is the image that runs: ECS tells no digest.", digest=digest
        )
    moved = f"The tag {tag} of {named['name']} was moved: another image than the one that runs would start."
    return ImageCheck(moved=moved if digest != running else "", digest=digest)


def _is_gone(away: RemediationUnavailable) -> bool:
    cause = away.__cause__
    return isinstance(cause, ClientError) and cause.response["Error"]["Code"] in GONE
