"""Attacks by header fields of responses, and by web archives to import."""

import gzip
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from articles.harmless import without_passwords
from benchmarks.attacks.measure import Attack
from flows.importing import WebArchives
from flows.listener import SilentListener
from storage.captures.segments import list_segments, read_segment
from storage.objects.directory import DirectoryStore
from tests.site import serve
from tests.site.hostile import RESOURCES
from tests.spiders.crawling import crawl
from tests.storage.captures.test_importing import ForeignWarc

BOMB_BYTES = 1 << 30  # unpacked
GOOD = "http://steppe.example/good"


def _large_head(folder: Path) -> str:
    with serve() as site:
        urls = [site.url("hostile", RESOURCES[name].sample, by_host=True) for name in ("large-head", "fine")]
        resolve = dict(pair.split("=") for pair in site.resolve)
        done = crawl(folder / "store", *urls, resolve=resolve, timeout=8.0)
    assert [event.url for event in done.of("fetched")] == urls[1:], "the other page was not fetched"
    return f"refused: {done.of('failed')[0].detail}; the other page is fetched"


def _passwords(_: Path) -> str:
    text = "a@b " + "http://a" * 100_000
    assert without_passwords(text) == text
    return "read: a text of 0.8 MB"


def _archive(kind: str = "gz") -> bytes:
    return ForeignWarc(compressed=kind == "gz").add(GOOD, b"<p>good").data  # type: ignore[no-untyped-call,no-any-return]  # a helper of tests


def _imported(folder: Path, path: Path) -> str:
    """Import an archive beside a good one, and return why it is refused."""
    store = DirectoryStore(folder / "store")
    (folder / "good.warc.gz").write_bytes(_archive())
    made = WebArchives(store, SilentListener(), "any", "irtysh/test", datetime.now(UTC))
    made.add(str(path))
    made.add(str(folder / "good.warc.gz"))
    found = [one.url for key in list_segments(store) for one in read_segment(store.get(key), key)]  # type: ignore[union-attr]  # a URL
    assert GOOD in found, "the good archive was not imported"
    return str(made.unusable[0]).replace(f"{folder}/", "")


def _bomb(folder: Path) -> str:
    path = folder / "bomb.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, made.open("archive/a.warc", "w") as member:
        for _ in range(BOMB_BYTES >> 20):
            member.write(bytes(1 << 20))
    return f"refused: {_imported(folder, path)}"


def _damaged(folder: Path) -> str:
    path = folder / "damaged.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("archive/a.warc.gz", _archive())
    data = bytearray(path.read_bytes())
    data[data.find(b"a.warc.gz") + 29] ^= 0x55
    path.write_bytes(data)
    return f"refused: {_imported(folder, path)}"


def _blank_head(folder: Path) -> str:
    path = folder / "blanks.warc.gz"
    path.write_bytes(gzip.compress(b"WARC/1.0\r\na" + b" " * 60_000 + b"\r\n\r\n"))
    return f"refused: {_imported(folder, path)}"


ATTACKS = (
    Attack("redirect: 1.6 MB of cookies and links", "crawl killed after 120 s of silence", _large_head),
    Attack("text: 100,000 addresses without a password", "quadratic: 8,000 took 3 s", _passwords),
    Attack("WACZ: 1 MB that unpacks to 1 GB", "1 GB written for each member", _bomb),
    Attack("WACZ: a damaged LZMA member", "traceback", _damaged),
    Attack("WARC: a head of 60,000 blanks", "limit of 5 s reached", _blank_head),
)
