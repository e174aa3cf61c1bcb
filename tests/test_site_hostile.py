"""Each hostile resource of the local news web has the fault that its name says."""

import http.client
import json
import re
import socket
import time
import zlib

import pytest

from tests.site import RunningSite, manifest
from tests.site.client import get, raw
from tests.site.hostile import FORBIDDEN, RESOURCES, WALLS

SLOW = [name for name, resource in RESOURCES.items() if resource.slow]


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_every_resource_has_a_description_and_an_expected_result(name: str):
    resource = RESOURCES[name]
    assert resource.says.endswith(".") or resource.says.endswith("<name of WALLS>, or 403 with ?status=403."), name
    assert resource.document or resource.reasons
    assert resource.sample.startswith(f"/{name}")


@pytest.mark.parametrize("path", manifest.hostile_paths())
def test_quick_resources_end_by_themselves(quiet_site: RunningSite, path: str):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", quiet_site.port), timeout=60) as connection:
        connection.sendall(f"GET /hostile{path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        while connection.recv(1 << 20):
            pass
    assert time.monotonic() - began < 25  # a tenth of a second on an idle machine; slow ones take 30 s, or never end


@pytest.mark.parametrize("name", sorted(set(SLOW) - {"delay"}))
def test_slow_resources_send_data_without_end(quiet_site: RunningSite, name: str):
    assert len(raw(quiet_site, f"/hostile/{name}", wait=0.6, most=5_000_000 if "endless" in name else 50)) >= 50


def test_delay(quiet_site: RunningSite):
    began = time.monotonic()
    assert get(quiet_site, f"{quiet_site.base}/hostile/delay/0.4").status == 200
    assert 0.4 <= time.monotonic() - began < 5


def test_connections_are_dropped_and_bodies_are_cut_short(quiet_site: RunningSite):
    assert raw(quiet_site, "/hostile/drop") == b""
    assert raw(quiet_site, "/hostile/cut-head").startswith(b"HTTP/1.1 200")
    for name in ("partial", "chunked-cut", "bad-chunk"):
        with pytest.raises(http.client.IncompleteRead):
            get(quiet_site, f"{quiet_site.base}/hostile/{name}")
    assert b"</html>" in get(quiet_site, f"{quiet_site.base}/hostile/chunked").body
    with pytest.raises(zlib.error):
        zlib.decompress(b"".join([get(quiet_site, f"{quiet_site.base}/hostile/gzip-cut").body]), 31)
    with pytest.raises(http.client.BadStatusLine):
        get(quiet_site, f"{quiet_site.base}/hostile/bad-status-line")


def test_temporary_failures_end(site: RunningSite):
    def statuses(path: str, times: int) -> list[int]:
        return [get(site, site.url("hostile", path)).status for _ in range(times)]

    assert statuses("/429", 2) == [429, 200]
    assert statuses("/429?run=2", 2) == [429, 200]
    assert statuses("/500-then-200", 2) == [500, 200]
    assert statuses("/503-then-200", 3) == [503, 503, 200]
    assert statuses("/429-always", 3) == [429, 429, 429]
    assert get(site, site.url("hostile", "/429?run=3")).headers["Retry-After"] == "1"
    assert raw(site, "/hostile/drop-then-200") == b""
    assert statuses("/drop-then-200", 1) == [200]
    assert get(site, f"{site.base}/__reset").status == 200
    assert statuses("/429", 1) == [429]


def test_requests_are_counted(site: RunningSite):
    get(site, site.url("steppe", "/robots.txt"))
    get(site, site.url("steppe", "/robots.txt", by_host=True))
    assert site.web.hits["steppe/robots.txt"] == 2
    assert json.loads(get(site, f"{site.base}/__hits").body) == {"steppe/robots.txt": 2}


def test_redirects(quiet_site: RunningSite):
    def target(path: str) -> str:
        got = get(quiet_site, quiet_site.url("hostile", path))
        assert got.status in {301, 302}
        return str(got.headers["Location"]).encode("latin-1").decode()

    home = quiet_site.url("hostile", "")
    assert target("/self") == f"{home}/self"
    assert {target("/loop/a"), target("/loop/b")} == {f"{home}/loop/a", f"{home}/loop/b"}
    assert target("/maze/7") == f"{home}/maze/8"
    assert target("/chain/2") == f"{home}/chain/1"
    assert get(quiet_site, f"{home}/chain/0").status == 200
    assert target("/to-fragment").endswith("#comments")
    assert target("/to-unicode").endswith("/новости")
    assert get(quiet_site, target("/to-quoted")).status == 200
    assert target("/to/metadata") == "http://169.254.169.254/latest/meta-data/"
    assert target("/to/decimal") == f"http://2130706433:{quiet_site.port}/hostile/secret"
    assert len({target(f"/to/{name}") for name in FORBIDDEN}) == len(FORBIDDEN)
    assert get(quiet_site, f"{home}/to-nothing").headers["Location"] is None
    assert get(quiet_site, f"{home}/cookie-loop", Cookie="seen=1").status == 200


def test_bombs_are_small_on_the_wire_and_large_unpacked(quiet_site: RunningSite):
    for name, wbits in (("gzip-bomb", 31), ("deflate-bomb", 15)):
        packed = get(quiet_site, f"{quiet_site.base}/hostile/{name}").body
        assert len(packed) < 400_000
        unpacker = zlib.decompressobj(wbits)
        size = 0
        while not unpacker.eof:
            size += len(unpacker.decompress(packed, 1 << 24))
            packed = unpacker.unconsumed_tail
        assert size > 200_000_000
    assert len(get(quiet_site, f"{quiet_site.base}/hostile/gzip-twice-bomb").body) < 2000


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("charset-header-lies", "utf-8"),
        ("charset-header-lies-cyrillic", "cp1251"),
        ("charset-meta-lies", "cp1251"),
        ("charset-none", "cp1251"),
        ("charset-unknown", "utf-8"),
        ("utf16", "utf-16"),
    ],
)
def test_stated_charsets_are_wrong(quiet_site: RunningSite, name: str, codec: str):
    got = get(quiet_site, f"{quiet_site.base}/hostile/{name}")
    text = got.body.decode(codec)
    assert len(re.findall("[а-яё]", text)) > 400
    assert f"charset={codec}" not in got.headers["Content-Type"]


