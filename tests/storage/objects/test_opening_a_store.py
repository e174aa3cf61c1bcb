"""Opening a store: probing what it can do, and clear errors for addresses, credentials and endpoints."""

import os

import pytest
from botocore.exceptions import ClientError

from articles.errors import (
    ContendedError,
    DeniedError,
    ExistsError,
    MissingError,
    StoreError,
    UnreachableError,
    UnsafeStoreError,
    UsageError,
)
from storage.objects import PROBE_KEY, open_store, probe
from storage.objects.directory import DirectoryStore


def test_the_probe_accepts_both_stores(store):
    probe(store)
    before = store.get(PROBE_KEY)
    probe(store)
    assert store.get(PROBE_KEY) == before


class IgnoresConditions(DirectoryStore):
    """A store like a server that ignores If-None-Match."""

    def put_new(self, key, data):
        self.put(key, data)


def test_the_probe_refuses_a_store_that_ignores_create_only(tmp_path):
    unsafe = IgnoresConditions(tmp_path)
    for _ in range(2):
        with pytest.raises(UnsafeStoreError, match="ignores If-None-Match"):
            probe(unsafe)


class AlwaysContended(DirectoryStore):
    """A store like a server that answers each create-only write with 409."""

    def put_new(self, key, data):
        raise ContendedError(key)


def test_the_probe_refuses_a_store_that_always_answers_409(tmp_path):
    with pytest.raises(UnsafeStoreError, match="409"):
        probe(AlwaysContended(tmp_path))


def test_a_file_system_without_hard_links_is_refused(directory_store, monkeypatch):
    def refuse(*_args):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(UnsafeStoreError, match="hard links"):
        directory_store.put_new("a", b"")


def test_open_store_takes_paths_and_file_urls(tmp_path, monkeypatch):
    assert open_store(str(tmp_path)).url == str(tmp_path)
    assert open_store((tmp_path / "with space").as_uri()).url == str(tmp_path / "with space")
    monkeypatch.chdir(tmp_path)
    assert open_store("./here").url == str(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_store("~/there").url == str(tmp_path / "there")
    assert list(open_store("./here").list("")) == []
    assert not (tmp_path / "here").exists()  # reading a mistyped name creates nothing


@pytest.mark.parametrize(
    "url", ["", "  ", "gs://bucket", "http://host/x", "file://host/x", "s3://", "s3:///x", "s3://b/a/../c"]
)
def test_open_store_refuses_other_urls(url):
    with pytest.raises((UsageError, StoreError)):
        open_store(url)


def test_open_store_refuses_a_file(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="not a directory"):
        open_store(str(tmp_path / "file"))


def test_a_missing_bucket_is_reported(s3_url):
    with pytest.raises(UsageError, match="no bucket 'elsewhere' at http://127"):
        open_store("s3://elsewhere/x")


def test_wrong_credentials_are_reported_without_the_secret(s3_url, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "WRONGSECRET")
    with pytest.raises(UsageError, match="secret key does not match") as caught:
        open_store(s3_url)
    assert "WRONGSECRET" not in str(caught.value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "UNKNOWNKEY")
    with pytest.raises(UsageError, match="does not know the access key") as caught:
        open_store(s3_url)
    assert "UNKNOWNKEY" not in str(caught.value)


def test_missing_credentials_are_reported(s3_url, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(UsageError, match="no credentials"):
        open_store(s3_url)


def test_an_unknown_profile_is_reported(s3_url, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(UsageError, match="nobody"):
        open_store(s3_url)


def test_an_unreachable_endpoint_is_reported_without_its_password(s3_url, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://user:PASSWORD@127.0.0.1:9")
    with pytest.raises(UnreachableError, match=r"cannot reach http://127\.0\.0\.1:9") as caught:
        open_store(s3_url)
    assert "PASSWORD" not in str(caught.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "PASSWORD")
    with pytest.raises(UsageError, match="not a URL") as wrong:
        open_store(s3_url)
    assert "PASSWORD" not in str(wrong.value)


def test_secrets_in_the_url_are_refused_and_not_repeated():
    with pytest.raises(UsageError) as caught:
        open_store("s3://key:SECRET@bucket/prefix")
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("PreconditionFailed", ExistsError),
        ("ConditionalRequestConflict", ContendedError),
        ("NoSuchKey", MissingError),
        ("AccessDenied", UsageError),
        ("AccessDenied", DeniedError),
        ("SlowDown", UnreachableError),
        ("InternalError", UnreachableError),
    ],
)
def test_error_codes_of_the_server_become_errors_of_irtysh(s3_store, monkeypatch, code, error):
    def answer(**_arguments):
        raise ClientError({"Error": {"Code": code, "Message": "SECRET"}}, "PutObject")

    monkeypatch.setattr(s3_store._client, "put_object", answer)
    with pytest.raises(error) as caught:
        s3_store.put_new("key", b"")
    assert "SECRET" not in str(caught.value)
