"""Lists of articles are rejected, live blogs and digests are flagged, plain articles get no flag."""

import json

import pytest

from articles.extract import extract
from articles.model import Reason
from tests.articles.pages import ENGLISH, MENU, capture

NAMES = (
    "The ferry at Semey stands still for a second week",
    "Onions grow dearer on both banks of the Irtysh",
    "A bridge is promised, and then promised once more",
    "Pavlodar counts its lorries and loses the count",
    "Traders of Rubtsovsk write a letter to the minister",
    "Ice comes early, and the pontoon is not repaired",
    "Nine thousand tonnes wait for a boat to carry them",
    "The queue at the customs post is seventeen hours long",
    "A driver sells tea from the back of his lorry now",
    "What the regional office says when it says nothing",
)
TEASER = "Officials say that it will be repaired before winter, and drivers who have waited since Monday doubt it."


def links(count=10):
    return "".join(f'<li><a href="/2022/11/{n}/story">{NAMES[n % 10]}</a></li>' for n in range(count))


def page(body, head="", title="News"):
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{MENU}{body}</body></html>".encode()


def cards(tag="div", heading="h3", text=TEASER):
    return "".join(
        f'<{tag} class="card post-{n}"><{heading}><a href="/2022/11/{n}/story">{name}</a></{heading}>'
        f"<p>{text} {n} more.</p></{tag}>"
        for n, name in enumerate(NAMES)
    )


def item(name):
    return {"@type": "NewsArticle", "headline": name, "datePublished": "2022-11-20T08:00:00+06:00"}


def ld(value):
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def article(body, title=NAMES[0], kind="NewsArticle"):
    return page(f"<article><h1>{title}</h1>{body}</article>", ld(item(title) | {"@type": kind}), title)


def prose(count=5):
    return "".join(f"<p>{text}</p>" for text in ENGLISH[:count])


def flags(body, url="http://steppe.example/2022/11/20/ferry"):
    outcome = extract(capture(body, url=url))
    assert outcome.reason is None, outcome.detail
    return outcome.documents[0].flags


