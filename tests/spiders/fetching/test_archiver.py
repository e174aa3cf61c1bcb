"""Tests of the archiver's threads: order, limits, back pressure, and failures of the store."""

import asyncio
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from articles.errors import StoreError
from articles.model import Capture, Failure, Reason
from spiders.fetching import archiver as module
from spiders.fetching.archiver import Archiver
from storage.captures.segments import SegmentLimits, SegmentWriter
from storage.captures.warc import Exchange, FetchFailure, WarcInfo, http_head
from tests.spiders.crawling import stored

if TYPE_CHECKING:
    from spiders.spec import Event

ABOUT = WarcInfo(run="r1", topic="any", software="irtysh/test")
HEAD = http_head(b"HTTP/1.1 200 OK", [(b"Content-Type", b"text/html")])


def exchange(outlet: str, number: int, size: int = 10) -> Exchange:
    url = f"https://{outlet}.example/{number}"
    return Exchange(url, datetime.now(UTC), b"GET / HTTP/1.1\r\n\r\n", HEAD, b"x" * size)


class Reported:
    """Events and errors reported by the archiver."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.errors: list[StoreError] = []


async def until(reported: list, count: int = 1) -> None:
    """Wait until a thread of the archiver, or another task, has added items."""
    async with asyncio.timeout(60):
        while len(reported) < count:  # noqa: ASYNC110 - a thread adds to it
            await asyncio.sleep(0.01)


def archive(tmp_path: Path, reported: Reported, limits: SegmentLimits | None = None, store: str = "") -> Archiver:
    return Archiver(
        store or str(tmp_path / "store"),
        ABOUT,
        tmp_path / "spool",
        limits or SegmentLimits(),
        on_event=reported.events.append,
        on_error=reported.errors.append,
    )


def test_every_record_is_stored_once_in_order_per_outlet(tmp_path):
    reported = Reported()

    async def go() -> None:
        kept = archive(tmp_path, reported, SegmentLimits(records=7))
        for number in range(100):
            outlet = f"o{number % 3}"
            await kept.keep(outlet, exchange(outlet, number))
        await kept.keep("o0", FetchFailure("https://o0.example/x", datetime.now(UTC), Reason.TIMEOUT, "late"))
        await kept.close()

    asyncio.run(go())
    records = stored(tmp_path / "store")
    assert Counter(one.outlet for one in records) == {"o0": 35, "o1": 33, "o2": 33}
    for outlet in ("o0", "o1", "o2"):
        numbers = [
            int(one.url.rpartition("/")[2]) for one in records if one.outlet == outlet and isinstance(one, Capture)
        ]
        assert numbers == sorted(numbers)
    assert [one.reason for one in records if isinstance(one, Failure)] == [Reason.TIMEOUT]
    assert sum(event.records for event in reported.events) == 101
    assert len({event.key for event in reported.events}) == len(reported.events) == 15
    assert not reported.errors
    assert list((tmp_path / "spool").iterdir()) == []


def test_an_old_segment_is_stored_without_further_records(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AGE_CHECK_SECONDS", 0.05)
    reported = Reported()

    async def go() -> None:
        kept = archive(tmp_path, reported, SegmentLimits(age=timedelta(seconds=0.1)))
        await kept.keep("o", exchange("o", 1))
        await until(reported.events)
        await kept.close()

    asyncio.run(go())
    assert [event.records for event in reported.events] == [1]


def test_the_crawl_waits_while_too_much_is_unwritten(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_UNWRITTEN_BYTES", 1000)
    gate = threading.Event()
    append = SegmentWriter.append

    def slow(self: SegmentWriter, member: bytes, at: datetime) -> None:
        gate.wait(60)
        append(self, member, at)

    monkeypatch.setattr(SegmentWriter, "append", slow)

    accepted: list[int] = []

    async def go() -> None:
        kept = archive(tmp_path, Reported())

        async def keep_all() -> None:
            for number in range(50):
                await kept.keep("o", exchange("o", number, 400))
                accepted.append(number)

        keeping = asyncio.create_task(keep_all())
        await until(accepted, 3)
        await asyncio.wait([keeping], timeout=0.5)
        keeping.cancel()
        await asyncio.wait([keeping])
        gate.set()
        await kept.keep("o", exchange("o", 99))
        await kept.close()

    asyncio.run(go())
    assert accepted == [0, 1, 2]  # the third exceeded the limit, so the fourth had to wait
    assert len(stored(tmp_path / "store")) == 4


def test_a_failing_store_is_retried_and_then_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "UPLOAD_BACKOFF_SECONDS", 0.001)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "captures").write_text("a file where a directory must be")
    reported = Reported()

    async def go() -> None:
        kept = archive(tmp_path, reported, SegmentLimits(records=1))
        await kept.keep("o", exchange("o", 1))
        await until(reported.errors)
        with pytest.raises(StoreError):
            await kept.keep("o", exchange("o", 2))
        with pytest.raises(StoreError):
            await kept.close()

    asyncio.run(go())
    assert len(reported.errors) == 1
    assert not reported.events


def test_nothing_is_lost_if_the_store_recovers(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "UPLOAD_BACKOFF_SECONDS", 0.05)
    blocked = tmp_path / "store" / "captures"
    blocked.parent.mkdir()
    blocked.write_text("a file where a directory must be")
    reported = Reported()

    async def go() -> None:
        kept = archive(tmp_path, reported)
        await kept.keep("o", exchange("o", 1))
        threading.Timer(0.2, blocked.unlink).start()
        await kept.close()

    asyncio.run(go())
    assert [event.records for event in reported.events] == [1]
    assert not reported.errors


def test_an_internal_error_is_reported_and_blocks_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "exchange_member", lambda *_: 1 / 0)
    reported = Reported()

    async def go() -> None:
        kept = archive(tmp_path, reported)
        await kept.keep("o", exchange("o", 1))
        with pytest.raises(StoreError, match="ZeroDivisionError"):
            await kept.close()

    began = time.monotonic()
    asyncio.run(go())
    assert time.monotonic() - began < 5
    assert len(reported.errors) == 1
