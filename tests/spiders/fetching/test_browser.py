"""Tests of rendering pages in a browser: the result, permitted requests, and hostile pages."""

import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from articles.errors import CrawlError
from articles.model import Purpose
from spiders.fetching.browser import PROGRAM_NAMES
from spiders.process.parent import CrawlHandle
from tests.site import RunningSite
from tests.site.wire import Answer, Request
from tests.spiders.crawling import Crawled, crawl, stored

needs_chromium = pytest.mark.skipif(
    not any(map(shutil.which, PROGRAM_NAMES)),
    reason="there is no Chromium on this machine (Debian's package is `chromium`)",
)
OUTLET = '''
from spiders.outlet import Outlet
from spiders.sources import Sitemap


class Scripted(Outlet):
    """An outlet whose pages are made by scripts."""

    domains = ("127.0.0.1:{port}",)
    languages = ("en",)
    sources = (Sitemap("http://127.0.0.1:{port}/map.txt"),)
    article = r"http://127\\.0\\.0\\.1:{port}/a/\\w+"
    javascript = True
    wait = "article p"
    delay = 0
'''
SHELL = "<html><head><title>x</title><script src=/app.js></script>{}</head><body><div id=app></div></body></html>"
SCRIPT = """
document.addEventListener('DOMContentLoaded', async () => {
  const answer = await fetch('/api/text.json');
  const told = await answer.json();
  let extra = '';
  for (const url of told.asks) {
    try { const other = await fetch(url); extra += ' got ' + (await other.text()); } catch (error) { extra += ' refused'; }
  }
  document.getElementById('app').innerHTML = `<article><h1>${told.title}</h1><p>${told.text}</p><i>${extra}</i></article>`;
});
"""


class App:
    """A site in the interface of the local web: empty pages, their script, and the data that it requests."""

    edition = 1

    def __init__(self, *pages: str, asks: tuple[str, ...] = ()) -> None:
        self.pages = pages
        self.asks = asks
        self.asked: list[tuple[str, str]] = []

    def answer(self, request: Request) -> Answer:
        self.asked.append((request.method, request.target))
        match request.path:
            case "/map.txt":
                return Answer(200, [], "\n".join(f"http://{request.host}/a/{page}" for page in self.pages).encode())
            case "/app.js":
                return Answer(200, [("Content-Type", "text/javascript")], SCRIPT.encode())
            case "/api/text.json":
                asks = ", ".join(f'"{one}"' for one in self.asks)
                text = f'{{"title": "A title", "text": "Made by a script, қазақша.", "asks": [{asks}]}}'
                return Answer(200, [("Content-Type", "application/json")], text.encode())
            case "/big":
                return Answer(200, [], b"x" * (17 << 20))
            case "/hop":
                return Answer(302, [("Location", "/landed")])
            case "/landed":
                return Answer(200, [], b"landed")
            case path if path.startswith("/a/never"):
                return self._html("<html><body><p>no article ever</p></body></html>")
            case "/a/hangs":
                return self._html("<html><body><script>while (true) {}</script></body></html>")
            case "/a/leaves":
                return self._html("<html><body><script>location = 'http://169.254.169.254/x'</script></body></html>")
            case "/a/gone":
                return Answer(404, [("Content-Type", "text/html")], b"gone")
            case path if path.startswith("/a/"):
                return self._html(SHELL.format("<link rel=stylesheet href=/s.css><img src=/i.png>"))
        return Answer(404)

    @staticmethod
    def _html(text: str) -> Answer:
        return Answer(200, [("Content-Type", "text/html"), ("ETag", '"e"'), ("Set-Cookie", "a=b")], text.encode())


def ingest(tmp_path: Path, app: App, **asked: Any) -> Crawled:
    with RunningSite(app) as site:  # type: ignore[arg-type]  # answers as the local web does
        folder = tmp_path / "outlets"
        folder.mkdir()
        (folder / "scripted.py").write_text(OUTLET.format(port=site.port))
        return crawl(tmp_path / "store", outlet="scripted", outlets=str(folder), **asked)


@needs_chromium
def test_the_rendered_page_is_captured(tmp_path):
    app = App("one", "gone", asks=("/hop",))
    done = ingest(tmp_path, app)
    pages = {one.url.rpartition("/")[2]: one for one in stored(done.store) if one.purpose is Purpose.PAGE}
    one = pages["one"]
    assert one.rendered
    assert (one.status, one.truncated, one.header("etag")) == (200, "", '"e"')
    assert one.header("content-type") == "text/html; charset=utf-8"
    assert "<h1>A title</h1><p>Made by a script, қазақша.</p><i> got landed</i>" in one.body.decode()
    assert one.discovery.source.startswith("Sitemap:")
    assert (pages["gone"].status, pages["gone"].rendered) == (404, False)
    (raw,) = (one for one in stored(done.store) if one.purpose is Purpose.ATTEMPT)
    assert b"id=app" in raw.body
    assert not raw.rendered
    assert done.result.counts["rendered"] == 1
    asked = [target for _, target in app.asked]
    assert asked.count("/a/one") == 1  # the browser receives the fetched page
    assert not {"/s.css", "/i.png"} & set(asked)


@needs_chromium
def test_a_page_reaches_no_forbidden_address(tmp_path):
    refused = ("http://169.254.169.254/latest/meta-data", "http://0.0.0.0:1/", "http://[::ffff:169.254.169.254]/", "/big",
               "ftp://127.0.0.1/x", "http://nowhere.invalid/")  # fmt: skip
    done = ingest(
        tmp_path, App("one", asks=refused), allow_private_hosts=True, resolve={"nowhere.invalid": "169.254.169.254"}
    )
    (one,) = (one for one in stored(done.store) if one.purpose is Purpose.PAGE)
    assert f"<i>{' refused' * len(refused)}</i>" in one.body.decode()


@needs_chromium
def test_pages_that_hang_or_navigate_away_do_not_affect_others(tmp_path):
    done = ingest(tmp_path, App("never", "hangs", "leaves", "one"), timeout=2.0)
    pages = {one.url.rpartition("/")[2]: one for one in stored(done.store) if one.purpose is Purpose.PAGE}
    assert done.result.finished
    assert pages["one"].rendered
    assert pages["never"].truncated == "time"
    assert b"no article ever" in pages["never"].body
    assert pages["hangs"].reason == "fetch_error"
    assert "could not be rendered" in pages["hangs"].detail


def test_a_missing_browser_fails_the_crawl_before_any_request(tmp_path, monkeypatch):
    monkeypatch.setenv("IRTYSH_CHROMIUM", "/nowhere/chromium")
    app = App("one")
    with pytest.raises(CrawlError, match="IRTYSH_CHROMIUM names no program: /nowhere/chromium"):
        ingest(tmp_path, app)
    assert app.asked == []


@needs_chromium
def test_a_stop_does_not_wait_for_pages_being_rendered(tmp_path):
    began = time.monotonic()
    with CrawlHandle() as child:
        timer = threading.Timer(12.0, child.stop)
        timer.start()
        done = ingest(tmp_path, App(*(f"never{n}" for n in range(40))), child=child, timeout=30.0)
    timer.cancel()
    assert not done.result.finished
    assert time.monotonic() - began < 40
