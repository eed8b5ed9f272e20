"""AWS for one remediation: reading with the reading keys, the one call with a role that may do just that."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from bot.adapters.remediation.protocol import Task
from bot.ports.remediation import Receipt, RemediationUnavailable
from bot.text.redaction import redact

READ = Config(connect_timeout=1.0, read_timeout=3.0, retries={"total_max_attempts": 2, "mode": "standard"})
ACT = Config(connect_timeout=2.0, read_timeout=8.0, retries={"total_max_attempts": 1})
"""The one call: it is never made a second time, also not by the library."""

SESSION_S = 900
MAX_REASON_LENGTH = 300
DENIED = ("AccessDeniedException", "AccessDenied", "UnauthorizedOperation")
NOT_SENT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError)

Client = Any

SERVICES = ("sts", "ecs")
"""What is loaded in advance: what most acts need."""

NO_KEYS = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
"""What keeps a client that asks nothing from looking for keys, which may ask the network."""

LOADED = botocore.session.Session().get_component("data_loader")
"""What one process has loaded of AWS's descriptions of its services."""


def load_services() -> None:
    """Load what a client is made from, which takes longer than most calls."""
    for service in SERVICES:
        _open_session("us-east-1").client(service, **NO_KEYS)


def _open_session(region: str) -> boto3.Session:
    core = botocore.session.Session()
    core.register_component("data_loader", LOADED)
    return boto3.Session(region_name=region or os.environ.get("AWS_REGION") or None, botocore_session=core)


class Reader:
    """The clients of one reading, by service."""

    def __init__(self, task: Task, region: str = "") -> None:
        self._session = _open_session(region)
        self._role = str(task.keys.get("aws_role") or "")
        self._credentials: Mapping[str, str] | None = None
        self._clients: dict[str, Client] = {}

    @property
    def region(self) -> str:
        return str(self._session.region_name or "")

    def client(self, service: str) -> Client:
        """A client that reads. Raises RemediationUnavailable where AWS cannot be asked."""
        if service not in self._clients:
            try:
                if self._role and self._credentials is None:
                    self._credentials = _assume(self._session, self._role, "tocsin-read", None, READ)
                self._clients[service] = self._session.client(
                    service, config=READ, **(self._credentials or {})
                )
            except (ClientError, BotoCoreError, ValueError) as error:
                raise RemediationUnavailable(f"AWS cannot be asked: {_explain(error)}") from None
        return self._clients[service]

    def ask(self, service: str, operation: str, /, **parameters: Any) -> dict[str, Any]:
        """The answer to one operation (`describe_services`). Raises RemediationUnavailable; a denied access names the
        action."""
        client = self.client(service)
        name = _name(client, service, operation)
        try:
            answer: dict[str, Any] = getattr(client, operation)(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] in DENIED:
                raise RemediationUnavailable(f"AWS does not let me read: {name} is denied.") from None
            raise RemediationUnavailable(f"AWS answered {name} with {_explain(error)}") from error
        except BotoCoreError as error:
            raise RemediationUnavailable(f"AWS did not answer {name}: {_explain(error)}") from None
        return answer


def _name(client: Client, service: str, operation: str) -> str:
    """`failover_db_cluster` as policies spell it: `rds:FailoverDBCluster`."""
    return f"{service}:{client.meta.method_to_api_mapping[operation]}"


def _explain(error: Exception) -> str:
    """What AWS, or its library, says: the code where there is one, and the end of a sentence."""
    said = str(error)
    if isinstance(error, ClientError):
        about = error.response["Error"]
        said = ": ".join(filter(None, (str(about.get("Code", "")), str(about.get("Message", "")).strip())))
    return f"{redact(said).partition(chr(10))[0][:MAX_REASON_LENGTH].rstrip('. ')}."


def call_once(
    task: Task,
    region: str,
    service: str,
    operation: str,
    parameters: Mapping[str, Any],
    allowed: Sequence[Mapping[str, Any]],
) -> Receipt:
    """Assume the role for acting with `allowed` as the statements of its session, and make the one call."""
    client = open_acting(task, region, service, allowed)
    if isinstance(client, Receipt):
        return client
    return make_call(client, service, operation, parameters)


def open_acting(
    task: Task, region: str, service: str, allowed: Sequence[Mapping[str, Any]]
) -> Client | Receipt:
    """A client of the role for acting, with `allowed` as the statements of its session; or why there is none."""
    session = _open_session(region)
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(allowed)}, separators=(",", ":"))
    name = re.sub(r"[^\w+=,.@-]", "-", task.key)[:64]
    role = str(task.keys["aws_remediation_role"])
    try:
        credentials = _assume(session, role, name, policy, ACT)
    except (ClientError, BotoCoreError, ValueError) as error:
        return Receipt(False, f"The role for remediations cannot be assumed: {_explain(error)}")
    return session.client(service, config=ACT, **credentials)


def make_call(
    client: Client, service: str, operation: str, parameters: Mapping[str, Any], keep: Sequence[str] = ()
) -> Receipt:
    """One call, one attempt. `keep` are fields of the answer that its facts have too."""
    return _answer(lambda: getattr(client, operation)(**parameters), _name(client, service, operation), keep)


def read_acting(
    client: Client, service: str, operation: str, parameters: Mapping[str, Any], body: str
) -> Receipt:
    """What an act has to read itself, right before; its facts have the field `body` of the answer as text."""

    def ask() -> Mapping[str, Any]:
        content = getattr(client, operation)(**parameters)[body]
        return {body: (content.read() if hasattr(content, "read") else content).decode()}

    return _answer(ask, _name(client, service, operation), (body,))


def _assume(
    session: boto3.Session, role: str, name: str, policy: str | None, config: Config
) -> dict[str, str]:
    asked: dict[str, Any] = {"RoleArn": role, "RoleSessionName": name, "DurationSeconds": SESSION_S}
    if policy:
        asked["Policy"] = policy
    found = session.client("sts", config=config).assume_role(**asked)["Credentials"]
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }


def _answer(call: Callable[[], Mapping[str, Any]], action: str, keep: Sequence[str] = ()) -> Receipt:
    """What came of the one call: taken, surely refused, or nobody knows."""
    try:
        answer = call()
    except ClientError as error:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
        code = error.response["Error"]["Code"]
        if code in DENIED:
            return Receipt(False, f"AWS denies {action}.")
        sentence = f"AWS answered {action} with {_explain(error)}"
        return Receipt(False if status < 500 else None, sentence)
    except NOT_SENT as error:
        return Receipt(False, f"AWS was not reached: {_explain(error)}")
    except BotoCoreError as error:
        return Receipt(None, f"{action} was sent, and no answer came: {_explain(error)}")
    request = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
    kept = {name: str(answer[name]) for name in keep if name in answer}
    return Receipt(True, f"AWS took {action}.", {**({"request": request} if request else {}), **kept})
