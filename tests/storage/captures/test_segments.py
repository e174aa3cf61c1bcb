"""Segments are written and read back: by Irtysh and other WARC tools, whole, by offset, truncated and damaged."""

import contextlib
import gzip
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import igzip
from warcio.archiveiterator import ArchiveIterator

from articles.errors import CorruptError, StoreError
from articles.model import Capture, CaptureRef, Discovery, Failure, Purpose, Reason
from storage.captures import records, segments
from storage.captures.records import parse_key
from storage.captures.segments import (
    Segment,
    SegmentLimits,
    SegmentWriter,
    capture_key,
    read_record,
    read_segment,
    upload,
)
from storage.captures.warc import FetchFailure, WarcInfo, exchange_member, failure_member, http_head
from tests.storage.captures.segment_samples import ABOUT, KEY, NOON, exchange, written


def test_an_exchange_survives_the_round_trip(tmp_path):
    body = gzip.compress("Қазақша мәтін".encode())
    head = http_head(
        b"HTTP/1.1 200 OK",
        [(b"Content-Encoding", b"gzip"), (b"X-Name", "Ирт\u044bш".encode()), (b"X-Old", b"caf\xe9"), (b"X-Name", b"2")],
    )
    member = exchange_member(
        exchange(head=head, body=body, ip="192.0.2.7", purpose=Purpose.FEED, truncated="time"),
        WarcInfo("crawl-1", "kz-ru", "irtysh/test"),
    )
    _, data = written(tmp_path, member)
    (capture,) = read_segment(data, KEY)
    assert capture == Capture(
        ref=capture.ref,
        url="https://example.org/0",
        outlet="example.org",
        fetched=NOON,
        status=200,
        headers=(("Content-Encoding", "gzip"), ("X-Name", "Иртыш"), ("X-Old", "café"), ("X-Name", "2")),
        body="Қазақша мәтін".encode(),
        run="crawl-1",
        topic="kz-ru",
        truncated="time",
        purpose=Purpose.FEED,
    )


def test_a_failure_survives_the_round_trip(tmp_path):
    failed = FetchFailure(
        "https://example.org/x", NOON, Reason.DNS_ERROR, "no such host: «ю»\nsecond line, \udc80", Purpose.ATTEMPT
    )
    _, data = written(tmp_path, failure_member(failed, ABOUT))
    (failure,) = read_segment(data, KEY)
    assert failure == Failure(
        failure.ref,
        failed.url,
        "example.org",
        NOON,
        Reason.DNS_ERROR,
        failed.detail,
        "crawl-1",
        Purpose.ATTEMPT,
    )


def test_other_warc_tools_read_a_segment(tmp_path):
    failure = failure_member(FetchFailure("https://example.org/x", NOON, Reason.TIMEOUT, "30 s"), ABOUT)
    _, data = written(tmp_path, exchange_member(exchange(), ABOUT), failure)
    seen = []
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        fields = record.rec_headers
        seen.append((record.rec_type, fields["WARC-Target-URI"], record.content_stream().read()))
        assert fields["WARC-Record-ID"].startswith("<urn:uuid:")
    assert [kind for kind, _, _ in seen] == ["warcinfo", "response", "request", "metadata"]
    assert b"http-header-user-agent: irtysh (+mailto:tester@example.org)\r\n" in seen[0][2]
    assert b"irtysh-outlet: example.org\r\n" in seen[0][2]
    assert b"robots: obey\r\n" in seen[0][2]
    assert seen[1][1:] == ("https://example.org/0", b"<p>A page of our own.</p>")
    assert json.loads(seen[3][2]) == {"reason": "timeout", "detail": "30 s"}


def test_a_request_record_refers_to_its_response(tmp_path):
    _, data = written(tmp_path, exchange_member(exchange(), ABOUT))
    fields = {record.rec_type: record.rec_headers for record in ArchiveIterator(io.BytesIO(data))}
    assert fields["request"]["WARC-Concurrent-To"] == fields["response"]["WARC-Record-ID"]
    assert fields["warcinfo"]["WARC-Filename"] == "crawl-1-00000.warc.gz"
    without = exchange_member(exchange(request=b""), ABOUT)
    assert [record.rec_type for record in ArchiveIterator(io.BytesIO(without))] == ["response"]


def test_a_record_is_read_by_its_offset(store, tmp_path):
    bodies = [b"x" * number * 1000 for number in range(5)] + [bytes(range(256)) * 4000]  # the last needs several ranges
    members = [exchange_member(exchange(number, body), ABOUT) for number, body in enumerate(bodies)]
    members.append(failure_member(FetchFailure("https://example.org/x", NOON, Reason.TIMEOUT, ""), ABOUT))
    segment, data = written(tmp_path, *members)
    key = upload(store, segment)
    found = list(read_segment(data, key))
    assert len(found) == len(members)
    for one in found:
        assert read_record(store, one.ref) == one
    with pytest.raises(CorruptError, match="no record"):
        read_record(store, CaptureRef(key, found[1].ref.offset, found[0].ref.record_id))
    with pytest.raises(CorruptError, match="no record"):
        read_record(store, CaptureRef(key, len(data) + 10, found[0].ref.record_id))


