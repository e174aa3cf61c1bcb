import json

import pytest

from articles import extract
from articles.extract import extract as documents
from articles.metadata import person_names
from tests.articles.pages import ENGLISH, capture, lithuanian_blog, page, paragraphs

SITE = "Steppe Herald"


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("By Ann Lee and Olga Petrova", ("Ann Lee", "Olga Petrova")),
        ("Автор: Пётр Ильин", ("Пётр Ильин",)),
        ("Айгүл Сейіт және Ерлан Қасымов", ("Айгүл Сейіт", "Ерлан Қасымов")),
        ("Текст: Вера Ким, фото: Олег Цой", ("Вера Ким",)),
        ("Текст: Вера Ким. Фото: Олег Цой", ("Вера Ким",)),
        ("Posted by Ann Lee on August 3, 2022", ("Ann Lee",)),
        ("Ann Lee August 3", ("Ann Lee",)),
        ("Ann Lee, Senior Editor", ("Ann Lee",)),
        ("Ann Lee — Steppe Herald", ("Ann Lee",)),
        ("Ann Lee @annlee", ("Ann Lee",)),
        ("Ann Lee ● December 23, 2025 ● 6 min read", ("Ann Lee",)),
        ("Ann Lee Twitter", ("Ann Lee",)),
        ("Authored by Ann Lee", ("Ann Lee",)),
        ("Ludwig van der Berg", ("Ludwig van der Berg",)),
        ("Rachael Link", ("Rachael Link",)),
        ("TOM KRISHER, AP Auto Writer", ("TOM KRISHER",)),
        ("Trine Juhl og Ole Lund", ("Trine Juhl", "Ole Lund")),
        ("渡辺洋介", ("渡辺洋介",)),
        ("admin", ()),
        ("Steppe Herald", ()),
        ("Steppe Herald Online", ()),
        ("outlet.example", ()),
        ("https://outlet.example/author/ann-lee", ()),
        ("Reuters", ()),
        ("Deutsche Presse-Agentur", ()),
        ("Қазақпарат", ()),
        ("РИА Новости", ()),
        ("Редакция", ()),
        ("November 18", ()),
        ("Print this article", ()),
        ("the Russian and Syrian ministries", ()),
        ("Chief Technology Officer", ()),
    ],
)
def test_only_people_are_authors(written, names):
    assert person_names.people([written], SITE) == names


def read(head="", body="", below=""):
    html = page(
        f"<article><h1>No ferry</h1>{body}{paragraphs(ENGLISH)}{below}</article>",
        title="No ferry",
        head=f'<meta property="og:site_name" content="{SITE}">{head}',
    )
    return extract.read(capture(html)).meta


def ld(author):
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "author": author})}</script>'


def test_the_first_source_that_names_people_decides_and_all_candidates_are_kept():
    meta = read(ld({"name": "admin"}) + '<meta name="author" content="Ann Lee">', '<p class="byline">Olga Petrova</p>')
    assert meta.authors == ("Ann Lee",)
    assert [(found.source, found.value, found.chosen) for found in meta.evidence if found.field == "authors"] == [
        ("json-ld", "admin", False),
        ("meta:author", "Ann Lee", True),
        ("visible", "Olga Petrova", False),
    ]
    assert next(choice.why for choice in meta.choices if choice.field == "authors").startswith(
        "meta:author is the first"
    )


@pytest.mark.parametrize(
    ("author", "names", "agency"),
    [
        ({"@type": "Organization", "name": "Reuters"}, (), "Reuters"),
        ([{"@type": "Person", "name": "Ann Lee"}, {"@type": "Organization", "name": "dpa"}], ("Ann Lee",), "dpa"),
        ({"@type": ["Organization"], "name": "Steppe Herald"}, (), ""),
        ("Ann Lee, Associated Press", ("Ann Lee",), "Associated Press"),
        ({"@type": "Person", "name": "ТАСС"}, (), "TASS"),
    ],
)
def test_an_agency_is_the_source_and_not_an_author(author, names, agency):
    meta = read(ld(author))
    assert (meta.authors, meta.agency) == (names, agency)


def test_an_agency_in_a_visible_line_is_ignored_if_people_are_named():
    assert read(body='<p class="byline">AFP</p>').agency == "AFP"
    meta = read('<meta name="author" content="Ann Lee">', '<p class="byline">AFP</p>')
    assert (meta.authors, meta.agency) == (("Ann Lee",), "")


@pytest.mark.parametrize(
    ("below", "names"),
    [
        ("<p>Lasha Mtkvari</p>", ("Lasha Mtkvari",)),
        (
            '<p><a href="/autorius/7">Lasha Mtkvari</a></p><p><a href="/visi">Žiūrėti visus straipsnius</a></p>',
            ("Lasha Mtkvari",),
        ),
        ("<p>Report Error</p>", ()),
        ("<p>Shop This Story</p>", ()),
        ("<p>Support Steppe Herald</p>", ()),
    ],
)
def test_a_name_under_the_text_is_its_author(below, names):
    assert read(below=below).authors == names


