"""Crawls whose sources, index or robots.txt are hostile: the rest is fetched, and a stop ends the crawl in seconds."""

import asyncio
import gzip
import json
import os
import re
import signal
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from articles.errors import CrawlError, CrawlStopError, SourceError
from articles.model import Failure, Purpose, Reason
from spiders.discovery.answers import SourceBody
from spiders.discovery.source_tasks import ArchivedRecord, IndexPagesTask, RecordTask, archived_record
from spiders.fetching import source_reader
from spiders.fetching.source_reader import SourceReader
from spiders.process import parent
from spiders.process.parent import CrawlHandle, run_crawl
from spiders.spec import CrawlSpec, Event
from tests.site import RunningSite
from tests.site.wire import Answer, Request
from tests.spiders.crawling import Crawled, crawl, stored
from tests.spiders.webarchive import Kept

MAX_STOP_SECONDS = 10.0
OUTLET = '''
from spiders.outlet import Outlet
from spiders.sources import Feed, JsonListing, Listing, RobotsTxt, Sitemap, Wayback


class Hostile(Outlet):
    """An outlet of which somebody else has taken hold."""

    domains = ("127.0.0.1:{port}",)
    languages = ("en",)
    sources = ({sources})
    article = r"http://127\\.0\\.0\\.1:{port}/[a-z]+-\\d+"
    delay = 0
'''


def attributes(count: int) -> bytes:
    return b" ".join(b'a%d="1"' % number for number in range(count))


def nested(tag: bytes, depth: int) -> bytes:
    return b"<%s>" % tag * depth


SOURCES: dict[str, bytes] = {
    "/feed-blanks": b" " * 65_536 + b"<rss><item><link>/blank-1</link></item></rss>",
    "/feed-attributes": b"<rss><item " + attributes(200_000) + b"><link>/x-1</link></item></rss>",
    "/feed-quoted-ends": b"<rss><item "
    + b" ".join(b'a%d=">"' % n for n in range(50_000))
    + b"><link>/x-2</link></item></rss>",
    "/feed-namespaces": b"<rss " + b" ".join(b'xmlns:a%d="u"' % n for n in range(50_000)) + b"><item/></rss>",
    "/feed-members": gzip.compress(b"") * 20_000,
    "/feed-tags": b"<rss>" + b"<a/>" * 5_000_000 + b"</rss>",
    "/list-attributes": b"<html><body><a href=/x-3 " + attributes(200_000) + b">x</a></body></html>",
    "/list-unspaced": b"<a href=/x-4 " + attributes(50_000).replace(b" ", b"") + b">x</a>",
    "/json-deep": b"[" * 100_000,
    "/json-wide": b"[" + b"[]," * 2_500_000 + b"[]]",
}
# Passes each check of the form, but parsing it takes long: attributes just below the limit, on thousands of entries.
SLOW = b"<rss>" + (b"<item " + attributes(990) + b"><link>/none</link></item>") * 6_000 + b"</rss>"
PACKED_SLOW = gzip.compress(SLOW, 1)


class Site:
    """A site in the interface of the local web."""

    edition = 1

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.robots = b""

    def answer(self, request: Request) -> Answer:
        self.asked.append(request.path)
        if request.path == "/robots.txt":
            return Answer(200, [], self.robots)
        if request.path.startswith("/slow"):
            return Answer(200, [("Content-Encoding", "gzip")], PACKED_SLOW)
        if request.path in SOURCES:
            return Answer(200, [], SOURCES[request.path])
        if request.path == "/good":
            return Answer(200, [], b"<rss><item><link>/good-1</link></item></rss>")
        if request.path.startswith("/index"):
            return Answer(200, [], json.dumps({"pages": 10**12}).encode())
        if request.path == "/collinfo.json":
            index = {"id": "a", "cdx-api": f"http://{request.host}/index", "from": "2015-01-01", "to": "2016-01-01"}
            return Answer(200, [], json.dumps([index]).encode())
        return Answer(200, [("Content-Type", "text/html")], f"<p>{request.path}</p>".encode())


def running(site: Site) -> RunningSite:
    return RunningSite(site)  # type: ignore[arg-type]  # answers as the local web does


def outlet(tmp_path: Path, site: RunningSite, sources: str) -> dict[str, Any]:
    """Write the outlet's file, and return what a crawl of it asks."""
    folder = tmp_path / "outlets"
    folder.mkdir(exist_ok=True)
    declared = re.sub(r"\(/", f'("http://127.0.0.1:{site.port}/', sources)
    (folder / "hostile.py").write_text(OUTLET.format(port=site.port, sources=declared))
    return {"outlet": "hostile", "outlets": str(folder)}


def refused(done: Crawled) -> dict[str, str]:
    """Return the details of the refused sources, by path; each has a record, and an event that names it."""
    failures = [one for one in stored(done.store) if isinstance(one, Failure) and one.reason is Reason.TOO_COSTLY]
    assert {one.url for one in failures} == {event.url for event in done.of("failed")}
    assert all(one.purpose is not Purpose.PAGE for one in failures)
    return {one.url.partition("//")[2].partition("/")[2]: one.detail for one in failures}


