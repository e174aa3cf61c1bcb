"""Section of an article: the stated one, or else the last of the page's breadcrumbs."""

from collections.abc import Iterator

from articles.metadata.context import MetadataContext
from articles.model import Evidence
from articles.page.structured import text_of
from articles.text import fold

META_NAMES = ("article:section", "og:article:section", "parsely-section", "section", "dc.subject")
MAX_SECTION_CHARS = 60  # a longer text is a headline or a list of keywords
GENERIC_NAMES = frozenset(  # names of the root of every site and of page types, folded
    (
        *(
            "home",
            "homepage",
            "main",
            "post",
            "article",
            "startseite",
            "главная",
            "главнаястраница",
            "бастыбет",
            "головна",
        ),
        *("pagrindinis", "stronagłówna", "anasayfa", "boshsahifa", "башкыбет", "inicio", "accueil"),
    )
)


def read(source: MetadataContext) -> tuple[str, list[Evidence]]:
    """Return the section, empty if there is none, and the candidates."""
    titles = {fold(text) for text in (*source.stated.titles[:1], source.stated.first("og:title")) if text}
    titles |= {fold(text_of(article.get("headline"))) for article in source.stated.articles[:1]}
    if source.heading >= 0:
        titles.add(fold(source.page.blocks[source.heading].text))
    sites = source.site_names()
    chosen = ""
    evidence = []
    for origin, text in _candidates(source):
        name = fold(text)
        fits = (
            0 < len(text) <= MAX_SECTION_CHARS
            and name
            and name not in titles
            and name not in sites
            and name not in GENERIC_NAMES
        )
        if fits and "://" not in text:
            evidence.append(Evidence("section", origin, text, chosen=not chosen))
            chosen = chosen or text
    return chosen, evidence


def _candidates(source: MetadataContext) -> Iterator[tuple[str, str]]:
    stated = source.stated
    for article in stated.articles[:1]:
        yield "json-ld", text_of(article.get("articleSection"))
    for name in META_NAMES:
        yield f"meta:{name}", stated.first(name)
    for name in reversed(stated.breadcrumbs):
        yield "breadcrumbs", name
