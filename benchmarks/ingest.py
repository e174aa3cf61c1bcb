"""Measure four runs of `ingest` on thirty outlets: all articles, nothing new, edits and deletions, redesigns.

    python -m benchmarks.ingest [--outlets 30] [--articles 100] [--edits 100] [--deletions 20] [--redesigned 2]

The outlets are served on loopback under their own names, each with a feed, a sitemap or a listing as its source and one of
six templates. Ten URLs that the sources name are faulty (errors, a cut connection, a broken encoding, a loop, no article
…). For each run the program prints what was planted and what was found.

run 1   recall: planted articles that became documents; a fault must not cost any other page
run 2   nothing has changed: known pages that were fetched again, in percent
run 3   after edits and deletions, all known articles are fetched: changes found, and changes reported wrongly
run 4   new articles everywhere, and a redesign of some outlets: documents of these outlets that reached the snapshot
"""

import argparse
import html
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from flows import process as stages
from flows import reports
from flows.ingest import fetch_outlet
from flows.listener import SilentListener
from flows.processing.table import ProcessingContext
from spiders.spec import CrawlSpec
from storage import quarantine
from storage.objects.directory import DirectoryStore
from storage.tables import packs
from storage.tables.log_reader import LogReader
from tests.site import RunningSite, bulk
from tests.site.wire import Answer, Connection, Request, Script

MAX_CONCURRENT_CRAWLS = 4  # as in the Prefect flow
FIRST, WITH_EDITS, WITH_NEW = 1, 2, 3
NEW_ARTICLES = 20  # of each outlet, for run 4
TEMPLATES = (
    "<main><article class='story'><h1>{title}</h1><p class='by'>By {author}</p>{body}</article></main>",
    "<div id='content'><h1>{title}</h1><span class='date'>{published}</span><div class='entry-content'>{body}</div></div>",
    "<section class='news-page'><h1>{title}</h1><div class='article__text'>{body}</div></section>",
    "<table><tr><td class='left'>Menu</td><td class='text'><h1>{title}</h1>{body}</td></tr></table>",
    "<div class='wrap'><div class='post'><h1>{title}</h1><div class='post-body'>{body}</div></div></div>",
    "<main role='main'><h1>{title}</h1><div itemprop='articleBody'>{body}</div></main>",
)
REDESIGN = (
    "<div id='app'><div class='layout-grid'><header><h1>{title}</h1></header><div class='rich'>{body}</div></div></div>"
)
PAGE = """<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | {host}</title>
<meta property="article:published_time" content="{published}"><meta name="author" content="{author}"></head>
<body><nav><a href="/">{host}</a></nav>{content}<footer>{host}, all rights reserved</footer></body></html>"""
OUTLET = '''"""A synthetic outlet."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing, Sitemap


class Synthetic(Outlet):
    """One of many."""

    domains = ("{host}",)
    languages = ("en", "ru", "kk")
    sources = ({source}("http://{host}:{port}/{path}"),)
    article = r"http://{host}:\\d+/a/\\d+\\.html"
    delay = 0.0
    by_day = 0
    by_night = 0
'''
SOURCES = (("Feed", "feed"), ("Sitemap", "sitemap.xml"), ("Listing", "latest"))
FAULTS = 10


