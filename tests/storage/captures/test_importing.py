"""WARC files of other programs are imported: in every format, once and twice, complete and damaged."""

import base64
import gzip
import hashlib
import io
import tracemalloc
from datetime import UTC, datetime
from uuid import UUID

import pytest
from fastwarc.stream_io import ZstdWriter
from isal import igzip
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from articles.errors import InputError
from articles.model import Purpose
from articles.url import outlet_of
from storage.captures import importing, segments
from storage.captures.importing import import_warc
from storage.captures.records import MAX_BODY_BYTES
from storage.captures.segments import list_segments, read_segment

# warcio's writer leaves its temporary files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")

DATE = "2025-05-05T05:05:05Z"


def page(number):
    noise = hashlib.shake_256(b"%d" % number).hexdigest(
        60_000
    )  # incompressible, so that a cut falls between compressed blocks
    return f"<p>Page {number} of a town that has no name. {noise}</p>".encode()


class ForeignWarc:
    """Writes WARCs with warcio."""

    def __init__(self, *, compressed):
        self.buffer = io.BytesIO()
        self.writer = WARCWriter(self.buffer, gzip=compressed)
        self.records = 0

    def add(self, url, body=b"", kind="response", headers=(), **warc):
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), *headers], protocol="HTTP/1.1")
        self.records += 1
        record_id = f"<urn:uuid:{UUID(int=self.records)}>"  # all ids have one length, so that files with the same first records begin with the same bytes
        fields = {"WARC-Date": DATE, "WARC-Record-ID": record_id} | {
            "WARC-" + name.replace("_", "-"): value for name, value in warc.items()
        }
        record = self.writer.create_warc_record(
            url, kind, payload=io.BytesIO(body), http_headers=http, warc_headers_dict=fields
        )
        self.writer.write_record(record)
        return self

    def pages(self, count):
        for number in range(count):
            self.add(f"https://{'abc'[number % 3]}.example.org/{number}", page(number))
        return self

    @property
    def data(self):
        return self.buffer.getvalue()


def import_file(path, store, topic="any"):
    offsets: list[int] = []
    result = import_warc(
        path,
        store,
        outlet_of=outlet_of,
        topic=topic,
        software="irtysh/test",
        now=datetime.now(UTC),
        progress=offsets.append,
    )
    assert offsets == sorted(offsets)
    return result


def all_captures(store):
    return [capture for key in list_segments(store) for capture in read_segment(store.get(key), key)]


def as_zstd(data):
    buffer = io.BytesIO()
    writer = ZstdWriter(buffer)
    writer.write(data)
    writer.close()
    return buffer.getvalue()


