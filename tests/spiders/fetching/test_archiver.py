"""The archive's threads: order, limits, back pressure, and what happens when the store fails."""

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


class Told:
    """What the archive said."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.errors: list[StoreError] = []


async def until(told: list) -> None:
    """Wait for the first of what a thread of the archive says."""
    async with asyncio.timeout(10):
        while not told:  # noqa: ASYNC110 - a thread adds to it
            await asyncio.sleep(0.01)


def archive(tmp_path: Path, told: Told, limits: SegmentLimits | None = None, store: str = "") -> Archiver:
    return Archiver(
        store or str(tmp_path / "store"),
        ABOUT,
        tmp_path / "spool",
        limits or SegmentLimits(),
        tell=told.events.append,
        broken=told.errors.append,
    )


def test_every_record_is_stored_once_in_its_outlets_order(tmp_path):
    told = Told()

    async def go() -> None:
        kept = archive(tmp_path, told, SegmentLimits(records=7))
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
    assert sum(event.records for event in told.events) == 101
    assert len({event.key for event in told.events}) == len(told.events) == 15
    assert not told.errors
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_segment_that_grows_old_is_stored_though_nothing_follows(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AGE_CHECK_SECONDS", 0.05)
    told = Told()

    async def go() -> None:
        kept = archive(tmp_path, told, SegmentLimits(age=timedelta(seconds=0.1)))
        await kept.keep("o", exchange("o", 1))
        await until(told.events)
        await kept.close()

    asyncio.run(go())
    assert [event.records for event in told.events] == [1]


def test_what_comes_faster_than_it_is_written_has_to_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_UNWRITTEN_BYTES", 1000)
    gate = threading.Event()
    append = SegmentWriter.append

    def slow(self: SegmentWriter, member: bytes, at: datetime) -> None:
        gate.wait(10)
        append(self, member, at)

    monkeypatch.setattr(SegmentWriter, "append", slow)

    async def go() -> int:
        kept = archive(tmp_path, Told())
        taken = 0
        try:
            async with asyncio.timeout(0.5):
                for number in range(50):
                    await kept.keep("o", exchange("o", number, 400))
                    taken += 1
        except TimeoutError:
            pass
        gate.set()
        await kept.keep("o", exchange("o", 99))
        await kept.close()
        return taken

    taken = asyncio.run(go())
    assert taken == 3  # the third went over the limit, and the fourth had to wait
    assert len(stored(tmp_path / "store")) == taken + 1


def test_a_store_that_fails_is_tried_a_few_times_and_then_told(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "UPLOAD_BACKOFF_SECONDS", 0.001)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "captures").write_text("a file where a directory must be")
    told = Told()

    async def go() -> None:
        kept = archive(tmp_path, told, SegmentLimits(records=1))
        await kept.keep("o", exchange("o", 1))
        await until(told.errors)
        with pytest.raises(StoreError):
            await kept.keep("o", exchange("o", 2))
        with pytest.raises(StoreError):
            await kept.close()

    asyncio.run(go())
    assert len(told.errors) == 1
    assert not told.events


def test_a_store_that_comes_back_gets_everything(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "UPLOAD_BACKOFF_SECONDS", 0.05)
    blocked = tmp_path / "store" / "captures"
    blocked.parent.mkdir()
    blocked.write_text("a file where a directory must be")
    told = Told()

    async def go() -> None:
        kept = archive(tmp_path, told)
        await kept.keep("o", exchange("o", 1))
        threading.Timer(0.2, blocked.unlink).start()
        await kept.close()

    asyncio.run(go())
    assert [event.records for event in told.events] == [1]
    assert not told.errors


def test_an_error_of_the_archive_itself_is_told_and_hangs_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "exchange_member", lambda *_: 1 / 0)
    told = Told()

    async def go() -> None:
        kept = archive(tmp_path, told)
        await kept.keep("o", exchange("o", 1))
        with pytest.raises(StoreError, match="ZeroDivisionError"):
            await kept.close()

    began = time.monotonic()
    asyncio.run(go())
    assert time.monotonic() - began < 5
    assert len(told.errors) == 1
