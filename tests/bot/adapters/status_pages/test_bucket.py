"""The page in an S3 bucket (moto's), written by a role of its own; and in a folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bot.adapters.status_pages.bucket import Bucket
from bot.adapters.status_pages.folder import Folder
from bot.ports.publication_repository import PageBusy, PageRefused
from templates.status_page import find_content_type

ROLE = "arn:aws:iam::123456789012:role/tocsin-status-page"
FILES = {"incidents/a.html": b"<p>a</p>", "index.html": b"<p>index</p>"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (
        ("AWS_ENDPOINT_URL", f"http://{host}:{port}"),
        ("AWS_ACCESS_KEY_ID", "reading-key"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="acme-status")
    yield client
    server.stop()


def test_files_are_written_with_type_and_cache_and_read_again(s3: object) -> None:
    bucket = Bucket("s3://acme-status/public", ROLE, find_content_type)
    assert bucket.examine() == "" and bucket.read("index.html") is None
    bucket.write(FILES)
    assert bucket.read("index.html") == b"<p>index</p>"
    kept = s3.get_object(Bucket="acme-status", Key="public/incidents/a.html")  # type: ignore[attr-defined]
    assert kept["ContentType"] == "text/html; charset=utf-8" and "max-age" in kept["CacheControl"]


def test_without_the_role_nothing_is_written_with_the_keys_that_read(s3: object) -> None:
    bucket = Bucket("s3://acme-status/by-nobody", "", find_content_type)
    with pytest.raises(PageRefused, match="TOCSIN_STATUS_PAGE_AWS_ROLE"):
        bucket.write(FILES)
    assert s3.list_objects_v2(Bucket="acme-status", Prefix="by-nobody")["KeyCount"] == 0  # type: ignore[attr-defined]


def test_a_bucket_that_is_not_there_is_a_refusal_and_one_that_is_away_is_tried_again(
    s3: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PageRefused, match="NoSuchBucket"):
        Bucket("s3://no-such-bucket", ROLE, find_content_type).write(FILES)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    bucket = Bucket("s3://acme-status", ROLE, find_content_type)
    with pytest.raises(PageBusy, match="cannot be reached"):
        bucket.write(FILES)
    assert "cannot be reached" in bucket.examine()


def test_a_folder_has_whole_files_only_and_keeps_what_did_not_change(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "status")
    folder.write(FILES)
    assert folder.read("index.html") == b"<p>index</p>" and folder.read("nothing.html") is None
    before = (folder.path / "incidents" / "a.html").stat().st_mtime_ns
    folder.write({**FILES, "index.html": b"<p>new</p>"})
    assert folder.read("index.html") == b"<p>new</p>"
    assert (folder.path / "incidents" / "a.html").stat().st_mtime_ns == before
    assert [path.name for path in folder.path.rglob(".*")] == []
    assert oct((folder.path / "index.html").stat().st_mode & 0o777) == "0o644"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    folder = Folder(tmp_path / "status")
    assert "cannot be written" in folder.examine()
    with pytest.raises(PageBusy):
        folder.write(FILES)


def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("x")
    folder = Folder(tmp_path / "status")
    assert "cannot be written" in folder.examine()
    with pytest.raises(PageBusy, match="cannot be written"):
        folder.write(FILES)


def test_a_folder_that_is_not_there_yet_is_not_made_by_the_look(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "www" / "status")
    assert folder.examine() == ""
    assert not (tmp_path / "www").exists()
