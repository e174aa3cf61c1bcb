"""Compare the speed of Irtysh's crawl, which archives, with a bare Scrapy spider, which only fetches, and with news-please.

    python benchmarks/crawl.py [--pages 2000] [--rounds 3] [--size 100] [--concurrency 16] [--hosts 1]
                               [--news-please PYTHON]

All crawl the same static server, a separate process on loopback, without a delay, in turns within one run. With `--hosts`
the server has that many addresses (127.0.0.1, 127.0.0.2 …), and the pages are distributed over them. A rate counts from
the first page to the end of the crawl; for Irtysh, until all segments are in the store. The bare spider has Scrapy's
defaults, with consoles, cookies, logging and robots.txt switched off. CPU is that of the crawling process.

`--news-please` names the Python interpreter of an environment with news-please (its pinned versions conflict with those
of Irtysh). Its `from_urls` fetches and extracts in one step, so `whole` is Irtysh's crawl plus its processing of the
same pages.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

WORDS = [
    "freight",
    "grain",
    "river",
    "bridge",
    "border",
    "customs",
    "wagon",
    "market",
    "council",
    "harvest",
    "railway",
    "station",
    "winter",
    "quota",
]


ROLES = ("bare", "irtysh", "whole")
NEWS_PLEASE = "news-please"
HOST = "127.0.0.{}"
MAX_HOSTS = 60


def urls(port: int, pages: int, hosts: int) -> list[str]:
    """Return the URLs of the pages, distributed over the hosts."""
    return [f"http://{HOST.format(1 + number % hosts)}:{port}/{number}.html" for number in range(pages)]


class Static(asyncio.Protocol):
    """Answers each request with the same page, and robots.txt with 404."""

    page = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start with a client."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer all complete requests."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            robots = b"/robots.txt" in head.partition(b"\r\n")[0]
            self.transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" if robots else self.page)


def page(kilobytes: int) -> bytes:
    """Return a response with an HTML page of about `kilobytes` kB."""
    lines = []
    while sum(map(len, lines)) < kilobytes * 1000:
        number = len(lines)
        words = " ".join(WORDS[(number * step + step) % len(WORDS)] for step in range(1, 20))
        lines.append(f"<p class='c{number}'>{number} {words}</p>\n")
    body = ("<!doctype html><title>A page</title>" + "".join(lines)).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(kilobytes: int) -> None:
    """Serve until standard input ends."""
    Static.page = page(kilobytes)
    loop = asyncio.get_running_loop()
    first = await loop.create_server(Static, HOST.format(1), 0, backlog=1024)
    port = first.sockets[0].getsockname()[1]
    others = [await loop.create_server(Static, HOST.format(n), port, backlog=1024) for n in range(2, MAX_HOSTS + 1)]
    assert len(others) == MAX_HOSTS - 1
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def bare(page_urls: Sequence[str], concurrency: int) -> None:
    """Fetch with a bare Scrapy spider and print the figures."""
    import scrapy  # noqa: PLC0415 - the other roles do not need it
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415

    times: list[float] = []

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self):  # noqa: ANN202 - as Scrapy's documentation writes it
            for url in page_urls:
                yield scrapy.Request(url)

        def parse(self, response: scrapy.http.Response) -> None:
            assert len(response.body) > 0
            times.append(time.monotonic())

    settings = {
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "COOKIES_ENABLED": False,
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
    }
    process = AsyncCrawlerProcess(settings)
    process.crawl(Bare)
    process.start()
    assert len(times) == len(page_urls)
    print(json.dumps({"rate": (len(page_urls) - 1) / (time.monotonic() - times[0]), **used()}))


def irtysh(page_urls: Sequence[str], concurrency: int, store: str, *, whole: bool) -> None:
    """Crawl and archive with Irtysh, and print the figures. CPU and memory are those of the child process."""
    from spiders.process.parent import run_crawl  # noqa: PLC0415
    from spiders.spec import CrawlSpec, Event  # noqa: PLC0415

    times: list[float] = []

    def on_event(event: Event) -> None:
        if event.kind == "fetched":
            times.append(time.monotonic())

    spec = CrawlSpec(
        run="benchmark",
        store=store,
        urls=tuple(page_urls),
        delay=0.0,
        concurrency=concurrency,
        allow_private_hosts=True,
        contact="https://irtysh.example/",
    )
    result = run_crawl(spec, on_event)
    if whole:
        processed(store)
    end = time.monotonic()
    assert result.counts["fetched"] == len(times) == len(page_urls)
    print(json.dumps({"rate": (len(page_urls) - 1) / (end - times[0]), **used(resource.RUSAGE_CHILDREN)}))


def processed(store: str) -> None:
    """Process the captures into a snapshot."""
    from flows.listener import SilentListener  # noqa: PLC0415
    from flows.process import process  # noqa: PLC0415
    from flows.processing.table import ProcessingContext  # noqa: PLC0415
    from storage.objects import open_store  # noqa: PLC0415

    process(
        ProcessingContext(open_store(store), "benchmark", lambda: datetime.now(UTC), random.Random(1), SilentListener())  # noqa: S311 - jitter
    )


def news_please(page_urls: Sequence[str], concurrency: int) -> None:
    """Fetch and extract with news-please, and print the figures. Runs in the interpreter that has news-please."""
    please = import_module("newsplease").NewsPlease

    began = time.monotonic()
    found = please.from_urls(list(page_urls), request_args={"timeout": 20})
    assert len(found) == len(page_urls)
    print(json.dumps({"rate": len(found) / (time.monotonic() - began), "concurrency": concurrency, **used()}))


def used(who: int = resource.RUSAGE_SELF) -> dict[str, float]:
    """Return CPU seconds and peak memory in MB."""
    usage = resource.getrusage(who)
    return {"cpu": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


@contextmanager
def server(kilobytes: int) -> Iterator[int]:
    """Run the server in a separate process and yield its port."""
    command = [sys.executable, __file__, "--role", "serve", "--size", str(kilobytes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait()


def measure(role: str, port: int, options: argparse.Namespace) -> dict[str, float]:
    """Run one role in a separate process and return its figures."""
    with tempfile.TemporaryDirectory() as store:
        python = options.news_please if role == NEWS_PLEASE else sys.executable
        command = [python, __file__, "--role", role, "--port", str(port), "--store", store]
        command += ["--pages", str(options.pages), "--concurrency", str(options.concurrency)]
        command += ["--hosts", str(options.hosts)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{role:12}" + "  ".join(f"{name} {value:8.1f}" for name, value in figures.items()), flush=True)
    return figures


def main() -> None:
    """Measure all roles in turns, and print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000, help="number of pages")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each role")
    parser.add_argument("--size", type=int, default=100, help="size of a page in kB")
    parser.add_argument("--concurrency", type=int, default=16, help="requests at a time")
    parser.add_argument(
        "--hosts", type=int, default=1, choices=range(1, MAX_HOSTS + 1), metavar="N", help="number of hosts"
    )
    parser.add_argument("--news-please", metavar="PYTHON", help="Python interpreter of an environment with news-please")
    parser.add_argument("--role", choices=["serve", *ROLES, NEWS_PLEASE], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "serve":
        asyncio.run(serve(options.size))
    elif options.role == "bare":
        bare(urls(options.port, options.pages, options.hosts), options.concurrency)
    elif options.role == NEWS_PLEASE:
        news_please(urls(options.port, options.pages, options.hosts), options.concurrency)
    elif options.role:
        page_urls = urls(options.port, options.pages, options.hosts)
        irtysh(page_urls, options.concurrency, options.store, whole=options.role == "whole")
    else:
        sys.path[:0] = [str(Path(__file__).parents[1])]
        with server(options.size) as port:
            roles = (*ROLES, NEWS_PLEASE) if options.news_please else ROLES
            rates: dict[str, list[float]] = {role: [] for role in roles}
            for _ in range(options.rounds):
                for role, found in rates.items():
                    found.append(measure(role, port, options)["rate"])
        medians = {role: statistics.median(found) for role, found in rates.items()}
        print(f"{os.cpu_count()} cores, pages of {options.size} kB, medians of {options.rounds} rounds:")
        print(f"bare {medians['bare']:.0f} pages/s, irtysh {medians['irtysh']:.0f} pages/s with archiving: ", end="")
        print(f"ratio {medians['irtysh'] / medians['bare']:.2f}")
        if options.news_please:
            ratio = medians["whole"] / medians[NEWS_PLEASE]
            print(
                f"news-please {medians[NEWS_PLEASE]:.1f}, irtysh crawled and processed {medians['whole']:.1f}: ratio {ratio:.2f}"
            )


if __name__ == "__main__":
    main()
