import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from articles import dates, extract
from articles.metadata import localtime, searched_date, zones
from tests.articles.pages import ENGLISH, FETCHED, capture, page, paragraphs

URL = "https://outlet.example/a"


def read(line="", head="", url=URL):
    html = page(f"<article><h1>No ferry</h1><p>{line}</p>{paragraphs(ENGLISH)}</article>", title="No ferry", head=head)
    return extract.read(capture(html, url=url)).meta


def why(meta, name="published"):
    return next(choice.why for choice in meta.choices if choice.field == name)


def stated(time):
    return f'<meta property="article:published_time" content="{time}">'


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("30 August 2022, 22:00", "2022-08-30T22:00:46-05:00"),  # no zone: it follows from the difference
        ("Aug. 30, 2022 10:00 pm EST", "2022-08-30T22:00:46-05:00"),
        ("By J. DoeAug. 30, 2022 10:00 pm EST", "2022-08-30T22:00:46-05:00"),
        ("31 August 2022, 08:30", "2022-08-31T08:30:46+05:30"),
        ("31 August 2022, 03:00", "2022-08-31T03:00:46+00:00"),
        ("30 August 2022", "2022-08-31T03:00:46+00:00"),  # a day has no offset
        ("30 August 2022, 22:07", "2022-08-31T03:00:46+00:00"),  # another moment
        ("29 August 2022, 22:00", "2022-08-31T03:00:46+00:00"),  # no offset is so large
    ],
)
def test_a_utc_time_is_converted_to_the_local_time_that_the_page_shows(line, shown):
    assert read(line, stated("2022-08-31T03:00:46Z")).published == shown


def test_a_local_time_labelled_utc_gets_the_offset_stated_elsewhere():
    line = '<time datetime="2022-08-30T14:26:01+02:00">30.08.2022, 14:26</time>'
    meta = read(line, stated("2022-08-30T14:26:01Z"))
    assert meta.published == "2022-08-30T14:26:01+02:00"
    assert "it is not UTC" in why(meta)
    assert read(line, stated("2022-08-30T12:26:01Z")).published == "2022-08-30T14:26:01+02:00"
    assert read(line, stated("2022-08-30T13:25:01Z")).published == "2022-08-30T13:25:01+00:00"


def test_the_known_offset_of_a_country_is_not_contradicted():
    head = stated("2022-08-30T19:30:00Z")
    assert read("31 августа 2022, 01:30", head, "https://outlet.kz/a").published == "2022-08-31T01:30:00+06:00"
    assert read("30 августа 2022, 22:30", head, "https://outlet.kz/a").published == "2022-08-30T19:30:00+00:00"


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001  the zone is added
    st.sampled_from(sorted(localtime.UTC_OFFSETS)),
    st.booleans(),
)
def test_conversion_to_local_time_never_changes_the_moment(moment, minutes, with_offset):
    moment = moment.replace(microsecond=0)
    local = (moment + timedelta(minutes=minutes)).isoformat()
    value = f"{moment.isoformat()}+00:00"
    found = localtime.find_local_time(value, [("visible", local + dates.offset(minutes) * with_offset)], "")
    assert found is not None
    origin, shown = found
    assert origin == "visible"
    assert dates.instant(shown) == dates.instant(value)
    assert shown == local + dates.offset(minutes)


@pytest.mark.parametrize(
    ("url", "line", "zone"),
    [
        ("https://outlet.kz/a", "29 ақпан 2024, 12:00", "+06:00"),
        ("https://outlet.kz/a", "1 наурыз 2024, 00:10", "+05:00"),
        ("https://outlet.lt/a", "2024 m. liepos 5 d. 12:00", "+03:00"),
        ("https://outlet.lt/a", "2024 m. sausio 5 d. 12:00", "+02:00"),
        ("https://outlet.de/a", "31. März 2024, 03:30 Uhr", "+02:00"),
        ("https://outlet.de/a", "31. März 2024, 01:30 Uhr", "+01:00"),
        ("https://outlet.example/a", "5 July 2024 12:00", ""),
    ],
)
def test_an_inferred_zone_is_in_the_reason_and_not_in_the_date(url, line, zone):
    html = page(f"<article><h1>No ferry</h1><p>{line}</p>{paragraphs(ENGLISH)}</article>", title="No ferry")
    meta = extract.read(replace(capture(html, url=url), fetched=datetime(2025, 1, 1, tzinfo=UTC))).meta
    assert dates.instant(meta.published) is None
    assert "T" in meta.published
    assert "no zone is stated" in why(meta)
    assert (f"stood at {zone}" in why(meta)) if zone else ("stood at" not in why(meta))


def test_an_unknown_country_or_time_has_no_offset():
    assert zones.country_of("https://outlet.example/a") == ""
    assert zones.minutes_at("", datetime(2024, 1, 1)) is None  # noqa: DTZ001  local times are the point
    assert zones.minutes_at("tr", datetime(1960, 1, 1)) is None  # noqa: DTZ001


