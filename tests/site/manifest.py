"""The truth about every page of the local news web, for tests of the whole pipeline.

    page = manifest.page("steppe", "/2023/09/wagons/")
    page.documents[0].paragraphs, page.leaks, page.reasons, page.canonical …
    manifest.pages(edition=2), manifest.LINKS, manifest.ALSO_RIGHT, manifest.UNLINKED,
    manifest.hostile_paths()

A page holds documents or reasons, never both. `on_topic` says whether the default topic (Kazakhstan–Russia) keeps it:
a page that is not on topic has its documents under `--topic any` and `Reason.OFF_TOPIC` under the default.
"""

from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Final

from articles.model import LinkKind, Reason, Role
from tests.site import dates, prose
from tests.site import pages as site_pages
from tests.site.hostile import FORBIDDEN, RESOURCES, WALLS
from tests.site.outlets import OUTLETS, PUBLISHERS
from tests.site.prose import Article

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """What one language of a page must come out as. Empty fields are not told by the page."""

    lang: str
    role: Role
    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    published: str = ""  # ISO 8601, as precise as the page shows it: with offset, local time to the minute, or date
    translators: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source_outlet: str = ""
    source_date: str = ""
    source_page: tuple[str, str] | None = None  # outlet and path, where the original stands on this web
    note: str = ""  # without the words "Editor’s Note:"
    optional: tuple[str, ...] = ()  # paragraphs that may stand in the text or not: a standfirst, dateline or byline


@dataclass(frozen=True, slots=True)
class ExpectedPage:
    """What a page must come out as. `leaks` are strings on the page that no document's text may hold."""

    outlet: str
    slug: str
    path: str
    template: str
    canonical: str  # path of the page that this is a copy of, by rel=canonical; its own if it is none
    on_topic: bool
    documents: tuple[ExpectedDocument, ...] = ()
    reasons: frozenset[Reason] = frozenset()  # any of them is right
    leaks: tuple[str, ...] = ()
    disallowed: bool = False  # robots.txt forbids it


@dataclass(frozen=True, slots=True)
class ExpectedLink:
    """A link that the corpus must hold; each end is (outlet, slug, lang). Duplicates have no direction."""

    kind: LinkKind
    a: tuple[str, str, str]
    b: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Shows:
    """What a template tells of an article: characters of its ISO time of publication, its authors, its summary; bylines inside the text."""

    time: int = 25
    authors: bool = True
    summary: bool = False
    byline_in_text: bool = False


DATE, MINUTE = len("2024-01-01"), len("2024-01-01T00:00")
SHOWS: Final = {
    "jamestown": Shows(MINUTE, authors=False),
    "ltblog": Shows(DATE, byline_in_text=True),
    "bitrix": Shows(MINUTE, summary=True),
    "kazakh": Shows(MINUTE),
    "print": Shows(DATE, authors=False),
    "aggregator": Shows(authors=False),
    "gazette": Shows(summary=True),
}

LINKS: Final = (
    ExpectedLink(LinkKind.DUPLICATE, ("orda", "buoy", "en"), ("steppe", "buoy-copy", "en")),
    ExpectedLink(LinkKind.DUPLICATE, ("lookout", "visit", "en"), ("lookout", "visit-print", "en")),
    ExpectedLink(LinkKind.DUPLICATE, ("lookout", "visit", "ru"), ("kurier", "standing-guest", "ru")),
    ExpectedLink(LinkKind.CONTAINED, ("orda", "buoy", "en"), ("orda", "weekly", "en")),
    ExpectedLink(LinkKind.CONTAINED, ("orda", "satellite", "en"), ("orda", "weekly", "en")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "visit", "en"), ("lookout", "visit", "ru")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "visit", "en"), ("kurier", "standing-guest", "ru")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "pasture", "en"), ("dala", "jaiylym", "kk")),
    ExpectedLink(LinkKind.TRANSLATION, ("azat", "gaz-kk", "kk"), ("azat", "gaz", "ru")),
    ExpectedLink(LinkKind.REWRITE, ("spinwire", "consulate-spun", "en"), ("steppe", "consulate", "en")),
)  # hold in both editions; copies by rel=canonical (visit-wp, wagons-amp) are the same document, not a link
ALSO_RIGHT: Final = (
    ExpectedLink(LinkKind.CONTAINED, ("steppe", "buoy-copy", "en"), ("orda", "weekly", "en")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "visit-print", "en"), ("lookout", "visit", "ru")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "visit-print", "en"), ("kurier", "standing-guest", "ru")),
)  # follow from the others: a corpus may hold them or not
UNLINKED: Final = (
    (("kurier", "rates-11", "ru"), ("kurier", "rates-12", "ru")),
    (("steppe", "wagons", "en"), ("steppe", "consulate", "en")),
    (("azat", "shekara", "kk"), ("dala", "jaiylym", "kk")),
)  # alike in template or subject, but no link of any kind may join them

