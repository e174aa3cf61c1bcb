"""Tests of the records of runs: the same command resumes a killed or stopped run."""

import json
import os
import signal
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from articles.errors import CorruptError, CrawlError
from articles.model import Capture, Purpose
from articles.url import article_id, canonicalize
from spiders.process import runs
from spiders.process.parent import _live
from spiders.process.runs import Run, fetched_urls, find_unfinished, last_complete, new_run, read_run
from spiders.spec import CrawlSpec, Event, request_sha256
from storage.objects.directory import DirectoryStore
from storage.tables import redactions
from tests.site import RunningSite
from tests.spiders.crawling import crawl, stored

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def save_run(store, request: str, now: datetime, **more) -> Run:
    run = Run(new_run(request, now), request, now.isoformat(), "any", **more)
    run.save(store)
    return run


def test_only_recent_unfinished_runs_of_the_same_request_are_resumed(store):
    mine, other = "a" * 64, "b" * 64
    save_run(store, mine, NOW - timedelta(hours=25))
    old = save_run(store, mine, NOW - timedelta(hours=23))
    save_run(store, mine, NOW - timedelta(hours=22), finished=NOW.isoformat())
    save_run(store, other, NOW - timedelta(hours=1))
    young = save_run(store, mine, NOW)
    assert find_unfinished(store, mine, NOW) == (old, young)
    assert find_unfinished(store, "c" * 64, NOW) == ()


def test_the_last_complete_run_of_the_week_is_found(store):
    mine, wednesday = "a" * 64, datetime(2026, 11, 4, 12, tzinfo=UTC)
    ended = {"finished": wednesday.isoformat(), "counts": {"whole": 1}}
    assert last_complete(store, mine, wednesday) == ""
    save_run(store, mine, wednesday - timedelta(hours=49), **ended)
    save_run(store, "b" * 64, wednesday - timedelta(hours=1), **ended)
    save_run(store, mine, wednesday - timedelta(hours=2), finished=wednesday.isoformat(), counts={"asked": 3})
    save_run(store, mine, wednesday - timedelta(hours=1), counts={"whole": 1})  # not finished
    assert last_complete(store, mine, wednesday) == ""
    save_run(store, mine, wednesday - timedelta(hours=30), **ended)
    newest = save_run(store, mine, wednesday - timedelta(hours=20), **ended)
    assert last_complete(store, mine, wednesday) == newest.started
    monday = datetime(2026, 11, 9, 0, 10, tzinfo=UTC)
    save_run(store, mine, monday - timedelta(hours=1), **ended)
    assert last_complete(store, mine, monday) == ""


def test_an_invalid_record_is_named(directory_store):
    directory_store.put("runs/x.json", b"{}")
    with pytest.raises(CorruptError, match=r"runs/x\.json"):
        read_run(directory_store, "runs/x.json")


def asked(site: RunningSite, store: Path, count: int, **more: Any) -> CrawlSpec:
    urls = tuple(site.url("bulk", f"/{number}.html", by_host=True) for number in range(count))
    resolve = dict(pair.split("=") for pair in site.resolve)
    usual: dict[str, Any] = {
        "run": "",
        "store": str(store),
        "urls": urls,
        "delay": 0.0,
        "concurrency": 4,
        "segment_records": 10,
    }
    return CrawlSpec(**{**usual, "resolve": resolve, "allow_private_hosts": True, **more})


def kill_after(count: int):
    """Return an `on_event` that kills the child with SIGKILL after `count` fetched pages."""
    fetched: Counter[str] = Counter()

    def on_event(event: Event) -> None:
        fetched[event.kind] += 1
        if fetched["fetched"] == count and event.kind == "fetched":
            (child,) = _live
            os.kill(child.pid, signal.SIGKILL)

    return on_event


def test_a_killed_run_is_resumed_without_fetching_stored_pages_twice(site: RunningSite, tmp_path):
    spec = asked(site, tmp_path / "store", 150, delay=0.02)  # so that segments of ten are stored before the kill
    store = DirectoryStore(tmp_path / "store")
    kept: list[int] = []
    for count in (33, 37, 24):
        with pytest.raises(CrawlError, match="SIGKILL"):
            runs.crawl(spec, kill_after(count), datetime.now(UTC))
        kept.append(len(pages(tmp_path / "store")))
    assert kept == sorted(kept)  # the increase depends on the moment of the kill
    assert kept[-1] > 0
    events: list[Event] = []
    result = runs.crawl(spec, events.append, datetime.now(UTC))
    assert result.finished
    assert result.counts["skipped"] == kept[-1]
    found = Counter(pages(tmp_path / "store"))
    assert set(found) == {canonicalize(url) for url in spec.urls}
    assert set(found.values()) == {1}
    assert len(find_unfinished(store, request_sha256(spec), datetime.now(UTC))) == 4  # no snapshot contains them yet
    runs.mark_finished(store, result.run, datetime.now(UTC))
    assert find_unfinished(store, request_sha256(spec), datetime.now(UTC)) == ()
    again = runs.crawl(spec, events.append, datetime.now(UTC))  # a new request
    assert again.counts["fetched"] == 150