@dataclass
class Web:
    """Synthetic outlets whose articles change with `edition`. `hits` counts requests for articles by status."""

    names: tuple[str, ...]
    articles: int
    edited: frozenset[tuple[str, int]]
    deleted: frozenset[tuple[str, int]]
    redesigned: frozenset[str]
    faulty: dict[tuple[str, int], int]
    edition: int = FIRST
    hits: Counter[int] = field(default_factory=Counter)  # by status

    def answer(self, request: Request) -> Answer | Script:
        """Answer a request."""
        name = request.host.partition(".")[0]
        if request.path == "/robots.txt" or name not in self.names:
            return Answer(404)
        if request.path.startswith("/a/"):
            number = request.path.removeprefix("/a/").removesuffix(".html")
            answer = (
                self._article(name, int(number), request)
                if number.isdigit()
                else Answer(302, [("Location", request.path)])
            )
            self.hits[answer.status if isinstance(answer, Answer) else 0] += 1
            return answer
        return self._source(request.path.strip("/"), request.host)

    def count(self) -> int:
        """Return the number of articles that an outlet has in this edition."""
        return self.articles + (NEW_ARTICLES if self.edition >= WITH_NEW else 0)

    def _article(self, name: str, number: int, request: Request) -> Answer | Script:
        if (name, number) in self.faulty:
            return fault(self.faulty[name, number])
        if self.edition >= WITH_EDITS and (name, number) in self.deleted:
            return Answer(410)
        version = int(self.edition >= WITH_EDITS and (name, number) in self.edited)
        design = int(self.edition >= WITH_NEW and name in self.redesigned)
        etag = f'"{number}-{version}-{design}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(304, [("ETag", etag)])
        body = self.page(name, number, edited=bool(version), redesigned=bool(design))
        return Answer(200, [("Content-Type", "text/html; charset=utf-8"), ("ETag", etag)], body)

    def page(self, name: str, number: int, *, edited: bool, redesigned: bool) -> bytes:
        """Return the page of an article."""
        made = bulk.article(number, salt=name)
        paragraphs = list(made.paragraphs)
        if edited:
            paragraphs[1] = bulk.article(number, salt=f"{name} edited").paragraphs[0]
        template = REDESIGN if redesigned else TEMPLATES[self.names.index(name) % len(TEMPLATES)]
        return page_of(made, name, paragraphs, template)

    def _source(self, path: str, host: str) -> Answer:
        return source(path, [f"http://{host}/a/{number}.html" for number in range(self.count())])


def page_of(made: bulk.BulkArticle, name: str, paragraphs: Sequence[str], template: str) -> bytes:
    """Return the page of an outlet's article in a template, with these paragraphs."""
    fields = {
        "title": html.escape(made.title),
        "author": made.author,
        "published": made.published,
        "lang": made.lang,
        "host": f"{name}.example",
        "body": "".join(f"<p>{html.escape(text)}</p>\n" for text in paragraphs),
    }
    return PAGE.format(content=template.format(**fields), **fields).encode()


def source(path: str, urls: Sequence[str]) -> Answer:
    """Return a feed, a sitemap or, for another path, a page that lists URLs."""
    if path == "feed":
        rows = "".join(f"<item><title>n</title><link>{url}</link></item>" for url in urls)
        return Answer(200, [("Content-Type", "text/xml")], f"<rss><channel>{rows}</channel></rss>".encode())
    if path == "sitemap.xml":
        rows = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
        return Answer(200, [("Content-Type", "text/xml")], f"<urlset>{rows}</urlset>".encode())
    rows = "".join(f'<li><a href="{url}">{url}</a></li>' for url in urls)
    return Answer(200, [("Content-Type", "text/html")], f"<html><body><ul>{rows}</ul></body></html>".encode())


def fault(kind: int) -> Answer | Script:
    """Return one of ten faulty answers."""
    page = [("Content-Type", "text/html")]
    answers: list[Answer | Script] = [
        Answer(500),
        Answer(403),
        Answer(404),
        Answer(302, [("Location", "/a/loop.html")]),
        Answer(200, [*page, ("Content-Encoding", "gzip")], b"no gzip at all"),
        Answer(200, page, b""),
        Answer(200, [("Content-Type", "application/pdf")], b"%PDF-1.7"),
        Answer(200, page, b"<html><body><p>Not an article.</p></body></html>"),
        Answer(200, page, b"<div>" * 50_000),
        _cut,
    ]
    return answers[kind]


