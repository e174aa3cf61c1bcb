"""Both stores keep one contract; the tests of S3 run against a real SeaweedFS server."""

import base64
import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import (
    ContendedError,
    DeniedError,
    ExistsError,
    MissingError,
    StoreError,
    UnsafeStoreError,
    UsageError,
)
from storage.objects import MAX_CREATE_ATTEMPTS, PROBE_KEY, create, open_store, probe, put_once, s3
from storage.objects.base import check_key
from storage.objects.directory import DirectoryStore
from storage.objects.s3 import S3Store


def test_get_returns_what_put_wrote(store, tmp_path):
    store.put("a/b.bin", b"first")
    store.put("a/b.bin", b"second")
    assert store.get("a/b.bin") == b"second"
    store.download("a/b.bin", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"second"
    store.put("empty", b"")
    assert store.get("empty") == b""


def test_a_range_ends_at_the_end_of_the_object(store):
    store.put("ten", b"0123456789")
    assert store.get_range("ten", 2, 3) == b"234"
    assert store.get_range("ten", 8, 100) == b"89"
    assert store.get_range("ten", 10, 5) == b""
    assert store.get_range("ten", 99, 5) == b""


def test_the_error_of_a_missing_object_names_its_key(store, tmp_path):
    with pytest.raises(MissingError, match="no/such"):
        store.get("no/such")
    with pytest.raises(MissingError, match="no/such"):
        store.get_range("no/such", 0, 1)
    with pytest.raises(MissingError, match="no/such"):
        store.download("no/such", tmp_path / "copy")
    store.delete("no/such")


def test_delete_removes(store):
    store.put("a/b", b"x")
    store.delete("a/b")
    with pytest.raises(MissingError):
        store.get("a/b")
    assert list(store.list("")) == []


def test_listing_is_in_key_order(store):
    keys = ["a-b", "a/x", "a/y/z", "a0", "b/1", "b/10", "b/2", "z", "ключ/қазақ"]
    for key in reversed(keys):
        store.put(key, key.encode())
    listed = list(store.list(""))
    assert [found.key for found in listed] == keys
    assert [found.size for found in listed] == [len(key.encode()) for key in keys]
    now = datetime.now(UTC)
    assert all(abs(now - found.modified) < timedelta(minutes=5) and found.modified.tzinfo == UTC for found in listed)
    assert [found.key for found in store.list("a")] == ["a-b", "a/x", "a/y/z", "a0"]
    assert [found.key for found in store.list("a/")] == ["a/x", "a/y/z"]
    assert [found.key for found in store.list("b/1")] == ["b/1", "b/10"]
    assert list(store.list("nothing/here")) == []
    for index, key in enumerate(keys):
        assert [found.key for found in store.list("", after=key)] == keys[index + 1 :]
    assert [found.key for found in store.list("b/", after="b/1")] == ["b/10", "b/2"]
    assert [found.key for found in store.list("b/", after="a")] == ["b/1", "b/10", "b/2"]


def test_listing_past_one_page(s3_store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: s3_store.put(f"many/{n:04}", b""), range(1005)))
    assert [found.key for found in s3_store.list("many/")] == [f"many/{n:04}" for n in range(1005)]


def test_put_new_creates_once(store):
    store.put_new("tags/a.json", b"mine")
    with pytest.raises(ExistsError, match=r"tags/a\.json"):
        store.put_new("tags/a.json", b"theirs")
    assert store.get("tags/a.json") == b"mine"


def test_of_several_writers_exactly_one_creates(store):
    def write(number: int) -> bool:
        barrier.wait()
        for _ in range(20):
            try:
                store.put_new(key, str(number).encode())
            except ContendedError:
                continue
            except ExistsError:
                return False
            return True
        raise AssertionError("twenty answers of 409")

    for turn in range(3):
        key = f"race/{turn}"
        barrier = threading.Barrier(4)
        with ThreadPoolExecutor(4) as pool:
            won = list(pool.map(write, range(4)))
        assert sum(won) == 1
        assert store.get(key) == str(won.index(True)).encode()


def test_put_new_file_writes_in_one_put_and_in_parts(store, tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"small")
    store.put_new_file("small", path)
    assert store.get("small") == b"small"
    data = os.urandom((11 << 20) + 17)
    path.write_bytes(data)
    monkeypatch.setattr(s3, "MAX_SINGLE_PUT_BYTES", 6 << 20)
    monkeypatch.setattr(s3, "UPLOAD_PART_BYTES", 5 << 20)  # the smallest part that S3 allows
    store.put_new_file("large", path)
    assert hashlib.sha256(store.get("large")).digest() == hashlib.sha256(data).digest()
    assert store.get_range("large", (10 << 20) - 3, 6) == data[(10 << 20) - 3 : (10 << 20) + 3]
    for key in ("small", "large"):
        before = store.get(key)
        path.write_bytes(os.urandom(11 << 20 if key == "large" else 5))
        with pytest.raises(ExistsError, match=key):
            store.put_new_file(key, path)
        assert store.get(key) == before
    assert store.sweep(datetime.now(UTC) + timedelta(minutes=5)) == 0


