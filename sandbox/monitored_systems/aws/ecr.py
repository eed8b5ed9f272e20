"""The registry that the service's images are pulled from."""

from hashlib import sha256

from moto.ecr.models import Image, ecr_backends

from sandbox.monitored_systems.names import ACCOUNT, BACKEND_AFTER, BACKEND_BEFORE, REGION
from sandbox.monitored_systems.scenarios import Scene

REPOSITORY = "rodistaa-backend"
MANIFEST, MEDIA_TYPE = '{"layers": []}', "application/vnd.docker.distribution.manifest.v2+json"


def name_image(tag: str) -> str:
    """An image as task definitions name it."""
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:{tag}"


def compute_digest(image: str) -> str:
    """What the image of this name has had since it was built."""
    return f"sha256:{sha256(image.encode()).hexdigest()}"


def make() -> None:
    """The repository, without an image."""
    ecr_backends[ACCOUNT][REGION].create_repository(REPOSITORY, None, {}, {}, "MUTABLE", [])


def show(scene: Scene) -> None:
    """Both releases are there in every scene, as they were built."""
    ecr_backends[ACCOUNT][REGION].repositories[REPOSITORY].images = [
        Image(ACCOUNT, tag, MANIFEST, REPOSITORY, MEDIA_TYPE, compute_digest(name_image(tag)))
        for tag in (BACKEND_BEFORE, BACKEND_AFTER)
    ]
