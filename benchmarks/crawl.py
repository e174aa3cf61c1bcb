"""Pages a second: Irtysh's crawl, which archives, against a bare Scrapy spider, which only fetches.

    python benchmarks/crawl.py [--pages 2000] [--rounds 3] [--size 100] [--concurrency 16]

Both crawl the same static server, a process of its own on loopback, without a delay, in turns within one run. A rate
counts from the first page to the end of the crawl, for Irtysh with all segments in the store. The bare spider has
Scrapy's defaults but for the consoles, cookies, logging and robots.txt, all off. CPU is that of the crawling process.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


class Static(asyncio.Protocol):
    """Answers each request with the same page, but for robots.txt."""

    page = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a client."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer the requests that are complete."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            robots = b"/robots.txt" in head.partition(b"\r\n")[0]
            self.transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" if robots else self.page)


def page(kilobytes: int) -> bytes:
    """Return a response with an HTML page of about that size."""
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
    server = await loop.create_server(Static, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def bare(port: int, pages: int, concurrency: int) -> None:
    """Fetch with a bare spider and print its figures."""
    import scrapy  # noqa: PLC0415 - the other roles of this file need none of it
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415

    times: list[float] = []

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self):  # noqa: ANN202 - as Scrapy's documentation writes it
            for number in range(pages):
                yield scrapy.Request(f"http://127.0.0.1:{port}/{number}.html")

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
    assert len(times) == pages
    print(json.dumps({"rate": (pages - 1) / (time.monotonic() - times[0]), **used()}))


def irtysh(port: int, pages: int, concurrency: int, store: str) -> None:
    """Crawl and archive with Irtysh and print its figures; the child's usage is that of this process's children."""
    from spiders.runner import run_crawl  # noqa: PLC0415
    from spiders.spec import CrawlSpec, Event  # noqa: PLC0415

    times: list[float] = []

    def on_event(event: Event) -> None:
        if event.kind == "fetched":
            times.append(time.monotonic())

    spec = CrawlSpec(
        run="benchmark",
        store=store,
        urls=tuple(f"http://127.0.0.1:{port}/{number}.html" for number in range(pages)),
        delay=0.0,
        concurrency=concurrency,
        allow_private_hosts=True,
        contact="https://irtysh.example/",
    )
    result = run_crawl(spec, on_event)
    end = time.monotonic()
    assert result.counts["fetched"] == len(times) == pages
    print(json.dumps({"rate": (pages - 1) / (end - times[0]), **used(resource.RUSAGE_CHILDREN)}))


def used(who: int = resource.RUSAGE_SELF) -> dict[str, float]:
    """Return CPU seconds and peak memory in MB."""
    usage = resource.getrusage(who)
    return {"cpu": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


@contextmanager
def server(kilobytes: int) -> Iterator[int]:
    """Run the server in a process of its own and yield its port."""
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
    """Run one role in a process of its own and return what it prints."""
    with tempfile.TemporaryDirectory() as store:
        command = [sys.executable, __file__, "--role", role, "--port", str(port), "--store", store]
        command += ["--pages", str(options.pages), "--concurrency", str(options.concurrency)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{role:8}" + "  ".join(f"{name} {value:8.1f}" for name, value in figures.items()), flush=True)
    return figures


def main() -> None:
    """Measure in turns and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=100, help="of a page, kB")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--role", choices=["serve", "bare", "irtysh"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "serve":
        asyncio.run(serve(options.size))
    elif options.role == "bare":
        bare(options.port, options.pages, options.concurrency)
    elif options.role == "irtysh":
        irtysh(options.port, options.pages, options.concurrency, options.store)
    else:
        sys.path[:0] = [str(Path(__file__).parents[1])]
        with server(options.size) as port:
            rates: dict[str, list[float]] = {"bare": [], "irtysh": []}
            for _ in range(options.rounds):
                for role, found in rates.items():
                    found.append(measure(role, port, options)["rate"])
        medians = {role: statistics.median(found) for role, found in rates.items()}
        print(f"{os.cpu_count()} cores, pages of {options.size} kB, medians of {options.rounds} rounds:")
        print(f"bare {medians['bare']:.0f} pages/s, irtysh {medians['irtysh']:.0f} pages/s with archiving: ", end="")
        print(f"ratio {medians['irtysh'] / medians['bare']:.2f}")


if __name__ == "__main__":
    main()
