"""Decide what a page's claims about its own URL are worth, as far as the page alone shows it.

A page may claim to be another page (rel=canonical). The claim is followed only to another URL of the same host that can
be an article: not to a home page, a section, or the first of several pages of which this one is a later one. Whether the
content of the other page bears the claim out is decided where its captures are known: `articles.history.identity`.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from articles import url as urls
from articles.addresses import Addresses
from articles.errors import InputError
from articles.metadata.alternates import ARTICLE_PATH
from articles.model import Choice, Evidence
from articles.page.structured import Structured
from articles.site import NO_ADDRESSES

PAGE_PARAMETERS = frozenset(  # in lower case
    [
        "page",
        "p",
        "pg",
        "paged",
        "pagenum",
        "pageno",
        "page_no",
        "pagenumber",
        "page_number",
        "pagen_1",
        "curpage",
        "pn",
        "pagina",
        "página",
        "seite",
        "sayfa",
        "strana",
        "strona",
        "stranica",
        "puslapis",
    ]
)
# At the end of a path, before its extension: "/page/2", "/page-2", "/2", "-2", "_p2", ",2"
PAGE_WORD = r"(?:page|pagina|seite|sayfa|strana|strona|str|pg|p|s)"
PAGE_IN_PATH = re.compile(
    rf"(?:/{PAGE_WORD}[-_/.]?|/|[-_,;.~]{PAGE_WORD}?[-_]?)(?P<number>\d{{1,2}})(?P<end>(?:\.[a-z]{{3,5}})?/?)$",
    re.IGNORECASE,
)
NAMED_PAGE = re.compile(r"/page[-_/.]?\d{1,2}/?$", re.IGNORECASE)  # a path that surely names a page
MAX_NUMBER_DIGITS = 3  # of a page; a longer number in "?p=" names an article
VARIANT_WORDS = frozenset(
    ["amp", "print", "printable", "printversion", "print-version", "m", "mobile", "pda", "wap", "full", "embed"]
)
VARIANT_SUFFIX = re.compile(r"(?:[.,_-](?:amp|print|printable|mobile))+$", re.IGNORECASE)
IDENTIFYING_PARAMETER = re.compile(
    r"(?:.*id|p|n|a|article|news|story|post|item|slug|name|t|thread|topic|title|key|path|url|u|user|author|nr|num|no)",
    re.IGNORECASE,
)
SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|pl|cfm|do)$", re.IGNORECASE)
DOCUMENT_NAME = re.compile(r"[^/]\.[sx]?html?$", re.IGNORECASE)
DATE_PATH = re.compile(r"(?:/[a-z]{2})?/(?:19|20)\d\d(?:/\d{1,2}){0,2}/?")  # the archive of a year, month or day
LISTING_SEGMENTS = frozenset(
    [
        "category",
        "categories",
        "cat",
        "tag",
        "tags",
        "topic",
        "topics",
        "rubric",
        "rubrics",
        "rubrika",
        "section",
        "sections",
        "author",
        "authors",
        "archive",
        "archives",
        "search",
        "feed",
        "theme",
        "themes",
        "label",
        "labels",
    ]
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The URL of a page's article as far as the page alone shows it, the claims about it, and the page that it continues."""

    url: str  # canonical
    evidence: tuple[Evidence, ...] = ()
    choices: tuple[Choice, ...] = ()
    continues: str = ""  # canonical URL of the page before, if this is a later page of an article


class PageOfSeries(NamedTuple):
    """A URL without what names one of several pages of an article, and the number of the page (1 if it names none)."""

    series: str  # article key
    number: int


