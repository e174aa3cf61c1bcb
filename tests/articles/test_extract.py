import json
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.extract import extract, read
from articles.extract import outcome as outcome_of
from articles.model import Document, LinkKind, Outcome, Reason, Role
from tests.articles.pages import (
    ENGLISH,
    RUSSIAN,
    aggregator,
    capture,
    jamestown,
    lithuanian_blog,
    page,
    paragraphs,
    tagdiv,
    wordpress,
)


def only(outcome: Outcome) -> Document:
    assert outcome.reason is None, outcome
    assert len(outcome.documents) == 1
    return outcome.documents[0]


def removed_texts(outcome: Outcome) -> dict[str, str]:
    return {removal.text: removal.reason for removal in outcome.removals}


def test_a_wordpress_post_keeps_its_text_and_nothing_else():
    outcome = extract(capture(wordpress()))
    document = only(outcome)
    assert document.paragraphs == ENGLISH
    assert document.title == "No Ferry"
    assert document.lang == "en"
    assert document.published == "2022-09-03T08:15:00+05:00"
    assert removed_texts(outcome)["Leave a Reply"] == "comments"
    assert removed_texts(outcome)["You must be logged in to post a comment."] == "comments"


def test_a_bilingual_page_gives_two_documents_and_the_link_between_them():
    outcome = extract(capture(tagdiv()))
    main, original = outcome.documents
    assert (main.lang, main.role, original.lang, original.role) == ("en", Role.MAIN, "ru", Role.ORIGINAL)
    assert main.article_id == original.article_id
    assert original.paragraphs == RUSSIAN
    assert original.title == "Парома больше нет"
    assert [text.replace("'", "’") for text in main.paragraphs] == list(ENGLISH)
    (link,) = outcome.links
    assert (link.kind, link.a_lang, link.b_lang) == (LinkKind.TRANSLATION, "en", "ru")
    assert "link" in link.evidence
    assert "translator" in link.evidence


def test_two_languages_that_do_not_translate_each_other_are_not_linked():
    outcome = extract(
        capture(
            tagdiv(
                original=[
                    f"Рассказ {n + 300} о другой реке и о людях, которых на ней никто не ждал." for n in range(60)
                ]
            )
        )
    )
    assert len(outcome.documents) == 2
    assert outcome.links == ()


def test_header_lines_become_metadata():
    document = extract(capture(tagdiv())).documents[0]
    assert document.authors == ("Pavel Strelkov",)
    assert document.translators == ("Nadia Kerimova",)
    assert document.editors == ("Tom Ashford",)
    assert document.source_outlet == "Vestnik Pereprav"
    assert document.source_url == "https://vestnik.example/a/117"
    assert document.source_date == "2022-08-21"
    assert document.published == ""
    assert document.note.startswith("The newspaper in which")
    assert "Editor’s Note" not in document.text


def test_lists_below_an_article_are_recorded_as_removals():
    removed = removed_texts(extract(capture(tagdiv())))
    for name in ("Hot this week", "Topics", "Related Articles", "Country 3: A Headline of Its Own"):
        assert removed[name] == "related"


def test_one_article_in_two_templates_gives_one_text():
    first = extract(capture(wordpress(), url="https://outlet.example/a?utm_source=x")).documents[0]
    second = extract(capture(tagdiv(), url="http://www.outlet.example/a/")).documents[0]
    assert first.article_id == second.article_id
    assert first.text == second.text.replace("'", "’")


def test_a_journals_header_is_metadata_and_citations_stay():
    outcome = extract(capture(jamestown()))
    document = only(outcome)
    assert document.section == "River Monitor, Volume 19, Issue 179"
    assert len(document.paragraphs) == len(ENGLISH)
    assert document.paragraphs[0].endswith("(Eurasianet, November 1; Ritmeurasia.example, December 1)")
    assert removed_texts(outcome)["By:"] == "metadata"
    assert document.authors == ()


def test_an_english_article_on_a_lithuanian_blog_is_complete_and_english():
    outcome = extract(capture(lithuanian_blog()))
    document = only(outcome)
    assert document.lang == "en"
    assert document.paragraphs == ENGLISH
    assert document.published == "2022-08-02"
    removed = removed_texts(outcome)
    assert removed["Palikite komentarą"] == "comments"
    assert removed["Nesutinku, padėtis prie upės visai kitokia."] == "comments"


def test_a_repeated_lead_is_kept_once():
    outcome = extract(capture(aggregator()))
    document = only(outcome)
    assert document.paragraphs == ENGLISH
    removed = removed_texts(outcome)
    assert removed[ENGLISH[0]] == "repeat"
    assert removed["Related posts"] == "related"
    assert removed["The Story of River Number 1"] == "related"
    assert "Image default" in removed


