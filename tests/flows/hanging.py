"""Two outlets on the local web: one of which sends its articles without end, byte by byte, and one that answers."""

import asyncio
from pathlib import Path

from flows import cli
from spiders.process import patience
from storage.objects.directory import DirectoryStore
from tests.flows.making import article
from tests.flows.tables import rows
from tests.site import RunningSite
from tests.site.wire import Answer, Connection, Request, Script

ARTICLES = 50  # of each outlet
BYTE_SECONDS = 0.5  # between two bytes of the slow outlet
FILE = '''
from spiders.outlet import Outlet
from spiders.sources import Feed


class {title}(Outlet):
    """An outlet of the local web."""

    domains = ("{name}.example:{port}",)
    languages = ("en",)
    sources = (Feed("http://{name}.example:{port}/feed"),)
    article = r"http://{name}\\.example:{port}/a\\d+"
    country = "KZ"
    delay = 0
'''


class SlowAndFine:
    """A web in the interface of the local web: `aslow.example` trickles, `fine.example` answers."""

    edition = 1

    def answer(self, request: Request) -> Answer | Script:
        if request.path == "/robots.txt":
            return Answer(404)
        if request.path == "/feed":
            links = "".join(f"<item><link>http://{request.host}/a{number}</link></item>" for number in range(ARTICLES))
            return Answer(200, [("Content-Type", "text/xml")], f"<rss><channel>{links}</channel></rss>".encode())
        if request.host.startswith("aslow"):
            return _trickle
        return Answer(200, [("Content-Type", "text/html")], article(f"Article {request.path[2:]} of the fine outlet"))


async def _trickle(connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n")
    while True:  # until the client has gone
        await connection.send(b"<")
        await asyncio.sleep(BYTE_SECONDS)


def ingest(folder: Path, idle_seconds: float, timeout: float) -> tuple[int, set[str]]:
    """Ingest the slow outlet and then the fine one. Return the exit code and the outlets in the snapshot."""
    usual = patience.MAX_IDLE_SECONDS
    patience.MAX_IDLE_SECONDS = idle_seconds
    try:
        with RunningSite(SlowAndFine()) as site:  # type: ignore[arg-type]  # answers as the local web does
            outlets = folder / "outlets"
            outlets.mkdir(parents=True)
            for name in ("aslow", "fine"):
                (outlets / f"{name}.py").write_text(FILE.format(title=name.title(), name=name, port=site.port))
            asked = ["ingest", "aslow", "fine", "--outlets", str(outlets), "--store", str(folder / "store")]
            asked += ["--resolve", "aslow.example=127.0.0.1", "--resolve", "fine.example=127.0.0.1"]
            asked += [
                "--allow-private-hosts",
                "--topic",
                "any",
                "--timeout",
                str(timeout),
                "--workers",
                "1",
                "--no-prefect",
            ]
            code = cli.run([*asked, "--json"])
    finally:
        patience.MAX_IDLE_SECONDS = usual
    found = rows(DirectoryStore(folder / "store"), "documents", "outlet")
    return code, {row["outlet"] for row in found}