def test_a_blog_with_comments_in_another_language_has_the_author_under_its_text():
    html = lithuanian_blog().replace('<div class="x1">', '<p>Lasha Mtkvari</p><div class="x1">')
    (document,) = documents(capture(html)).documents
    assert document.authors == ("Lasha Mtkvari",)
    assert document.lang == "en"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Айгүл Сәрсенова мен Ерлан Досмағұлов", ("Айгүл Сәрсенова", "Ерлан Досмағұлов")),
        ("Айгүл Сәрсенова және Ерлан Досмағұлов", ("Айгүл Сәрсенова", "Ерлан Досмағұлов")),
        ("Олена Коваль та Іван Франко", ("Олена Коваль", "Іван Франко")),
        ("Олена Коваль і Іван Франко", ("Олена Коваль", "Іван Франко")),
        ("АННА ВЕРНАЯ И ПЁТР ЛУЗГИН", ("АННА ВЕРНАЯ", "ПЁТР ЛУЗГИН")),
        ("Анна Верная, Усть-Каменогорск", ("Анна Верная",)),
        ("Ann Lee and Bob Roe in Astana", ("Ann Lee", "Bob Roe")),
        ("ByAnn Lee", ("Ann Lee",)),
        ("Byron Lee", ("Byron Lee",)),
    ],
)
def test_words_for_and_separate_names_and_places_are_no_authors(line, names):
    assert person_names.people([line], "") == names


GRAPH = (
    '<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "author": {"@id": "#person"}},'
    ' {"@type": "Person", "@id": "#person", "name": "Ann Lee"}, {"@type": "Person", "@id": "#x", "name": "Bob Roe"}]}</script>'
)
CARD = (
    '<meta name="twitter:label1" content="Est. reading time"><meta name="twitter:data1" content="Four Minutes">'
    '<meta name="twitter:label2" content="Verfasst von"><meta name="twitter:data2" content="Ann Lee">'
)


@pytest.mark.parametrize(
    ("head", "body", "names"),
    [
        (GRAPH, "", ("Ann Lee",)),
        (CARD, "", ("Ann Lee",)),
        (CARD.replace("Verfasst von", "Category"), "", ()),
        ("", '<p>Edited by <span itemprop="author"><span itemprop="name">Ann Lee</span></span></p>', ("Ann Lee",)),
        ("", '<p class="byline">Ann LeeTwitter</p><p class="byline">Ann Lee</p>', ("Ann Lee",)),
    ],
)
def test_references_cards_and_microdata_name_authors(head, body, names):
    assert read(head, body).authors == names


BYLINE = '<p class="byline">{0}</p>'


@pytest.mark.parametrize(
    ("head", "body", "names"),
    [
        ('<meta name="author" content="Cortyn">', BYLINE.format("Cortyn"), ("Cortyn",)),
        ('<meta name="author" content="Cortyn">', "", ()),
        (ld({"@type": "Person", "name": "Ela"}), "", ("Ela",)),
        (ld({"name": "Ela"}), "", ()),
        (ld([{"@type": "Person", "name": "Steppe"}]), "", ()),  # a word of the site's name
        (ld({"@id": {"x": 1}}), "", ()),
        ("", BYLINE.format("by Heiko") + BYLINE.format("Heiko"), ("Heiko",)),
        ("", BYLINE.format("Heiko"), ()),
        *(
            ("", BYLINE.format(word) * 2, ())
            for word in ("Story", "Politics", "Quelle", "Kazakhstan", "Outlet", "Redaktion", "CNN.com", "Ed")
        ),
        ('<meta property="article:section" content="Vlast">', BYLINE.format("Vlast") * 2, ()),
        ('<meta name="author" content="Cortyn">', BYLINE.format("Cortyn") + BYLINE.format("Ann Lee"), ("Ann Lee",)),
        (
            "",
            '<p>From <span itemprop="author" itemtype="https://schema.org/Organization">Great Silk Road</span></p>',
            (),
        ),
    ],
)
def test_one_word_is_an_author_where_a_person_is_stated_or_it_is_given_twice(head, body, names):
    assert read(head, body).authors == names


def test_thousands_of_names_are_read_quickly():
    found = person_names.people(
        [", ".join(f"Ann{chr(97 + n % 26)} Lee{chr(97 + n // 26 % 26)}x" for n in range(5_000))], SITE
    )
    assert len(found) == person_names.MAX_PEOPLE


@pytest.mark.parametrize(
    "line",
    ["New York", "Новая Зеландия", "Спорт Культура", "Local Politics • 2 May 2026", "Южный Казахстан | 2 мая 2026"],
)
def test_a_line_under_the_headline_without_a_sign_of_an_author_names_none(line):
    assert read(body=f"<p>{line}</p>").authors == ()


@pytest.mark.parametrize(
    "line",
    [
        '<a href="/author/7">Ann Lee</a>',
        '<span class="post-author">Ann Lee</span>',
        '<a rel="author" href="/7">Ann Lee</a>',
    ],
)
def test_a_line_with_a_sign_of_an_author_names_one(line):
    assert read(body=f"<p>{line} | 2 May 2026</p>").authors == ("Ann Lee",)


def test_a_domain_in_capitals_is_no_person():
    names = ("J. K. Rowling.Com", "J. K. ROWLING.COM", "J. K. Rowling", "Ann J.Lee")
    assert [person_names.is_person(name, "") for name in names] == [False, False, True, True]
