"""Title of an article: chosen from the page's candidates, without the site's name at the end."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from articles import dates
from articles.metadata.context import STRONG_SEPARATOR, MetadataContext
from articles.model import Choice, Evidence
from articles.page.blocks import normalise
from articles.page.structured import TAG, text_of
from articles.text import WORD, fold, shares_words

SEPARATOR = re.compile(r"\s+[-–—|·•»«:>›~⋆/\\]+\s+|\s*[|ㅣ｜：]\s*|(?<=\w)\s*[-–—](?=[^\s-]+$)|[,:.]\s+")
TIGHT_DASH = re.compile(r"[-–—](?=[^\s–—-]+$)")  # without spaces, before one last word that may be the site's name
MIN_HEADLINE_CHARS = 20  # of a folded first part of a title that is a headline although another part is longer
MAX_TAIL_CHARS = 40  # length of a site's name or section at the end of a title
MAX_CANDIDATE_CHARS = 1_000  # the characters of a candidate that are read
MIN_LAST_WORD_CHARS = 3  # in lower case, before a kicker or subtitle that is joined without a space
MIN_TITLE_CHARS = 8  # length of a title after its tail is cut off
MAX_AMBIGUOUS_CHARS = 3  # a part of a site's name of at most this length may be any word
WEAK_SEPARATORS = frozenset({",", ":", ".", ""})  # they also separate parts of headlines
MIN_PART_SHARE = 0.5  # of a title's characters, in the headline that is a part of it
MAX_TAILS = 3  # site, section and slogan
MIN_CUT_OFF_CHARS = 50  # a candidate of at least this length that the headline begins with is the headline, truncated
TRUST_ORDER = ("og:title", "json-ld", "h1", "twitter:title", "title")
CONTINUATION = re.compile(r"^(?:…|\.\.\.)")  # a headline that continues a line above it
GLUED_CLOCK = re.compile(r"(?<=[^\W\d_])\d{1,2}:\d{2}$")  # a time that a template joined to the headline
NUMBER = re.compile(r"\d{1,3}\+?")  # of comments or views, or the age of readers; four digits may be a year
NUMBERS = re.compile(r"\d+")
MAX_DATE_CHARS = 22  # "12 сентября 2024 14:30"
LABELS = frozenset(
    {"видео", "фото", "аудио", "инфографика", "обновлено", "відео", "video", "photo", "photos", "updated"}
)
BRACKET_PAIRS = (("«", "»"), ("“", "”"), ("(", ")"))
INNER_SEPARATOR = re.compile(r"\s*[:|–—-]\s+")


class ChosenTitle(NamedTuple):
    """Name of the candidate that is the title, empty if there is none, and the reason."""

    name: str
    why: str


def read(source: MetadataContext) -> tuple[str, tuple[str, ...], list[Evidence], Choice]:
    """Return the title, every spelling of it, the candidates, and the reason for the choice."""
    stated = source.stated
    candidates = {
        "og:title": stated.first("og:title"),
        "json-ld": next((text for article in stated.articles if (text := text_of(article.get("headline")))), ""),
        "h1": GLUED_CLOCK.sub("", source.page.blocks[source.heading].text) if source.heading >= 0 else "",
        "twitter:title": stated.first("twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title"),
        "title": stated.titles[0] if stated.titles else "",
    }
    candidates = {name: normalise(TAG.sub(" ", text[:MAX_CANDIDATE_CHARS])) for name, text in candidates.items()}
    sections = {fold(name) for name in stated.meta.get("article:section", []) if name and len(name) <= MAX_TAIL_CHARS}
    sites = source.site_names() | sections
    if _is_lesser_part(candidates["h1"], candidates["title"]):  # the site's name or section in the h1
        sites.add(fold(candidates["h1"]))
    cut = {name: cut_site(text, sites, _others(candidates, name)) for name, text in candidates.items()}
    own_names = source.site_names()
    for name in cut.keys() - {"h1"}:
        cut[name] = cut_name_before(cut[name], own_names, _others(candidates, name))
    cut["h1"] = cut_additions(cut["h1"], (candidates["og:title"], *STRONG_SEPARATOR.split(candidates["title"])))
    chosen, why = choose({name: text for name, text in cut.items() if text and fold(text) not in sites})
    spellings = tuple(dict.fromkeys(text for text in (*candidates.values(), *cut.values()) if text))
    evidence = [Evidence("title", name, text, chosen=name == chosen) for name, text in candidates.items() if text]
    if chosen and cut[chosen] != candidates[chosen]:
        why += "; the site's name or section at its end is cut off"
    return cut.get(chosen, ""), spellings, evidence, Choice("title", why)


def choose(titles: Mapping[str, str]) -> ChosenTitle:
    """Return the name of the candidate to use as the title, empty if there is none, and the reason.

    The headline that readers see is the title if JSON-LD says the same, or if og:title differs and nothing confirms it.
    The title for sharing (og:title) is used if it is the headline without additions (a kicker, a subtitle), or if
    JSON-LD or the headline confirms it.
    """
    shared, own, stated = (titles.get(name, "") for name in ("og:title", "h1", "json-ld"))
    shared = shared or titles.get("title", "")
    named = "og:title" if "og:title" in titles else "title"
    if own and shared and fold(own) != fold(shared) and _is_main_part(own, shared):
        return ChosenTitle("h1", f"{named} is the headline with the names of the site or section")
    if shared and own and fold(own) and fold(own) == fold(shared):
        agreeing = [name for name in TRUST_ORDER if fold(titles.get(name, "")) == fold(own)]
        agreed = next((name for name in agreeing if not titles[name].isupper()), agreeing[0])
        return ChosenTitle(agreed, "the headline and og:title agree")
    if not shared or not own:
        name = next((name for name in TRUST_ORDER if name in titles), "")
        return ChosenTitle(name, _best_of_page(name))
    if fold(own).startswith(fold(shared)) and cut_off(shared):
        return ChosenTitle("h1", "og:title is the headline, cut off")
    if fold(own).endswith(fold(shared)):
        return ChosenTitle(named, f"{named} is the headline without the words above it")
    repeated = any(fold(text) == fold(own) for name, text in titles.items() if name != "h1")
    if own.startswith(shared) and not repeated and _is_label(own[len(shared) :]):
        return ChosenTitle(named, f"{named} is the headline without the date or label after it")
    if shared.startswith(own) and _is_label(shared[len(own) :]):
        return ChosenTitle("h1", f"{named} is the headline with a label")
    if fold(own) == fold(stated):
        spelled = stated != own and len(INNER_SEPARATOR.findall(stated)) > len(INNER_SEPARATOR.findall(own))
        return ChosenTitle("json-ld" if spelled else "h1", "the headline and JSON-LD agree")
    if stated and fold(own).startswith(fold(stated.rstrip(" .…"))) and len(stated) >= MIN_CUT_OFF_CHARS:
        return ChosenTitle("h1", "the headline and JSON-LD, which cuts it off, agree")
    if stated and fold(stated) == fold(shared) and not shares_words(own, shared):
        return ChosenTitle("og:title", "og:title and JSON-LD agree")
    if named == "title" and _is_part(own, shared):
        return ChosenTitle("h1", "title is the headline with the names of the site or section")
    if shortened(own, shared) or CONTINUATION.match(own):
        return ChosenTitle(named, f"{named} says more than the headline, a part of it")
    return ChosenTitle("h1", "the headline that readers see; what the page states for machines is worded otherwise")


def _parts(title: str) -> list[str]:
    """Return the folded parts of a title between separators that stand between a headline and the names of a site."""
    return [part for text in STRONG_SEPARATOR.split(title) if (part := fold(text))]


def _is_lesser_part(own: str, title: str) -> bool:
    """Return whether a heading is the name of a site or section: a part of <title> beside a longer one."""
    parts = _parts(title)
    return len(parts) > 1 and fold(own) in parts[1:] and fold(own) != max(parts, key=len)


def _is_main_part(own: str, title: str) -> bool:
    """Return whether a heading is the longest part of a title, whose other parts name the site or section."""
    parts = _parts(title)
    return len(parts) > 1 and (
        fold(own) == max(parts, key=len) or (fold(own) == parts[0] and len(fold(own)) >= MIN_HEADLINE_CHARS)
    )


def _is_part(own: str, title: str) -> bool:
    """Return whether a headline begins or ends a title, as most of it, and a separator is beside it: "Culture: Headline"."""
    if len(own) < MIN_PART_SHARE * len(title):
        return False
    if title.startswith(own):
        return SEPARATOR.match(title, len(own)) is not None
    return title.endswith(own) and any(mark.end() == len(title) - len(own) for mark in SEPARATOR.finditer(title))


def _is_label(text: str) -> bool:
    """Return whether the words after a title are a date, or labels such as "Видео" and "(12 фото)"."""
    label = text.strip().casefold()
    words = set(WORD.findall(NUMBERS.sub(" ", label)))
    return text[:1].isspace() and (
        (bool(words) and words <= LABELS)
        or NUMBER.fullmatch(label) is not None
        or (len(label) <= MAX_DATE_CHARS and dates.parse(label) != "")
    )


def _best_of_page(name: str) -> str:
    return f"{name} is the best of what the page has" if name else "the page names no title"


def shortened(short: str, long: str) -> bool:
    """Return whether `short` consists of some of the words of `long`, in the same order."""
    words = iter(WORD.findall(long.casefold()))
    kept = WORD.findall(short.casefold())
    return bool(kept) and fold(short) != fold(long) and all(word in words for word in kept)


def cut_off(title: str) -> bool:
    """Return whether a title is truncated: it ends with an ellipsis, or a quotation or parenthesis is not closed."""
    return title.endswith(("…", "...")) or any(title.count(first) > title.count(last) for first, last in BRACKET_PAIRS)


def _others(candidates: Mapping[str, str], name: str) -> list[str]:
    return [text for other, text in candidates.items() if other != name and text]


def cut_additions(own: str, stated: Iterable[str]) -> str:
    """Remove a kicker, subtitle or label that a template joined to the headline, if a stated title is the rest.

    What is joined without a space is none of its words; after a space, only a date or a label.
    """
    whole = [text.strip() for text in stated]
    for title in () if own in whole else whole:
        before, found, after = own.partition(title) if len(title) >= MIN_HEADLINE_CHARS else (own, "", "")
        # If the last word has a capital, as "You" of "YouTube", the stated title may be cut off inside it.
        last = title.split()[-1] if title.split() else ""
        joined = after[:1].isupper() and last.islower() and len(last) >= MIN_LAST_WORD_CHARS
        ends = not after or joined or _is_label(after)
        if found and ends and (joined or before[-1:].isalnum() or (after and not before)):
            return title
    return own


def cut_site(title: str, sites: set[str], others: Sequence[str]) -> str:
    """Remove the site's name and the section from the end of a title.

    `sites` are folded names of the site and section, `others` the page's other titles.
    """
    whole = {fold(other) for other in others}
    cuts = 0
    while cuts < MAX_TAILS:
        marks = list(SEPARATOR.finditer(title)) or (list(TIGHT_DASH.finditer(title)) if cuts else [])
        if not marks:
            break
        slogan = _before_slogan(title, marks, sites)
        if slogan:
            return title[: slogan.start()].rstrip()
        head, tail = title[: marks[-1].start()].rstrip(), fold(title[marks[-1].end() :])
        named = tail in sites
        if marks[-1].group().strip() not in WEAK_SEPARATORS:
            named = named or any(len(site) > MAX_AMBIGUOUS_CHARS and site in tail for site in sites)
            named = named or (len(tail) > MAX_AMBIGUOUS_CHARS and any(tail in site for site in sites))
        repeated = fold(head) in whole and fold(title) not in whole
        if len(head) < MIN_TITLE_CHARS or len(tail) > MAX_TAIL_CHARS or not (named or repeated):
            break
        title, cuts = head, cuts + 1
    return title


def _before_slogan(title: str, marks: Sequence[re.Match[str]], sites: set[str]) -> re.Match[str] | None:
    """Return the separator before the site's name if a slogan follows that name: "Headline | Site | News of the steppe"."""
    for mark, following in pairwise(marks):
        strong = WEAK_SEPARATORS.isdisjoint({mark.group().strip(), following.group().strip()})
        if strong and mark.start() >= MIN_HEADLINE_CHARS and fold(title[mark.end() : following.start()]) in sites:
            return mark
    return None


def cut_name_before(title: str, names: set[str], others: Sequence[str]) -> str:
    """Remove the site's name from the beginning of a title if another title of the page is the rest, and none the whole.

    If it is the page's only title, a name of several words is removed: a single word may be what the article is about. A
    section's name is not removed: headlines begin with the same words ("Ukraine - what we know").
    """
    first = STRONG_SEPARATOR.search(title)
    if first is None or fold(title[: first.start()]) not in names:
        return title
    rest, whole = title[first.end() :].lstrip(), {fold(other) for other in others}
    alone = not others and len(WORD.findall(title[: first.start()])) > 1 and len(rest) >= MIN_TITLE_CHARS
    return rest if alone or (fold(rest) in whole and fold(title) not in whole) else title
