import pytest

from articles import extract
from articles.metadata import titles
from articles.text import fold
from tests.articles.pages import ENGLISH, capture, page, paragraphs


def read(h1="", head="", title=""):
    body = f"<h1>{h1}</h1>" if h1 else ""
    return extract.read(capture(page(f"<article>{body}{paragraphs(ENGLISH)}</article>", title=title, head=head))).meta


def og(text):
    return f'<meta property="og:title" content="{text}">'


def ld(text):
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{text}"}}</script>'


SITE = '<meta property="og:site_name" content="River Post">'


@pytest.mark.parametrize(
    ("stated", "chosen"),
    [
        ({"og:title": "No ferry", "h1": "No ferry", "json-ld": "Something else"}, "og:title"),
        ({"og:title": "Ferry: what next", "h1": "No ferry on the river", "json-ld": "No Ferry on the River!"}, "h1"),
        ({"og:title": "No ferry on the river", "h1": "Transport No ferry on the river"}, "og:title"),
        ({"og:title": "Transport: no ferry on the river", "h1": "No ferry on the river"}, "og:title"),
        ({"og:title": "The best ferries of the year", "h1": "Seven ferries that never run"}, "h1"),
        ({"og:title": "A", "h1": "B", "json-ld": "A"}, "og:title"),
        ({"og:title": "Ferry gone", "h1": "… and traders are worried"}, "og:title"),
        ({"json-ld": "No ferry", "title": "No ferry - River Post"}, "json-ld"),
        ({"title": "No ferry"}, "title"),
        ({"title": "No ferry this spring. News of the river", "h1": "News of the river"}, "title"),
        ({}, ""),
    ],
)
def test_which_candidate_is_the_title(stated, chosen):
    found = titles.choose(stated)
    assert found.name == chosen
    assert found.why


def test_a_truncated_candidate_is_not_the_title():
    whole = "The mayor on the ferry that stopped: «We are all, as they say, on the wrong bank»"
    broken = "The mayor on the ferry that stopped: «We are all"
    assert read(whole, og(broken), whole).title == whole
    assert read(whole, og(broken.replace("«", "") + "…"), whole).title == whole


def test_a_headline_that_json_ld_truncates_is_the_title():
    whole = "The ferry that stopped in the autumn and the eleven villages that nobody has asked since then"
    assert read(whole, og("A ferry stops") + ld(whole[:70]), whole).title == whole


def test_the_punctuation_after_a_kicker_is_taken_from_json_ld():
    head = og("Something for the networks") + ld("Rivers: no ferry this year")
    assert read("Rivers no ferry this year", head).title == "Rivers: no ferry this year"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("No ferry this year | River Post", "No ferry this year"),
        ("No ferry this year - Transport - River Post", "No ferry this year"),
        ("No ferry this year-Transport｜River Post", "No ferry this year"),
        ("No ferry this year — so what", "No ferry this year — so what"),
    ],
)
def test_the_site_and_the_section_at_the_end_are_cut_off(stated, expected):
    section = '<meta property="article:section" content="Transport">'
    found = read(head=SITE + section + og(stated), title=stated)
    assert found.title == expected
    why = next(choice.why for choice in found.choices if choice.field == "title")
    assert ("cut off" in why) == (stated != expected)


def test_a_headline_that_is_also_stated_as_the_section_stays_the_title():
    headline = "No ferry across the upper Irtysh this year, say the eleven villages"
    section = f'<meta property="article:section" content="{headline}">'
    assert read(headline, section + ld(headline) + og("Ferry: no news")).title == headline


def test_every_candidate_is_kept_and_one_is_chosen():
    found = read("No ferry", og("Ferry news of the day") + ld("No ferry"), "No ferry - River Post")
    about = [candidate for candidate in found.evidence if candidate.field == "title"]
    assert [(candidate.source, candidate.value) for candidate in about] == [
        ("og:title", "Ferry news of the day"),
        ("json-ld", "No ferry"),
        ("h1", "No ferry"),
        ("title", "No ferry - River Post"),
    ]
    assert [candidate.source for candidate in about if candidate.chosen] == ["h1"]


def test_a_title_of_a_million_dashes_is_read_quickly():
    assert read("No ferry", og("–" * 1_000_000)).title


def test_a_time_that_a_template_joins_to_the_headline_is_cut_off():
    assert (
        read(h1="No ferry on the river<time>15:30</time>", title="No ferry on the river - News").title
        == "No ferry on the river"
    )
    assert read(h1="The ferry leaves at 15:30", title="The ferry leaves at 15:30").title == "The ferry leaves at 15:30"


@pytest.mark.parametrize(
    ("site", "section", "headline"),
    [
        ("River Post", "Спорт", "Спорт – это жизнь, сказал министр культуры"),
        ("River Post", "Ukraine", "Ukraine - what we know about the night attack"),
        ("Apple", "", "Apple — самая дорогая компания мира в этом году"),
    ],
)
def test_a_headline_that_begins_with_the_name_of_a_site_or_section_is_whole(site, section, headline):
    head = f'<meta property="og:site_name" content="{site}"><meta property="article:section" content="{section}">'
    assert read(headline, head, headline).title == headline
    assert read(headline, head + og(headline), f"{headline} | {site}").title == headline


def test_the_site_before_a_title_is_cut_off_if_another_title_is_the_rest():
    stated, headline = "River Post — No ferry on the Irtysh", "No ferry on the Irtysh"
    names = {fold("River Post")}
    assert titles.cut_name_before(stated, names, [headline]) == headline
    assert titles.cut_name_before(stated, names, []) == headline
    assert titles.cut_name_before(stated, names, ["Another headline"]) == stated
    assert titles.cut_name_before("Apple — the dearest firm", {"apple"}, []) == "Apple — the dearest firm"
    assert titles.cut_name_before(stated, names, [headline, stated]) == stated


@pytest.mark.parametrize(
    "headline", ["Итоги года: главное о войне 2024", "Ракета упала в городе 12", "Что мы знаем о видео"]
)
def test_the_last_word_of_a_headline_that_two_titles_have_is_no_label(headline):
    assert read(headline, og(headline.rsplit(maxsplit=1)[0]), headline).title == headline
    assert titles.choose({"og:title": "Главное о войне", "h1": "Главное о войне 2024"}).name == "h1"