FORMS = {
    "plain.warc": lambda: ForeignWarc(compressed=False).pages(6).data,
    "members.warc.gz": lambda: ForeignWarc(compressed=True).pages(6).data,
    "one-stream.warc.gz": lambda: gzip.compress(ForeignWarc(compressed=False).pages(6).data),
    "zstd.warc.zst": lambda: as_zstd(ForeignWarc(compressed=False).pages(6).data),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_read(directory_store, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FORMS[name]())
    result = import_file(path, directory_store)
    assert (result.captures, result.segments, result.damage, result.refused) == (6, 1, "", [])
    assert result.outlets == {"example.org"}
    found = all_captures(directory_store)
    assert [capture.url for capture in found] == [f"https://{'abc'[n % 3]}.example.org/{n}" for n in range(6)]
    assert [capture.body for capture in found] == [page(number) for number in range(6)]
    assert {capture.fetched for capture in found} == {datetime(2025, 5, 5, 5, 5, 5, tzinfo=UTC)}
    assert {capture.run for capture in found} == {result.run}
    assert next(iter(list_segments(directory_store))).startswith("captures/example.org/2025/05/05/import-")


def test_importing_twice_adds_nothing(store, tmp_path):
    path, copy = tmp_path / "a.warc.gz", tmp_path / "copy.warc.gz"
    data = ForeignWarc(compressed=True).pages(6).data
    path.write_bytes(data)
    copy.write_bytes(data)
    first = import_file(path, store)
    before = {key: store.get(key) for key in list_segments(store)}
    again = import_file(copy, store)
    assert (again.run, again.captures, again.segments) == (first.run, 6, 0)
    assert {key: store.get(key) for key in list_segments(store)} == before
    assert import_file(path, store, topic="kz-ru").run != first.run


def test_an_interrupted_import_is_finished_by_the_next_one(directory_store, tmp_path, monkeypatch):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(ForeignWarc(compressed=True).pages(9).data)
    monkeypatch.setattr(importing, "IMPORT_LIMITS", segments.SegmentLimits(records=2))
    put_new, calls = directory_store.put_new, []

    def dies(key, data):
        calls.append(key)
        if len(calls) == 3:
            raise KeyboardInterrupt
        put_new(key, data)

    monkeypatch.setattr(directory_store, "put_new", dies)
    with pytest.raises(KeyboardInterrupt):
        import_file(path, directory_store)
    assert len(list(list_segments(directory_store))) == 2
    result = import_file(path, directory_store)
    assert (result.captures, result.segments) == (9, 3)
    assert sorted(capture.url[-1] for capture in all_captures(directory_store)) == list("012345678")


def test_imports_cut_the_same_segments_even_if_the_compressed_bytes_differ(directory_store, tmp_path, monkeypatch):
    """isal may compress the same record to other bytes; an import that is finished later must cut the same segments."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(ForeignWarc(compressed=True).pages(12).data)
    monkeypatch.setattr(importing, "IMPORT_LIMITS", segments.SegmentLimits(size=400_000))
    monkeypatch.setattr(igzip, "compress", lambda data, _level, mtime: gzip.compress(data, 9, mtime=mtime))
    import_file(path, directory_store)
    expected = sorted(list_segments(directory_store))
    assert len(expected) > 2
    for key in expected[1:]:
        directory_store.delete(key)
    monkeypatch.setattr(igzip, "compress", lambda data, _level, mtime: gzip.compress(data, 0, mtime=mtime))
    import_file(path, directory_store)
    assert sorted(list_segments(directory_store)) == expected
    assert sorted(int(one.url.rpartition("/")[2]) for one in all_captures(directory_store)) == list(range(12))


def test_each_outlet_gets_segments_of_its_own(directory_store, tmp_path):
    path = tmp_path / "a.warc"
    foreign = (
        ForeignWarc(compressed=False)
        .add("https://kun.example.net/1", page(1))
        .add("http://[2001:db8::1]:81/x", page(2))
    )
    path.write_bytes(foreign.data)
    assert import_file(path, directory_store).outlets == {"example.net", "2001-db8--1-81"}
    assert {capture.outlet for capture in all_captures(directory_store)} == {"example.net", "2001-db8--1-81"}


def test_records_that_are_no_pages_are_refused_or_ignored(directory_store, tmp_path):
    path = tmp_path / "a.warc"
    foreign = ForeignWarc(compressed=False)
    foreign.add("https://example.org/robots.txt", b"User-agent: *\n")
    foreign.add("https://example.org/.well-known/tdmrep.json", b"[]")
    foreign.add("<https://example.org/bracketed>", page(1))
    foreign.add("https://exa mple.org/", page(2))
    foreign.add("https://example.org/notes", b"{}", kind="metadata")
    foreign.add("dns:example.org", b"x", kind="resource")
    foreign.add("https://example.org/stray", b"x", kind="resource")
    foreign.add("https://example.org/undated", page(3), Date="yesterday")
    foreign.buffer.write(
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        b"WARC-Target-URI: https://example.org/broken\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: 11\r\n\r\nno HTTP\r\n\r\n\r\n\r\n"
    )
    path.write_bytes(foreign.data)
    result = import_file(path, directory_store)
    found = all_captures(directory_store)
    assert [(capture.url, capture.purpose) for capture in found] == [
        ("https://example.org/robots.txt", Purpose.ROBOTS),
        ("https://example.org/.well-known/tdmrep.json", Purpose.ROBOTS),
        ("https://example.org/bracketed", Purpose.PAGE),
    ]
    assert result.captures == 3
    assert [(url, reason.split()[0]) for url, reason in result.refused] == [
        ("https://exa mple.org/", "not"),
        ("https://example.org/stray", "a"),
        ("https://example.org/undated", "record"),
        ("https://example.org/broken", "record"),
    ]


@pytest.mark.parametrize("compressed", [True, False])
def test_a_revisit_record_gets_the_body_that_it_refers_to(directory_store, tmp_path, compressed):
    def digest(data):
        return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()

    profile = "http://netpreserve.org/warc/1.1/revisit/"
    path = tmp_path / "a.warc"
    foreign = ForeignWarc(compressed=compressed)
    foreign.add("https://example.org/1", page(1), Payload_Digest=digest(page(1)))
    foreign.add("https://example.org/2", page(2), Payload_Digest=digest(page(2)))
    again = {"kind": "revisit", "Profile": profile + "identical-payload-digest"}
    foreign.add("https://example.org/1", **again, Payload_Digest=digest(page(1)), Date="2025-06-06T06:06:06Z")
    foreign.add("https://example.org/3", **again, Payload_Digest=digest(page(3)))
    foreign.add("https://example.org/2", kind="revisit", Profile=profile + "server-not-modified")
    named = {"Refers_To_Target_URI": "https://example.org/2", "Refers_To_Date": DATE}  # old archives lack the digest
    foreign.add("https://example.org/4", **again, **named)
    foreign.add("https://example.org/5", **again, **named, Payload_Digest=digest(page(5)))  # of another body
    path.write_bytes(foreign.data)
    result = import_file(path, directory_store)
    assert [(capture.url[-1], capture.body, capture.fetched.month) for capture in all_captures(directory_store)] == [
        ("1", page(1), 5),
        ("2", page(2), 5),
        ("1", page(1), 6),
        ("2", b"", 5),
        ("4", page(2), 5),
    ]
    assert [url for url, _ in result.refused] == ["https://example.org/3", "https://example.org/5"]


def test_a_revisit_record_in_a_file_compressed_as_one_stream_is_refused(directory_store, tmp_path):
    foreign = ForeignWarc(compressed=False).pages(2)
    profile = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    digest = "sha1:" + "A" * 32
    foreign.add("https://example.org/1", page(1), Payload_Digest=digest)
    foreign.add("https://example.org/9", kind="revisit", Profile=profile, Payload_Digest=digest)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(foreign.data))
    assert [url for url, _ in import_file(path, directory_store).refused] == ["https://example.org/9"]


def test_chunks_and_content_encodings_are_undone(directory_store, tmp_path):
    coded = gzip.compress(page(1))
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(coded), coded)
    path = tmp_path / "a.warc"
    headers = [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]
    foreign = ForeignWarc(compressed=False).add("https://example.org/1", chunked, headers=headers)
    foreign.add("https://example.org/2", page(2), headers=headers)  # body joined and decoded, headers unchanged
    path.write_bytes(foreign.data)
    import_file(path, directory_store)
    assert [capture.body for capture in all_captures(directory_store)] == [page(1), page(2)]


def test_a_huge_record_is_truncated_and_marked(directory_store, tmp_path):
    path = tmp_path / "a.warc"
    huge = b"x" * (MAX_BODY_BYTES + 1)
    path.write_bytes(ForeignWarc(compressed=False).add("https://example.org/1", huge).pages(1).data)
    import_file(path, directory_store)
    first, second = all_captures(directory_store)
    assert (len(first.body), first.truncated) == (MAX_BODY_BYTES, "length")
    assert (second.body, second.truncated) == (page(0), "")


@pytest.mark.parametrize("name", ["plain.warc", "members.warc.gz", "zstd.warc.zst"])
def test_a_truncated_file_is_imported_up_to_its_end(directory_store, tmp_path, name):
    data = FORMS[name]()
    path = tmp_path / name
    path.write_bytes(data[: len(data) * 3 // 4] + b"\x00" * 40)
    result = import_file(path, directory_store)
    found = all_captures(directory_store)
    assert result.damage or result.refused
    assert name in (result.damage or name)
    assert [capture.body for capture in found] == [page(number) for number in range(len(found))]


@pytest.mark.parametrize("name", ["plain.warc", "members.warc.gz"])
def test_records_after_damage_are_imported(directory_store, tmp_path, name):
    data = FORMS[name]()
    third = ForeignWarc(compressed=name.endswith("gz")).pages(2).data
    path = tmp_path / name
    path.write_bytes(data[: len(third)] + b"\x00" * 40 + data[len(third) + 40 :])  # the header of the third record
    result = import_file(path, directory_store)
    assert sorted(one.url[-1] for one in all_captures(directory_store)) == ["0", "1", "3", "4", "5"]
    assert result.damage.startswith(f"{path}: damaged at or after offset ")
    assert "reading continues at offset" in result.damage


def test_a_damaged_record_is_reported(directory_store, tmp_path):
    data = bytearray(FORMS["members.warc.gz"]())
    second = len(ForeignWarc(compressed=True).pages(1).data)
    for at in range(second + 20_000, second + 20_040):
        data[at] ^= 0x5A
    path = tmp_path / "members.warc.gz"
    path.write_bytes(data)
    result = import_file(path, directory_store)
    assert result.captures == 5
    assert result.damage
    assert [url for url, _ in result.refused] in ([], ["https://b.example.org/1"])


def test_a_file_that_ends_within_an_ignored_record_is_reported(directory_store, tmp_path):
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(ForeignWarc(compressed=True).pages(1).add("https://a.example.org/0", kind="request").data[:-30])
    result = import_file(path, directory_store)
    assert result.captures == 1
    assert "the file ends within the record" in result.damage


def test_other_schemes_are_refused_and_look_ups_are_ignored(directory_store, tmp_path):
    path = tmp_path / "odd.warc"
    odd = (
        ForeignWarc(compressed=False)
        .add("ftp://files.example.org/a", b"x", kind="resource")
        .add("dns:example.org", b"x")
    )
    path.write_bytes(odd.pages(1).data)
    result = import_file(path, directory_store)
    assert result.captures == 1
    assert result.refused == [("ftp://files.example.org/a", "scheme 'ftp' is not supported; only http and https are")]


def test_a_refused_url_is_reported_without_its_password(directory_store, tmp_path):
    def refuse(url):
        raise InputError("it names a user")

    path = tmp_path / "user.warc"
    path.write_bytes(ForeignWarc(compressed=False).add("https://me:secret@example.org/a@b?c=d@e").data)
    result = import_warc(
        path,
        directory_store,
        outlet_of=refuse,
        topic="any",
        software="irtysh/test",
        now=datetime.now(UTC),
        progress=lambda _: None,
    )
    assert result.refused == [("https://…@example.org/a@b?c=d@e", "it names a user")]


@pytest.mark.parametrize(
    "data",
    [b"", b"not a WARC at all\n" * 50, b"\x1f\x8b\x08garbage", gzip.compress(b"hello")],
    ids=["empty", "text", "no gzip", "no WARC"],
)
def test_a_file_that_is_no_warc_is_an_input_error(directory_store, tmp_path, data):
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"odd\.warc\.gz"):
        import_file(path, directory_store)
    assert list(list_segments(directory_store)) == []


def test_a_missing_file_is_an_input_error(directory_store, tmp_path):
    with pytest.raises(InputError, match=r"none\.warc: No such file"):
        import_file(tmp_path / "none.warc", directory_store)


def test_memory_does_not_grow_with_the_file(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "IMPORT_LIMITS", segments.SegmentLimits(size=1 << 20))
    foreign = ForeignWarc(compressed=True)
    for number in range(300):
        foreign.add(f"https://example.org/{number}", hashlib.shake_256(b"%d" % number).digest(100_000))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(foreign.data)
    tracemalloc.start()
    try:
        assert import_file(path, directory_store).segments > 20
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20  # of 30 MB