def test_koi8_states_the_right_charset(quiet_site: RunningSite):
    got = get(quiet_site, f"{quiet_site.base}/hostile/koi8")
    assert got.headers["Content-Type"] == "text/html; charset=koi8-r"
    assert len(re.findall("[а-яё]", got.body.decode("koi8-r"))) > 400


def test_contents(quiet_site: RunningSite):
    def body(name: str) -> bytes:
        return get(quiet_site, f"{quiet_site.base}/hostile/{name}").body

    assert body("nested").count(b"<div>") == 100_000
    assert body("siblings").count(b"<p>") == 100_000
    assert b"\x00" in body("nul")
    with pytest.raises(UnicodeDecodeError):
        body("invalid-utf8").decode()
    assert body("empty") == b""
    assert body("whitespace").strip() == b""
    assert body("paper.pdf").startswith(b"%PDF")
    assert body("photo.png").startswith(b"\x89PNG")
    assert not body("truncated").rstrip().endswith(b">")
    assert b'rel="canonical" href="https://elsewhere.example/' in body("canonical-elsewhere")
    assert f'rel="canonical" href="{quiet_site.url("hostile")}"'.encode() in body("canonical-home")
    assert b'http-equiv="refresh"' in body("meta-refresh")
    assert b"<base " in body("base-elsewhere")
    assert len({body(f"wall/{name}") for name in WALLS}) == len(WALLS)


def test_a_huge_header(quiet_site: RunningSite):
    assert raw(quiet_site, "/hostile/huge-header").index(b"\r\n\r\n") > 1_000_000