def test_a_large_record_is_read_in_several_ranges(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "FIRST_RANGE_BYTES", 64)
    segment, data = written(tmp_path, *(exchange_member(exchange(n, bytes(range(256)) * 9), ABOUT) for n in range(3)))
    key = upload(directory_store, segment)
    for one in read_segment(data, key):
        assert read_record(directory_store, one.ref) == one


def test_the_same_exchanges_give_the_same_records(tmp_path):
    members = [exchange_member(exchange(number), ABOUT) for number in range(3)]
    again = [exchange_member(exchange(number), ABOUT) for number in range(3)]
    first, second = written(tmp_path / "a", *members)[1], written(tmp_path / "b", *again)[1]
    assert gzip.decompress(first) == gzip.decompress(second)  # the compressed bytes may differ
    assert len({capture.ref.record_id for capture in read_segment(b"".join(members), KEY)}) == 3


def test_members_are_built_in_threads(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        members = list(pool.map(lambda number: exchange_member(exchange(number), ABOUT), range(50)))
    one_by_one = [exchange_member(exchange(number), ABOUT) for number in range(50)]
    assert list(map(gzip.decompress, members)) == list(map(gzip.decompress, one_by_one))


@given(cut=st.integers(1, 2000), data=st.data())
def test_the_complete_records_of_a_truncated_segment_are_read(cut, data):
    members = [exchange_member(exchange(number, b"%d" % number * 50), ABOUT) for number in range(6)]
    whole = b"".join(members)
    cut = min(cut, len(whole) - 1)
    ends = [sum(map(len, members[: number + 1])) for number in range(6)]
    found: list[Any] = []
    with contextlib.suppress(CorruptError):
        found.extend(capture.url for capture in read_segment(whole[:cut], KEY))
    before = sum(end <= cut for end in ends)
    assert found[:before] == [f"https://example.org/{number}" for number in range(before)]


@given(st.data())
def test_damage_raises_only_corrupt_error(data):
    whole = bytearray(b"".join(exchange_member(exchange(number), ABOUT) for number in range(3)))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CorruptError):
        assert len(list(read_segment(bytes(whole), KEY))) <= 3


@given(st.data())
def test_records_after_damage_are_read(data):
    members = [exchange_member(exchange(number, b"%d" % number * 50), ABOUT) for number in range(6)]
    hit = data.draw(st.integers(0, 5))
    at = data.draw(st.integers(0, len(members[hit]) - 1))
    damaged = bytearray(members[hit])
    damaged[at] ^= data.draw(st.integers(1, 255))
    found: list[Any] = []
    try:
        whole = b"".join([*members[:hit], bytes(damaged), *members[hit + 1 :]])
        found.extend(read_segment(whole, KEY))
    except CorruptError as error:
        assert "damaged at or after offset" in str(error)  # noqa: PT017  a flipped bit in a gzip header may do no harm
    left = [f"https://example.org/{number}" for number in range(6) if number != hit]
    assert [one.url for one in found if one.url in left] == left
    assert all(read_at(whole, one) == one for one in found)


def read_at(whole, one):
    """Return the record that is read from a given offset on, with the same `ref`."""
    return next(read_segment(whole[one.ref.offset :], KEY), None) and replace(
        next(read_segment(whole[one.ref.offset :], KEY)), ref=one.ref
    )


def test_a_damaged_range_is_reported_with_its_offsets():
    members = [exchange_member(exchange(number), ABOUT) for number in range(5)]
    lengths = [len(member) for member in members]
    for hit in (1, 3):
        members[hit] = b"\x00" * lengths[hit]
    reader = read_segment(b"".join(members), KEY)
    assert [next(reader).url[-1] for _ in range(3)] == ["0", "2", "4"]
    with pytest.raises(CorruptError) as caught:
        next(reader)
    first, second = str(caught.value).split("; damaged")
    assert f"reading continues at offset {sum(lengths[:2])}" in first
    assert f"reading continues at offset {sum(lengths[:4])}" in second


def test_a_segment_that_ends_within_an_ignored_record_is_reported():
    whole = exchange_member(replace(exchange(0), request=b"GET /0 HTTP/1.1\r\n\r\n"), ABOUT)
    response = len(exchange_member(replace(exchange(0), request=b""), ABOUT))
    assert len(list(read_segment(whole, KEY))) == 1
    for cut in (response + 20, len(whole) - 60, len(whole) - 1):
        reader = read_segment(whole[:cut], KEY)
        assert next(reader).url == "https://example.org/0"
        with pytest.raises(CorruptError, match="offset"):
            next(reader)


