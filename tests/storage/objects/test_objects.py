"""Both stores keep one contract; the tests of S3 run against a real SeaweedFS server."""

import base64
import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from articles.errors import (
    ContendedError,
    DeniedError,
    ExistsError,
    MissingError,
    StoreError,
)
from storage.objects import MAX_CREATE_ATTEMPTS, create, put_file_once, put_once, s3
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


def test_a_lost_answer_to_the_last_part_is_recognised_as_ones_own(s3_store, monkeypatch, tmp_path):
    monkeypatch.setattr(s3, "MAX_SINGLE_PUT_BYTES", 5)
    path = tmp_path / "file"
    path.write_bytes(b"written in parts")
    complete = s3_store._client.complete_multipart_upload

    def tried_again(**arguments):
        complete(**arguments)
        return complete(**arguments)

    monkeypatch.setattr(s3_store._client, "complete_multipart_upload", tried_again)
    assert put_file_once(s3_store, "large", path)
    assert s3_store.get("large") == b"written in parts"
    path.write_bytes(b"others, in parts")
    assert not put_file_once(s3_store, "large", path)


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
