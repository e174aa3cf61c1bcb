"""Crawls of an outlet of the local web: feeds, sitemaps, and which articles are fetched."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from articles.errors import InputError
from articles.model import Purpose
from articles.url import canonicalize
from spiders.news import make_window
from tests.site import RunningSite, manifest
from tests.site.wire import Answer, Request
from tests.spiders.crawling import Crawled, crawl, stored

OUTLET = '''
from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class Local(Outlet):
    """An outlet of the local web."""

    domains = ("{host}",)
    languages = ("en",)
    sources = ({feeds}{sitemaps})
    article = r"{article}"
    delay = 0
'''


def outlet(
    folder: Path,
    site: RunningSite,
    name: str,
    *,
    feeds: str = "/feed/",
    sitemaps: str = "/sitemap.xml",
    article: str = "",
) -> Path:
    """Write an outlet file for an outlet of the local web."""
    folder.mkdir(exist_ok=True)

    def declared(kind: str, paths: str) -> str:
        return "".join(f'{kind}("{site.url(name, path, by_host=True)}"),' for path in paths.split())

    text = OUTLET.format(
        host=f"{name}.example",
        feeds=declared("Feed", feeds),
        sitemaps=declared("Sitemap", sitemaps),
        article=article or rf"http://{name}\.example:\d+/(\d{{4}}|a)/.+",
    )
    (folder / f"{name}.py").write_text(text)
    return folder


def ingest(tmp_path: Path, site: RunningSite, name: str, **asked: Any) -> Crawled:
    folder = tmp_path / "outlets"
    if not (folder / f"{name}.py").exists():
        outlet(folder, site, name)
    resolve = dict(pair.split("=") for pair in site.resolve)
    store = tmp_path / f"store{len(list(tmp_path.iterdir()))}"
    return crawl(store, outlet=name, outlets=str(folder), resolve=resolve, **asked)


def planted(site: RunningSite, name: str) -> set[str]:
    """Return the articles in the local web's sitemaps."""
    return {
        canonicalize(site.url(name, page.path, by_host=True))
        for page in manifest.pages()
        if page.outlet == name and page.documents and not page.disallowed
        if not page.path.endswith("/amp/")  # another form of an article that is planted too
    }


@pytest.mark.parametrize("name", ["steppe", "azat"])
def test_articles_in_feed_and_sitemaps_are_fetched_once(tmp_path, site: RunningSite, name):
    done = ingest(tmp_path, site, name)
    pages = {canonicalize(one.url) for one in stored(done.store) if one.purpose is Purpose.PAGE}
    assert planted(site, name) <= pages
    assert done.result.counts["fetched"] == done.result.counts["discovered"] == len(pages)
    purposes = {one.url.rpartition("example")[2].partition("/")[2]: one.purpose for one in stored(done.store)}
    assert purposes["feed/"] is Purpose.FEED
    assert purposes["sitemap.xml"] is purposes["sitemap-articles.xml.gz"] is Purpose.SITEMAP
    assert purposes["robots.txt"] is Purpose.ROBOTS
    assert {one.outlet for one in stored(done.store)} == {name}
    assert {event.url.rpartition("/")[2] for event in done.of("source")} >= {"", "sitemap.xml", "sitemap-news.xml"}


def test_a_broken_feed_gives_its_readable_entries(tmp_path, site: RunningSite):
    outlet(tmp_path / "outlets", site, "kurier", sitemaps="", article=r"http://kurier\.example:\d+/.+")
    done = ingest(tmp_path, site, "kurier")
    assert done.result.counts["fetched"] >= 5


def test_known_articles_are_not_fetched_again(tmp_path, site: RunningSite):
    known = planted(site, "steppe")
    left = min(known)
    (tmp_path / "known").write_text("".join(f"{url}\n" for url in known - {left}))
    done = ingest(tmp_path, site, "steppe", skip_path=str(tmp_path / "known"))
    fetched = {canonicalize(event.url) for event in done.of("fetched")}
    assert left in fetched
    assert not fetched & (known - {left})
    assert done.result.counts["skipped"] == len(known) - 1


