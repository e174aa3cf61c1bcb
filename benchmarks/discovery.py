"""Memory and time of discovery: what a large tree of sitemaps costs the process that walks it.

    python -m benchmarks.discovery [--urls 100000] [--files 1 4 100]

Serves an index of that many packed sitemaps on loopback and lets an outlet's crawl walk it, once with every article known
already (discovery alone) and once with none, when it is stopped after 200 pages. Prints a line a run: the peak of
the crawling process's memory (resident, which counts shared libraries too), its time and what it found.
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

LIMIT_MB = 200  # issue 4: a tree of 100,000 URLs in less
SAMPLE_SECONDS = 0.02
FETCHED = 200
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
    """One walk."""

    files: int
    known: bool
    found: int
    seconds: float
    peak_mb: float


class Tree:
    """Answers as the local web does: an index, its sitemaps and any article."""

    edition = 1

    def __init__(self, urls: int, files: int) -> None:
        self._urls = urls
        self._files = files
        self._packed: dict[str, bytes] = {}

    def path(self, number: int) -> str:
        """Return the path of an article, as long as they usually are."""
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
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--urls", type=int, default=100_000)
    parser.add_argument("--files", type=int, nargs="+", default=[1, 4, 100])
    options = parser.parse_args()
    print("  urls files  known   found  seconds  peak MB")
    worst = 0.0
    for files in options.files:
        for known in (True, False):
            one = measure(options.urls, files, known=known)
            worst = max(worst, one.peak_mb)
            print(
                f"{options.urls:6} {files:5} {known!s:>6} {one.found:7} {one.seconds:8.1f} {one.peak_mb:8.0f}",
                flush=True,
            )
    print(f"worst {worst:.0f} MB, {'below' if worst < LIMIT_MB else 'ABOVE'} {LIMIT_MB}")


def measure(urls: int, files: int, *, known: bool) -> Measured:
    """Walk one tree."""
    tree = Tree(urls, files)
    with tempfile.TemporaryDirectory(prefix="irtysh-discovery-") as scratch, RunningSite(tree) as site:  # type: ignore[arg-type]  # answers as the local web does
        folder = Path(scratch) / "outlets"
        folder.mkdir()
        (folder / "large.py").write_text(OUTLET.format(port=site.port))
        skip = Path(scratch) / "known"
        with skip.open("w") as file:
            file.writelines(f"{canonicalize(site.base + tree.path(n))}\n" for n in range(urls if known else 0))
        spec = CrawlSpec(
            run="r1", store=str(Path(scratch) / "store"), outlet="large", outlets=str(folder), skip_path=str(skip),
            max_pages=FETCHED, delay=0.0, concurrency=8, allow_private_hosts=True, contact="mailto:bench@irtysh.example",
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