def test_a_stopped_run_is_resumed(site: RunningSite, tmp_path):
    spec = asked(site, tmp_path / "store", 300, delay=0.01)
    fetched: list[str] = []

    def stop_after_30(event: Event) -> None:
        if event.kind == "fetched":
            fetched.append(event.url)
            if len(fetched) == 30:
                (child,) = _live
                child.stop()

    first = runs.crawl(spec, stop_after_30, datetime.now(UTC))
    assert not first.finished
    second = runs.crawl(spec, lambda _: None, datetime.now(UTC))
    assert second.finished
    assert second.counts["skipped"] == len(fetched) == len(set(fetched))
    assert second.counts["fetched"] == 300 - len(fetched)
    runs.mark_finished(
        DirectoryStore(tmp_path / "store"), first.run, datetime.now(UTC)
    )  # without effect, since the run was stopped
    assert len(find_unfinished(DirectoryStore(tmp_path / "store"), request_sha256(spec), datetime.now(UTC))) == 2
    runs.mark_finished(DirectoryStore(tmp_path / "store"), second.run, datetime.now(UTC))
    records = [json.loads(path.read_bytes()) for path in (tmp_path / "store" / "runs").rglob("*.json")]
    assert [bool(record["finished"]) for record in records] == [True, True]
    assert {record["run"]: record["resumes"] for record in records} == {first.run: [], second.run: [first.run]}


def test_a_run_without_a_snapshot_is_resumed_without_fetching_twice(site: RunningSite, tmp_path):
    spec = asked(site, tmp_path / "store", 20)
    first = runs.crawl(spec, lambda _: None, datetime.now(UTC))
    assert first.finished
    second = runs.crawl(spec, lambda _: None, datetime.now(UTC))  # as after a kill while processing
    assert (second.counts["skipped"], second.counts.get("fetched", 0)) == (20, 0)


def test_an_article_that_was_taken_down_is_not_asked_for(site: RunningSite, tmp_path):
    spec = asked(site, tmp_path / "store", 2)
    store = DirectoryStore(tmp_path / "store")
    gone = article_id(canonicalize(spec.urls[0]))
    record = redactions.described(NOW, "an order", 1, {}, {}, articles=[gone])
    store.put_new("redactions/0000000000.json", json.dumps(record).encode())
    events: list[Event] = []
    runs.crawl(spec, events.append, NOW)
    assert [(event.url, event.reason) for event in events if event.kind == "failed"] == [(spec.urls[0], "taken_down")]
    assert [
        one.url for one in stored(tmp_path / "store") if isinstance(one, Capture) and one.purpose is Purpose.PAGE
    ] == [spec.urls[1]]


def test_a_list_longer_than_the_page_budget_is_fetched_in_parts(site: RunningSite, tmp_path):
    store = DirectoryStore(tmp_path / "store")
    spec = asked(site, tmp_path / "store", 20, max_pages=8)
    dead = site.url("hostile", "/drop")
    spec = replace(spec, urls=(dead, *spec.urls), retries=0)
    lefts, fetched = [], []
    for _ in range(3):
        events: list[Event] = []
        result = runs.crawl(spec, events.append, datetime.now(UTC))
        lefts += [(event.number, event.text) for event in events if event.kind == "left"]
        fetched += [event.text for event in events if event.kind in {"fetched", "failed"}]
        runs.mark_finished(store, result.run, datetime.now(UTC))
    assert lefts == [(13, spec.urls[8]), (5, spec.urls[16])]
    assert Counter(fetched) == Counter(spec.urls)  # the failed one is not fetched again
    assert find_unfinished(store, request_sha256(spec), datetime.now(UTC)) == ()


def test_a_redirect_counts_as_fetched_only_with_its_final_page(site: RunningSite, tmp_path):
    start, end = site.url("hostile", "/to-relative"), site.url("hostile", "/fine/relative")
    done = crawl(tmp_path / "whole", start)
    assert fetched_urls(DirectoryStore(done.store), ["r1"]) == {start, end}
    assert fetched_urls(DirectoryStore(done.store), ["r2"]) == set()
    half = crawl(tmp_path / "half", site.url("hostile", "/to-nowhere"), site.url("hostile", "/drop"))
    assert fetched_urls(DirectoryStore(half.store), ["r1"]) == set()


def test_pages_of_a_damaged_segment_are_fetched_again(site: RunningSite, tmp_path):
    done = crawl(
        tmp_path / "store",
        *(site.url("bulk", f"/{number}.html", by_host=True) for number in range(30)),
        segment_records=10,
        resolve={"bulk.example": "127.0.0.1"},
    )
    (path, *_) = sorted((tmp_path / "store").rglob("*.warc.gz"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    left = fetched_urls(DirectoryStore(done.store), ["r1"])
    assert 20 <= len(left) < 30


def pages(store: Path) -> list[str]:
    return [canonicalize(one.url) for one in stored(store) if isinstance(one, Capture) and one.purpose is Purpose.PAGE]


def test_the_last_run_tells_which_sources_were_too_costly(store):
    mine = "a" * 64
    save_run(store, mine, NOW - timedelta(hours=2), ended="x", refused={"old": ("slow", "2020-01-01T00:00:00+00:00")})
    since = (NOW - timedelta(days=1)).isoformat()
    save_run(
        store, mine, NOW - timedelta(hours=1), ended="x", refused={"new": ("slow", since), "old": ("slow", "2020")}
    )
    save_run(store, mine, NOW - timedelta(minutes=1))  # still running, or dead
    save_run(store, "b" * 64, NOW, ended="x", refused={"other": ("slow", since)})
    assert runs.last_refusals(store, mine, NOW) == {"new": ("slow", since)}
    assert runs.last_refusals(store, "c" * 64, NOW) == {}


def test_a_record_of_a_run_that_is_no_object_is_corrupt(directory_store):
    for body in (b"[]", b"{" * 100_000, b'{"resumes": [], "refused": []}', b'{"resumes": [], "refused": {"a": 1}}'):
        directory_store.put("runs/x.json", body)
        with pytest.raises(CorruptError, match=r"runs/x.json is "):
            runs.read_run(directory_store, "runs/x.json")
