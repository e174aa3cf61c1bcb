"""Paging through sources, and the selection of sitemaps and articles by their dates."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.date_window import DateSpan, DateWindow, span_of
from spiders.discovery.answers import MIN_EQUAL_LASTMODS, DateFilter
from spiders.discovery.entries import SourceEntry
from spiders.discovery.paging import MAX_MISSES, MAX_PAGES, MAX_UNDATED_PAGES, PageSeen, PageStep, following, steps
from spiders.discovery.sitemap_index import wanted
from spiders.sources import Archive, Feed, JsonListing, Listing, RobotsTxt, Search, Sitemap, Wayback

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PRESENT = DateWindow(NOW)
SINCE = DateWindow(NOW, since=datetime(2026, 11, 18, tzinfo=UTC))
SITE = "https://n.example"


def first(source, window=PRESENT):
    return [step.url for step in steps(source, window)]


def span(text) -> DateSpan:
    found = span_of(text)
    assert found is not None
    return found


def walk(source, window, *pages, resuming=False):
    """Return the URLs requested if the pages of a series are these; the last one repeats."""
    step: PageStep | None = next(iter(steps(source, window)))
    assert step is not None
    asked = [step.url]
    number = 0
    while (step := following(step, pages[min(number, len(pages) - 1)], window, resuming=resuming)) is not None:
        asked.append(step.url)
        number += 1
    return asked


FULL = PageSeen(200, named=20, new=20, unknown=20)
KNOWN = PageSeen(200, named=20, new=20, unknown=0)
REPEATED = PageSeen(200, named=20)
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
def test_first_urls_of_each_kind_of_source(source, urls):
    assert first(source) == [SITE + url for url in urls]


def test_a_since_date_requests_every_period_up_to_it():
    days = first(Archive(f"{SITE}/{{yyyy}}-{{mm}}-{{dd}}"), SINCE)
    assert days == [f"{SITE}/2026-11-{day}" for day in (20, 19, 18, 17)]


LISTING = Listing(f"{SITE}/news/", pages="page/{page}/")


def test_paging_ends_at_a_page_of_known_articles():
    assert walk(LISTING, PRESENT, FULL, FULL, KNOWN) == [
        f"{SITE}/news/",
        f"{SITE}/news/page/2/",
        f"{SITE}/news/page/3/",
    ]
    assert len(walk(LISTING, PRESENT, KNOWN, resuming=True)) == MAX_UNDATED_PAGES


def test_an_endless_listing_ends_at_the_page_limit():
    assert len(walk(LISTING, PRESENT, FULL)) == MAX_UNDATED_PAGES
    assert len(walk(LISTING, SINCE, FULL)) == MAX_PAGES


@pytest.mark.parametrize("last", [REPEATED, EMPTY, MISSING, PageSeen(500)])
@pytest.mark.parametrize("window", [PRESENT, SINCE])
def test_paging_ends_at_a_page_without_new_articles(last, window):
    assert len(walk(LISTING, window, FULL, last)) == 2


def test_with_since_known_articles_do_not_end_paging_but_old_dates_do():
    old, fresh = span("2026-11-01T10:00:00Z"), span("2026-11-19T10:00:00Z")
    pinned = PageSeen(200, 2, 2, 0, (old, fresh))
    assert len(walk(LISTING, SINCE, KNOWN, pinned, PageSeen(200, 2, 2, 0, (old, old)))) == 3


def test_page_numbers_may_have_a_step_and_page_urls_may_be_absolute():
    source = Listing(f"{SITE}/z/360", pages=SITE + "/z/360?start={page}", first=25, step=25)
    assert walk(source, PRESENT, FULL, FULL, KNOWN)[1:] == [f"{SITE}/z/360?start=25", f"{SITE}/z/360?start=50"]


def test_page_parameters_are_appended_and_the_search_word_stays():
    feed = Feed(f"{SITE}/feed?alt=rss", pages="&start={page}", first=26, step=25)
    assert walk(feed, PRESENT, FULL, FULL, KNOWN)[1:] == [
        f"{SITE}/feed?alt=rss&start=26",
        f"{SITE}/feed?alt=rss&start=51",
    ]
    search = Search(f"{SITE}/?q={{query}}", ("a b",), pages="?q={query}&n={page}")
    assert walk(search, PRESENT, FULL, EMPTY) == [f"{SITE}/?q=a%20b", f"{SITE}/?q=a%20b&n=2"]


def test_a_page_may_name_the_next_page():
    source = Listing(f"{SITE}/z/", next="a.next")
    assert walk(source, PRESENT, PageSeen(200, 9, 9, 9, (), f"{SITE}/z/older"), FULL) == [
        f"{SITE}/z/",
        f"{SITE}/z/older",
    ]


def test_all_pages_of_a_period_are_requested_with_its_date():
    source = Archive(f"{SITE}/{{yyyy}}/{{m}}/{{d}}", pages="{d}/page_{page}")
    assert walk(source, PRESENT, KNOWN, KNOWN, EMPTY) == [
        f"{SITE}/2026/11/20{end}" for end in ("", "/page_2", "/page_3")
    ]


def test_a_series_of_sitemaps_may_have_gaps():
    source = Sitemap(f"{SITE}/news1.xml", pages="news{page}.xml")
    assert len(walk(source, PRESENT, PageSeen(200, 5), MISSING, PageSeen(200, 5), MISSING)) == 3 + MAX_MISSES
    assert len(walk(source, PRESENT, PageSeen(200, 5), EMPTY)) == 2


def test_paging_by_oldest_date_ends_when_dates_do_not_get_older():
    source = JsonListing(f"{SITE}/api/{{before}}", pages="{before}")
    newer, older = (PageSeen(200, 9, 9, 9, (span(f"2026-11-{day}T12:00:00Z"),)) for day in (19, 18))
    asked = walk(source, PRESENT, newer, older, older)
    assert asked == [f"{SITE}/api/{number}" for number in (1795176000, 1795089600, 1795003200)]
    assert walk(source, PRESENT, FULL) == asked[:1]


def kept(names, window=SINCE, stamps=()):
    nested = [
        SourceEntry(f"{SITE}/{name}", modified=stamps[n] if stamps else "", nested=True) for n, name in enumerate(names)
    ]
    found, left_out = wanted(nested, window)
    assert len(found) + left_out == len(names)
    return [entry.url.removeprefix(f"{SITE}/") for entry in found]


def test_sitemaps_are_skipped_by_the_dates_in_their_names():
    assert kept(["s-2026-11.xml", "s-2026-10.xml", "s-2019-01.xml", "other.xml"]) == ["s-2026-11.xml", "other.xml"]
    assert kept(["s_2026_11_19.xml", "s_2026_11_2.xml", "2025.xml", "2026.xml"]) == ["s_2026_11_19.xml", "2026.xml"]
    assert kept(["m?yyyy=2026&mm=11&dd=19", "m?yyyy=2020&mm=11&dd=19"]) == ["m?yyyy=2026&mm=11&dd=19"]
    assert kept(["20261119.xml", "20200101.xml"]) == ["20261119.xml"]


def test_a_number_is_not_a_year_if_its_siblings_are_not():
    numbers = [f"sitemap-{number}.xml" for number in (1, 2, 2015, 2016)]
    assert kept(numbers) == numbers


def test_sitemaps_are_skipped_by_lastmod_if_the_values_differ():
    assert kept(["1", "2", "3"], stamps=("2026-11-19", "2020-01-01", "2099-01-01")) == ["1", "3"]
    assert kept(["1", "2", "3"], stamps=["2020-01-01"] * 3) == ["1", "2", "3"]
    assert kept(["1"], stamps=["2020-01-01"]) == []
    assert kept(["1", "2"], stamps=["1970-01-01", ""]) == ["1", "2"]
    assert kept(["s-2026-11.xml", "s-2019-01.xml"], stamps=["2020-01-01", "2026-11-19"]) == ["s-2026-11.xml"]


def test_sitemaps_unchanged_since_the_last_complete_run_are_skipped():
    names = ["new", "settled", "same day", "undated"]
    stamps = ["2026-11-19", "2026-11-01", "2026-11-17", ""]
    nested = [
        SourceEntry(f"{SITE}/{name}", modified=stamp, nested=True) for name, stamp in zip(names, stamps, strict=True)
    ]
    walked = datetime(2026, 11, 18, tzinfo=UTC)
    found, left_out = wanted(nested, PRESENT, walked)
    assert ([entry.url for entry in found], left_out) == (
        [f"{SITE}/{name}" for name in ("new", "same day", "undated")],
        1,
    )
    assert wanted(nested, PRESENT) == (nested, 0)
    same = [SourceEntry(f"{SITE}/{name}", modified="2020-01-01", nested=True) for name in names]
    assert wanted(same, PRESENT, walked) == (same, 0)
    months = [SourceEntry(f"{SITE}/s-2026-{month:02}.xml", nested=True) for month in range(1, 12)]
    assert [entry.url[-6:-4] for entry in wanted(months, PRESENT, walked)[0]] == ["09", "10", "11"]


def test_without_a_date_window_every_sitemap_is_requested():
    assert kept(["s-2019-01.xml", "x"], PRESENT, ("2019-01-01", "2001-01-01")) == ["s-2019-01.xml", "x"]


def select(found, in_url=lambda _: None, window=SINCE):
    date_filter = DateFilter(window, in_url)
    selected = [entry for entry in found if date_filter.take(entry)]
    return [entry.url for entry in (*selected, *date_filter.rest())], date_filter


def test_articles_are_filtered_by_their_dates():
    found = [
        SourceEntry("new", "2026-11-19"),
        SourceEntry("old", "2020-01-01"),
        SourceEntry("changed", modified="2026-11-19"),
        SourceEntry("stale", modified="2020-01-01"),
        SourceEntry("undated"),
    ]
    urls, date_filter = select(found)
    assert urls == ["new", "changed", "undated"]
    assert date_filter.left_out == 2
    assert date_filter.dates == [span_of("2026-11-19"), span_of("2020-01-01")]


def test_a_date_near_a_link_ends_paging_but_excludes_no_article():
    urls, date_filter = select(
        [SourceEntry("a", nearby="2020-01-01"), SourceEntry("b", "2026-11-19", nearby="2020-01-01")]
    )
    assert urls == ["a", "b"]
    assert date_filter.dates == [span_of("2020-01-01"), span_of("2026-11-19")]


def test_a_lastmod_shared_by_all_entries_is_ignored():
    same = [SourceEntry(str(number), modified="2020-01-01") for number in range(MIN_EQUAL_LASTMODS)]
    assert len(select(same)[0]) == MIN_EQUAL_LASTMODS
    assert select([*same, SourceEntry("other", modified="2026-11-19")])[0] == ["other"]


def test_lastmods_are_ignored_if_a_date_in_a_url_contradicts_one():
    found = [
        SourceEntry("2026", modified="2020-01-01"),
        SourceEntry("a", modified="2020-01-02"),
        SourceEntry("b", modified="2020-01-03"),
    ]
    in_2026 = DateSpan(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
    assert select(found, lambda url: in_2026 if url == "2026" else None)[0] == ["2026", "a", "b"]


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["", "2020-01-01", "2026-11-19", "x"])), max_size=30))
def test_every_article_is_either_selected_or_counted(entries):
    found = [SourceEntry(str(number), published, modified) for number, (published, modified) in enumerate(entries)]
    urls, date_filter = select(found)
    assert len(set(urls)) == len(urls) == len(found) - date_filter.left_out


def test_sitemaps_of_videos_and_pictures_are_left_out():
    names = (
        "sitemap_1.xml",
        "sitemap_video_1.xml.gz",
        "photo-sitemap.xml",
        "video-news-sitemap.xml",
        "videography.xml",
    )
    nested = [SourceEntry(f"https://a.example/{name}", nested=True) for name in names]
    kept, left_out = wanted(nested, DateWindow(NOW))
    assert [entry.url.rpartition("/")[2] for entry in kept] == [names[0], *names[3:]]
    assert left_out == 2
