"""Crawls of a web archive: its index, and captures by raw replay or from ranges of WARC files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from articles.errors import InputError
from articles.model import Purpose
from articles.url import canonicalize
from spiders.sources import CommonCrawl, Feed, Wayback
from spiders.web_archive import MAX_CAPTURES_PER_ARTICLE, archives
from tests.site import RunningSite
from tests.spiders.crawling import Crawled, crawl, stored
from tests.spiders.webarchive import Kept, WebArchive

OUTLET = '''
from spiders.outlet import Outlet
from spiders.sources import CommonCrawl, Wayback


class Closed(Outlet):
    """An outlet that is no more."""

    domains = ("closed.example",)
    languages = ("en",)
    sources = (
        Wayback("", "{base}/cdx", "{base}/web/{{timestamp}}id_/{{url}}"),
        CommonCrawl(collections="{base}/collinfo.json", data="{base}/"),
    )
    article = r"https://closed\\.example/news/\\d+"
'''


def page(number: int, text: str = "") -> bytes:
    return f"<html><body><p>Page {number}. {text}</p></body></html>".encode()


KEPT = [
    Kept("http://closed.example/news/1", "20150102030405", page(1)),
    Kept("http://closed.example/news/1", "20150603000000", page(1, "Edited.")),
    Kept("http://closed.example/news/1", "20160101000000", page(1, "Edited.")),  # the same text again
    Kept("http://closed.example:80/news/2", "20150301000000", page(2)),
    Kept("https://www.closed.example/news/3", "20160301000000", page(3)),
    Kept("http://closed.example/news/4", "20200301000000", page(4)),  # after the period
    Kept("http://closed.example/news/5", "20150301000000", b"gone", status="404"),
    Kept("http://closed.example/news/6", "20150301000000", b"%PDF", mime="application/pdf"),
    Kept("http://closed.example/about", "20150301000000", page(7)),
    Kept("http://elsewhere.example/news/8", "20150301000000", page(8)),
]
WANTED = [
    ("http://closed.example/news/1", "2015-01-02T03:04:05"),
    ("http://closed.example/news/1", "2015-06-03T00:00:00"),
    ("http://closed.example:80/news/2", "2015-03-01T00:00:00"),
    ("https://www.closed.example/news/3", "2016-03-01T00:00:00"),
]


def ingest(tmp_path: Path, site: RunningSite, name: str, **asked: Any) -> Crawled:
    folder = tmp_path / "outlets"
    folder.mkdir(exist_ok=True)
    (folder / "closed.py").write_text(OUTLET.format(base=site.base))
    usual = {"since": "2015", "until": "2018-12-31", "from_archive": name, "outlet": "closed", "outlets": str(folder)}
    return crawl(tmp_path / "store", **{**usual, "since": "2015-01-01", **asked})


def captured(done: Crawled) -> list[tuple[str, str]]:
    pages = [one for one in stored(done.store) if one.purpose is Purpose.PAGE]
    return sorted((one.url, one.fetched.replace(tzinfo=None).isoformat()) for one in pages)


@pytest.mark.parametrize("name", ["wayback", "commoncrawl"])
def test_captures_of_a_period_keep_their_dates_and_urls(tmp_path, name):
    archive = WebArchive(KEPT, wayback=name == "wayback")
    began = datetime.now(UTC)
    with RunningSite(archive) as site:  # type: ignore[arg-type]  # answers as the local web does
        done = ingest(tmp_path, site, name)
    assert captured(done) == sorted(WANTED)
    assert done.result.finished
    assert done.result.counts["fetched"] == len(WANTED)
    assert done.result.counts["collapsed"] == 1
    first = next(one for one in stored(done.store) if one.purpose is Purpose.PAGE and one.url.endswith("/news/1"))
    assert (first.outlet, first.status, first.body) == ("closed", 200, page(1))
    assert first.discovery.source.startswith("Wayback:" if name == "wayback" else "CommonCrawl:")
    assert first.discovery.url.startswith(f"http://127.0.0.1:{site.port}/")
    assert first.discovery.date == "20150102030405"
    assert not any(request.path == "/robots.txt" for request in archive.asked)
    assert {key.split("/")[1] for key in done.result.segments} == {"closed", f"127.0.0.1-{site.port}"}
    months = {f"/{moment:%Y/%m}/" for moment in (began, datetime.now(UTC))}
    assert all(any(month in key for month in months) for key in done.result.segments)


def test_a_replay_keeps_the_original_header_fields(tmp_path):
    with RunningSite(WebArchive(KEPT[:1])) as site:  # type: ignore[arg-type]
        done = ingest(tmp_path, site, "wayback")
    (one,) = (one for one in stored(done.store) if one.purpose is Purpose.PAGE)
    assert one.header("etag") == '"once"'
    assert one.header("content-type") == "text/html; charset=windows-1251"
    assert not one.header("memento-datetime")
    assert one.body == page(1)


def test_a_period_with_too_many_captures_is_split(tmp_path):
    kept = [Kept(f"http://closed.example/news/{n}", f"2015{n + 1:02}28000000", page(n)) for n in range(12)]
    archive = WebArchive(kept, crowded=True)
    with RunningSite(archive) as site:  # type: ignore[arg-type]
        done = ingest(tmp_path, site, "wayback", until="2015-12-31")
    assert len(captured(done)) == len(kept)
    asked = [request.query for request in archive.asked if request.path == "/cdx"]
    assert 7 <= len(asked) <= 31


def test_a_capture_missing_in_the_archive_is_a_fetch_error(tmp_path):
    archive = WebArchive(KEPT, broken=("http://closed.example:80/news/2",))
    with RunningSite(archive) as site:  # type: ignore[arg-type]
        done = ingest(tmp_path, site, "wayback")
    assert done.result.counts["failed"] == 1
    missed = done.failure("http://closed.example:80/news/2")
    assert (missed.reason, missed.detail) == ("fetch_error", "the archive answered 404")
    assert missed.discovery is not None


def test_a_truncated_record_is_a_fetch_error(tmp_path):
    archive = WebArchive(KEPT, wayback=False, broken=("http://closed.example:80/news/2",))
    with RunningSite(archive) as site:  # type: ignore[arg-type]
        done = ingest(tmp_path, site, "commoncrawl")
    assert len(captured(done)) == len(WANTED)
    assert done.failure("http://closed.example:80/news/2").reason == "fetch_error"


def test_known_captures_are_not_fetched_again(tmp_path):
    archive = WebArchive(KEPT)
    known = tmp_path / "known"
    known.write_text(f"{canonicalize(KEPT[0].url)}@{KEPT[0].timestamp}\n{canonicalize(KEPT[3].url)}\n")
    with RunningSite(archive) as site:  # type: ignore[arg-type]
        done = ingest(tmp_path, site, "wayback", skip_path=str(known))
    assert captured(done) == sorted(WANTED[1:])
    assert done.result.counts["skipped"] == 1


def test_the_number_of_captures_per_article_is_limited(tmp_path):
    kept = [Kept("http://closed.example/news/1", f"201501{day:02}000000", page(day)) for day in range(1, 31)]
    with RunningSite(WebArchive(kept)) as site:  # type: ignore[arg-type]
        done = ingest(tmp_path, site, "wayback")
    assert len(captured(done)) == MAX_CAPTURES_PER_ARTICLE


def test_an_outlet_with_only_archives_warns_without_from_archive(tmp_path):
    archive = WebArchive(KEPT)
    with RunningSite(archive) as site:  # type: ignore[arg-type]
        done = ingest(tmp_path, site, "")
    assert not archive.asked
    assert any(
        "closed has no source but web archives; ingest it with --from-archive" in event.detail
        for event in done.of("log")
    )


def test_from_archive_uses_declared_archives_or_the_default():
    declared = (
        Feed("https://n.example/feed"),
        Wayback("n.example/a/"),
        Wayback("n.example/b/"),
        CommonCrawl("n.example"),
    )
    assert archives(declared, "wayback") == list(declared[1:3])
    assert archives(declared, "commoncrawl") == [declared[3]]
    assert archives((), "wayback") == [Wayback()]
    named = archives(declared, "https://archive.example/coll/cdx")
    assert [(one.prefix, one.cdx, one.raw) for one in named] == [
        (prefix, "https://archive.example/coll/cdx", "https://archive.example/coll/{timestamp}id_/{url}")
        for prefix in ("n.example/a/", "n.example/b/")
    ]
    with pytest.raises(InputError, match="--from-archive takes wayback, commoncrawl"):
        archives((), "waybak")