@pytest.mark.parametrize(
    ("country", "local", "minutes"),
    [
        ("no", datetime(2024, 7, 1), 120),  # noqa: DTZ001 - local times are the point
        ("no", datetime(2024, 1, 1), 60),  # noqa: DTZ001
        ("lt", datetime(2000, 7, 1), 120),  # noqa: DTZ001 - no summer time from 1999 to 2003
        ("lt", datetime(1998, 7, 1), 120),  # noqa: DTZ001 - summer time of Central Europe
        ("lt", datetime(2024, 7, 1), 180),  # noqa: DTZ001
        ("tr", datetime(2010, 7, 1), 180),  # noqa: DTZ001
        ("kz", datetime(2024, 2, 29), 360),  # noqa: DTZ001
        ("kz", datetime(2024, 3, 2), 300),  # noqa: DTZ001
        ("ru", datetime(2012, 7, 1), 240),  # noqa: DTZ001
    ],
)
def test_the_offset_is_that_of_the_time_zone_database(country, local, minutes):
    assert zones.minutes_at(country, local) == minutes


@pytest.mark.parametrize(
    ("line", "published", "modified"),
    [
        ("Updated 31 August 2022 Published 30 August 2022", "2022-08-30", "2022-08-31"),
        ("Опубликовано: 30.08.2022 10:00, обновлено: 31.08.2022 12:00", "2022-08-30T10:00", "2022-08-31T12:00"),
        ("Жарияланған күні 2022 жылғы 30 тамыз. Жаңартылды: 31.08.2022", "2022-08-30", "2022-08-31"),
        ("Paskelbta 2022 m. rugpjūčio 30 d., atnaujinta 2022-08-31", "2022-08-30", "2022-08-31"),
        ("Aktualisiert: 31.08.2022", "", "2022-08-31"),
    ],
)
def test_labels_tell_the_date_of_publication_from_that_of_a_change(line, published, modified):
    meta = read(line)
    assert (meta.published, meta.modified) == (published, modified)


def test_all_candidates_are_kept_with_the_choice_and_its_reason():
    head = stated("2022-08-30T10:00:00+05:00") + '<meta name="date" content="2022-08-29">'
    meta = read("28 August 2022", head, "https://outlet.example/2022/08/27/a")
    about = [(found.source, found.value, found.chosen) for found in meta.evidence if found.field == "published"]
    assert about == [
        ("meta:article:published_time", "2022-08-30T10:00:00+05:00", True),
        ("meta:date", "2022-08-29", False),
        ("visible", "2022-08-28", False),
        ("url", "2022-08-27", False),
    ]
    assert why(meta).startswith("meta:article:published_time is the first")
    assert "the time has its zone" in why(meta)
    assert "other sources name 2022-08-27, 2022-08-28, 2022-08-29" in why(meta)
    assert why(meta, "modified") == "the page states no such date"


@pytest.mark.parametrize(
    ("lang", "locale", "published"),
    [
        ("en", "en_US", "2022-03-05"),
        ("en-US", "en_GB", "2022-05-03"),
        ("en-US", "", "2022-03-05"),
        ("ru", "", "2022-05-03"),
    ],
)
def test_the_region_of_a_page_says_whether_the_month_comes_first(lang, locale, published):
    head = f'<meta property="og:locale" content="{locale}">' if locale else ""
    html = page(f"<article><h1>No ferry</h1><p>03/05/2022</p>{paragraphs(ENGLISH)}</article>", head=head, lang=lang)
    assert extract.read(capture(html, url=URL)).meta.published == published


def test_another_date_says_how_an_ambiguous_one_is_read():
    assert read("03/05/2022", url="https://outlet.example/2022/03/05/a").published == "2022-03-05"


def test_todays_date_above_the_headline_is_not_that_of_publication():
    line = f"<div>{FETCHED:%d.%m.%Y}</div>"
    html = page(f"{line}<article><h1>No ferry</h1>{paragraphs(ENGLISH)}</article>", title="No ferry")
    assert extract.read(capture(html, url=URL)).meta.published == ""


def test_a_page_without_a_date_in_known_places_is_searched():
    html = page(
        f'<article><h1>No ferry</h1>{paragraphs(ENGLISH * 4)}</article><div class="post-date">Published on 30 August 2022</div>'
    )
    meta = extract.read(capture(html, url=URL)).meta
    assert meta.published == "2022-08-30"
    assert [found.source for found in meta.evidence if found.field == "published"] == ["search"]


def test_scripts_in_a_style_are_searched_quickly():
    root = lxml_html.document_fromstring(f"<html><style>{'<script>' * 10_000}</style><p>No ferry</p></html>")
    start = time.process_time()
    assert searched_date.search(root, FETCHED) == ""
    assert time.process_time() - start < 2


CARD = '<div class="related"><a href="/x">Old story</a><span data-date="2019-03-04">{}</span></div>'


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ('<span data-date="2022-08-29">Yesterday</span>', "2022-08-29"),
        ('<span data-date="2022-08-29">29 August</span> <span>15 views</span>', "2022-08-29"),
        ('<span title="2022-08-29">3 days ago</span>' + CARD.format("3 days ago"), "2022-08-29"),
        ("<span>Yesterday</span> <span>15 views</span>" + CARD.format("5"), ""),
        ("<span>Yesterday</span> <span>15 views</span>" + CARD.format("Yesterday"), ""),
        ("<span>Yesterday</span>" + CARD.format("a"), ""),
    ],
)
def test_a_date_in_an_attribute_is_that_of_a_line_at_the_head(line, published):
    line, card, rest = line.partition('<div class="related">')
    html = page(f"<article><h1>No ferry</h1><div>{line}</div>{paragraphs(ENGLISH * 2)}{card}{rest}</article>")
    assert extract.read(capture(html, url="https://example.org/a")).meta.published == published