def test_the_server_refuses_a_wrong_checksum(s3_store, s3_server, monkeypatch, tmp_path):
    wrong = base64.b64encode(hashlib.sha256(b"something else").digest()).decode()
    monkeypatch.setattr(s3, "_sha256", lambda _data: wrong)
    with pytest.raises(StoreError, match=r"BadDigest|XAmzContentSHA256Mismatch|InvalidDigest|BadRequest"):
        s3_store.put("damaged", b"data")
    with pytest.raises(StoreError):
        s3_store.put_new("damaged", b"data")
    assert list(s3_store.list("")) == []


def test_a_failed_multipart_upload_leaves_nothing(s3_store, monkeypatch, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(11 << 20))
    monkeypatch.setattr(s3, "MAX_SINGLE_PUT_BYTES", 6 << 20)
    monkeypatch.setattr(s3, "UPLOAD_PART_BYTES", 5 << 20)
    sound, calls = s3._sha256, []

    def damaged_in_the_second_part(data):
        calls.append(len(data))
        return sound(data if len(calls) == 1 else b"other")

    monkeypatch.setattr(s3, "_sha256", damaged_in_the_second_part)
    with pytest.raises(StoreError):
        s3_store.put_new_file("large", path)
    assert list(s3_store.list("")) == []
    assert s3_store.sweep(datetime.now(UTC) + timedelta(minutes=5)) == 0  # it was aborted at once


def test_sweep_removes_unfinished_writes_of_dead_writers(store, s3_server):
    if isinstance(store, S3Store):
        store._client.create_multipart_upload(Bucket=store._bucket, Key=store._prefix + "half")
    else:
        (store.root / ".tmp").mkdir(parents=True)
        (store.root / ".tmp" / "half").write_bytes(b"ha")
    assert list(store.list("")) == []
    now = datetime.now(UTC)
    assert store.sweep(now - timedelta(hours=1)) == 0
    assert store.sweep(now + timedelta(minutes=5)) == 1
    assert store.sweep(now + timedelta(minutes=5)) == 0


def test_what_is_put_once_is_repaired_and_not_rewritten(store, monkeypatch):
    put_once(store, "topics/a", b"text")
    put = store.put
    calls: list[str] = []

    def counted(key, data):
        calls.append(key)
        put(key, data)

    monkeypatch.setattr(store, "put", counted)
    put_once(store, "topics/a", b"text")
    assert calls == []
    put("topics/a", b"damaged")
    put_once(store, "topics/a", b"text")
    assert (calls, store.get("topics/a")) == (["topics/a"], b"text")


def test_a_create_that_is_contended_is_tried_again(directory_store, monkeypatch):
    put_new, answers = directory_store.put_new, [1, 1, 0, 0]

    def contended(key, data):
        if answers.pop(0):
            raise ContendedError(key)
        put_new(key, data)

    monkeypatch.setattr(directory_store, "put_new", contended)
    assert create(directory_store, "a", b"")
    assert not create(directory_store, "a", b"")
    answers.extend([1] * MAX_CREATE_ATTEMPTS)
    with pytest.raises(ContendedError, match="409"):
        create(directory_store, "b", b"")


def refuse_reads(store, monkeypatch):
    """Answer as AWS does where ListBucket is allowed below a prefix only: 403 for each GET that is not allowed."""

    def answer(**_arguments):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "GetObject")

    monkeypatch.setattr(store._client, "get_object", answer)


def test_a_missing_object_is_missing_where_aws_says_denied(s3_store, monkeypatch, tmp_path):
    s3_store.put("tags/paper.json", b"")
    refuse_reads(s3_store, monkeypatch)
    for key in ("tags/pap", "tags/paper.jso", "tags/none"):
        for read in (
            lambda key=key: s3_store.get(key),
            lambda key=key: s3_store.get_range(key, 0, 1),
            lambda key=key: s3_store.download(key, tmp_path / "copy"),
        ):
            with pytest.raises(MissingError, match=key):
                read()
    with pytest.raises(DeniedError, match="do not allow it"):
        s3_store.get("tags/paper.json")


def modes(root):
    return {path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in [root, *root.rglob("*")]}


