"""The title of an article: candidates as the page writes them, without the site's name at their end."""

import re
from collections.abc import Sequence

from articles.model import Evidence
from articles.source import Source
from articles.structured import text_of
from articles.text import WORD, fold

SEPARATOR = re.compile(r"\s+[-–—|·•»«:/]+\s+|\s*[|ㅣ：]\s*|(?<=\w)\s*[-–—](?=[^\s-]+$)|,\s+")
TAIL = 40  # characters that a site's name at the end of a title may have
LEAST = 8  # characters of a title that are left when a tail is cut
TELLING = 3  # characters above which a part of a site's name is told from any word
TAILS = 3  # site, section and slogan at most
ORDER = ("og:title", "json-ld", "h1", "twitter:title", "title")


def read(source: Source) -> tuple[str, tuple[str, ...], list[Evidence]]:
    """Return the title, every spelling of it, and the candidates."""
    stated = source.stated
    candidates = {
        "og:title": stated.first("og:title"),
        "json-ld": next((text for article in stated.articles if (text := text_of(article.get("headline")))), ""),
        "h1": source.page.blocks[source.heading].text if source.heading >= 0 else "",
        "twitter:title": stated.first("twitter:title"),
        "title": stated.titles[0] if stated.titles else "",
    }
    sites = source.site_names() | {fold(name) for name in stated.meta.get("article:section", []) if name}
    cut = {name: cut_site(text, sites, _others(candidates, name)) for name, text in candidates.items()}
    chosen = choose({name: text for name, text in cut.items() if text and fold(text) not in sites})
    spellings = tuple(dict.fromkeys(text for text in (*candidates.values(), *cut.values()) if text))
    evidence = [Evidence("title", name, text, chosen=name == chosen) for name, text in candidates.items() if text]
    return cut.get(chosen, ""), spellings, evidence


def choose(titles: dict[str, str]) -> str:
    """Return the name of the title to take, empty without one.

    Where the headline and JSON-LD agree they are the article's title, unless og:title is the same without additions
    (a kicker, a subtitle); else og:title. Right on 274 of the 303 titles of the development pages; og:title alone 267.
    """
    shared, own = titles.get("og:title", ""), titles.get("h1", "")
    if own and fold(own) == fold(titles.get("json-ld", "")):
        shortened = shared and set(WORD.findall(shared.casefold())) < set(WORD.findall(own.casefold()))
        return "og:title" if shortened else "h1"
    return next((name for name in ORDER if name in titles), "")


def _others(candidates: dict[str, str], name: str) -> list[str]:
    return [text for other, text in candidates.items() if other != name and text]


def cut_site(title: str, sites: set[str], others: Sequence[str]) -> str:
    """Cut the site's name and the section off a title's end; `others` are the page's other spellings of it."""
    whole = {fold(other) for other in others}
    for _ in range(TAILS):
        marks = list(SEPARATOR.finditer(title))
        if not marks:
            break
        head, tail = title[: marks[-1].start()].rstrip(), fold(title[marks[-1].end() :])
        named = tail in sites or any(len(site) > TELLING and site in tail for site in sites)
        named = named or (len(tail) > TELLING and any(tail in site for site in sites))
        repeated = fold(head) in whole and fold(title) not in whole
        if len(head) < LEAST or len(tail) > TAIL or not (named or repeated):
            break
        title = head
    return title
