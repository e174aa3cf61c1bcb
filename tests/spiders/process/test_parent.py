"""Tests of the crawl process with real parent and child processes: events, signals, kills, errors."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psutil
import pytest

from articles.errors import CrawlError, InputError
from spiders.process.parent import CrawlHandle, run_crawl, stop_all
from spiders.spec import CrawlSpec, Event, request_sha256
from storage.captures.segments import list_segments, read_segment
from storage.objects import open_store
from tests.site import RunningSite
from tests.spiders.crawling import crawl, stored

MAX_STOP_SECONDS = 30  # a process that ends later was killed, not stopped


def bulk(site: RunningSite, count: int) -> list[str]:
    return [site.url("bulk", f"/{number}.html", by_host=True) for number in range(count)]


def spec(site: RunningSite, store, count: int = 2000, **more) -> CrawlSpec:
    resolve = dict(pair.split("=") for pair in site.resolve)
    usual = {"run": "r1", "store": str(store), "urls": tuple(bulk(site, count)), "delay": 0.005, "segment_records": 20}
    return CrawlSpec(**{**usual, "resolve": resolve, "allow_private_hosts": True, **more})


def after(count: int, act) -> tuple[list[Event], Callable[[Event], None]]:
    """Return an `on_event` that calls `act` once, after `count` fetched pages."""
    events: list[Event] = []

    def on_event(event: Event) -> None:
        events.append(event)
        if event.kind == "fetched" and sum(one.kind == "fetched" for one in events) == count:
            act()

    return events, on_event


@pytest.mark.usefixtures("usual_starts")
def test_the_first_page_is_fetched_soon_after_the_imports(site: RunningSite, tmp_path):
    def imports_to_first_page(store: str) -> tuple[float, float]:
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", "import scrapy.crawler"], check=True)
        importing = time.monotonic() - began
        began = time.monotonic()
        moments: list[float] = []
        asked = spec(site, tmp_path / store, 3, delay=0.0)
        run_crawl(asked, lambda event: moments.append(time.monotonic() - began) if event.kind == "fetched" else None)
        return importing, moments[0]

    seconds = (imports_to_first_page(store) for store in ("one", "two", "three"))  # others may get busy in between
    assert any(first < 5 * importing for importing, first in seconds)  # 1.5 to 2 s where importing Scrapy takes .9 s


def test_segments_are_uploaded_while_the_crawl_goes_on(site: RunningSite, tmp_path):
    kinds: list[str] = []
    run_crawl(spec(site, tmp_path / "store", 200), lambda event: kinds.append(event.kind))
    assert "fetched" in kinds[kinds.index("segment") :]
    assert kinds.count("segment") >= 10


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_gracefully_and_everything_fetched_is_stored(site: RunningSite, tmp_path, number):
    handler = signal.getsignal(number)
    events, on_event = after(50, lambda: os.kill(os.getpid(), number))
    began = time.monotonic()
    result = run_crawl(spec(site, tmp_path / "store"), on_event)
    assert time.monotonic() - began < MAX_STOP_SECONDS
    assert not result.finished
    assert result.reason == number.name
    fetched = [event.url for event in events if event.kind == "fetched"]
    assert 50 <= len(fetched) < 2000
    assert set(fetched) <= {one.url for one in stored(tmp_path / "store")}
    assert signal.getsignal(number) == handler


def test_a_flow_stops_its_crawls_from_another_thread(site: RunningSite, tmp_path):
    events, on_event = after(20, lambda: threading.Thread(target=stop_all).start())
    results = []
    thread = threading.Thread(target=lambda: results.append(run_crawl(spec(site, tmp_path / "store"), on_event)))
    thread.start()
    thread.join(MAX_STOP_SECONDS)
    assert [result.finished for result in results] == [False]
    assert sum(event.kind == "fetched" for event in events) < 2000


def test_a_stop_does_not_wait_for_slow_hosts(site: RunningSite, tmp_path):
    crawling = CrawlHandle()
    slow = [site.url("hostile", f"/delay/60?{number}", by_host=True) for number in range(5)]
    asked = spec(site, tmp_path / "store", urls=(*bulk(site, 3), *slow), timeout=50.0, delay=5.0)
    threading.Timer(4, crawling.stop).start()
    began = time.monotonic()
    result = run_crawl(asked, lambda _: None, crawling)
    assert not result.finished
    assert time.monotonic() - began < 4 + 10


def test_a_killed_child_is_an_error_and_its_closed_segments_are_stored(site: RunningSite, tmp_path):
    crawling = CrawlHandle()
    events, on_event = after(100, lambda: os.kill(crawling.pid, signal.SIGKILL))
    with pytest.raises(CrawlError, match="SIGKILL"):
        run_crawl(spec(site, tmp_path / "store"), on_event, crawling)
    stored_keys = [event.key for event in events if event.kind == "segment"]
    assert stored_keys
    assert set(stored_keys) <= set(list_segments(open_store(str(tmp_path / "store"))))
    assert len(stored(tmp_path / "store")) >= 20 * len(stored_keys)


PARENT = """
import sys
from spiders.process.parent import CrawlHandle, run_crawl
from spiders.spec import CrawlSpec
child = CrawlHandle()
print(child.pid, flush=True)
run_crawl(CrawlSpec.from_json(sys.stdin.readline()), lambda event: print(event.kind, event.url, flush=True), child)
"""


def test_a_child_whose_parent_is_killed_stores_its_pages_and_ends(site: RunningSite, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(spec(site, tmp_path / "store").to_json() + "\n")
        parent.stdin.flush()
        child = psutil.Process(int(parent.stdout.readline()))
        fetched: list[str] = []
        while len(fetched) < 60:
            kind, _, url = parent.stdout.readline().strip().partition(" ")
            fetched += [url] if kind == "fetched" else []
        parent.kill()
    with suppress(psutil.NoSuchProcess):
        child.wait(MAX_STOP_SECONDS)
    assert not child.is_running()
    pages = {one.url for one in stored(tmp_path / "store")}
    assert set(fetched) <= pages
    assert len(pages) < 2000


def test_a_crawl_into_s3_stores_the_same_pages(site: RunningSite, s3_url: str):
    result = run_crawl(spec(site, s3_url, 50, delay=0.0), lambda _: None)
    store = open_store(s3_url)
    assert list(list_segments(store)) == sorted(result.segments)
    found = [one.url for key in result.segments for one in read_segment(store.get(key), key)]
    assert set(bulk(site, 50)) <= set(found)


def test_an_unused_child_ends_at_once():
    with CrawlHandle() as crawling:
        began = time.monotonic()
    assert not psutil.pid_exists(crawling.pid)
    assert time.monotonic() - began < 5  # it may have been let `STOP_SECONDS`


QUICK_RETRIES = "import spiders.fetching.archiver, sys; spiders.fetching.archiver.UPLOAD_BACKOFF_SECONDS = 0.01; from spiders.process.child import main; sys.exit(main())"


def test_a_store_that_cannot_be_written_is_an_error(site: RunningSite, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "captures").write_text("a file where a directory must be")
    with pytest.raises(CrawlError, match="captures"):
        run_crawl(spec(site, blocked, 500), lambda _: None, CrawlHandle("-c", QUICK_RETRIES))


def test_a_child_that_cannot_start_gives_its_error_output():
    with pytest.raises(CrawlError, match="no such child"):
        run_crawl(CrawlSpec("r1", "store"), lambda _: None, CrawlHandle("-c", "raise SystemExit('no such child')"))


def test_an_unreadable_list_is_an_input_error(tmp_path):
    asked = CrawlSpec("r1", str(tmp_path / "store"), list_path=str(tmp_path / "none.txt"))
    with pytest.raises(InputError, match=r"none\.txt"):
        request_sha256(asked)


def test_an_error_in_the_callback_ends_the_child(site: RunningSite, tmp_path):
    crawling = CrawlHandle()

    def break_down(event: Event) -> None:
        if event.kind == "fetched":
            raise KeyError("of the caller")

    with pytest.raises(KeyError, match="of the caller"):
        run_crawl(spec(site, tmp_path / "store"), break_down, crawling)
    assert not psutil.pid_exists(crawling.pid)


def test_every_line_of_a_list_has_an_event(site: RunningSite, tmp_path):
    good, other = site.url("steppe", "/2023/09/wagons-move-again/"), site.url("steppe", "/about/")
    (tmp_path / "list.txt").write_text(f"# mine\n{good}\n\nftp://x.example/\n{good}#top\nhttp://[\n{other}\n")
    (tmp_path / "skip").write_text(other + "\n")
    done = crawl(tmp_path / "store", list_path=str(tmp_path / "list.txt"), skip_path=str(tmp_path / "skip"))
    kinds = {"bad_line", "repeated", "skipped", "fetched", "failed"}
    assert sorted((event.number, event.kind, event.text) for event in done.events if event.kind in kinds) == [
        (0, "fetched", good),
        (4, "bad_line", "ftp://x.example/"),
        (5, "repeated", good + "#top"),
        (6, "bad_line", "http://["),
        (7, "skipped", other),
    ]
    assert done.result.finished


def test_events_and_specifications_survive_the_pipe():
    asked = CrawlSpec("r", "s", urls=("ё", "b"), resolve={"a": "1.2.3.4"}, delay=0.5, since="2024-01-01")
    assert CrawlSpec.from_json(asked.to_json()) == asked
    event = Event("failed", "ё", reason="timeout", counts={"a": 1})
    assert Event.from_json(event.to_json()) == event
    with pytest.raises(InputError, match="surprise"):
        CrawlSpec.from_json('{"run": "r", "store": "s", "surprise": 1}')
    with pytest.raises(InputError):
        CrawlSpec.from_json("[]")


def test_the_request_hash_depends_on_content_and_not_on_delays(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("https://one.example/\n")
    (tmp_path / "c").write_text("https://two.example/\n")
    one, two, three = (CrawlSpec("r", "s", list_path=str(tmp_path / name)) for name in "abc")
    assert request_sha256(one) == request_sha256(two) != request_sha256(three)
    assert request_sha256(CrawlSpec("r", "s", urls=("x",))) == request_sha256(
        CrawlSpec("q", "t", urls=("x",), delay=3.0)
    )
    assert request_sha256(CrawlSpec("r", "s", urls=("x",))) != request_sha256(
        CrawlSpec("r", "s", urls=("x",), topic="kz")
    )


@pytest.mark.parametrize("wrong", [{"resolve": {"a.example": "b"}}, {"outlets": "no-such-folder"}])
def test_invalid_options_end_the_child_at_once(tmp_path, wrong):
    asked = CrawlSpec("r1", str(tmp_path / "store"), urls=("http://a.example/",), **wrong)
    with pytest.raises(InputError, match=r"'b'|no-such-folder"):
        run_crawl(asked, lambda _: None)