async def _cut(connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<html><p>cut off")


@contextmanager
def serving(web: Web) -> Iterator[RunningSite]:
    """Serve the outlets on loopback."""
    with RunningSite(web) as site:  # type: ignore[arg-type]  # only `answer` is used
        yield site


def run(web: Web, folder: Path, store: DirectoryStore, revisit: str) -> reports.ProcessReport:
    """Ingest all outlets once, process, and return the report of processing."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    base = CrawlSpec(
        "", store.url, outlets=str(folder / "outlets"), delay=0.0, allow_private_hosts=True, retries=0, timeout=10.0,
        resolve={f"{name}.example": "127.0.0.1" for name in web.names}, revisit=revisit,
    )  # fmt: skip

    def fetch_one(name: str) -> None:
        fetch_outlet(replace(base, outlet=name), store, scratch, clock=now, listener=SilentListener())

    with ThreadPoolExecutor(MAX_CONCURRENT_CRAWLS) as pool:
        list(pool.map(fetch_one, web.names))
    context = ProcessingContext(
        store,
        f"{now():%Y%m%dT%H%M%S}",
        now,
        random.Random(1),  # noqa: S311 - jitter
        SilentListener(),
        outlets=base.outlets,
    )
    return stages.process(context)


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def documents(store: DirectoryStore) -> set[str]:
    """Return the URLs of all documents."""
    state = LogReader(store).state()
    return {url for ref in state.live("documents") for url in packs.read(store, ref, ("url",))["url"].to_pylist()}


def main() -> None:
    """Plant edits, deletions, redesigns and faults, and measure the four runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("outlets", 30), ("articles", 100), ("edits", 100), ("deletions", 20), ("redesigned", 2)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    rng = random.Random(7)  # noqa: S311 - the same plan each time
    names = tuple(f"paper{number:02}" for number in range(options.outlets))
    everything = [(name, number) for name in names for number in range(options.articles)]
    drawn = rng.sample(everything, options.edits + options.deletions + FAULTS)
    edited, rest = frozenset(drawn[: options.edits]), drawn[options.edits :]
    deleted, faulty = (
        frozenset(rest[: options.deletions]),
        {article: kind for kind, article in enumerate(rest[options.deletions :])},
    )
    web = Web(names, options.articles, edited, deleted, frozenset(names[: options.redesigned]), faulty)
    with tempfile.TemporaryDirectory() as at, serving(web) as site:
        folder = Path(at)
        (folder / "outlets").mkdir()
        for number, name in enumerate(names):
            source, path = SOURCES[number % len(SOURCES)]
            text = OUTLET.format(host=f"{name}.example", port=site.port, source=source, path=path)
            (folder / "outlets" / f"{name}.py").write_text(text)
        measure(web, folder)


def measure(web: Web, folder: Path) -> None:
    """Make the four runs and print the figures of each."""
    store = DirectoryStore(folder / "store")
    sound = len(web.names) * web.articles - len(web.faulty)
    began = time.monotonic()
    run(web, folder, store, "due")
    found = documents(store)
    seconds = time.monotonic() - began
    print(f"run 1: {len(found)} of {sound} planted articles (recall {len(found) / sound:.3f}), {seconds:.0f} s")
    web.hits.clear()
    run(web, folder, store, "due")
    again = sum(web.hits.values()) - sum(1 for kind in web.faulty.values() if kind in {0, 9})
    print(
        f"run 2: {sum(web.hits.values())} pages fetched, {100 * max(0, again) / sound:.2f}% of the known ones; {dict(web.hits)}"
    )
    web.edition = WITH_EDITS
    web.hits.clear()
    totals = total(run(web, folder, store, "all"))
    print(
        f"run 3: {totals['changed']} changed of {len(web.edited)} edited, {totals['gone']} gone of {len(web.deleted)} deleted, "
        f"{totals['new']} new; answers {dict(sorted(web.hits.items()))}"
    )
    web.edition = WITH_NEW
    before = documents(store)
    report = run(web, folder, store, "due")
    fresh = documents(store) - before
    leaked = [url for url in fresh if url.split("/")[2].partition(".")[0] in web.redesigned]
    held = sorted({mark.outlet for mark in quarantine.marks(store).values()})
    others = (len(web.names) - len(web.redesigned)) * NEW_ARTICLES
    print(
        f"run 4: quarantined {held} (planted {sorted(web.redesigned)}), {total(report)['held']} pages; {len(leaked)} of their pages in the snapshot"
    )
    print(f"       {len(fresh)} new articles of the other outlets, {others} planted")
    print(
        json.dumps({"recall": len(found) / sound, "changed": totals["changed"], "gone": totals["gone"], "held": held})
    )


def total(report: reports.ProcessReport) -> Counter[str]:
    """Sum a report's counts over the outlets."""
    counts: Counter[str] = Counter()
    for tally in report.counts.values():
        counts.update(tally)
    return counts


if __name__ == "__main__":
    main()