LISTS = {
    "cards": ("/politics", page(f"<main><h1>Politics</h1>{cards()}</main>")),
    "cards in items": ("/politics", page(f"<main><h1>Politics</h1><ul>{cards('li', 'div')}</ul></main>")),
    "a blog's first page": ("/blog", page(f"<main>{cards('article', 'h2', ' '.join(ENGLISH[:3]))}</main>")),
    "a home page": ("/", page(f"<main><h1>Steppe</h1><p>{' '.join(ENGLISH[:2])}</p><ul>{links()}</ul></main>")),
    "a home page that says it is an article": (
        "/",
        page(f"<main><h1>Steppe</h1>{cards()}</main>", '<meta property="og:type" content="article">'),
    ),
    "a collection": ("/irtysh", page(f"<h1>Irtysh</h1><p>{ENGLISH[0]}</p><ul>{links()}</ul>", ld({"@type": "CollectionPage"}))),
    "a collection with its articles": (
        "/irtysh",
        page(
            f"<h1>Irtysh</h1><p>{ENGLISH[0]}</p>{cards()}",
            ld({"@type": "CollectionPage", "hasPart": [item(name) for name in NAMES]}),
        ),
    ),
    "a tag": ("/tag/onions/", page(f"<h1>Onions</h1><p>{ENGLISH[0]}</p><ul>{links()}</ul>")),
    "a search": ("/?s=onions", page(f"<h1>Found: 10</h1><p>{ENGLISH[0]}</p><ul>{links()}</ul>")),
    "an author": ("/who/ann", page(f"<h1>Ann Bee</h1><p>{ENGLISH[1]}</p><ul>{links()}</ul>", ld({"@type": "ProfilePage"}))),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_leads_to_articles_is_rejected(name):
    path, body = LISTS[name]
    outcome = extract(capture(body, url=f"http://steppe.example{path}"))
    assert outcome.reason is Reason.NO_ARTICLE
    assert "headlines" in outcome.detail


NO_LISTS = {
    "no statement, a list beside it": page(f"<h1>{NAMES[0]}</h1>{prose()}<ul>{links()}</ul>"),
    "cards under it": page(f"<article><h1>{NAMES[0]}</h1>{prose()}</article><section>{cards()}</section>"),
    "stated, under a section's name": article(f"<h2>Onions</h2>{prose()}<ul>{links()}</ul>"),
    "in a collection": page(
        f"<article><h1>{NAMES[0]}</h1>{prose()}</article><section>{cards()}</section>",
        ld([{"@type": "CollectionPage"}, item(NAMES[0])]),
        NAMES[0],
    ),
    "read-also lines between its paragraphs": page(
        f"<h1>{NAMES[0]}</h1>"
        + "".join(f'<p>{text}</p><p>Read also: <a href="/{n}/a">{NAMES[n]}</a></p>' for n, text in enumerate(ENGLISH))
    ),
}


@pytest.mark.parametrize("name", NO_LISTS)
@pytest.mark.parametrize("path", ["/2022/11/20/ferry", "/news/view?id=7&page=1", "/topic/ferry-at-semey"])
def test_an_article_among_links_is_accepted_without_flags(name, path):
    assert flags(NO_LISTS[name], f"http://steppe.example{path}") == ()


def test_a_news_flash_above_a_list_is_an_article_or_a_digest():
    assert flags(page(f"<h1>{NAMES[0]}</h1><p>{ENGLISH[0]}</p><section>{cards()}</section>")) in ((), ("digest",))


@pytest.mark.parametrize(
    "stamp",
    [
        "<p class=when>{hour}:05</p><p>{text}</p>",
        "<div><time datetime='2022-11-20T{hour}:05'>{hour}:05</time><p>{text}</p></div>",
        "<h3>{hour}:05 GMT</h3><p>{text}</p><p>{text} Again.</p>",
        "<p>{hour}:05 {text}</p>",
        "<p><b>{hour}.05</b> {text}</p>",
    ],
)
def test_entries_with_a_time_each_are_a_live_blog(stamp):
    entries = "".join(stamp.format(hour=10 + n, text=text) for n, text in enumerate(ENGLISH))
    assert flags(article(entries)) == ("live",)
    few = "".join(stamp.format(hour=10 + n, text=text) for n, text in enumerate(ENGLISH[:2])) + prose()
    assert flags(article(few)) == ()


def test_a_page_of_type_live_blog_posting_is_a_live_blog():
    assert flags(article(prose(), kind="LiveBlogPosting")) == ("live",)


@pytest.mark.parametrize(
    "title", ["Morning digest: ferry, onions, ice", "Дайджест: паром, лук и лёд", "Апта қорытындысы: пароммен"]
)
def test_subheadings_under_a_digest_title_are_a_digest(title):
    parts = "".join(f"<h2>{name}</h2><p>{text}</p>" for name, text in zip(NAMES, ENGLISH, strict=False))
    assert flags(article(parts, title)) == ("digest",)
    assert flags(article(parts)) == ()
    assert flags(article(prose(), title)) == ()


def test_an_article_made_of_cards_is_a_digest():
    assert flags(article(cards("section", "h2"))) == ("digest",)


@pytest.mark.parametrize(("kind", "flag"), [("video.other", "video"), ("gallery", "gallery"), ("article", None)])
def test_a_short_text_on_a_video_or_gallery_page_is_flagged(kind, flag):
    head = f'<meta property="og:type" content="{kind}">'
    short = page(f"<h1>{NAMES[0]}</h1><p>{ENGLISH[0]}</p>", head, NAMES[0])
    assert flags(short) == ((flag,) if flag else ())
    assert flags(page(f"<h1>{NAMES[0]}</h1>{prose()}{prose()}", head, NAMES[0])) == ()
