"""Closing, numbering and uploading segments."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from articles.errors import ContendedError, StoreError
from storage.captures.segments import (
    Segment,
    SegmentLimits,
    SegmentWriter,
    list_segments,
    read_segment,
    upload,
)
from storage.captures.warc import exchange_member
from tests.storage.captures.segment_samples import ABOUT, NOON, exchange, written


def test_a_segment_is_due_by_size_count_and_age(tmp_path):
    member = exchange_member(exchange(body=bytes(range(256)) * 8), ABOUT)

    def writer(**limits):
        return SegmentWriter(tmp_path, "example.org", ABOUT, SegmentLimits(**limits))

    by_count = writer(records=2)
    assert not by_count.due(NOON + timedelta(days=1))
    by_count.append(member, NOON)
    assert not by_count.due(NOON)
    by_count.append(member, NOON)
    assert by_count.due(NOON)
    by_size = writer(size=len(member))
    by_size.append(member, NOON)
    assert by_size.due(NOON)
    by_age = writer(age=timedelta(seconds=60))
    by_age.append(member, NOON)
    assert not by_age.due(NOON + timedelta(seconds=59))
    assert by_age.due(NOON + timedelta(seconds=60))
    assert by_age.close() is not None
    assert by_age.close() is None
    assert not by_age.due(NOON + timedelta(days=1))


def closed(writer) -> Segment:
    segment = writer.close()
    assert segment is not None
    return segment


def test_segments_are_numbered(directory_store, tmp_path):
    writer = SegmentWriter(tmp_path, "example.org", ABOUT, SegmentLimits(records=1))
    keys = []
    for number in range(3):
        writer.append(exchange_member(exchange(number), ABOUT), NOON)
        keys.append(upload(directory_store, closed(writer)))
    assert keys == [f"captures/example.org/2026/11/01/crawl-1-{number:05}.warc.gz" for number in range(3)]
    assert list(list_segments(directory_store)) == keys
    assert list(tmp_path.glob("*.open")) == []
    for one, other in pairwise(keys):
        assert directory_store.get(one) != directory_store.get(other)


def test_a_repeated_upload_changes_nothing_and_a_used_number_is_skipped(store, tmp_path):
    member = exchange_member(exchange(), ABOUT)
    first, _ = written(tmp_path / "a", member)
    again, _ = written(tmp_path / "b", member)
    other, data = written(tmp_path / "c", exchange_member(exchange(1), ABOUT))
    key = upload(store, first)
    assert upload(store, again) == key
    assert upload(store, other) == key.replace("00000", "00001")
    assert store.get(key.replace("00000", "00001")) == data


def test_a_resumed_run_uses_the_next_free_number(directory_store, tmp_path):
    keys = []
    for start in (0, 40):  # the second process of the run does not know the first one's numbers
        writer = SegmentWriter(tmp_path, "example.org", ABOUT, SegmentLimits())
        for number in range(start, start + 40):
            writer.append(exchange_member(exchange(number), ABOUT), NOON)
            keys.append(upload(directory_store, closed(writer)))
    assert keys == [f"captures/example.org/2026/11/01/crawl-1-{number:05}.warc.gz" for number in range(80)]
    found = [one.url for key in keys for one in read_segment(directory_store.get(key), key)]
    assert found == [f"https://example.org/{number}" for number in range(80)]


def test_an_upload_is_retried_after_409(directory_store, tmp_path, monkeypatch):
    segment, data = written(tmp_path, exchange_member(exchange(), ABOUT))
    answers = [ContendedError("409"), ContendedError("409"), None]
    put_new = directory_store.put_new

    def contended(key, value):
        if error := answers.pop(0):
            raise error
        put_new(key, value)

    monkeypatch.setattr(directory_store, "put_new", contended)
    assert directory_store.get(upload(directory_store, segment)) == data
    segment, _ = written(tmp_path, exchange_member(exchange(1), ABOUT))
    answers.extend([ContendedError("409")] * 100)
    with pytest.raises(StoreError, match="attempts failed"):
        upload(directory_store, segment)
    assert segment.path.exists()  # kept for a retry


def test_concurrent_uploads_with_one_number_get_different_keys(directory_store, tmp_path):
    def send(number):
        segment, _ = written(tmp_path / str(number), exchange_member(exchange(number), ABOUT))
        barrier.wait()
        return upload(directory_store, segment)

    barrier = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(send, range(4)))
    assert len(keys) == 4
    urls = {capture.url for key in keys for capture in read_segment(directory_store.get(key), key)}
    assert urls == {f"https://example.org/{number}" for number in range(4)}
