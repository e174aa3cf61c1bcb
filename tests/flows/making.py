"""Store captures without a crawl: pages of the local news web or pages made by a test."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from articles.model import Capture, CaptureRef, Discovery, Failure, Purpose, Reason
from storage.captures.records import RefusedCapture
from storage.captures.segments import SegmentLimits, SegmentWriter, list_segments, read_segment, upload
from storage.captures.warc import Exchange, FetchFailure, WarcInfo, exchange_member, failure_member, http_head
from storage.objects import ObjectStore
from tests.site import pages
from tests.site.outlets import OUTLETS

ROOT = "http://{}.example"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
HTML = (("Content-Type", "text/html; charset=utf-8"),)
SENTENCES = (
    "Kazakhstan and Russia agreed on Tuesday to count the wagons at the border station by hand for another month.",
    "The Kazakh side had asked for a machine in spring, and the Russian railway answered that the machine was late.",
    "Drivers in Kostanay say that the queue has grown to two days, and that tea is sold along the whole of it.",
    "A clerk in Orenburg, who has counted wagons for thirty years, told the paper that no machine would find his pencil.",
    "Both ministries will meet again in Astana when the snow has gone, and Moscow has promised to send an engineer.",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Result of requesting a URL: a response, or the reason why there is none."""

    url: str
    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = HTML
    hour: int = 0  # hours after `NOON`
    purpose: Purpose = Purpose.PAGE
    missed: Reason | None = None
    discovery: Discovery | None = None


def site_page(outlet: str, path: str, edition: int = 1, hour: int = 0) -> Seen:
    """A page of the local news web, as its server sends it."""
    answer = pages.answer(outlet, path, ROOT, edition)
    return Seen(f"http://{OUTLETS[outlet].host}{path}", answer.body, answer.status, tuple(answer.headers), hour)


def article(title: str, *paragraphs: str, head: str = "") -> bytes:
    """A plain HTML page with one article."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or SENTENCES)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body><article><h1>{title}</h1>{text}</article></body></html>"
    ).encode()


def put(  # noqa: PLR0917  a helper whose calls read like a sentence
    store: ObjectStore, spool: Path, run: str, seen: Iterable[Seen], topic: str = "any", records: int = 500
) -> list[str]:
    """Store the captures of a run, in one or more segments for each outlet; return the keys."""
    about = WarcInfo(run, topic, "irtysh/test")
    writers: dict[str, SegmentWriter] = {}
    keys = []
    for one in seen:
        outlet = one.url.split("/")[2].removeprefix("www.")
        writer = writers.setdefault(
            outlet, SegmentWriter(spool, outlet, about, SegmentLimits(records=records, age=timedelta.max))
        )
        at = NOON + timedelta(hours=one.hour)
        writer.append(_member(one, at, about), at)
        if writer.due(at) and (segment := writer.close()):
            keys.append(upload(store, segment))
    keys += [upload(store, segment) for writer in writers.values() if (segment := writer.close())]
    return keys


def _member(one: Seen, at: datetime, about: WarcInfo) -> bytes:
    if one.missed is not None:
        return failure_member(FetchFailure(one.url, at, one.missed, "so it is", one.purpose), about)
    line = f"HTTP/1.1 {one.status} {HTTPStatus(one.status).phrase}".encode()
    head = http_head(line, [(name.encode(), value.encode()) for name, value in one.headers])
    return exchange_member(
        Exchange(one.url, at, b"", head, one.body, purpose=one.purpose, discovery=one.discovery), about
    )


def records(store: ObjectStore) -> list[Capture | Failure]:
    """All records of a store's segments."""
    return [
        found
        for key in list_segments(store)
        for found in read_segment(store.get(key), key)
        if not isinstance(found, RefusedCapture)
    ]


def capture(url: str = "http://steppe.example/a", body: bytes = b"", number: int = 0, **other: object) -> Capture:
    """A capture that is in no store."""
    defaults: dict[str, object] = {
        "ref": CaptureRef("captures/steppe.example/2026/11/01/run-00000.warc.gz", number, f"urn:uuid:{number}"),
        "url": url,
        "outlet": "steppe.example",
        "fetched": NOON,
        "status": 200,
        "headers": HTML,
        "body": body,
        "run": "run",
    }
    return Capture(**{**defaults, **other})  # type: ignore[arg-type]  # fields given by a test