def test_a_record_with_a_truncated_body_is_not_yielded(tmp_path):
    first, second = exchange_member(exchange(0), ABOUT), exchange_member(exchange(1, bytes(range(256)) * 50), ABOUT)
    reader = read_segment(first + second[: len(second) // 2], KEY)
    assert next(reader).url == "https://example.org/0"
    with pytest.raises(CorruptError, match=f"offset {len(first)}"):
        next(reader)


def test_a_decompression_bomb_is_truncated_and_marked(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MAX_BODY_BYTES", 1 << 20)
    head = http_head(b"HTTP/1.1 200 OK", [(b"Content-Encoding", b"gzip")])
    member = exchange_member(exchange(head=head, body=gzip.compress(bytes(20 << 20))), ABOUT)
    (capture,) = read_segment(member, KEY)
    assert (len(capture.body), capture.truncated) == (1 << 20, "length")
    (plain,) = read_segment(exchange_member(exchange(body=bytes(2 << 20)), ABOUT), KEY)
    assert (len(plain.body), plain.truncated) == (1 << 20, "length")


@pytest.mark.parametrize(
    ("key", "value"),
    [(b"X-Injected", b"a\r\nX-Evil: b\r\n\r\n<p>"), (b"Transfer-Encoding", b"chunked"), (b"bad name", b"x")],
)
def test_header_fields_cannot_inject_others(key, value):
    member = exchange_member(exchange(head=http_head(b"HTTP/1.1 200 OK\r\nX: y", [(key, value)])), ABOUT)
    (capture,) = read_segment(member, KEY)
    assert capture.body == b"<p>A page of our own.</p>"
    assert {name.lower() for name, _ in capture.headers} <= {"x-injected"}


def test_a_url_cannot_inject_header_fields():
    member = exchange_member(exchange(url="https://example.org/a\r\nWARC-Type: revisit\r\n\r\nx"), ABOUT)
    (capture,) = read_segment(member, KEY)
    assert capture.url == "https://example.org/a WARC-Type: revisit x"


@pytest.mark.parametrize(("outlet", "run"), [("a/b", "run"), ("", "run"), ("a", "r/n"), ("a", "")])
def test_an_outlet_or_run_that_is_not_one_part_of_a_key_is_refused(outlet, run):
    with pytest.raises(StoreError):
        capture_key(outlet, NOON, run, 0)


def test_keys_are_parsed():
    east = datetime(2026, 11, 2, 3, 0, tzinfo=UTC).astimezone()
    key = capture_key("kun.uz", east, "2026-11-02-ab12", 7)
    assert key == "captures/kun.uz/2026/11/02/2026-11-02-ab12-00007.warc.gz"
    assert parse_key(key) == ("kun.uz", "2026-11-02-ab12")
    with pytest.raises(CorruptError):
        parse_key("captures/x")


def test_a_record_that_irtysh_did_not_write_is_an_error():
    block = b"HTTP/1.1 200 OK\r\n\r\nbody"
    record = (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n"
        % (len(block), block)
    )
    with pytest.raises(CorruptError, match="not written by Irtysh"):
        list(read_segment(igzip.compress(record), KEY))


def test_a_full_disk_is_reported(tmp_path, monkeypatch):
    writer = SegmentWriter(tmp_path, "example.org", ABOUT, SegmentLimits())
    (tmp_path / "example.org-crawl-1-00000.warc.gz.open").mkdir()
    monkeypatch.setattr("pathlib.Path.unlink", lambda *_args, **_kwargs: None)
    with pytest.raises(StoreError, match="cannot write"):
        writer.append(b"x", NOON)


def test_a_segment_number_may_have_more_than_five_digits():
    segment = Segment(Path("unused"), "a", "r", NOON, 123_456)
    assert parse_key(segment.key) == ("a", "r")


def test_discovery_and_rendering_are_recorded(tmp_path):
    found = Discovery(
        "Feed:https://example.org/feed", "https://example.org/feed?page=2", "Tue, 03 Sep 2024 10:00 +0500"
    )
    _, data = written(
        tmp_path,
        exchange_member(exchange(discovery=found, rendered=True), ABOUT),
        exchange_member(exchange(1), ABOUT),
        failure_member(FetchFailure("https://example.org/x", NOON, Reason.TIMEOUT, "", discovery=found), ABOUT),
    )
    first, second, failed = read_segment(data, KEY)
    assert [one.discovery for one in (first, second, failed)] == [found, None, found]
    assert (first.rendered, second.rendered) == (True, False)
