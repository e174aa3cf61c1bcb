"""Test with the real pywb, in its own environment, which serves a WARC of ours over HTTP.

It runs if IRTYSH_PYWB names an environment with pywb (`make pywb` creates one). pywb pins old versions of packages that
we use too, so it cannot be installed beside them; the other tests use `tests.spiders.webarchive` instead.
"""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from articles.model import Purpose
from storage.captures.segments import list_segments, read_segment
from storage.objects import open_store
from tests.spiders.crawling import crawl
from tests.spiders.test_web_archive import KEPT, OUTLET, WANTED, captured, page

HOME = os.environ.get("IRTYSH_PYWB", "")
PATIENCE = 60.0  # seconds for a server that starts in four

pytestmark = pytest.mark.skipif(not HOME, reason="IRTYSH_PYWB names no environment with pywb; `make pywb` makes one")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a collection with our captures."""
    folder = tmp_path_factory.mktemp("pywb")
    bin_ = Path(HOME).absolute() / "bin"
    (folder / "ours.warc.gz").write_bytes(b"".join(one.warc() for one in KEPT))
    for command in (("init", "ours"), ("add", "ours", "ours.warc.gz")):
        subprocess.run([bin_ / "wb-manager", *command], cwd=folder, check=True, capture_output=True)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [bin_ / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/ours/cdx?url=closed.example&matchType=domain", server)
        yield f"http://127.0.0.1:{port}/ours"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, "pywb ended"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.read():
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    raise TimeoutError("pywb does not answer")


def test_captures_of_a_closed_outlet_are_fetched_from_pywb(tmp_path: Path, base: str):
    folder = tmp_path / "outlets"
    folder.mkdir()
    (folder / "closed.py").write_text(OUTLET.format(base=base))
    done = crawl(
        tmp_path / "store", outlet="closed", outlets=str(folder), since="2015-01-01", until="2018-12-31",
        from_archive=f"{base}/cdx",
    )  # fmt: skip
    assert captured(done) == sorted(WANTED)
    store = open_store(str(tmp_path / "store"))
    pages = [
        one for key in list_segments(store) for one in read_segment(store.get(key), key) if one.purpose is Purpose.PAGE
    ]
    assert {one.body for one in pages if one.url.endswith("/1")} == {page(1), page(1, "Edited.")}
    assert {one.header("content-type") for one in pages} == {"text/html"}
    assert not [
        name for one in pages for name, _ in one.headers if "memento" in name.lower() or "archive" in name.lower()
    ]
