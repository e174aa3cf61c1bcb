"""Serve the local news web from the command line: `python -m tests.site --help`."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.site.running import Address
from tests.site.web import EDITIONS, Web
from tests.site.wire import Server


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.site", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--urls", type=Path, help="write the URLs of the pages to this file, one per line")
    parser.add_argument("--by-host", action="store_true", help="list URLs with virtual hosts, not with paths")
    parser.add_argument("--hostile", action="store_true", help="list the hostile resources too, without the slow ones")
    parser.add_argument(
        "--bulk", type=int, default=0, metavar="N", help="list N bulk pages too, also in the sitemap of bulk"
    )
    parser.add_argument("--edition", type=int, choices=EDITIONS, default=1)
    parser.add_argument("--until-eof", action="store_true", help="end when standard input closes")
    return parser.parse_args()


async def serve(asked: argparse.Namespace) -> None:
    """Serve until SIGINT, SIGTERM or, with --until-eof, the end of standard input."""
    server = Server(Web(edition=asked.edition, bulk=asked.bulk or 1000).answer)
    address = Address()
    address.port = await server.start(asked.port)
    if asked.urls is not None:
        urls = address.urls(by_host=asked.by_host, hostile=asked.hostile, bulk=asked.bulk)
        asked.urls.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
    print(f"{address.base}/", flush=True)  # noqa: T201  # callers read this line
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if asked.until_eof:
        loop.add_reader(sys.stdin.fileno(), stop_at_end, stop)
    await stop.wait()
    await server.close()


def stop_at_end(stop: asyncio.Event) -> None:
    """Read from standard input, and set the event at its end."""
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()


if __name__ == "__main__":
    asyncio.run(serve(options()))
