"""Web archives come from files, folders, WACZ files, URLs and lists of Common Crawl's paths."""

import gzip
import http.server
import threading
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from articles.errors import InputError
from flows.downloads import download
from flows.importing import WebArchives
from flows.listener import SilentListener
from storage.captures import web_archives
from storage.captures.segments import list_segments, read_segment
from tests.storage.captures.test_importing import ForeignWarc

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; breaks the first answer for a file named `broken…` in the middle."""

    broken: set[str] = set()  # noqa: RUF012

    def log_message(self, *_):
        pass

    def do_GET(self):
        if "broken" not in self.path:
            return super().do_GET()
        with Path(self.translate_path(self.path)).open("rb") as file:
            data = file.read()
        start = int(self.headers.get("range", "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        cut = data[start:] if start else data[: len(data) // 2]
        self.wfile.write(cut)
        return None


@contextmanager
def serving(folder):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def warc(*paths):
    made = ForeignWarc(compressed=True)
    for path in paths:
        made.add(f"http://alpha.example/{path}", f"<p>{path}</p>".encode())
    return made.data


def wacz(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        for name, data in members.items():
            archive.writestr(f"archive/{name}.warc.gz", data)
    return path


def urls(store):
    return sorted(
        capture.url.rpartition("/")[2] for key in list_segments(store) for capture in read_segment(store.get(key), key)
    )


def archives(store, **options):
    return WebArchives(store, SilentListener(), "any", "irtysh/test", datetime.now(UTC), **options)


def test_a_folder_gives_its_warcs_and_waczs_and_bad_ones_do_not_stop_the_others(directory_store, tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.warc.gz").write_bytes(b"no WARC")
    (folder / "b.wacz").write_bytes(b"PK\x03\x04 cut")
    wacz(folder / "c.wacz", one=warc("1"), bad=b"x", two=warc("2"))
    (folder / "deep" / "d.warc.gz").write_bytes(warc("3"))
    (folder / "notes.txt").write_text("no archive")
    made = archives(directory_store)
    made.add(str(folder))
    assert urls(directory_store) == ["1", "2", "3"]
    assert [str(error).split("/")[-1].split(" ")[0] for error in made.unusable] == [
        "a.warc.gz",
        "b.wacz",
        "bad.warc.gz",
    ]
    assert not made.whole


def test_members_that_unpack_too_much_together_are_not_unpacked(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr(web_archives, "LARGE_BYTES", 3 << 20)
    path = tmp_path / "many.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"archive/{number}.warc", bytes(2 << 20))
    made = archives(directory_store)
    made.add(str(path))
    assert ["1.warc: the ZIP file unpacks to too much" in str(error) for error in made.unusable] == [False, True]


def test_a_wacz_without_a_warc_is_refused(directory_store, tmp_path):
    made = archives(directory_store)
    made.add(str(wacz(tmp_path / "empty.wacz")))
    assert "without a WARC file" in str(made.unusable[0])


@pytest.mark.parametrize("place", [9, 20, 25])
def test_a_damaged_member_does_not_stop_the_others_however_it_is_packed(directory_store, tmp_path, place):
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("archive/bad.warc.gz", warc("1"))
        archive.writestr("archive/good.warc.gz", warc("2"))
    data = bytearray(path.read_bytes())
    data[data.find(b"bad.warc.gz") + len("bad.warc.gz") + place] ^= 0x55
    path.write_bytes(data)
    made = archives(directory_store)
    made.add(str(path))
    assert urls(directory_store) == ["2"]
    assert [str(error).partition(": ")[0] for error in made.unusable] == [f"{path}!archive/bad.warc.gz"]


def test_a_member_that_expands_too_much_is_not_unpacked(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr(web_archives, "LARGE_BYTES", 1 << 20)
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/bomb.warc", bytes(2 << 20))
        archive.writestr("archive/good.warc.gz", warc("2"))
    made = archives(directory_store)
    made.add(str(path))
    assert urls(directory_store) == ["2"]
    assert "not unpacked" in str(made.unusable[0])


def test_paths_of_common_crawl_are_downloaded_from_lists_and_by_name(directory_store, tmp_path):
    news = tmp_path / "crawl-data" / "CC-NEWS"
    news.mkdir(parents=True)
    (news / "a.warc.gz").write_bytes(warc("1"))
    (news / "b.warc.gz").write_bytes(warc("2"))
    (news / "warc.paths.gz").write_bytes(
        gzip.compress(b"crawl-data/CC-NEWS/a.warc.gz\ncrawl-data/CC-NEWS/none.warc.gz\n")
    )
    with serving(tmp_path) as address:
        made = archives(directory_store, common_crawl=address)
        made.add("crawl-data/CC-NEWS/warc.paths.gz")
        assert urls(directory_store) == ["1"]
        assert "none.warc.gz: HTTP 404" in str(made.unusable[0])
        made.add("s3://commoncrawl/crawl-data/CC-NEWS/b.warc.gz")
    assert urls(directory_store) == ["1", "2"]


def test_pages_of_other_outlets_can_be_left_out(directory_store, tmp_path):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(
        ForeignWarc(compressed=True).add("http://alpha.example/1", b"<p>").add("http://beta.test/2", b"<p>").data
    )
    made = archives(directory_store, only={"beta.test"})
    made.add(str(path))
    assert (urls(directory_store), made.whole) == (["2"], True)


def test_a_broken_download_is_continued(tmp_path):
    (tmp_path / "broken.warc.gz").write_bytes(bytes(range(200)))
    pauses: list[float] = []
    with serving(tmp_path) as address:
        download(f"{address}broken.warc.gz", tmp_path / "copy", lambda *_: None, pauses.append)
        assert (tmp_path / "copy").read_bytes() == bytes(range(200))
        assert len(pauses) == 1
    with pytest.raises(InputError, match="cannot download"):
        download("http://127.0.0.1:9/x", tmp_path / "none", lambda *_: None, pauses.append)
