"""What a page says of its article besides the text: every candidate with its source, and the one chosen."""

from dataclasses import dataclass
from typing import Any

from articles import authors, published, titles
from articles.model import Evidence
from articles.source import Source
from articles.structured import Structured, text_of

SECTION = ("article:section", "og:article:section", "parsely-section", "section", "dc.subject")
MOST_TAGS = 40


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article besides its text."""

    title: str
    titles: tuple[str, ...]  # every spelling of it
    authors: tuple[str, ...]
    published: str
    modified: str
    section: str
    tags: tuple[str, ...]
    lead: str  # the description that the page gives of itself
    site: str
    evidence: tuple[Evidence, ...]


def read(source: Source) -> Metadata:
    """Return the metadata of an article."""
    stated = source.stated
    article = stated.articles[0] if stated.articles else {}
    title, spellings, about_title = titles.read(source)
    names, about_authors = authors.read(source)
    first, last, about_dates = published.read(source)
    lead = stated.first("og:description", "description", "twitter:description")
    return Metadata(
        title=title,
        titles=spellings,
        authors=names,
        published=first,
        modified=last,
        section=text_of(article.get("articleSection")) or stated.first(*SECTION),
        tags=tags(stated, article),
        lead=lead or text_of(article.get("description")),
        site=source.site,
        evidence=(*about_title, *about_authors, *about_dates),
    )


def tags(stated: Structured, article: dict[str, Any]) -> tuple[str, ...]:
    """Return the tags of an article: its own, or the keywords of its page."""
    listed: list[str] = list(stated.meta.get("article:tag", []))
    if not listed:
        keywords = article.get("keywords") or stated.first("news_keywords", "keywords")
        listed = [text_of(item) for item in keywords] if isinstance(keywords, list) else text_of(keywords).split(",")
    return tuple(dict.fromkeys(stripped for text in listed if (stripped := text.strip())))[:MOST_TAGS]