def read(url: str, stated: Structured, addresses: Addresses = NO_ADDRESSES) -> Identity:
    """Return what a page fetched from `url` says about its own URL, and what of it counts.

    `addresses` is what is known of the outlet's addresses.
    """
    own = addresses.own(url)
    before = _page_before(own, stated)
    if before and (urls.site_host(before) != urls.site_host(own) or urls.article_key(before) == urls.article_key(own)):
        before = ""
    chosen, why = own, ""
    evidence = []
    for source, value in (("link:canonical", stated.canonical), ("meta:og:url", stated.first("og:url"))):
        if not value.strip():
            continue
        claimed = _resolve(own, value)
        claimed = addresses.own(claimed) if claimed else ""
        if claimed == own or (claimed and urls.article_key(claimed) == urls.article_key(own)):
            chosen = claimed if source == "link:canonical" else chosen  # another spelling of the same URL
            continue
        refusal = _refusal(own, claimed, before) if claimed else "it is no URL"
        if source == "link:canonical":
            chosen = own if refusal else claimed
            why = (
                f"the page was fetched there; what it names as canonical does not count: {refusal}"
                if refusal
                else "the page names it, on its own host"
            )
        evidence.append(Evidence("canonical", source, claimed or value, claimed == chosen))
    return Identity(chosen, tuple(evidence), (Choice("canonical", why),) if why else (), before)


def _refusal(own: str, claimed: str, before: str = "") -> str:
    """Return why a page at `own` cannot be the page `claimed`, or "" if the URLs alone do not exclude it.

    Both are canonical URLs; `before` is the page that this one continues.
    """
    if urls.site_host(claimed) != urls.site_host(own):
        return "it is on another host"
    if urls.is_home(claimed) and not urls.is_home(own):
        return "it is a home page"
    ours, theirs = page_of_series(own), page_of_series(claimed)
    first = ours.number > theirs.number and theirs.series in {ours.series, urls.article_key(own)}
    if first or (before and urls.article_key(before) == urls.article_key(claimed)):
        return "it is another page of the same article"
    if _is_section(own, claimed):
        return "it is a section or a list"
    return ""


def page_of_series(url: str) -> PageOfSeries:
    """Split a canonical URL into the URL of its series and the number of its page."""
    parts = urlsplit(url)
    kept, number = [], 1
    for piece in filter(None, parts.query.split("&")):
        name, _, value = piece.partition("=")
        if name.lower() in PAGE_PARAMETERS and value.isdecimal() and number == 1 and len(value) <= MAX_NUMBER_DIGITS:
            number = int(value)
        else:
            kept.append(piece)
    path = parts.path
    if number == 1 and (match := PAGE_IN_PATH.search(path)) and int(match["number"]) > 0:
        number = int(match["number"])
        path = path[: match.start()] + match["end"]
    plain = parts._replace(path=path or "/", query="&".join(kept)).geturl()
    return PageOfSeries(urls.article_key(plain), max(1, number))


def is_variant(own: str, claimed: str) -> bool:
    """Return whether a URL is the other one with the mark of another form, such as "/amp", "print=1" or "share=x".

    Whoever controls a page controls these forms of it too, so a shared host cannot give them to somebody else.
    """
    ours, theirs = urlsplit(own), urlsplit(claimed)
    wanted = set(filter(None, theirs.query.split("&")))
    given = set(filter(None, ours.query.split("&")))
    extra = {piece.partition("=")[0].lower() for piece in given - wanted}
    return (
        urls.site_host(own) == urls.site_host(claimed)
        and wanted <= given
        and _plain_path(ours.path) == _plain_path(theirs.path)
        and not any(IDENTIFYING_PARAMETER.fullmatch(name) or name in PAGE_PARAMETERS for name in extra)
    )


def _plain_path(path: str) -> str:
    """Return a path without the marks of AMP, print and mobile forms."""
    segments = [segment for segment in path.split("/") if segment]
    while len(segments) > 1 and segments[-1].lower() in VARIANT_WORDS:
        segments.pop()
    while len(segments) > 1 and segments[0].lower() in VARIANT_WORDS:
        segments.pop(0)
    if segments:
        stem, dot, extension = segments[-1].rpartition(".")
        is_extension = bool(dot) and extension.isalpha() and extension.lower() not in VARIANT_WORDS
        name = VARIANT_SUFFIX.sub("", stem if is_extension else segments[-1])
        segments[-1] = name + (f".{extension}" if is_extension else "")
    return "/".join(segments)