SPELLINGS: Final = (
    "/2023/09/wagons-move-again/",
    "/2023/09/wagons-move-again",  # 301
    "/2023/09/wagons-move-again/#respond",
    "/2023/09/wagons-move-again/?utm_source=letter&utm_medium=email&utm_campaign=friday",
    "/2023/09/wagons-move-again/?fbclid=IwAR0steppe",
    "/2023/09/wagons-move-again/amp/",  # by rel=canonical
)  # of one article, steppe/wagons


@cache
def pages(edition: int = 1) -> tuple[ExpectedPage, ...]:
    """Return all pages of all publishers in an edition, deleted ones as gone."""
    kept = {(name, a.slug) for name in PUBLISHERS for a in prose.articles(name, edition)}
    everything = [a for name in PUBLISHERS for a in prose.articles(name)]
    return tuple(
        expected(prose.article(a.outlet, a.slug, edition), edition) if (a.outlet, a.slug) in kept else gone(a)
        for a in everything
    )


def page(outlet: str, path_or_slug: str, edition: int = 1) -> ExpectedPage:
    """Return the page at a path of an outlet, or of a slug; KeyError if there is none."""
    for one in pages(edition):
        if one.outlet == outlet and path_or_slug in {one.path, one.slug}:
            return one
    raise KeyError(f"{outlet}{path_or_slug}")


def gone(article: Article) -> ExpectedPage:
    return ExpectedPage(
        article.outlet,
        article.slug,
        article["path"],
        "gone",
        article["path"],
        on_topic=False,
        reasons=frozenset({Reason.GONE}),
    )


def expected(article: Article, edition: int) -> ExpectedPage:
    """Return the truth of an article's file."""
    template = article["template"] or OUTLETS[article.outlet].template
    reasons = frozenset(Reason(name) for name in article["fate"].split())
    return ExpectedPage(
        outlet=article.outlet,
        slug=article.slug,
        path=article["path"],
        template=template,
        canonical=article["canonical"] or article["path"],
        on_topic=article["topic"] != "off" and not reasons,
        documents=() if reasons else documents(article),
        reasons=reasons,
        leaks=leaks(article, template, edition),
        disallowed=article["path"].startswith(OUTLETS[article.outlet].disallowed),
    )


def documents(article: Article) -> tuple[ExpectedDocument, ...]:
    """Return a page's main document and, if it holds one, the original that it translates."""
    original = article.original
    shows = SHOWS.get(article["template"] or OUTLETS[article.outlet].template, Shows())
    authors = article.all("author") if shows.authors else ()
    main = ExpectedDocument(
        lang=article["lang"] or OUTLETS[article.outlet].lang,
        role=Role.MAIN,
        title=article["title"],
        paragraphs=article.paragraphs,
        authors=authors,
        published=site_pages.published(article)[: shows.time],
        translators=article.all("translator"),
        editors=article.all("editor"),
        source_outlet=article["source_outlet"],
        source_date=article["source_date"],
        source_page=source_page(article),
        note=article["note"],
        optional=tuple(filter(None, (article["summary"] if shows.summary else "", article["dateline"])))
        + (authors if shows.byline_in_text else ()),
    )
    if original is None:
        return (main,)
    return main, ExpectedDocument(
        original["lang"], Role.ORIGINAL, original["title"], original.paragraphs, article.all("author")
    )


def source_page(article: Article) -> tuple[str, str] | None:
    """Return the outlet and path of a translation's original, if it stands on this web."""
    outlet, slash, path = article["source_page"].partition("/")
    return (outlet, slash + path) if slash else None


def leaks(article: Article, template: str, edition: int) -> tuple[str, ...]:
    """Return what stands on the page and must not stand in its text."""
    own = [text for _, text in article.parts("comment") + article.parts("also")]
    own += [part.strip() for _, text in article.parts("caption") for part in text.split("|")]
    file = TEMPLATES / f"{template}.leaks"
    fixed = file.read_text("utf-8").splitlines() if file.exists() else []
    lang = article["locale"] or article["lang"] or OUTLETS[article.outlet].lang
    labels = [site_pages.ALSO[lang]] if article.all("also") else []
    lists = site_pages.related(article, "{}", edition)
    others = [entry["other"] for entries in lists.values() for entry in entries if "other" in entry]
    answer = site_pages.answer(article.outlet, article["path"], "http://{}.example", edition)
    shown = unescape(answer.body.decode(article["charset"] or "utf-8"))
    return tuple(
        leak
        for leak in dict.fromkeys((*own, *labels, *fixed, *others, dates.visible(article["published"], lang)))
        if leak and leak in shown
    )


def hostile_paths() -> list[str]:
    """Return paths that show every hostile resource which ends within a second or so: samples, walls, targets."""
    paths = [resource.sample for resource in RESOURCES.values() if not resource.slow and resource.name != "secret"]
    paths += [f"/wall/{name}" for name in WALLS] + [f"/to/{name}" for name in FORBIDDEN]
    return list(dict.fromkeys(paths))
