"""WARC files of other tools whose heads and dates are unusual."""

import gzip
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from articles.url import outlet_of
from storage.captures import warc_heads
from storage.captures.importing import import_warc
from storage.captures.segments import list_segments, read_segment
from tests.storage.captures.test_importing import DATE, ForeignWarc, all_captures, as_zstd, import_file

# warcio leaves its buffers open
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")

ARTICLE = b"<p>A page of a town that has no name.</p>"


def written(
    *,
    version=b"WARC/1.0",
    kind=b"WARC-Type: response",
    length=b"Content-Length",
    end=b"\r\n",
    http_end=b"\r\n",
    pages=2,
):
    """Return a WARC as a program of one's own writes it."""
    records = []
    for number in range(pages):
        block = http_end.join(
            (b"HTTP/1.1 200 OK", b"Content-Type: text/html", b"X-Folded: a", b" b", b"no field", b"", ARTICLE)
        )
        fields = [
            version,
            kind,
            b"WARC-Record-ID: <urn:uuid:%s>" % str(UUID(int=number)).encode(),
            b"warc-date: " + DATE.encode(),
        ]
        fields += [
            b"Warc-Target-URI: http://abc.example.org/%d" % number,
            b"content-type: application/http; msgtype=response",
        ]
        records.append(end.join((*fields, length + b": %d" % len(block), b"", block, b"", b"")))
    return records


@pytest.mark.parametrize(
    "form", [b"".join, lambda made: b"".join(map(gzip.compress, made)), lambda made: as_zstd(b"".join(made))]
)
@pytest.mark.parametrize(
    "spelling",
    [
        {"http_end": b"\n"},
        {"kind": b"warc-type: response"},
        {"kind": b"WARC-TYPE:Response", "length": b"CONTENT-LENGTH"},
        {"length": b"content-length"},
        {"version": b"warc/1.1"},
        {"end": b"\n", "http_end": b"\n"},
    ],
)  # fmt: skip
def test_heads_are_read_in_any_case_and_with_any_line_end(store, tmp_path, spelling, form):
    path = tmp_path / "own.warc"
    path.write_bytes(form(written(**spelling)))
    assert import_file(path, store).damage == ""
    found = all_captures(store)
    assert [capture.url for capture in found] == ["http://abc.example.org/0", "http://abc.example.org/1"]
    assert {capture.body for capture in found} == {ARTICLE}
    assert {capture.headers for capture in found} == {(("Content-Type", "text/html"), ("X-Folded", "a b"))}


def test_of_an_unusual_file_that_was_cut_the_whole_records_are_read(store, tmp_path):
    path = tmp_path / "own.warc"
    path.write_bytes(b"".join(written(length=b"content-length"))[:-40])
    assert "ends within the record" in import_file(path, store).damage
    assert [capture.url for capture in all_captures(store)] == ["http://abc.example.org/0"]


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_records_of_impossible_dates_are_refused(store, tmp_path, date):
    made = ForeignWarc(compressed=True).add("http://x.example/1", b"<p>1")
    made.add("http://x.example/2", b"<p>2", Date=date)
    path = tmp_path / "dates.warc.gz"
    path.write_bytes(made.data)
    report = import_warc(
        path,
        store,
        outlet_of=outlet_of,
        topic="any",
        software="test",
        now=datetime.now(UTC),
        progress=lambda _: None,
        name="dates",
    )
    assert [url for url, why in report.refused if "is dated" in why] == ["http://x.example/2"]
    assert not report.damage
    assert [one.url for key in list_segments(store) for one in read_segment(store.get(key), key)] == [
        "http://x.example/1"
    ]


def test_a_head_of_blanks_is_read_in_linear_time():
    spent = []
    for size in (50_000, 100_000, 200_000):
        head = b"a" + b" " * size + b"\r\n"
        began = time.process_time()
        assert not warc_heads.FIELD.search(head)
        assert warc_heads.FIELD.sub(b"", b"A b \t: " + head) == head
        spent.append(time.process_time() - began)
    assert spent[-1] < 0.1
