"""Firebase Remote Config: one template with an ETag, its versions, and the tokens of service accounts.

https://firebase.google.com/docs/reference/remote-config/rest/v1/projects/updateRemoteConfig. A template is published
only with the ETag of the one that is there (412 else); `validateOnly` publishes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Json = dict[str, Any]
READS, ACTS = "ya29.sandbox-world", "ya29.sandbox-acts"
TOKEN_PATH = "/token"  # noqa: S105 - a path


@dataclass(slots=True)
class RemoteConfig:
    """One project. `published` are the templates, the oldest first; `validated` counts what was only looked at."""

    parameters: Json = field(default_factory=dict)
    groups: Json = field(default_factory=dict)
    published: list[Json] = field(default_factory=list)
    validated: int = 0

    def __post_init__(self) -> None:
        self._add({"parameters": self.parameters, "parameterGroups": self.groups}, "")

    @property
    def etag(self) -> str:
        return f"etag-{len(self.published)}"

    @property
    def values(self) -> Mapping[str, str]:
        """What apps get that fetch now, by the names of parameters."""
        parameters: Json = self.published[-1].get("parameters", {})
        return {name: each.get("defaultValue", {}).get("value", "") for name, each in parameters.items()}

    def publish_elsewhere(self, name: str, value: str) -> None:
        """Somebody publishes another value in the console."""
        last = self.published[-1]
        parameters = {**last.get("parameters", {}), name: {"defaultValue": {"value": value}}}
        self._add({**last, "parameters": parameters}, "by hand")

    def _add(self, content: Json, description: str) -> Json:
        kept = {name: value for name, value in content.items() if name != "version"}
        number = str(len(self.published) + 1)
        self.published.append({**kept, "version": {"versionNumber": number, "description": description}})
        return self.published[-1]

    def answer(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Json, dict[str, str]]:
        """Status, body and headers of the answer to one request; `headers` with lower names."""
        if path == TOKEN_PATH:
            return 200, {"access_token": ACTS, "expires_in": 3599, "token_type": "Bearer"}, {}
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token not in (READS, ACTS):
            return _refuse(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if path.endswith(":listVersions"):
            return 200, {"versions": [each["version"] for each in reversed(self.published)]}, {}
        if method == "GET":
            return 200, self.published[-1], {"ETag": self.etag}
        if token != ACTS:
            return _refuse(403, "PERMISSION_DENIED", "The caller does not have permission")
        return self._update(json.loads(body), query, headers)

    def _update(
        self, content: Json, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, Json, dict[str, str]]:
        if headers.get("if-match") not in (self.etag, "*"):
            return _refuse(412, "FAILED_PRECONDITION", "[VERSION_MISMATCH]: Expected another ETag.")
        for name, parameter in content.get("parameters", {}).items():
            if not isinstance(parameter.get("defaultValue", {}), dict):
                return _refuse(400, "INVALID_ARGUMENT", f"[VALIDATION_ERROR]: {name} has no value.")
        if query.get("validateOnly") == "true":
            self.validated += 1
            return 200, content, {"ETag": f"{self.etag}-0"}
        added = self._add(content, content.get("version", {}).get("description", ""))
        return 200, added, {"ETag": self.etag}


def _refuse(status: int, word: str, message: str) -> tuple[int, Json, dict[str, str]]:
    return status, {"error": {"code": status, "message": message, "status": word}}, {}


def write_service_key(file: Path) -> Path:
    """A key file as Google gives it for a service account. It opens nothing outside of this machine."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    told = {"type": "service_account", "client_email": "acts@sandbox.example", "private_key": pem}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told), encoding="utf-8")
    return file
