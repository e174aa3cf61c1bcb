"""Captures are read in a process with limits: a poison record costs only itself, and nothing that it holds is believed."""

import gzip
import hashlib
import io
import os
import resource
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from articles.errors import CorruptError
from articles.model import Capture
from articles.url import outlet_of
from storage.captures import foreign, limited_process, reader, salvage
from storage.captures.importing import import_warc
from storage.captures.reader import CaptureReader
from storage.captures.records import MAX_HEADER_FIELDS, RefusedCapture
from storage.captures.salvage import MAX_MEMBER_BYTES, SalvageReader
from storage.captures.segments import list_segments, read_segment
from storage.captures.warc import exchange_member, http_head
from tests.storage.captures import stumbling
from tests.storage.captures.segment_samples import ABOUT, HEAD, KEY, exchange
from tests.storage.captures.test_importing import ForeignWarc, page
from tests.stumbling import DIE, EAT, HANG, SPIN, STUMBLE

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")

POISONS = [
    (SPIN, "of processor time"),
    (DIE, "ended the process"),
    (EAT, "took over 500 MB of memory"),
    (STUMBLE, "the reader failed: LookupError: an address that is none"),
    (HANG, "by the clock"),
]


@pytest.fixture
def captures():
    with CaptureReader() as found:
        yield found


def member(number, body=b"<p>A page of our own.</p>", **changes):
    return exchange_member(exchange(number, body, **changes), ABOUT)


def urls(found):
    return [one.head.url[-1] if isinstance(one, RefusedCapture) else one.url[-1] for one in found]


def test_a_segment_is_read_as_in_this_process(captures, tmp_path):
    data = b"".join(member(number) for number in range(5))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data)
    assert list(captures.segment(data, KEY)) == list(captures.segment(path, KEY)) == list(read_segment(data, KEY))
    assert list(captures.segment(member(7), KEY)) == list(read_segment(member(7), KEY))


@pytest.mark.parametrize(("mark", "says"), POISONS)
@pytest.mark.parametrize("hostile", [0, 2, 3])
def test_a_poison_record_costs_no_other_record(captures, monkeypatch, mark, says, hostile):
    monkeypatch.setattr(reader, "scan_segment", stumbling.scan_segment)
    monkeypatch.setattr(limited_process, "MAX_SILENCE_SECONDS", 3 if mark == HANG else 60)
    data = b"".join(member(number, mark if number == hostile else b"<p>x</p>") for number in range(4))
    found = list(captures.segment(data, KEY))
    assert urls(found) == list("0123")
    refused = found[hostile]
    assert isinstance(refused, RefusedCapture)
    assert says in refused.detail
    assert (refused.head.status, refused.head.body) == (200, b"")
    assert all(isinstance(one, Capture) for one in found if one is not refused)


def test_a_record_refused_before_is_not_read_again(captures, monkeypatch):
    monkeypatch.setattr(reader, "scan_segment", stumbling.scan_segment)
    data = member(0, DIE) + member(1)
    first, _ = captures.segment(data, KEY)
    monkeypatch.setattr(limited_process.LimitedProcess, "close", lambda _: pytest.fail("the child ended"))
    with monkeypatch.context():
        again = list(captures.segment(data, KEY, {first.head.ref.record_id: "as before"}))
    monkeypatch.undo()
    assert again[0] == RefusedCapture(first.head, "as before")
    assert urls(again) == ["0", "1"]


def test_a_record_that_looks_like_a_record_inside_of_a_poison_one_is_not_believed(captures, monkeypatch):
    """A stored body may hold the bytes of a whole gzip member that names another's URL."""
    monkeypatch.setattr(reader, "scan_segment", stumbling.scan_segment)
    forged = member(9)
    noise = hashlib.shake_256(b"noise").digest(100_000)
    compressor = zlib.compressobj(0, wbits=31)  # stored, so that the bytes appear in the file
    plain = gzip.decompress(member(1, DIE + noise + forged + noise))
    poison = compressor.compress(plain) + compressor.flush()
    assert forged in poison
    assert urls(captures.segment(member(0) + poison + member(2), KEY)) == ["0", "1", "2"]
    not_ours = zlib.compressobj(0, wbits=31)
    plain = plain.replace(b"Irtysh-Purpose: page", b"Irtysh-Purpose: none")
    odd = not_ours.compress(plain) + not_ours.flush()
    with pytest.raises(CorruptError, match="not written by Irtysh"):
        assert urls(captures.segment(member(0) + odd + member(2), KEY)) == ["0", "2"]


def test_a_child_that_always_ends_makes_the_segment_damaged(captures, monkeypatch):
    monkeypatch.setattr(reader, "scan_segment", stumbling.end_at_once)
    with pytest.raises(CorruptError, match="ended the process"):
        list(captures.segment(member(0), KEY))


def test_one_child_reads_record_after_record(captures, directory_store):
    directory_store.put(KEY, member(0) + member(1))
    refs = [record.ref for record in captures.segment(directory_store.get(KEY), KEY)]
    child = captures._process._child.pid
    assert urls(captures.record(directory_store, ref) for ref in refs) == ["0", "1"]
    assert captures._process._child.pid == child


def test_a_child_that_ended_meanwhile_is_started_again(captures):
    assert urls(captures.segment(member(0), KEY)) == ["0"]
    captures._process._child.kill()
    captures._process._child.wait()
    assert urls(captures.segment(member(1), KEY)) == ["1"]


