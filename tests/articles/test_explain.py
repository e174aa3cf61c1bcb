"""An explanation accounts for every block of a page and adds nothing to what extraction found."""

import pytest

from articles.explain import BlockVerdict, ExplainedField, Explanation, explain
from articles.extract import Origin, extract, read
from articles.model import Capture, Reason
from tests.articles.pages import ENGLISH, RUSSIAN, aggregator, capture, jamestown, page, paragraphs, tagdiv, wordpress
from tests.flows import making
from tests.site import manifest
from tests.site.outlets import OUTLETS

BY_TEMPLATE = [
    ("steppe", "wagons"), ("steppe", "wagons-amp"), ("steppe", "consulate"), ("orda", "buoy"), ("orda", "weekly"),
    ("lookout", "visit"), ("lookout", "visit-wp"), ("kurier", "most"), ("dala", "jaiylym"), ("azat", "gaz"),
    ("azat", "gaz-kk"), ("spinwire", "consulate-spun"),
]  # fmt: skip


def on_site(outlet: str, slug: str) -> Capture:
    seen = making.site_page(outlet, manifest.page(outlet, slug).path)
    return making.capture(seen.url, seen.body, headers=seen.headers, status=seen.status, outlet=OUTLETS[outlet].host)


def field(found: Explanation, name: str) -> ExplainedField:
    (one,) = (one for one in found.fields if one.name == name)
    return one


@pytest.mark.parametrize(("outlet", "slug"), BY_TEMPLATE)
def test_kept_and_removed_blocks_are_the_main_column_and_kept_ones_are_the_text(outlet, slug):
    captured = on_site(outlet, slug)
    found, extraction = explain(captured), read(captured)
    assert found.outcome == extract(captured)
    assert [row.text for row in found.rows] == [block.text for block in extraction.page.blocks]
    column = [row for row in found.rows if row.in_column]
    assert [row.position for row in column] == list(range(extraction.top.first, extraction.top.last))
    assert {row.verdict for row in column} <= {BlockVerdict.KEPT, BlockVerdict.STRUCK}
    assert all(bool(row.rule and row.reason) == (row.verdict is BlockVerdict.STRUCK) for row in column)
    for document in found.outcome.documents:
        mine = [row.text for row in found.rows if row.verdict is BlockVerdict.KEPT and row.lang == document.lang]
        assert mine == list(document.paragraphs)
    assert found.count(BlockVerdict.KEPT) == sum(len(document.paragraphs) for document in found.outcome.documents)


@pytest.mark.parametrize(("outlet", "slug"), BY_TEMPLATE)
def test_every_removal_is_explained_as_a_block_with_the_same_rule(outlet, slug):
    found = explain(on_site(outlet, slug))
    removed = [
        (row.position, row.rule, row.reason, row.text) for row in found.rows if row.verdict is BlockVerdict.STRUCK
    ]
    removals = [(removal.position, removal.rule, removal.reason, removal.text) for removal in found.outcome.removals]
    assert removed == sorted(removals)
    assert removed


def test_a_repeated_lead_is_removed_at_its_second_place():
    rows = [row for row in explain(capture(aggregator())).rows if row.text == ENGLISH[0]]
    assert [(row.verdict, row.rule) for row in rows] == [(BlockVerdict.KEPT, ""), (BlockVerdict.STRUCK, "repeat:block")]


def test_two_languages_are_separated_and_the_second_headline_is_removed():
    found = explain(capture(tagdiv()))
    by_lang = {lang: [row.text for row in found.rows if row.lang == lang] for lang in ("en", "ru")}
    assert by_lang["ru"] == list(RUSSIAN)
    assert len(by_lang["en"]) == len(ENGLISH)
    (headline,) = (row for row in found.rows if row.text == "Парома больше нет")
    assert (headline.verdict, headline.rule) == (BlockVerdict.STRUCK, "title:original")
    assert field(found, "link").value == "translation_of: en, ru"
    assert found.verdict == "2 documents: en (main), ru (original)"


def test_fields_list_every_candidate_and_the_chosen_one():
    found = explain(capture(wordpress()))
    title = field(found, "title")
    assert title.value == "No Ferry"
    assert {(one.source, one.value, one.chosen) for one in title.candidates} == {
        ("h1", "No Ferry", True),
        ("title", "No Ferry - Outlet Example", False),
    }
    assert field(found, "authors") == ExplainedField("authors", "")


