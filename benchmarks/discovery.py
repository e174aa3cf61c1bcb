"""Measure memory and time of discovery in a large tree of sitemaps.

    python -m benchmarks.discovery [--urls 100000] [--files 1 4 100]

Serves an index of that many gzipped sitemaps on loopback, and crawls it as an outlet: once with all articles known
(discovery only), and once with none known, stopped after 200 pages. Prints one line for each run: peak memory of the
crawling process (resident, including shared libraries), time, and number of articles found.
"""

import argparse
import gzip
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from articles.url import canonicalize
from spiders.process.parent import CrawlHandle, run_crawl
from spiders.spec import CrawlSpec
from tests.site import RunningSite
from tests.site.wire import Answer, Request

MAX_PEAK_MB = 200  # limit for a tree of 100,000 URLs
SAMPLE_SECONDS = 0.02
MAX_PAGES = 200
OUTLET = '''
from spiders.outlet import Outlet
from spiders.sources import Sitemap


class Large(Outlet):
    """An outlet with a large sitemap."""

    domains = ("127.0.0.1:{port}",)
    languages = ("en",)
    sources = (Sitemap("http://127.0.0.1:{port}/index.xml"),)
    article = r"http://127\\.0\\.0\\.1:{port}/news/.+"
    delay = 0
'''


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one crawl."""

    files: int
    known: bool
    found: int
    seconds: float
    peak_mb: float


class Tree:
    """A site with a sitemap index, its sitemaps, and an article at every other path."""

    edition = 1

    def __init__(self, urls: int, files: int) -> None:
        self._urls = urls
        self._files = files
        self._packed: dict[str, bytes] = {}

    def path(self, number: int) -> str:
        """Return the path of an article, of usual length."""
        return (
            f"/news/2024/{number % 12 + 1:02}/{number % 28 + 1:02}/what-was-said-of-the-steppe-and-its-rivers-{number}"
        )

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        base = f"http://{request.host}"
        if request.path == "/index.xml":
            names = "".join(f"<sitemap><loc>{base}/map-{n}.xml.gz</loc></sitemap>" for n in range(self._files))
            return Answer(200, [("Content-Type", "application/xml")], f"<sitemapindex>{names}</sitemapindex>".encode())
        if request.path.startswith("/map-"):
            return Answer(200, [("Content-Type", "application/gzip")], self._sitemap(request.path, base))
        if request.path == "/robots.txt":
            return Answer(404)
        return Answer(200, [("Content-Type", "text/html")], b"<p>An article.</p>")

    def _sitemap(self, path: str, base: str) -> bytes:
        if path not in self._packed:
            file = int(path.removeprefix("/map-").partition(".")[0])
            entries = "".join(
                f"<url><loc>{base}{self.path(n)}</loc><lastmod>2024-{n % 12 + 1:02}-{n % 28 + 1:02}T10:00:{n % 60:02}Z"
                "</lastmod><changefreq>never</changefreq><priority>0.5</priority></url>\n"
                for n in range(file, self._urls, self._files)
            )
            text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
            self._packed[path] = gzip.compress(text.encode())
        return self._packed[path]


def main() -> None:
    """Measure all trees and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--urls", type=int, default=100_000, help="number of articles")
    parser.add_argument("--files", type=int, nargs="+", default=[1, 4, 100], help="numbers of sitemaps")
    options = parser.parse_args()
    print("  urls files  known   found  seconds  peak MB")
    worst = 0.0
    for files in options.files:
        for known in (True, False):
            measured = measure(options.urls, files, known=known)
            worst = max(worst, measured.peak_mb)
            print(
                f"{options.urls:6} {files:5} {known!s:>6} {measured.found:7} {measured.seconds:8.1f} {measured.peak_mb:8.0f}",
                flush=True,
            )
    print(f"worst {worst:.0f} MB, {'below' if worst < MAX_PEAK_MB else 'ABOVE'} {MAX_PEAK_MB}")


def measure(urls: int, files: int, *, known: bool) -> Measured:
    """Crawl one tree and return the figures."""
    tree = Tree(urls, files)
    with tempfile.TemporaryDirectory(prefix="irtysh-discovery-") as scratch, RunningSite(tree) as site:  # type: ignore[arg-type]  # has the interface of the local web
        folder = Path(scratch) / "outlets"
        folder.mkdir()
        (folder / "large.py").write_text(OUTLET.format(port=site.port))
        skip = Path(scratch) / "known"
        with skip.open("w") as file:
            file.writelines(f"{canonicalize(site.base + tree.path(n))}\n" for n in range(urls if known else 0))
        spec = CrawlSpec(
            run="r1", store=str(Path(scratch) / "store"), outlet="large", outlets=str(folder), skip_path=str(skip),
            max_pages=MAX_PAGES, delay=0.0, concurrency=8, allow_private_hosts=True, contact="mailto:bench@irtysh.example",
        )  # fmt: skip
        return _walk(spec, files, known=known)


def _walk(spec: CrawlSpec, files: int, *, known: bool) -> Measured:
    peak = 0
    ended = threading.Event()
    with CrawlHandle() as child:
        process = psutil.Process(child.pid)

        def watch() -> None:
            nonlocal peak
            while not ended.wait(SAMPLE_SECONDS):
                try:
                    peak = max(peak, process.memory_info().rss)
                except psutil.NoSuchProcess:
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        began = time.monotonic()
        result = run_crawl(spec, lambda _: None, child)
        seconds = time.monotonic() - began
        ended.set()
        watcher.join()
    return Measured(files, known, result.counts.get("discovered", 0), seconds, peak / 1e6)


if __name__ == "__main__":
    main()
