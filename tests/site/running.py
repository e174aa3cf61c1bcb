"""Start and stop the local news web, in a thread of this process or in a separate process."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.site import manifest
from tests.site.outlets import OUTLETS
from tests.site.web import Web
from tests.site.wire import Server

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 10.0  # then a server is killed


class Address:
    """Address of a running site, and the URLs of its pages."""

    port: int

    @property
    def base(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of all virtual hosts."""
        return tuple(outlet.host for outlet in OUTLETS.values())

    @property
    def resolve(self) -> tuple[str, ...]:
        """`name=127.0.0.1` for every virtual host."""
        return tuple(f"{host}=127.0.0.1" for host in self.hosts)

    def urls(self, *, by_host: bool = True, hostile: bool = False, bulk: int = 0) -> list[str]:
        """Return the URLs of all pages, and optionally of the hostile resources that end by themselves, and of bulk pages."""
        found = [self.url(page.outlet, page.path, by_host=by_host) for page in manifest.pages()]
        if hostile:
            found += [self.url("hostile", path, by_host=by_host) for path in manifest.hostile_paths()]
        return found + [self.url("bulk", f"/{n}.html", by_host=by_host) for n in range(bulk)]

    def url(self, outlet: str, path: str = "/", *, by_host: bool = False) -> str:
        """Return the URL of a page, by path or by virtual host."""
        front = f"http://{OUTLETS[outlet].host}:{self.port}" if by_host else f"{self.base}/{outlet}"
        return front + path


class RunningSite(Address):
    """A site that a thread of this process serves. `web` may be changed at any time: `site.web.edition = 2`."""

    def __init__(self, web: Web | None = None, port: int = 0) -> None:
        self.web = web or Web()
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="tests.site", daemon=True)

    @property
    def edition(self) -> int:
        return self.web.edition

    @edition.setter
    def edition(self, edition: int) -> None:
        self.web.edition = edition

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = Server(self.web.answer)
        self.port = await server.start(self.port)
        self._ready.set()
        await self._stop.wait()
        await server.close()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(STOP_SECONDS):
            raise TimeoutError("the local news web did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(STOP_SECONDS)


def serve(edition: int = 1, bulk_pages: int = 1000) -> RunningSite:
    """Return a site for a `with` statement. Its port is known inside the statement."""
    return RunningSite(Web(edition=edition, bulk=bulk_pages))


class SiteProcess(Address):
    """A site in a separate process, for benchmarks. Its edition is switched over HTTP (`/__edition?n=2`)."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port


@contextmanager
def site_process(*arguments: str) -> Iterator[SiteProcess]:
    """Run `python -m tests.site` with these arguments and yield its address. It ends with the block or with this process."""
    command = [sys.executable, "-m", "tests.site", "--until-eof", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise TypeError("standard input and output must be pipes")  # for the type checker
        first = process.stdout.readline()
        if not first.startswith("http://"):
            raise RuntimeError("the local news web did not start; see its error above")
        try:
            yield SiteProcess(process, int(first.strip().rstrip("/").rpartition(":")[2]))
        finally:
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