def test_every_block_of_the_main_column_is_kept_or_removed():
    outcome = extract(capture(aggregator()))
    blocks = [*only(outcome).paragraphs, *(removal.text for removal in outcome.removals)]
    expected = [
        *ENGLISH,
        *ENGLISH[:3],
        "Related posts",
        *[f"The Story of River Number {n}" for n in range(3)],
        *["admin"] * 3,
    ]
    assert sorted(text for text in blocks if text in set(expected)) == sorted(expected)
    assert len({(removal.position, removal.text) for removal in outcome.removals}) == len(outcome.removals)


def test_a_body_that_is_only_in_json_ld_is_taken_from_there():
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "No Ferry",
        "articleBody": "\n".join(ENGLISH),
    }
    html = page(
        "<div id='root'><h1>No Ferry</h1></div>",
        title="x",
        head=f'<script type="application/ld+json">{json.dumps(data)}</script>',
    )
    assert only(extract(capture(html))).paragraphs == ENGLISH


def test_a_declared_encoding_other_than_utf_8_is_used():
    html = page(f"<h1>Паром</h1><div>{paragraphs(RUSSIAN)}</div>", lang="ru").replace("utf-8", "windows-1251")
    found = extract(capture(html.encode("cp1251"), headers=[("Content-Type", "text/html")]))
    assert only(found).paragraphs == RUSSIAN


