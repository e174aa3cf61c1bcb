"""Infer a regular expression for an outlet's article URLs from examples. Pure functions over untrusted URLs.

The expression holds nothing of the URLs but escaped hosts and plain words of paths, is short, and repeats only single
characters. So matching a URL never takes more than a time linear in its segments.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

MIN_SLUG_WORDS = 3  # joined by hyphens or underscores; names of sections have one or two
MIN_NUMBER_DIGITS = 4  # of an article's number in a URL; numbers of sections are lower
MAX_SEGMENTS = 12  # of an article's path; real ones have at most eight
MAX_HOSTS = 20  # named in an expression: a site's editions; of more, the hosts with most URLs
MAX_PATTERN_CHARS = 2_500  # of an expression: 20 hosts of 60 characters, 12 segments of 100
MAX_WORD_CHARS = 60  # of a path's word that is written as it is; a longer one is "some word"
YEAR = r"(?:19|20)\d\d"
SLUG = re.compile(  # found anywhere in a segment, in linear time: each part ends where the next begins
    rf"\d{{{MIN_NUMBER_DIGITS}}}|[^-_/](?:[-_][^-_/]+){{{MIN_SLUG_WORDS - 2}}}[-_][^-_/]"
)
REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{\d+,)")  # in an expression without its escapes and character classes
ESCAPES_AND_CLASSES = re.compile(r"\\.|\[(?:\\.|[^\[\]\\])+\]")
SEGMENT_KINDS = (  # of path segments: name, the segment's form, its part of the result; the first match is used
    ("date", re.compile(rf"{YEAR}-\d\d-\d\d"), r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"),
    ("ymd", re.compile(rf"{YEAR}(?:0\d|1[0-2])(?:[0-2]\d|3[01])"), r"(?P<ymd>\d{8})"),
    ("y", re.compile(YEAR), r"(?P<y>\d{4})"),
    ("md", re.compile(r"\d\d"), ""),  # a month after a year, a day after a month, else a number
    ("number", re.compile(r"\d+"), r"\d+"),
    ("page", re.compile(r"[^/]+\.s?html?"), r"[^/?#]+\.s?html?"),
    (
        "slug",
        SLUG,
        rf"(?=[^/?#]*(?:\d{{{MIN_NUMBER_DIGITS}}}|(?:[-_][^/?#]*){{{MIN_SLUG_WORDS - 1}}}))[^/?#]+",
    ),
    ("word", re.compile(r"[a-z][a-z_-]*"), r"[a-z_-]+"),
    ("other", re.compile(r"[^/]+"), r"[^/?#]+"),
)
ARTICLE_KINDS = frozenset({"date", "ymd", "y", "number", "page", "slug"})  # an article's URL has at least one of these


@dataclass(frozen=True, slots=True)
class UrlShape:
    """The form of a URL: the kinds of its path segments."""

    kinds: tuple[str, ...]

    @property
    def article(self) -> bool:
        """Whether URLs of this form are of articles rather than sections."""
        return self.kinds[-1:] != ("word",) and bool(ARTICLE_KINDS.intersection(self.kinds))


def shape(url: str) -> UrlShape:
    """Return the form of a URL."""
    return UrlShape(tuple(_kind(segment) for segment in _segments(url)))


def pattern(urls: Iterable[str]) -> tuple[str, list[str]]:
    """Return a regular expression for the commonest form of article URLs, and the URLs of that form.

    Both are empty if no URL looks like an article's. The expression matches whole URLs; it has the groups `y`, `m`, `d`
    or `ymd` if the form includes a date. The URLs are such as a crawl requests, of one site.
    """
    by_shape: dict[UrlShape, list[str]] = {}
    for url in sorted(set(urls)):
        if len(_segments(url)) <= MAX_SEGMENTS:
            by_shape.setdefault(shape(url), []).append(url)
    likely = [(len(alike), form.kinds) for form, alike in by_shape.items() if form.article]
    if not likely:
        return "", []
    kinds = max(likely)[1]
    alike = by_shape[UrlShape(kinds)]
    hosts = _commonest_hosts(alike)
    alike = [url for url in alike if _host(url) in hosts]
    ends = {url.split("?")[0].endswith("/") for url in alike}
    tail = "/" if ends == {True} else "" if ends == {False} else "/?"
    found = rf"https?://{_hosts(hosts)}/{'/'.join(_parts(kinds, alike))}{tail}"
    if len(found) > MAX_PATTERN_CHARS or not is_bounded(found):
        return "", []
    return found, alike


def is_bounded(expression: str) -> bool:
    """Return whether a regular expression is valid and repeats only single characters, never a group without a limit."""
    try:
        re.compile(expression)
    except re.error:
        return False
    return REPEATED_GROUP.search(ESCAPES_AND_CLASSES.sub("x", expression)) is None


def _host(url: str) -> str:
    return (urlsplit(url).netloc or "").lower().removeprefix("www.")


def _commonest_hosts(urls: Sequence[str]) -> list[str]:
    counted = Counter(map(_host, urls))
    return sorted(sorted(counted, key=lambda host: (-counted[host], host))[:MAX_HOSTS])


def _hosts(names: Sequence[str]) -> str:
    joined = "|".join(map(re.escape, names))
    return rf"(www\.)?{joined if len(names) == 1 else f'({joined})'}"


def _parts(kinds: Sequence[str], urls: Sequence[str]) -> list[str]:
    written = {name: text for name, _, text in SEGMENT_KINDS}
    parts, before = [], ""
    for at, kind in enumerate(kinds):
        if kind == "md":
            text = {"y": r"(?P<m>\d\d)", "m": r"(?P<d>\d\d)"}.get(before, r"\d\d")
            before = {"y": "m"}.get(before, "")
        else:
            values = Counter(_segments(url)[at] for url in urls)
            text = (
                re.escape(next(iter(values)))
                if kind == "word" and len(values) == 1 and len(urls) > 1 and len(min(values)) <= MAX_WORD_CHARS
                else written[kind]
            )
            before = kind
        parts.append(text)
    return parts


def _kind(segment: str) -> str:
    return next(
        name
        for name, looks, _ in SEGMENT_KINDS
        if (looks.search(segment) if looks is SLUG else looks.fullmatch(segment))
    )


def _segments(url: str) -> list[str]:
    return [segment for segment in urlsplit(url).path.split("/") if segment]
