"""The truth about every page of the local news web, for tests of the whole pipeline.

    page = manifest.page("steppe", "/2023/09/wagons/")
    page.documents[0].paragraphs, page.leaks, page.reasons, page.canonical …
    manifest.pages(edition=2), manifest.links(), manifest.hostile_paths()

A page holds documents or reasons, never both. `on_topic` says whether the default topic (Kazakhstan–Russia) keeps it:
a page that is not on topic has its documents under `--topic any` and `Reason.OFF_TOPIC` under the default.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from articles.model import LinkKind, Reason, Role
from tests.site import pages as site_pages
from tests.site import prose
from tests.site.hostile import FORBIDDEN, RESOURCES, WALLS
from tests.site.outlets import OUTLETS, PUBLISHERS
from tests.site.prose import Article

LEAKS: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """What one language of a page must come out as. Empty fields are not told by the page."""

    lang: str
    role: Role
    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    published: str = ""  # ISO 8601 with the outlet's offset; a page may show less of it
    translators: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source_outlet: str = ""
    source_date: str = ""
    note: str = ""


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


@cache
def pages(edition: int = 1) -> tuple[ExpectedPage, ...]:
    """Return all pages of all publishers in an edition, deleted ones as gone."""
    kept = {(name, a.slug) for name in PUBLISHERS for a in prose.articles(name, edition)}
    everything = [a for name in PUBLISHERS for a in prose.articles(name)]
    return tuple(
        expected(prose.article(a.outlet, a.slug, edition)) if (a.outlet, a.slug) in kept else gone(a)
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


def expected(article: Article) -> ExpectedPage:
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
        leaks=leaks(article, template),
        disallowed=article["path"].startswith(OUTLETS[article.outlet].disallowed),
    )


def documents(article: Article) -> tuple[ExpectedDocument, ...]:
    """Return a page's main document and, if it holds one, the original that it translates."""
    original = article.original
    main = ExpectedDocument(
        lang=article["lang"] or OUTLETS[article.outlet].lang,
        role=Role.MAIN,
        title=article["title"],
        paragraphs=article.paragraphs,
        authors=article.all("author"),
        published=site_pages.published(article),
        translators=article.all("translator"),
        editors=article.all("editor"),
        source_outlet=article["source_outlet"],
        source_date=article["source_date"],
        note=article["note"],
    )
    if original is None:
        return (main,)
    return main, ExpectedDocument(
        original["lang"], Role.ORIGINAL, original["title"], original.paragraphs, article.all("author")
    )


def leaks(article: Article, template: str) -> tuple[str, ...]:
    """Return what stands on the page and must not stand in its text."""
    own = [text for name, text in article.parts("comment")]
    own += [text for _, text in article.parts("also")]
    own += [part.strip() for _, text in article.parts("caption") for part in text.split("|")]
    own += article.all("leak")
    file = LEAKS / f"{template}.leaks"
    fixed = file.read_text("utf-8").splitlines() if file.exists() else []
    lists = site_pages.related(article, "{}", 1)
    others = [entry["other"] for entries in lists.values() for entry in entries if "other" in entry]
    return tuple(dict.fromkeys(filter(None, (*own, *fixed, *others))))


def hostile_paths() -> list[str]:
    """Return paths that show every hostile resource which ends within a second or so: samples, walls, targets."""
    paths = [resource.sample for resource in RESOURCES.values() if not resource.slow and resource.name != "secret"]
    paths += [f"/wall/{name}" for name in WALLS] + [f"/to/{name}" for name in FORBIDDEN]
    return list(dict.fromkeys(paths))
