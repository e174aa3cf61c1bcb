"""How far sources are walked, and what the names of sitemaps and the dates of their entries are believed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.date_window import DateSpan, DateWindow, span_of
from spiders.discovery.answers import SAME, DateFilter
from spiders.discovery.feeds import SourceEntry
from spiders.discovery.paging import FRESH_PAGES, MAX_MISSES, MAX_PAGES, PageSeen, following, steps
from spiders.discovery.sitemap_index import wanted
from spiders.sources import Archive, Feed, JsonListing, Listing, RobotsTxt, Search, Sitemap, Wayback

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PRESENT = DateWindow(NOW)
BACK = DateWindow(NOW, since=datetime(2026, 11, 18, tzinfo=UTC))
SITE = "https://n.example"


def first(source, window=PRESENT):
    return [step.url for step in steps(source, window)]


def walk(source, window, *pages, resuming=False):
    """Return the addresses asked for when the pages of a series show this, the last one again and again."""
    step = next(steps(source, window))
    asked = [step.url]
    number = 0
    while (step := following(step, pages[min(number, len(pages) - 1)], window, resuming=resuming)) is not None:
        asked.append(step.url)
        number += 1
    return asked


FULL = PageSeen(200, named=20, new=20, unknown=20)
KNOWN = PageSeen(200, named=20, new=20, unknown=0)
AGAIN = PageSeen(200, named=20)
EMPTY = PageSeen(200)
MISSING = PageSeen(404)


@pytest.mark.parametrize(
    ("source", "urls"),
    [
        (Feed(f"{SITE}/feed"), ["/feed"]),
        (Sitemap(f"{SITE}/s-{{yyyy}}-{{m}}.xml.gz"), ["/s-2026-11.xml.gz", "/s-2026-10.xml.gz"]),
        (Archive(f"{SITE}/{{yyyy}}/{{mm}}/{{dd}}/"), ["/2026/11/20/", "/2026/11/19/"]),
        (Archive(f"{SITE}/?date={{d}}.{{m}}.{{yy}}"), ["/?date=20.11.26", "/?date=19.11.26"]),
        (Search(f"{SITE}/?s={{query}}", ("Казахстан", "a b")), ["/?s=%D0%9A%D0%B0%D0%B7%D0%B0%D1%85%D1%81%D1%82%D0%B0%D0%BD", "/?s=a%20b"]),
        (JsonListing(f"{SITE}/api/{{before}}"), ["/api/1795176000"]),
        (RobotsTxt(f"{SITE}/news/"), ["/robots.txt"]),
        (Wayback("n.example/"), []),
    ],
)  # fmt: skip
def test_what_is_asked_for_first(source, urls):
    assert first(source) == [SITE + url for url in urls]


def test_reaching_back_walks_the_periods_one_by_one():
    days = first(Archive(f"{SITE}/{{yyyy}}-{{mm}}-{{dd}}"), BACK)
    assert days == [f"{SITE}/2026-11-{day}" for day in (20, 19, 18, 17)]


LISTING = Listing(f"{SITE}/news/", pages="page/{page}/")


def test_a_listing_is_paged_until_the_store_knows_what_it_shows():
    assert walk(LISTING, PRESENT, FULL, FULL, KNOWN) == [
        f"{SITE}/news/",
        f"{SITE}/news/page/2/",
        f"{SITE}/news/page/3/",
    ]
    assert len(walk(LISTING, PRESENT, KNOWN, resuming=True)) == FRESH_PAGES


def test_a_listing_without_end_ends():
    assert len(walk(LISTING, PRESENT, FULL)) == FRESH_PAGES
    assert len(walk(LISTING, BACK, FULL)) == MAX_PAGES


@pytest.mark.parametrize("last", [AGAIN, EMPTY, MISSING, PageSeen(500)])
@pytest.mark.parametrize("window", [PRESENT, BACK])
def test_a_listing_ends_where_it_shows_nothing_new(last, window):
    assert len(walk(LISTING, window, FULL, last)) == 2


def test_reaching_back_goes_on_over_what_is_known_until_all_dates_have_passed():
    old, fresh = span_of("2026-11-01T10:00:00Z"), span_of("2026-11-19T10:00:00Z")
    pinned = PageSeen(200, 2, 2, 0, (old, fresh))
    assert len(walk(LISTING, BACK, KNOWN, pinned, PageSeen(200, 2, 2, 0, (old, old)))) == 3


def test_numbers_of_pages_may_count_by_more_than_one_and_addresses_may_be_whole():
    source = Listing(f"{SITE}/z/360", pages=SITE + "/z/360?start={page}", first=25, step=25)
    assert walk(source, PRESENT, FULL, FULL, KNOWN)[1:] == [f"{SITE}/z/360?start=25", f"{SITE}/z/360?start=50"]


def test_what_is_put_behind_an_address_and_a_word_that_is_looked_for_stay():
    feed = Feed(f"{SITE}/feed?alt=rss", pages="&start={page}", first=26, step=25)
    assert walk(feed, PRESENT, FULL, FULL, KNOWN)[1:] == [
        f"{SITE}/feed?alt=rss&start=26",
        f"{SITE}/feed?alt=rss&start=51",
    ]
    search = Search(f"{SITE}/?q={{query}}", ("a b",), pages="?q={query}&n={page}")
    assert walk(search, PRESENT, FULL, EMPTY) == [f"{SITE}/?q=a%20b", f"{SITE}/?q=a%20b&n=2"]


def test_a_page_may_say_itself_where_the_next_one_is():
    source = Listing(f"{SITE}/z/", next="a.next")
    assert walk(source, PRESENT, PageSeen(200, 9, 9, 9, (), f"{SITE}/z/older"), FULL) == [
        f"{SITE}/z/",
        f"{SITE}/z/older",
    ]


def test_the_pages_of_a_period_are_all_walked_and_its_date_stays():
    source = Archive(f"{SITE}/{{yyyy}}/{{m}}/{{d}}", pages="{d}/page_{page}")
    assert walk(source, PRESENT, KNOWN, KNOWN, EMPTY) == [
        f"{SITE}/2026/11/20{end}" for end in ("", "/page_2", "/page_3")
    ]


def test_a_series_of_sitemaps_may_have_gaps():
    source = Sitemap(f"{SITE}/news1.xml", pages="news{page}.xml")
    assert len(walk(source, PRESENT, PageSeen(200, 5), MISSING, PageSeen(200, 5), MISSING)) == 3 + MAX_MISSES
    assert len(walk(source, PRESENT, PageSeen(200, 5), EMPTY)) == 2


def test_counting_from_the_oldest_date_ends_where_it_gets_no_older():
    source = JsonListing(f"{SITE}/api/{{before}}", pages="{before}")
    one, two = (PageSeen(200, 9, 9, 9, (span_of(f"2026-11-{day}T12:00:00Z"),)) for day in (19, 18))
    asked = walk(source, PRESENT, one, two, two)
    assert asked == [f"{SITE}/api/{number}" for number in (1795176000, 1795089600, 1795003200)]
    assert walk(source, PRESENT, FULL) == asked[:1]


def kept(names, window=BACK, stamps=()):
    nested = [
        SourceEntry(f"{SITE}/{name}", modified=stamps[n] if stamps else "", nested=True) for n, name in enumerate(names)
    ]
    found, left_out = wanted(nested, window)
    assert len(found) + left_out == len(names)
    return [one.url.removeprefix(f"{SITE}/") for one in found]


def test_sitemaps_are_left_out_by_the_dates_in_their_names():
    assert kept(["s-2026-11.xml", "s-2026-10.xml", "s-2019-01.xml", "other.xml"]) == ["s-2026-11.xml", "other.xml"]
    assert kept(["s_2026_11_19.xml", "s_2026_11_2.xml", "2025.xml", "2026.xml"]) == ["s_2026_11_19.xml", "2026.xml"]
    assert kept(["m?yyyy=2026&mm=11&dd=19", "m?yyyy=2020&mm=11&dd=19"]) == ["m?yyyy=2026&mm=11&dd=19"]
    assert kept(["20261119.xml", "20200101.xml"]) == ["20261119.xml"]


def test_a_number_is_no_year_where_its_siblings_are_none():
    numbers = [f"sitemap-{number}.xml" for number in (1, 2, 2015, 2016)]
    assert kept(numbers) == numbers


def test_sitemaps_are_left_out_by_lastmod_where_it_tells_them_apart():
    assert kept(["1", "2", "3"], stamps=("2026-11-19", "2020-01-01", "2099-01-01")) == ["1", "3"]
    assert kept(["1", "2", "3"], stamps=["2020-01-01"] * 3) == ["1", "2", "3"]
    assert kept(["1"], stamps=["2020-01-01"]) == []
    assert kept(["1", "2"], stamps=["1970-01-01", ""]) == ["1", "2"]
    assert kept(["s-2026-11.xml", "s-2019-01.xml"], stamps=["2020-01-01", "2026-11-19"]) == ["s-2026-11.xml"]


def test_sitemaps_that_have_not_changed_since_all_was_walked_are_left_out():
    names = ["new", "settled", "same day", "undated"]
    stamps = ["2026-11-19", "2026-11-01", "2026-11-17", ""]
    nested = [
        SourceEntry(f"{SITE}/{name}", modified=stamp, nested=True) for name, stamp in zip(names, stamps, strict=True)
    ]
    walked = datetime(2026, 11, 18, tzinfo=UTC)
    found, left_out = wanted(nested, PRESENT, walked)
    assert ([one.url for one in found], left_out) == ([f"{SITE}/{name}" for name in ("new", "same day", "undated")], 1)
    assert wanted(nested, PRESENT) == (nested, 0)
    same = [SourceEntry(f"{SITE}/{name}", modified="2020-01-01", nested=True) for name in names]
    assert wanted(same, PRESENT, walked) == (same, 0)
    months = [SourceEntry(f"{SITE}/s-2026-{month:02}.xml", nested=True) for month in range(1, 12)]
    assert [one.url[-6:-4] for one in wanted(months, PRESENT, walked)[0]] == ["09", "10", "11"]


def test_without_a_window_every_sitemap_is_asked_for():
    assert kept(["s-2019-01.xml", "x"], PRESENT, ("2019-01-01", "2001-01-01")) == ["s-2019-01.xml", "x"]


def sift(found, in_url=lambda _: None, window=BACK):
    sieve = DateFilter(window, in_url)
    taken = [one for one in found if sieve.take(one)]
    return [one.url for one in (*taken, *sieve.rest())], sieve


def test_articles_are_sorted_by_their_dates():
    found = [
        SourceEntry("new", "2026-11-19"),
        SourceEntry("old", "2020-01-01"),
        SourceEntry("changed", modified="2026-11-19"),
        SourceEntry("stale", modified="2020-01-01"),
        SourceEntry("undated"),
    ]
    urls, sieve = sift(found)
    assert urls == ["new", "changed", "undated"]
    assert sieve.left_out == 2
    assert sieve.dates == [span_of("2026-11-19"), span_of("2020-01-01")]


def test_a_date_beside_a_link_ends_paging_and_leaves_nothing_out():
    urls, sieve = sift([SourceEntry("a", beside="2020-01-01"), SourceEntry("b", "2026-11-19", beside="2020-01-01")])
    assert urls == ["a", "b"]
    assert sieve.dates == [span_of("2020-01-01"), span_of("2026-11-19")]


def test_a_lastmod_that_all_have_is_not_believed():
    same = [SourceEntry(str(number), modified="2020-01-01") for number in range(SAME)]
    assert len(sift(same)[0]) == SAME
    assert sift([*same, SourceEntry("other", modified="2026-11-19")])[0] == ["other"]


def test_a_lastmod_that_an_address_gives_the_lie_is_not_believed():
    found = [
        SourceEntry("2026", modified="2020-01-01"),
        SourceEntry("a", modified="2020-01-02"),
        SourceEntry("b", modified="2020-01-03"),
    ]
    in_2026 = DateSpan(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
    assert sift(found, lambda url: in_2026 if url == "2026" else None)[0] == ["2026", "a", "b"]


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["", "2020-01-01", "2026-11-19", "x"])), max_size=30))
def test_every_article_is_either_taken_or_counted(entries):
    found = [SourceEntry(str(number), published, modified) for number, (published, modified) in enumerate(entries)]
    urls, sieve = sift(found)
    assert len(set(urls)) == len(urls) == len(found) - sieve.left_out