@pytest.mark.parametrize(
    ("given", "reason", "detail"),
    [
        ({"html": "gone", "status": 404}, Reason.GONE, "404"),
        ({"html": "gone", "status": 410}, Reason.GONE, "410"),
        ({"html": wordpress(), "status": 500}, Reason.HTTP_ERROR, "500"),
        ({"html": "", "status": 503}, Reason.HTTP_ERROR, "503"),
        (
            {"html": "", "status": 301, "headers": [("location", "../b?x=1")]},
            Reason.REDIRECTED,
            "https://outlet.example/b?x=1",
        ),
        ({"html": "", "status": 304}, Reason.NOT_MODIFIED, ""),
        (
            {"html": "%PDF-1.7 ...", "headers": [("Content-Type", "application/pdf")]},
            Reason.NOT_HTML,
            "application/pdf",
        ),
        ({"html": b"%PDF-1.7 ...", "headers": []}, Reason.NOT_HTML, "no type"),
        ({"html": '{"a": 1}', "headers": [("Content-Type", "application/json")]}, Reason.NOT_HTML, "application/json"),
        ({"html": "  \n "}, Reason.EMPTY, ""),
        ({"html": wordpress(), "truncated": "length"}, Reason.TOO_LARGE, "length"),
        ({"html": wordpress(), "truncated": "time"}, Reason.TIMEOUT, "time"),
        ({"html": wordpress(), "truncated": "disconnect"}, Reason.PARTIAL_BODY, "disconnect"),
        ({"html": wordpress(), "truncated": "unspecified"}, Reason.UNREADABLE, "unspecified"),
        ({"html": b"<html><body>" + b"\xff\xfe\xfa" * 400}, Reason.UNREADABLE, "encoding"),
        (
            {"html": page("<h1>Rubrics</h1><ul><li><a href='/1'>One headline of the day</a></li></ul>")},
            Reason.NO_ARTICLE,
            "",
        ),
        (
            {"html": page("<p>Checking your browser before you proceed.</p>", title="Just a moment...")},
            Reason.BLOCKED,
            "just a moment",
        ),
        (
            {"html": page("<p>Verify you are human by completing the action below.</p>"), "status": 403},
            Reason.BLOCKED,
            "verify you are human",
        ),
        (
            {
                "html": page(
                    f"<h1>No Ferry</h1><div><p>{ENGLISH[0]}</p><div class='wall'><p>Subscribe to continue.</p></div></div>"
                )
            },
            Reason.PAYWALLED,
            "subscribe to continue",
        ),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else None,
)
def test_a_page_without_an_article_is_rejected_with_its_reason(given, reason, detail):
    outcome = extract(capture(**given))
    assert outcome.reason is reason, outcome
    assert outcome.documents == ()
    assert detail.lower() in outcome.detail.lower()


@pytest.mark.parametrize(
    "hostile",
    [
        b"<div>" * 60_000 + b"x",
        b"<div>" * 3_000_000,
        b"<html><a href=x>l</a>" * 1_000_000,
        b"<html>" + b"<p>a</p>" * 100_000,
        b"<html><p>" + b"a " * 7_000_000,
        b"<html>" + b"some words without end, and more of them that nobody will ever come to read<br>" * 60_000,
    ],
    ids=["nested", "deep", "links", "siblings", "long", "lines"],
)
def test_hostile_pages_are_too_costly(hostile):
    before = time.process_time()
    assert extract(capture(hostile)).reason is Reason.TOO_COSTLY
    assert time.process_time() - before < 2


@pytest.mark.parametrize("make", [wordpress, tagdiv, jamestown, lithuanian_blog, aggregator])
def test_the_same_capture_gives_the_same_outcome(make):
    assert extract(capture(make())) == extract(capture(make()))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_byte_order_mark_determines_the_encoding(encoding):
    html = page(f"<h1>Паром</h1><div>{paragraphs(RUSSIAN)}</div>", lang="ru").replace("utf-8", "windows-1251")
    assert only(extract(capture(html.encode(encoding)))).paragraphs == RUSSIAN


def test_single_nul_bytes_are_ignored_and_a_binary_file_is_not_html():
    html = page(f"<h1>No Ferry</h1><div>{paragraphs(ENGLISH)}</div>").encode()
    assert only(extract(capture(html.replace(b"</p>", b"\x00</p>")))).paragraphs == ENGLISH
    binary = b"\x89PNG\r\n\x00\x00\x00\x0d" + b"\x00\x01" * 600 + b"<p>" + b"\x00" * 50
    assert extract(capture(binary, headers=[])).reason is Reason.NOT_HTML


@pytest.mark.parametrize(
    ("head", "shown", "reason"),
    [
        ("", "<div class='wall'><p>Subscribe to continue.</p></div>", Reason.PAYWALLED),
        ("<header><p>Already a subscriber? Log in</p></header>", "", None),
        ("", "<footer><p>Already a subscriber? Log in</p></footer>", None),
        ("", "<div class='hidden'><p>Subscribe to continue.</p></div>", None),
    ],
)
def test_a_short_article_is_paywalled_only_if_a_notice_ends_it(head, shown, reason):
    html = page(f"{head}<h1>No Ferry</h1><div><p>{ENGLISH[0]}</p>{shown}</div>", title="No Ferry")
    assert extract(capture(html)).reason is reason


def test_a_body_in_json_ld_is_cleaned_and_visible_text_is_recorded_as_removed():
    data = {
        "@type": "NewsArticle",
        "headline": "No Ferry",
        "articleBody": "\n".join((*ENGLISH, "Follow us on Facebook")),
    }
    html = page(
        "<div><h1>No Ferry</h1><p>One line of the article is shown.</p></div>",
        head=f'<script type="application/ld+json">{json.dumps(data)}</script>',
    )
    outcome = extract(capture(html))
    assert only(outcome).paragraphs == ENGLISH
    assert removed_texts(outcome)["One line of the article is shown."] == "outside"


FRAGMENTS = [
    *(f"<p>{text}</p>" for text in ENGLISH),
    f"<blockquote>{ENGLISH[2]}</blockquote>",
    "<h2>What the drivers say</h2>",
    "<h3>Related posts</h3>",
    "<ul><li><a href='/1'>A bridge by autumn</a></li><li><a href='/2'>Ice comes early</a></li></ul>",
    "<figure><img src='x.jpg'><figcaption>The landing stage.</figcaption></figure>",
    "<div class='share-bar'>Share</div>",
    "<p>By Ann Roe</p>",
    "<div>3 September 2022</div>",
    "<p>Читайте также: <a href='/1'>Мост построят</a></p>",
    "<table><tr><td>1</td><td>ferry</td></tr><tr><td>2</td><td>ferries</td></tr></table>",
    "<p>Subscribe to our newsletter</p>",
    "<div class='hidden'><p>Not shown to anybody who reads this page.</p></div>",
]


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=14), st.sampled_from(["q", "post-body", "promo"]))
@settings(max_examples=60, deadline=None)
def test_every_block_of_the_column_is_kept_or_recorded_as_removed(fragments, names):
    body = f"<h1>No Ferry</h1><div class='{names}'>{''.join(fragments)}</div>"
    captured = capture(page(body, title="No Ferry - Outlet"))
    extraction = read(captured)
    outcome = outcome_of(captured, extraction)
    blocks = Counter(block.text for block in extraction.page.blocks[extraction.column.start : extraction.column.stop])
    accounted = Counter(removal.text for removal in outcome.removals)
    accounted.update(paragraph for document in outcome.documents for paragraph in document.paragraphs)
    if outcome.documents:
        assert not blocks - accounted
    assert len({(removal.position, removal.text) for removal in outcome.removals}) == len(outcome.removals)
