"""The title of an article: candidates as the page writes them, without the site's name at their end."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from articles.metadata.context import MetadataContext
from articles.model import Choice, Evidence
from articles.page.structured import text_of
from articles.text import WORD, fold

SEPARATOR = re.compile(r"\s+[-–—|·•»«:/]+\s+|\s*[|ㅣ｜：]\s*|(?<=\w)\s*[-–—](?=[^\s-]+$)|,\s+")
TIGHT = re.compile(r"[-–—](?=[^\s–—-]+$)")  # a dash without blanks, where what follows is a name of the site
TAIL = 40  # characters that a site's name at the end of a title may have
LONGEST = 1_000  # characters of a candidate that are looked at
LEAST = 8  # characters of a title that are left when a tail is cut
TELLING = 3  # characters above which a part of a site's name is told from any word
TAILS = 3  # site, section and slogan at most
CUT_OFF = 50  # characters from which a candidate that begins like the headline is the headline, cut off for machines
ORDER = ("og:title", "json-ld", "h1", "twitter:title", "title")
LOOSE = re.compile(r"^(?:…|\.\.\.)")  # a headline that goes on from a line over it
PAIRS = (("«", "»"), ("“", "”"), ("(", ")"))
SAME_BUT_MARKS = re.compile(r"\s*[:|–—-]\s+")


class ChosenTitle(NamedTuple):
    """The candidate that is the title, and why it is."""

    name: str
    why: str


def read(source: MetadataContext) -> tuple[str, tuple[str, ...], list[Evidence], Choice]:
    """Return the title, every spelling of it, the candidates, and why the title is one of them."""
    stated = source.stated
    candidates = {
        "og:title": stated.first("og:title"),
        "json-ld": next((text for article in stated.articles if (text := text_of(article.get("headline")))), ""),
        "h1": source.page.blocks[source.heading].text if source.heading >= 0 else "",
        "twitter:title": stated.first("twitter:title"),
        "title": stated.titles[0] if stated.titles else "",
    }
    candidates = {name: text[:LONGEST] for name, text in candidates.items()}
    sections = {fold(name) for name in stated.meta.get("article:section", []) if name and len(name) <= TAIL}
    sites = source.site_names() | sections
    cut = {name: cut_site(text, sites, _others(candidates, name)) for name, text in candidates.items()}
    chosen, why = choose({name: text for name, text in cut.items() if text and fold(text) not in sites})
    spellings = tuple(dict.fromkeys(text for text in (*candidates.values(), *cut.values()) if text))
    evidence = [Evidence("title", name, text, chosen=name == chosen) for name, text in candidates.items() if text]
    if chosen and cut[chosen] != candidates[chosen]:
        why += "; the site's name or section at its end is cut off"
    return cut.get(chosen, ""), spellings, evidence, Choice("title", why)


def choose(titles: Mapping[str, str]) -> ChosenTitle:
    """Return the name of the title to take, empty without one, and why.

    The headline that readers see is the title: where JSON-LD says the same, or where og:title says something else and
    nothing seconds it. A wording for sharing (og:title) is taken where it is the headline without additions (a kicker,
    a subtitle), or where JSON-LD or the headline seconds it.
    """
    shared, own, stated = (titles.get(name, "") for name in ("og:title", "h1", "json-ld"))
    if not shared or not own or fold(own) == fold(shared):
        name = next((name for name in ORDER if name in titles), "")
        return ChosenTitle(name, "the headline and og:title agree" if shared and own else _only(name))
    if fold(own).startswith(fold(shared)) and cut_off(shared):
        return ChosenTitle("h1", "og:title is the headline, cut off")
    if shortened(shared, own):
        return ChosenTitle("og:title", "og:title is the headline without its additions")
    if fold(own) == fold(stated):
        spelled = stated != own and len(SAME_BUT_MARKS.findall(stated)) > len(SAME_BUT_MARKS.findall(own))
        return ChosenTitle("json-ld" if spelled else "h1", "the headline and JSON-LD agree")
    if stated and fold(own).startswith(fold(stated.rstrip(" .…"))) and len(stated) >= CUT_OFF:
        return ChosenTitle("h1", "the headline and JSON-LD, which cuts it off, agree")
    if stated and fold(stated) == fold(shared):
        return ChosenTitle("og:title", "og:title and JSON-LD agree")
    if shortened(own, shared) or LOOSE.match(own):
        return ChosenTitle("og:title", "og:title says more than the headline, a part of it")
    return ChosenTitle("h1", "the headline that readers see; what the page states for machines is worded otherwise")


def _only(name: str) -> str:
    return f"{name} is the best of what the page has" if name else "the page names no title"


def shortened(short: str, long: str) -> bool:
    """Return whether one title is another with words left out, in the same order."""
    words = iter(WORD.findall(long.casefold()))
    mine = WORD.findall(short.casefold())
    return bool(mine) and fold(short) != fold(long) and all(word in words for word in mine)


def cut_off(title: str) -> bool:
    """Return whether a title breaks off: at an ellipsis, or in a quotation that nothing closes."""
    return title.endswith(("…", "...")) or any(title.count(first) > title.count(last) for first, last in PAIRS)


def _others(candidates: Mapping[str, str], name: str) -> list[str]:
    return [text for other, text in candidates.items() if other != name and text]


def cut_site(title: str, sites: set[str], others: Sequence[str]) -> str:
    """Cut the site's name and the section off a title's end; `others` are the page's other spellings of it."""
    whole = {fold(other) for other in others}
    cuts = 0
    while cuts < TAILS:
        marks = list(SEPARATOR.finditer(title)) or (list(TIGHT.finditer(title)) if cuts else [])
        if not marks:
            break
        head, tail = title[: marks[-1].start()].rstrip(), fold(title[marks[-1].end() :])
        named = tail in sites or any(len(site) > TELLING and site in tail for site in sites)
        named = named or (len(tail) > TELLING and any(tail in site for site in sites))
        repeated = fold(head) in whole and fold(title) not in whole
        if len(head) < LEAST or len(tail) > TAIL or not (named or repeated):
            break
        title, cuts = head, cuts + 1
    return title