def test_closing_ends_the_child(captures):
    stream = captures.segment(b"".join(member(number) for number in range(300)), KEY)
    next(stream)
    child = captures._process._child.pid
    stream.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_poison_record_is_refused_by_its_offset_too(captures, directory_store, monkeypatch):
    data = member(0) + member(1, SPIN)
    directory_store.put(KEY, data)
    whole = list(captures.segment(data, KEY))
    monkeypatch.setattr(reader, "scan_record", stumbling.scan_record)
    assert captures.record(directory_store, whole[0].ref) == whole[0]
    refused = captures.record(directory_store, whole[1].ref)
    assert refused == RefusedCapture(replace(whole[1], body=b""), refused.detail)
    with pytest.raises(CorruptError, match="no record"):
        captures.record(directory_store, replace(whole[0].ref, record_id="urn:uuid:0"))


def test_a_head_of_very_many_fields_is_refused_by_its_form(captures):
    fields = [(b"X-%d" % number, b"y") for number in range(MAX_HEADER_FIELDS + 1)]
    data = member(0) + member(1, head=http_head(b"HTTP/1.1 200 OK", fields)) + member(2)
    found = list(captures.segment(data, KEY))
    assert urls(found) == ["0", "1", "2"]
    assert found[1].detail == f"over {MAX_HEADER_FIELDS} header fields"
    assert len(found[1].head.headers) == MAX_HEADER_FIELDS


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.parametrize("size", [1 << 14, 1 << 20])
@pytest.mark.parametrize(
    "unit",
    [
        b"WARC/1.",
        b"WARC/1.1\r\n",
        b"WARC/1.1\r\na:",
        b"WARC/1.1\r\nContent-Length: 9\r\n\r\n",
        b"\x1f\x8b\x08",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"WARC/1.1\r\n\r\n", mtime=0),
        gzip.compress(b"WARC/1.1\r\nContent-Length: 9\r\n\r\n", mtime=0),
        b"\x28\xb5\x2f\xfd",
    ],
    ids=["WARC", "versions", "heads", "records", "magic", "empty members", "versions in members", "members", "zstd"],
)
def test_the_cost_of_searching_damaged_bytes_is_bounded(captures, unit, size):
    data = member(0) + b"\x01" + (unit * (size // len(unit) + 1))[:size]
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    found = []
    with pytest.raises(CorruptError):
        found.extend(captures.segment(data, KEY))
    captures.close()
    assert urls(found) == ["0"]
    limit = reader.MAX_STARTS * limited_process.MAX_ITEM_CPU_SECONDS + 5
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began < limit  # without limits, hours


def test_very_many_damaged_ranges_end_the_reading(monkeypatch):
    monkeypatch.setattr(salvage, "MAX_GAPS", 30)
    damaged = bytearray(member(1))
    damaged[len(damaged) // 2] ^= 0xFF
    file = io.BytesIO((member(0) + bytes(damaged)) * 100)
    reading = SalvageReader(file)
    assert len(list(reading.each(lambda record: record.stream_pos))) < 100
    assert len(reading.gaps) <= 31
    assert salvage.describe(reading.gaps).endswith("more damaged ranges")


def imported(path, store):
    return import_warc(
        path,
        store,
        outlet_of=outlet_of,
        topic="any",
        software="t",
        now=datetime.now(UTC),
        progress=lambda _: None,
    )


@pytest.mark.parametrize(("mark", "says"), POISONS[:2])
def test_a_poison_record_does_not_stop_an_import(directory_store, tmp_path, monkeypatch, mark, says):
    monkeypatch.setattr(foreign, "scan_foreign", stumbling.scan_foreign)
    warc = ForeignWarc(compressed=True).pages(2).add("https://a.example.org/poison", mark)
    warc.add("https://a.example.org/9", page(9))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(warc.data)
    result = imported(path, directory_store)
    assert result.captures == 3
    assert [(url, says in why) for url, why in result.refused] == [("https://a.example.org/poison", True)]
    stored = [
        one.url[-1] for key in list_segments(directory_store) for one in read_segment(directory_store.get(key), key)
    ]
    assert stored == ["0", "1", "9"]


def test_a_record_that_unpacks_to_very_much_ends_the_reading_in_bounded_time(directory_store, tmp_path):
    """13 MB of gzip that unpack to 13 GB: skipping the rest of the record costs more than a record may."""
    length = 13 << 30
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        "WARC-Target-URI: https://a.example.org/bomb\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {length}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
    ).encode()
    engine = zlib.compressobj(9, wbits=31)
    start = engine.compress(head) + engine.flush(zlib.Z_FULL_FLUSH)
    zeros = engine.compress(bytes(64 << 20)) + engine.flush(zlib.Z_FULL_FLUSH)
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(ForeignWarc(compressed=True).pages(1).data + start + zeros * (length // (64 << 20)))
    assert length > MAX_MEMBER_BYTES
    result = imported(path, directory_store)
    assert result.captures == 2  # the bomb's first bytes are kept, marked as cut short
    assert "bomb.warc.gz" in result.damage


def test_header_of_a_plain_page_is_kept(captures):
    (found,) = captures.segment(member(0), KEY)
    assert HEAD.startswith(b"HTTP/1.1 200 OK")
    assert found.header("etag") == '"x"'
