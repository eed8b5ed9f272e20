"""A page's files in an S3 bucket: written with the role of the page alone, never with the keys that read."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from bot.ports.publication_repository import PageBusy, PageRefused
from bot.settings.status_page_settings import BUCKET

SESSION_S, SESSION_NAME = 900, "tocsin-status-page"
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
MISSING = frozenset({"NoSuchKey", "404"})
CACHE = "public, max-age=30"


class Bucket:
    """`s3://bucket/prefix`. Raises PageBusy while it is away, PageRefused when AWS says no: what stands there stays."""

    def __init__(self, address: str, role: str, content_type: Callable[[str], str]) -> None:
        found = BUCKET.fullmatch(address)
        assert found is not None, "the settings were checked"
        self._bucket, self._prefix = found["bucket"], (found["prefix"] or "").strip("/")
        self._role, self._content_type = role, content_type
        self._written: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        content: bytes | None = self._call(lambda client: self._read(client, name))
        return content

    def write(self, files: Mapping[str, bytes]) -> None:
        """What changed since the last writing; an object is replaced as a whole, what is linked to first."""
        changed = {name: content for name, content in files.items() if self._written.get(name) != content}
        self._call(lambda client: self._write(client, changed))

    def examine(self) -> str:
        """Whether the role can be assumed and the bucket be read."""
        if not self._role:
            return "TOCSIN_STATUS_PAGE_AWS_ROLE is not set: with what the bucket is written."
        try:
            self.read("index.html")
        except (PageBusy, PageRefused) as error:
            return str(error)
        return ""

    def _read(self, client: Any, name: str) -> bytes | None:
        from botocore.exceptions import ClientError

        try:
            answer = client.get_object(Bucket=self._bucket, Key=self._build_key(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        content: bytes = answer["Body"].read()
        return content

    def _write(self, client: Any, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            client.put_object(
                Bucket=self._bucket,
                Key=self._build_key(name),
                Body=content,
                ContentType=self._content_type(name),
                CacheControl=CACHE,
            )
            self._written[name] = content

    def _build_key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _call(self, work: Callable[[Any], Any]) -> Any:
        """With a session of the page's role; what AWS says becomes a sentence."""
        from botocore.exceptions import BotoCoreError, ClientError

        if not self._role:
            raise PageRefused("TOCSIN_STATUS_PAGE_AWS_ROLE is not set: with what the bucket is written.")
        try:
            return work(self._open())
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in DENIED or code == "NoSuchBucket":
                raise PageRefused(f"AWS says no to s3://{self._bucket} ({code}).") from None
            raise PageBusy(f"s3://{self._bucket} answered with an error ({code}).") from None
        except BotoCoreError as error:
            raise PageBusy(f"s3://{self._bucket} cannot be reached ({type(error).__name__}).") from None

    def _open(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=1.0, read_timeout=3.0, retries={"total_max_attempts": 1})
        session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        asked = {"RoleArn": self._role, "RoleSessionName": SESSION_NAME, "DurationSeconds": SESSION_S}
        found = session.client("sts", config=config).assume_role(**asked)["Credentials"]
        return session.client(
            "s3",
            config=config,
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found["SessionToken"],
        )