def _is_section(own: str, claimed: str) -> bool:
    ours, theirs = urlsplit(own), urlsplit(claimed)
    new = {segment.lower() for segment in theirs.path.split("/")} - {
        segment.lower() for segment in ours.path.split("/")
    }
    if new & LISTING_SEGMENTS or DATE_PATH.fullmatch(theirs.path) or NAMED_PAGE.search(theirs.path):
        return theirs.path != ours.path
    place = f"{theirs.path}?{theirs.query}" if theirs.query else theirs.path
    if ARTICLE_PATH.search(place) or DOCUMENT_NAME.search(theirs.path):
        return False
    if _plain_path(ours.path) == _plain_path(theirs.path):
        lost = set(ours.query.split("&")) - set(theirs.query.split("&")) - {""}
        names = {piece.partition("=")[0] for piece in lost}
        return any(IDENTIFYING_PARAMETER.fullmatch(name) for name in names) or (
            bool(lost) and not theirs.query and SCRIPT.search(theirs.path) is not None
        )
    return ours.path.startswith(theirs.path.rstrip("/") + "/")


def _page_before(own: str, stated: Structured) -> str:
    """Return the page of the same article that comes before this one, as the page or its URL states it; else ""."""
    ours = page_of_series(own)
    mine = urls.article_key(own)
    for link in stated.previous:
        before = _resolve(own, link)
        if before and urls.article_key(before) != mine and _same_series(own, before):
            return before
    linked = {number: _resolve(own, link) for number, link in stated.numbered.items()}
    number = next((number for number in range(2, max(linked, default=0) + 2) if number not in linked), 0)
    first, before = linked.get(1, ""), linked.get(number - 1, "")
    if first and before and mine not in {urls.article_key(link) for link in linked.values() if link}:
        canonical = _resolve(own, stated.canonical) if stated.canonical else ""
        if _same_series(own, first) or canonical == first:
            return before
    parts = urlsplit(own)
    names = [piece.partition("=")[0].lower() for piece in parts.query.split("&")]
    surely = NAMED_PAGE.search(parts.path) or any(
        name.startswith("page") for name in PAGE_PARAMETERS.intersection(names)
    )
    canonical = _resolve(own, stated.canonical) if stated.canonical else ""
    claimed = bool(canonical) and not urls.is_home(canonical) and page_of_series(canonical) == (ours.series, 1)
    if ours.number > 1 and (surely or claimed):
        return _numbered(own, ours.number - 1)
    return ""


def _same_series(own: str, other: str) -> bool:
    """Return whether two URLs name pages of one article."""
    if urls.site_host(own) != urls.site_host(other):
        return False
    ours, theirs = page_of_series(own), page_of_series(other)
    return ours.series in {theirs.series, urls.article_key(other)} or theirs.series == urls.article_key(own)


def _numbered(own: str, number: int) -> str:
    """Return the URL of another page of a series; page 1 is the URL without a number."""
    parts = urlsplit(own)
    pieces = parts.query.split("&")
    for place, piece in enumerate(pieces):
        name, _, value = piece.partition("=")
        if name.lower() in PAGE_PARAMETERS and value.isdecimal():
            pieces[place : place + 1] = [f"{name}={number}"] if number > 1 else []
            return urls.canonicalize(parts._replace(query="&".join(pieces)).geturl())
    match = PAGE_IN_PATH.search(parts.path)
    if match is None:
        return ""
    end = match["end"]
    path = parts.path[: match.start("number")] + str(number) + end if number > 1 else parts.path[: match.start()] + end
    return urls.canonicalize(parts._replace(path=path or "/").geturl())


def _resolve(own: str, link: str) -> str:
    """Return the canonical form of a link of a page, or "" if it is no http(s) URL."""
    try:
        return urls.canonicalize(urls.absolute(own, link))
    except InputError:
        return ""
