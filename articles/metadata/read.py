"""Read all metadata of an article: the chosen values, and every candidate with its source."""

from dataclasses import dataclass
from typing import Any

from articles.metadata import alternates, authors, published, rights, sections, titles
from articles.metadata.context import MetadataContext
from articles.model import Choice, Evidence, Right
from articles.page.structured import Structured, text_of

MAX_TAGS = 40


@dataclass(frozen=True, slots=True)
class Metadata:
    """Metadata of an article. Dates are ISO 8601; a field is empty if the page does not state it."""

    title: str
    titles: tuple[str, ...]  # every spelling of the title
    authors: tuple[str, ...]
    agency: str  # news agency named among the authors
    translators: tuple[str, ...]
    editors: tuple[str, ...]
    published: str
    modified: str
    section: str
    tags: tuple[str, ...]
    descriptions: tuple[str, ...]  # of the article, as the page states them: most general first
    site: str
    evidence: tuple[Evidence, ...]
    choices: tuple[Choice, ...]
    alternates: tuple[alternates.StatedAlternate, ...]  # unresolved; `alternates.valid` resolves them
    rights: tuple[Right, ...]

    @property
    def lead(self) -> str:
        """The page's description of itself."""
        return next(iter(self.descriptions), "")


def read(source: MetadataContext) -> Metadata:
    """Return the metadata of an article."""
    stated = source.stated
    article = stated.articles[0] if stated.articles else {}
    title, spellings, about_title, of_title = titles.read(source)
    wrote = authors.read(source)
    section, about_section = sections.read(source)
    first, last, about_dates, of_dates = published.read(source)
    descriptions = (
        stated.first("og:description", "description", "twitter:description"),
        text_of(article.get("description")),
    )
    return Metadata(
        title=title,
        titles=spellings,
        authors=wrote.names,
        agency=wrote.agency,
        translators=authors.people_in_role(source, "translator"),
        editors=authors.people_in_role(source, "editor"),
        published=first,
        modified=last,
        section=section,
        tags=tags(stated, article),
        descriptions=tuple(dict.fromkeys(text for text in descriptions if text)),
        site=source.site,
        evidence=(*about_title, *wrote.evidence, *about_dates, *about_section),
        choices=(of_title, *wrote.choices, *of_dates),
        alternates=alternates.of_page(stated, source.page),
        rights=rights.of_page(stated),
    )


def tags(stated: Structured, article: dict[str, Any]) -> tuple[str, ...]:
    """Return the tags of an article, or else the keywords of its page."""
    listed: list[str] = list(stated.meta.get("article:tag", []))
    if not listed:
        keywords = article.get("keywords") or stated.first("news_keywords", "keywords")
        listed = [text_of(item) for item in keywords] if isinstance(keywords, list) else text_of(keywords).split(",")
    return tuple(dict.fromkeys(stripped for text in listed if (stripped := text.strip())))[:MAX_TAGS]
