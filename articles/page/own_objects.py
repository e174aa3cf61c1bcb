"""Tell the JSON-LD objects about a page's own article from those about other articles, which many pages state too.

Lists of related articles, parts of a page (`hasPart`) and players state objects of the same types as the article, often
before it. An object is the page's own if its address or its headline is the page's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from articles.page.sizes import MIN_TITLE_PART_CHARS
from articles.page.structured import Structured, text_of
from articles.text import WORD, fold, shares_words

MIN_SHARED_WORDS = 2  # with the page's headlines, of an object that names another address of the site
MIN_WORD_LETTERS = 4  # shorter words are shared by headlines on different subjects


def only_own(stated: Structured, url: str, shown: Iterable[str]) -> Structured:
    """Return the structured data without the article objects that are about other articles than this page's.

    `shown` are the headlines of the page itself, outside of JSON-LD. If no object is the page's own, those remain that
    may be: they are no parts of the page, and share a word with its headlines or state none.
    """
    titles = [title for title in (*_stated_titles(stated), *shown) if title]
    addresses = {place for text in (url, stated.canonical, stated.first("og:url")) if (place := _place(text))}
    candidates = [*stated.articles, *stated.parts]
    own = [found for found in candidates if _is_own(found, addresses, titles)]
    if own:
        unnamed = (found for found in stated.articles if not _headline(found) and not any(found is one for one in own))
        return replace(stated, articles=[*own, *unnamed])
    return replace(stated, articles=[found for found in stated.articles if _may_be_own(found, titles, url)])


def _stated_titles(stated: Structured) -> list[str]:
    return [stated.first("og:title"), stated.first("twitter:title"), *stated.titles[:1]]


def _headline(found: dict[str, Any]) -> str:
    return text_of(found.get("headline")) or text_of(found.get("name"))


def _is_own(found: dict[str, Any], addresses: set[str], titles: Sequence[str]) -> bool:
    headline = _headline(found)
    return any(same_headline(headline, title) for title in titles) or any(
        _place(address) in addresses for address in _addresses(found)
    )


def _may_be_own(found: dict[str, Any], titles: Sequence[str], url: str) -> bool:
    words = _words(_headline(found))
    least = MIN_SHARED_WORDS if any(_is_neighbour(address, url) for address in _addresses(found)) else 1
    return not words or not titles or any(len(words & _words(title)) >= least for title in titles)


def _is_neighbour(address: str, url: str) -> bool:
    """Return whether an address is that of a page, and no home page, of the same host."""
    return _place(address) != "" and urlsplit(address.strip()).hostname == urlsplit(url).hostname


def same_headline(one: str, other: str) -> bool:
    """Return whether two headlines are the same, or one has additions or a few other words."""
    first, second = sorted((fold(one), fold(other)), key=len)
    if not first:
        return False
    return first == second or (len(first) >= MIN_TITLE_PART_CHARS and first in second) or shares_words(one, other)


def _words(text: str) -> set[str]:
    return {word for word in WORD.findall(text.casefold()) if len(word) >= MIN_WORD_LETTERS}


def _addresses(found: dict[str, Any]) -> Iterator[str]:
    """Yield the addresses that an object names as its own."""
    for key in ("url", "mainEntityOfPage", "@id"):
        value = found.get(key)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str):
            yield value


def _place(address: str) -> str:
    """Return the path and query of an absolute address, empty for a home page or anything else."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    path = parts.path.rstrip("/").casefold()
    query = f"?{parts.query}" if parts.query else ""
    return f"{path}{query}" if parts.netloc and (path or query) else ""