def test_authors_in_the_credits_are_preferred_to_stated_ones():
    stated = '<meta name="author" content="Olga Stated">'
    found = explain(capture(tagdiv().replace("</head>", f"{stated}</head>")))
    assert found.outcome.documents[0].authors == ("Pavel Strelkov",)
    authors = field(found, "authors")
    assert authors.value == "Pavel Strelkov"
    assert [(one.source, one.value, one.chosen) for one in authors.candidates] == [
        ("credits", "Pavel Strelkov", True),
        ("meta:author", "Olga Stated", False),
    ]


@pytest.mark.parametrize(
    ("html", "value", "remark"),
    [
        ('<time datetime="2022-09-03T08:15:00+05:00">', "2022-09-03T08:15:00+05:00", "the time has its zone"),
        ('<time datetime="2022-09-03T08:15:00">', "2022-09-03T08:15:00", "a local time: no zone is stated"),
        ('<time datetime="2022-09-03">', "2022-09-03", "a day without a time"),
    ],
)
def test_remarks_on_dates_say_what_is_not_stated(html, value, remark):
    published = field(
        explain(capture(wordpress().replace('<time datetime="2022-09-03T08:15:00+05:00">', html))), "published"
    )
    assert published.value == value
    assert published.remark.split("; ")[1:] == [remark]


def test_stated_rights_and_alternates_are_shown():
    head = (
        '<meta name="robots" content="index, noai"><meta name="tdm-reservation" content="1">'
        '<link rel="alternate" hreflang="ru" href="/ru/world/ferry-on-the-irtysh">'
    )
    html = page(f"<article><h1>No Ferry</h1>{paragraphs(ENGLISH)}</article>", title="No Ferry", head=head)
    found = explain(capture(html, headers=[("Content-Type", "text/html"), ("X-Robots-Tag", "noarchive")]))
    rights = [(one.name, one.value, one.remark) for one in found.fields if one.name in ("robots", "tdm-reservation")]
    assert rights == [
        ("robots", "noai", "meta:robots"),
        ("tdm-reservation", "1", "meta:tdm-reservation"),
        ("robots", "noarchive", "header:x-robots-tag"),
    ]
    alternate = field(found, "alternate")
    assert (alternate.value, alternate.remark) == (
        "https://outlet.example/ru/world/ferry-on-the-irtysh",
        "ru hreflang",
    )


def test_a_text_from_json_ld_is_marked_and_the_blocks_of_the_page_are_not_shown_as_kept():
    stub = "The ferry across the upper Irtysh has stopped, and nobody on its banks knows when it will run again."
    body = "\\n".join(ENGLISH).replace('"', '\\"')
    head = f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{body}"}}</script>'
    found = explain(capture(page(f"<article><h1>No Ferry</h1><p>{stub}</p></article>", title="No Ferry", head=head)))
    assert found.origin is Origin.JSON_LD
    assert found.outcome.documents[0].paragraphs == ENGLISH
    (row,) = (row for row in found.rows if row.text == stub)
    assert row.verdict is BlockVerdict.REPLACED
    assert found.count(BlockVerdict.KEPT) == 0


def test_a_page_without_an_article_is_explained_block_by_block():
    found = explain(capture(page("<main><h1>News</h1><p><a href='/1'>One headline</a></p></main>", title="News")))
    assert found.outcome.reason is Reason.NO_ARTICLE
    assert found.verdict.startswith("rejected, no_article: ")
    assert [row.text for row in found.rows] == ["News", "One headline", "© The site's owners"]


@pytest.mark.parametrize(
    ("captured", "reason"),
    [
        (capture("", status=404), Reason.GONE),
        (capture(b"%PDF-1.7", headers=[("Content-Type", "application/pdf")]), Reason.NOT_HTML),
        (capture("<div>" * 400 + jamestown()), Reason.TOO_COSTLY),
    ],
)
def test_a_page_refused_before_extraction_has_a_reason_and_no_blocks(captured, reason):
    found = explain(captured)
    assert (found.outcome.reason, found.rows, found.fields) == (reason, (), ())
    assert found.verdict.startswith(f"rejected, {reason.value}")


def test_an_error_page_with_text_is_explained_and_stays_rejected():
    found = explain(capture(page(f"<article>{paragraphs(ENGLISH)}</article>"), status=503))
    assert found.outcome.reason is Reason.HTTP_ERROR
    assert found.count(BlockVerdict.KEPT) == len(ENGLISH)