def test_costly_sources_are_refused_with_their_reason_and_the_others_are_read(tmp_path):
    kinds = {"feed": "Feed", "list": "Listing", "json": "JsonListing"}
    sources = "".join(f'{kinds[path[1:5]]}({path}"),' for path in SOURCES) + 'Feed(/good"),'
    with running(Site()) as site:
        began = time.process_time()
        done = crawl(tmp_path / "store", **outlet(tmp_path, site, sources))
        spent = time.process_time() - began
    assert done.result.finished
    assert {event.url.rpartition("/")[2] for event in done.of("fetched")} == {"blank-1", "good-1"}
    details = refused(done)
    assert {f"/{path}" for path in details} == set(SOURCES) - {"/feed-blanks"}
    assert "200000 attributes" in details["feed-attributes"]
    assert "gzip members" in details["feed-members"]
    assert done.result.counts["sources_missed"] == len(details)
    assert not done.result.counts.get("whole")
    assert spent < MAX_STOP_SECONDS  # of this process, which waits


@pytest.mark.slow
def test_a_source_that_takes_too_long_is_stopped_and_the_others_are_read(tmp_path):
    with running(Site()) as site:
        done = crawl(tmp_path / "store", **outlet(tmp_path, site, 'Feed(/slow"), Feed(/good"),'))
    ((path, detail),) = refused(done).items()
    assert path == "slow"
    assert "parsing took over" in detail
    assert done.result.finished
    assert [event.url.rpartition("/")[2] for event in done.of("fetched")] == ["good-1"]


def test_after_three_stopped_sources_no_other_is_parsed(monkeypatch):
    monkeypatch.setattr(source_reader, "WORKER_MODULE", "this")  # a process that does not speak our protocol

    async def read_four() -> list[str]:
        reader, found = SourceReader(), []
        for _ in range(4):
            try:
                found += [
                    str(number) async for number in reader.read(IndexPagesTask(SourceBody("http://n.example/", b"1")))
                ]
            except SourceError as error:
                found.append(str(error))
        await reader.close()
        return found

    found = asyncio.run(read_four())
    assert found[3] == "not parsed: 3 sources of this run had to be stopped"
    assert "not parsed" not in " ".join(found[:3])


def test_bytes_that_took_too_long_are_not_parsed_again(monkeypatch):
    poison, other = (IndexPagesTask(SourceBody("http://n.example/", body)) for body in (b"1", b"2"))
    heard: dict[str, str] = {}

    async def read(reader: SourceReader, *tasks: IndexPagesTask) -> list[Any]:
        found: list[Any] = []
        for task in tasks:
            try:
                found += [batch async for batch in reader.read(task)]
            except SourceError as error:
                found.append(str(error))
        await reader.close()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(source_reader, "WORKER_MODULE", "tests.spiders.dying_worker")
        found = asyncio.run(read(SourceReader({}, heard.__setitem__), poison, poison))
    why = "parsing took over 10 s of processor time"
    assert found == [why, f"{why} (when it was parsed before)"]
    assert list(heard.values()) == [why]
    again: dict[str, str] = {}
    assert asyncio.run(read(SourceReader(heard, again.__setitem__), poison, other)) == [found[1], 2]
    assert again == {}


def test_records_of_an_archive_are_read_in_the_same_process(monkeypatch):
    long = bytes(3 << 20)  # more than one message
    kept = Kept("http://closed.example/1", "20150102030405", long)

    async def read(*bodies: bytes) -> list[ArchivedRecord | str]:
        reader = SourceReader()
        found: list[ArchivedRecord | str] = []
        for body in bodies:
            try:
                found.append(archived_record([batch async for batch in reader.read(RecordTask(body))]))
            except SourceError as error:
                found.append(str(error))
        await reader.close()
        return found

    record, none = asyncio.run(read(kept.warc(), b"no record"))
    assert isinstance(record, ArchivedRecord)
    assert (record.url, record.status, record.body) == (kept.url, 200, long)
    assert record.date is not None
    assert (record.date.year, record.date.tzinfo is not None) == (2015, True)
    assert isinstance(none, str)
    assert none.startswith("no WARC record")
    monkeypatch.setattr(source_reader, "MAX_STOPPED_RECORDS", 1)
    monkeypatch.setattr(source_reader, "WORKER_MODULE", "this")  # a process that does not speak our protocol
    stopped, not_read = asyncio.run(read(kept.warc(), kept.warc()))
    assert "not parsed" not in str(stopped)
    assert not_read == "not parsed: 1 sources of this run had to be stopped"


