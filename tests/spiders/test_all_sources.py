"""Crawls of an outlet with every kind of source: which articles are found, and which URLs are requested."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from articles.model import Purpose
from articles.url import canonicalize
from spiders.discovery.feed_articles import entry_key
from tests.site import RunningSite
from tests.site.wire import Answer, Request
from tests.spiders.crawling import Crawled, crawl, stored

OUTLET = '''
from spiders.outlet import Outlet
from spiders.sources import Archive, Feed, JsonListing, Listing, RobotsTxt, Search, Sitemap


class Walked(Outlet):
    """An outlet with every kind of source."""

    domains = ("127.0.0.1:{port}",)
    languages = ("en",)
    sources = ({sources})
    article = r"http://127\\.0\\.0\\.1:{port}/(?P<y>\\d{{4}})/(?P<m>\\d\\d)/(?P<d>\\d\\d)/[a-z]+-\\d+|http://127\\.0\\.0\\.1:{port}/[a-z]+-\\d+"
    delay = 0
'''
PAGES = 30


def today() -> date:
    return datetime.now(UTC).date()


class Site:
    """A site in the interface of the local web. Articles are numbered, the latest is 0; a page lists two."""

    edition = 1

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.text = "All of it."
        self.broken = ""

    def answer(self, request: Request) -> Answer:
        self.asked.append(request.target)
        path, query = request.path, request.query
        if path == self.broken:
            return Answer(503)
        page = int(query.get("page", "1"))
        kind = path.strip("/").split("/")[0]
        if kind == "robots.txt":
            return Answer(200, [], f"Sitemap: http://{request.host}/map.xml\nSitemap: /relative.xml # here\n".encode())
        if kind == "map.xml":
            months = "".join(f"<sitemap><loc>http://{request.host}/map-{y}-{m:02}.xml</loc></sitemap>"
                             for y in range(2015, today().year + 1) for m in range(1, 13))  # fmt: skip
            return xml(f"<sitemapindex>{months}</sitemapindex>")
        if kind.startswith("map-"):
            year, month = kind[4:-4].split("-")
            return xml(f"<urlset><url><loc>http://{request.host}/{year}/{month}/07/mapped-1</loc></url></urlset>")
        if kind == "relative.xml":
            return xml("<urlset><url><loc>/rel-1</loc></url></urlset>")
        if kind == "list":
            return links(f"/listed-{n}" for n in range((page - 1) * 2, page * 2) if page <= PAGES)
        if kind == "trap":  # a calendar: every page has the same article and a link to a further page
            return links(["/trapped-1", f"/trap?page={page + 1}"])
        if kind == "search":
            return links([f"/searched-{len(query['q'])}{page}"] if page < 3 else [])
        if kind == "api":
            start = int(query["before"])
            items = [{"u": f"/json-{n}", "t": n * 86_400} for n in range(start // 86_400 - 1, start // 86_400 - 6, -1)]
            return Answer(200, [], json.dumps({"items": items if start > 86_400 * 20_400 else []}).encode())
        if kind == "day":
            day = path.removeprefix("/day/")
            return links([f"/{day}/daily-{page}"] if page < 3 else [])
        if kind == "feed":
            item = f"<item><title>Whole</title><link>/whole-1</link><description>&lt;p&gt;{self.text}&lt;/p&gt;</description></item>"
            return xml(f"<rss>{item}</rss>")
        return Answer(200, [("Content-Type", "text/html")], f"<p>{path}</p>".encode())


def xml(text: str) -> Answer:
    return Answer(200, [("Content-Type", "application/xml")], text.encode())


def links(paths) -> Answer:
    html = "".join(f"<a href='{path}'>x</a>" for path in paths)
    return Answer(200, [("Content-Type", "text/html; charset=utf-8")], html.encode())


def ingest(tmp_path: Path, site: RunningSite, sources: str, **asked: Any) -> Crawled:
    folder = tmp_path / "outlets"
    folder.mkdir(exist_ok=True)
    declared = sources.replace("(/", f"(http://127.0.0.1:{site.port}/").replace("(http", '("http')
    (folder / "walked.py").write_text(OUTLET.format(port=site.port, sources=declared))
    store = tmp_path / f"store{len(list(tmp_path.iterdir()))}"
    return crawl(store, outlet="walked", outlets=str(folder), **asked)


def fetched(done: Crawled) -> list[str]:
    return [event.url.partition("//")[2].partition("/")[2] for event in done.of("fetched")]


def running(site: Site) -> Any:
    return RunningSite(site)  # type: ignore[arg-type]  # answers as the local web does


def test_paging_of_a_listing_ends_at_known_articles(tmp_path):
    listing = 'Listing(/list", pages="?page={page}"),'
    with running(Site()) as site:
        done = ingest(tmp_path, site, listing)
        assert len(fetched(done)) == 40  # twenty pages without --since
        known = tmp_path / "known"
        known.write_text(
            "".join(f"{canonicalize(event.url)}\n" for event in done.of("fetched") if event.url[-2:] != "-1")
        )
        site.web.asked.clear()
        again = ingest(tmp_path, site, listing, skip_path=str(known))
        assert fetched(again) == ["listed-1"]
        assert [target for target in site.web.asked if target.startswith("/list?") or target == "/list"] == [
            "/list",
            "/list?page=2",
        ]
        resumed = ingest(tmp_path, site, listing, skip_path=str(known), resuming=True)
        assert resumed.result.counts["skipped"] == 39
        back = ingest(tmp_path, site, listing, since="2015-01-01")
        assert len(fetched(back)) == PAGES * 2
    found = next(one for one in stored(done.store) if one.url.endswith("/listed-3"))
    assert found.discovery.source == f"Listing:http://127.0.0.1:{site.port}/list"
    assert found.discovery.url.endswith("/list?page=2")


def test_an_endless_calendar_is_left_after_a_page(tmp_path):
    with running(Site()) as site:
        done = ingest(tmp_path, site, 'Listing(/trap", next="a:last-child"),', since="2015-01-01")
        assert fetched(done) == ["trapped-1"]
        assert len([target for target in site.web.asked if target.startswith("/trap?")]) == 1


def test_a_search_pages_through_the_results_of_each_word(tmp_path):
    with running(Site()) as site:
        done = ingest(tmp_path, site, 'Search(/search?q={query}", ("a b", "Қазақстан"), pages="?q=x&page={page}"),')
    assert set(fetched(done)) == {"searched-31", "searched-91", "searched-12"}


def test_a_json_endpoint_is_paged_back_by_its_dates(tmp_path):
    source = 'JsonListing(/api?before={before}", pages="?before={before}", items="items", link="u", date="t"),'
    with running(Site()) as site:
        since = today() - timedelta(days=12)
        done = ingest(tmp_path, site, source, since=since.isoformat())
    days = sorted(int(path.rpartition("-")[2]) for path in fetched(done))
    first = (since - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    assert days == list(range(first, first + len(days)))
    assert len(days) >= 12


def test_every_day_of_an_archive_is_read_with_all_its_pages(tmp_path):
    source = 'Archive(/day/{yyyy}/{mm}/{dd}", pages="?page={page}"),'
    with running(Site()) as site:
        began = today()
        done = ingest(tmp_path, site, source)
        latest = [  # midnight may have been in between
            {f"{last - timedelta(days=ago):%Y/%m/%d}/daily-{n}" for ago in (0, 1) for n in (1, 2)}
            for last in (began, today())
        ]
        assert set(fetched(done)) in latest
        past = ingest(tmp_path, site, source, since="2019-03-01", until="2019-03-02")
    assert set(fetched(past)) == {f"2019/03/0{day}/daily-{n}" for day in (1, 2, 3) for n in (1, 2)} | {
        f"2019/02/28/daily-{n}" for n in (1, 2)
    }


def test_sitemaps_from_robots_txt_are_filtered_by_date(tmp_path):
    with running(Site()) as site:
        done = ingest(tmp_path, site, 'RobotsTxt(/"),', since="2019-03-01", until="2019-04-30")
        assert set(fetched(done)) == {"2019/03/07/mapped-1", "2019/04/07/mapped-1", "rel-1"}
        assert (
            len([target for target in site.web.asked if target.startswith("/map-")]) == 4
        )  # with a margin for time zones
        assert done.result.counts["pruned"] > 100
    robots = [one for one in stored(done.store) if one.url.endswith("/robots.txt")]
    assert {one.purpose for one in robots} == {Purpose.ROBOTS, Purpose.SITEMAP}


def test_unchanged_sitemaps_are_not_read_again_after_a_complete_run(tmp_path):
    with running(Site()) as site:
        again = ingest(tmp_path, site, 'RobotsTxt(/"),', walked=datetime.now(UTC).isoformat())
        assert len([target for target in site.web.asked if target.startswith("/map-")]) <= 15  # those of this year
        assert again.result.counts["whole"] == 1
        cut = ingest(tmp_path, site, 'RobotsTxt(/"),', max_pages=3)
        assert "whole" not in cut.result.counts
        site.web.broken = "/relative.xml"
        incomplete = ingest(tmp_path, site, 'RobotsTxt(/"),', walked=datetime.now(UTC).isoformat(), retries=0)
        assert "whole" not in incomplete.result.counts


def test_entries_of_a_full_text_feed_are_archived_as_articles(tmp_path):
    source = 'Feed(/feed", full_text=True),'
    with running(Site()) as site:
        done = ingest(tmp_path, site, source)
        (entry,) = (one for one in stored(done.store) if one.purpose is Purpose.ENTRY)
        assert "/whole-1" not in site.web.asked
        assert entry.url == f"http://127.0.0.1:{site.port}/whole-1"
        assert b"<h1>Whole</h1>\n<p>All of it.</p>" in entry.body
        assert (entry.outlet, entry.status) == ("walked", 200)
        assert done.result.counts["fetched"] == done.result.counts["discovered"] == 1
        known = tmp_path / "known"
        known.write_text(entry_key(canonicalize(entry.url), entry.body) + "\n")
        again = ingest(tmp_path, site, source, skip_path=str(known))
        assert again.result.counts["skipped"] == 1
        site.web.text = "All of it, and more."
        edited = ingest(tmp_path, site, source, skip_path=str(known))
        assert edited.result.counts["fetched"] == 1