def test_since_excludes_older_articles(tmp_path, site: RunningSite):
    done = ingest(tmp_path, site, "steppe", since="2024-01-01")
    fetched = {canonicalize(event.url) for event in done.of("fetched")}
    recent = {url for url in planted(site, "steppe") if "/2024/" in url}
    assert recent
    assert recent <= fetched
    assert not planted(site, "steppe") <= fetched


def test_the_page_budget_is_kept(tmp_path, site: RunningSite):
    done = ingest(tmp_path, site, "steppe", max_pages=3)
    assert done.result.counts["fetched"] == 3
    assert done.result.finished


def test_a_missing_source_is_reported_and_the_others_are_read(tmp_path, site: RunningSite):
    outlet(tmp_path / "outlets", site, "steppe", feeds="/no/feed/ /feed/", sitemaps="/sitemap-news.xml")
    done = ingest(tmp_path, site, "steppe", retries=0)
    sources = {event.url.rpartition("example")[2].partition("/")[2]: event for event in done.of("source")}
    assert (sources["no/feed/"].status, sources["no/feed/"].number) == (404, 0)
    assert done.result.counts["fetched"] > 0


class Maze:
    """Sitemaps that name each other, themselves, ever deeper ones and foreign ones; feeds that redirect to each other."""

    edition = 1

    def answer(self, request: Request) -> Answer:
        base = f"http://{request.host}"
        deep = "".join(
            f"<sitemap><loc>{base}{path}</loc></sitemap>" for path in ("/index", "/index?a", "/deeper" + request.path)
        )
        elsewhere = (
            "<sitemap><loc>http://elsewhere.example/sitemap.xml</loc></sitemap><sitemap><loc>http://[</loc></sitemap>"
        )
        if request.path == "/robots.txt":
            return Answer(404)
        if request.path == "/feed-a":
            return Answer(301, [("Location", "/feed-b")])
        if request.path == "/feed-b":
            return Answer(
                200, [], b"<rss><item><link>/1999/one</link></item><item><link>http://[bad</link></item></rss>"
            )
        if request.path.startswith("/1999/"):
            return Answer(200, [("Content-Type", "text/html")], b"<p>one</p>")
        return Answer(
            200, [("Content-Type", "application/xml")], f"<sitemapindex>{deep}{elsewhere}</sitemapindex>".encode()
        )


def test_a_maze_of_sitemaps_ends(tmp_path):
    with RunningSite(Maze()) as site:  # type: ignore[arg-type]  # answers as the local web does
        outlet(tmp_path / "outlets", site, "steppe", feeds="/feed-a /feed-b", sitemaps="/index")
        done = ingest(tmp_path, site, "steppe")
    assert done.result.finished
    assert done.result.counts["fetched"] == 1
    assert 3 <= len([one for one in stored(done.store) if one.purpose is Purpose.SITEMAP]) <= 10
    assert not any("elsewhere" in one.url for one in stored(done.store))


def test_unknown_outlets_and_invalid_dates_are_input_errors(tmp_path, site: RunningSite):
    with pytest.raises(InputError, match="no outlet 'nobody'"):
        crawl(tmp_path / "store", outlet="nobody")
    with pytest.raises(InputError, match="not a date: 'tomorrow'"):
        ingest(tmp_path, site, "steppe", since="tomorrow")
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with pytest.raises(InputError, match="--since 2024-09-03 is not before --until 2024-09-02"):
        make_window("2024-09-03", "2024-09-02", now)
    one_day = make_window("2024-09-03", "2024-09-03", now)
    assert (one_day.since, one_day.until) == (datetime(2024, 9, 3, tzinfo=UTC), datetime(2024, 9, 4, tzinfo=UTC))