@pytest.mark.parametrize(
    ("access", "bits"),
    [("", (0o600, 0o700)), ("owner", (0o600, 0o700)), ("group", (0o640, 0o750)), ("world", (0o644, 0o755))],
)
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_who_reads_a_directory_store_is_not_left_to_the_umask(tmp_path, monkeypatch, access, bits, umask):
    file, folder = bits
    monkeypatch.setenv("IRTYSH_STORE_ACCESS", access)
    (tmp_path / "file").write_bytes(b"file")
    store = open_store(str(tmp_path / "new" / "store"))
    before = os.umask(umask)
    try:
        store.put("runs/a", b"")
        store.put("runs/a", b"again")
        store.put_new("tags/a", b"")
        store.put_new_file("releases/one/a", tmp_path / "file")
    finally:
        os.umask(before)
    folders = dict.fromkeys(
        [".", "store", *(f"store/{name}" for name in (".tmp", "runs", "tags", "releases", "releases/one"))], folder
    )
    files = dict.fromkeys([f"store/{name}" for name in ("runs/a", "tags/a", "releases/one/a")], file)
    assert modes(tmp_path / "new") == folders | files


def test_an_unfinished_object_is_private_from_the_start(directory_store, monkeypatch):
    fsync, seen = os.fsync, []

    def look(descriptor):
        seen.append(os.fstat(descriptor).st_mode & 0o077)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    directory_store.put_new("a", b"")
    assert set(seen) == {0}


def test_a_store_that_was_there_keeps_its_modes(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store").chmod(0o770)
    open_store(str(tmp_path / "store")).put("runs/a", b"")
    assert modes(tmp_path / "store") == {".": 0o770, ".tmp": 0o700, "runs": 0o700, "runs/a": 0o600}


def test_an_unknown_access_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("IRTYSH_STORE_ACCESS", "everybody")
    with pytest.raises(UsageError, match="owner, group, world"):
        open_store(str(tmp_path))


BAD_KEYS = [
    "", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "a//b", "a/", "./a", "a/./b", "a\\..\\b", "a\x00b",
    "a\nb", ".tmp/x", ".tmp", "x" * 256, "/".join(["x" * 200] * 6),
]  # fmt: skip


@pytest.mark.parametrize("key", BAD_KEYS)
def test_keys_cannot_leave_the_root(directory_store, key):
    (directory_store.root.parent / "x").write_bytes(b"outside")
    for call in (
        lambda: directory_store.get(key),
        lambda: directory_store.get_range(key, 0, 1),
        lambda: directory_store.put(key, b""),
        lambda: directory_store.put_new(key, b""),
        lambda: directory_store.delete(key),
    ):
        with pytest.raises(StoreError, match="not a key"):
            call()
    assert (directory_store.root.parent / "x").read_bytes() == b"outside"


def test_listing_cannot_leave_the_root(directory_store):
    (directory_store.root.parent / "x").write_bytes(b"outside")
    directory_store.put("a", b"")
    with pytest.raises(StoreError, match="not a key"):
        list(directory_store.list("../"))
    assert [found.key for found in directory_store.list("..")] == []


@given(st.text(max_size=40))
def test_a_checked_key_stays_below_the_root(key):
    try:
        check_key(key)
    except StoreError:
        return
    root = Path("/any/store")
    assert Path(os.path.normpath(root / key)).is_relative_to(root)
    assert os.path.normpath(root / key) != str(root)


def test_an_object_is_not_a_directory(directory_store):
    directory_store.put("a", b"file")
    with pytest.raises(MissingError):
        directory_store.get("a/b")
    with pytest.raises(StoreError, match="a/b"):
        directory_store.put("a/b", b"")
    directory_store.put("d/e", b"")
    with pytest.raises(MissingError):
        directory_store.get("d")


def test_a_failed_write_leaves_the_old_object(directory_store, monkeypatch):
    def out_of_space(_descriptor):
        raise OSError(28, "No space left on device")

    directory_store.put("key", b"old")
    monkeypatch.setattr(os, "fsync", out_of_space)
    for write in (directory_store.put, directory_store.put_new):
        with pytest.raises(StoreError, match="No space left"):
            write("key", b"new")
    monkeypatch.undo()
    assert directory_store.get("key") == b"old"
    assert [path.name for path in directory_store.root.rglob("*") if path.is_file()] == ["key"]


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
    with pytest.raises(UsageError, match=r"cannot reach http://127\.0\.0\.1:9") as caught:
        open_store(s3_url)
    assert "PASSWORD" not in str(caught.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "PASSWORD")
    with pytest.raises(UsageError, match="not a URL") as caught:
        open_store(s3_url)
    assert "PASSWORD" not in str(caught.value)


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
        ("SlowDown", StoreError),
    ],
)
def test_error_codes_of_the_server_become_errors_of_irtysh(s3_store, monkeypatch, code, error):
    def answer(**_arguments):
        raise ClientError({"Error": {"Code": code, "Message": "SECRET"}}, "PutObject")

    monkeypatch.setattr(s3_store._client, "put_object", answer)
    with pytest.raises(error) as caught:
        s3_store.put_new("key", b"")
    assert "SECRET" not in str(caught.value)