@pytest.mark.parametrize("how", ["SIGTERM", "end of input"])
def test_a_stop_while_a_hostile_source_is_parsed_ends_in_seconds(tmp_path, how):
    with running(Site()) as site:
        asked: dict[str, Any] = {
            "run": "r1",
            "store": str(tmp_path / "store"),
            "allow_private_hosts": True,
            "delay": 0.0,
        }
        crawling = CrawlHandle()
        spec = CrawlSpec(**asked, **outlet(tmp_path, site, 'Feed(/slow"),'))
        moments: list[float] = []

        def stop() -> None:
            while not [child for child in psutil.Process(crawling.pid).children() if child.cpu_times().user > 1]:
                time.sleep(0.1)
            moments.append(time.monotonic())
            if how == "SIGTERM":
                os.kill(crawling.pid, signal.SIGTERM)
            else:
                crawling._process.stdin.close()  # as if this process had died

        threading.Thread(target=stop).start()
        result = run_crawl(spec, lambda _: None, crawling)
        assert time.monotonic() - moments[0] < MAX_STOP_SECONDS
    assert not result.finished
    assert not psutil.pid_exists(crawling.pid)


def test_an_index_with_a_million_million_pages_is_refused(tmp_path):
    with running(Site()) as site:
        sources = f'CommonCrawl(collections="{site.base}/collinfo.json", data="{site.base}/"),'
        asked = outlet(tmp_path, site, sources)
        path = tmp_path / "outlets" / "hostile.py"
        path.write_text(path.read_text().replace("Wayback\n", "CommonCrawl, Wayback\n"))
        done = crawl(tmp_path / "store", from_archive="commoncrawl", since="2015", until="2015-12-31", **asked)
    assert done.result.finished
    ((_, detail),) = refused(done).items()
    assert detail == "the index names 1e+12 pages; at most 10000 are read"


def test_a_robots_txt_of_many_agents_and_rules_costs_little(tmp_path):
    site = Site()
    agents = b"".join(b"User-agent: bot%d\n" % number for number in range(15_000))
    site.robots = agents + b"User-agent: *\n" + b"Disallow: /x\n" * 10_000 + b"Disallow: /page-2\n"
    began = time.monotonic()
    with running(site) as web:
        done = crawl(tmp_path / "store", f"{web.base}/page-1", f"{web.base}/page-2")
    assert [event.url.rpartition("/")[2] for event in done.of("fetched")] == ["page-1"]
    assert [event.reason for event in done.of("failed")] == ["robots_refused"]
    assert time.monotonic() - began < 60


def test_too_many_rules_are_not_obeyed_in_part(tmp_path):
    site = Site()
    site.robots = b"User-agent: *\n" + b"Disallow: /x\n" * 20_001
    with running(site) as web:
        done = crawl(tmp_path / "store", f"{web.base}/page-1")
    (failed,) = done.of("failed")
    assert (failed.reason, failed.detail) == ("robots_refused", "robots.txt cannot be used: more than 20000 rules")


SILENT = 'import sys, time; sys.stdin.readline(); print(\'{"kind": "started"}\', flush=True); time.sleep(600)'
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SILENT}"


def test_a_child_that_sends_nothing_is_killed_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(parent, "MAX_SILENCE_SECONDS", 3.0)
    began = time.monotonic()
    with pytest.raises(CrawlError, match="sent nothing for 3 s and was killed"):
        run_crawl(CrawlSpec("r1", str(tmp_path)), lambda _: None, CrawlHandle("-c", SILENT))
    assert time.monotonic() - began < MAX_STOP_SECONDS


def test_a_child_that_does_not_obey_a_stop_is_killed(tmp_path, monkeypatch):
    assert parent.MAX_STOPPING_SILENCE_SECONDS + 2 * parent.WATCH_SECONDS < MAX_STOP_SECONDS
    monkeypatch.setattr(parent, "MAX_STOPPING_SILENCE_SECONDS", 3.0)
    crawling = CrawlHandle("-c", DEAF)
    moments: list[float] = []

    def stop(event: Event) -> None:
        moments.append(time.monotonic())
        crawling.stop()

    with pytest.raises(CrawlStopError, match="sent nothing for 3 s"):
        run_crawl(CrawlSpec("r1", str(tmp_path)), stop, crawling)
    assert time.monotonic() - moments[0] < MAX_STOP_SECONDS


def test_a_stop_before_the_child_has_started_is_a_stop(tmp_path):
    crawling = CrawlHandle("-c", SILENT)
    threading.Timer(1, crawling.stop, ["enough"]).start()
    result = run_crawl(CrawlSpec("r1", str(tmp_path)), lambda _: None, crawling)
    assert (result.finished, result.reason, result.segments) == (False, "enough", ())


def test_a_slow_listener_does_not_get_the_child_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(parent, "MAX_SILENCE_SECONDS", 8.0)
    with running(Site()) as site:
        spec = CrawlSpec("r1", str(tmp_path / "s"), urls=(f"{site.base}/page-1",), allow_private_hosts=True)
        slept: list[float] = []

        def sleep_once(event: Event) -> None:
            if not slept:
                slept.append(1.0)
                time.sleep(10)

        assert run_crawl(spec, sleep_once).finished
