"""The form of an outlet's article addresses, inferred from some of them. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

WORDS = 3  # of a slug, joined by hyphens or underscores: sections have one or two
DIGITS = 4  # of a number in an address: sections are numbered lower
YEAR = r"(?:19|20)\d\d"
KINDS = (  # of a path's segment: name, what it looks like, what stands for it in the pattern; the first that fits counts
    ("date", re.compile(rf"{YEAR}-\d\d-\d\d"), r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"),
    ("ymd", re.compile(rf"{YEAR}(?:0\d|1[0-2])(?:[0-2]\d|3[01])"), r"(?P<ymd>\d{8})"),
    ("y", re.compile(YEAR), r"(?P<y>\d{4})"),
    ("md", re.compile(r"\d\d"), ""),  # a month behind a year, a day behind a month, else a number
    ("number", re.compile(r"\d+"), r"\d+"),
    ("page", re.compile(r"[^/]+\.s?html?"), r"[^/?#]+\.s?html?"),
    (
        "slug",
        re.compile(rf"[^/]*(?:\d{{{DIGITS},}}|(?:[^-_/]+[-_]){{{WORDS - 1},}}[^-_/]+)[^/]*"),
        rf"(?=[^/?#]*(?:\d{{{DIGITS}}}|(?:[-_][^/?#]*){{{WORDS - 1}}}))[^/?#]+",
    ),
    ("word", re.compile(r"[a-z][a-z_-]*"), r"[a-z_-]+"),
    ("other", re.compile(r"[^/]+"), r"[^/?#]+"),
)
TELLING = frozenset({"date", "ymd", "y", "number", "page", "slug"})  # one of these an article's address has


@dataclass(frozen=True, slots=True)
class UrlShape:
    """What addresses of one form have in common."""

    kinds: tuple[str, ...]  # of the path's segments

    @property
    def article(self) -> bool:
        """Whether articles have such addresses, rather than sections."""
        return self.kinds[-1:] != ("word",) and bool(TELLING.intersection(self.kinds))


def shape(url: str) -> UrlShape:
    """Return the form of an address."""
    return UrlShape(tuple(_kind(segment) for segment in _segments(url)))


def pattern(urls: Iterable[str]) -> tuple[str, list[str]]:
    """Return a regular expression for the commonest form that articles have, and the addresses of that form.

    Both are empty where no address looks like an article's. The expression matches whole addresses, and `y`, `m`, `d` or
    `ymd` are groups of it where the form holds a date.
    """
    by_shape: dict[UrlShape, list[str]] = {}
    for url in sorted(set(urls)):
        by_shape.setdefault(shape(url), []).append(url)
    likely = [(len(held), form.kinds) for form, held in by_shape.items() if form.article]
    if not likely:
        return "", []
    kinds = max(likely)[1]
    held = by_shape[UrlShape(kinds)]
    ends = {url.split("?")[0].endswith("/") for url in held}
    tail = "/" if ends == {True} else "" if ends == {False} else "/?"
    return rf"https?://{_hosts(held)}/{'/'.join(_parts(kinds, held))}{tail}", held


def _hosts(urls: Sequence[str]) -> str:
    names = sorted({(urlsplit(url).netloc or "").lower().removeprefix("www.") for url in urls})
    joined = "|".join(map(re.escape, names))
    return rf"(www\.)?{joined if len(names) == 1 else f'({joined})'}"


def _parts(kinds: Sequence[str], urls: Sequence[str]) -> list[str]:
    written = {name: text for name, _, text in KINDS}
    parts, before = [], ""
    for at, kind in enumerate(kinds):
        if kind == "md":
            text = {"y": r"(?P<m>\d\d)", "m": r"(?P<d>\d\d)"}.get(before, r"\d\d")
            before = {"y": "m"}.get(before, "")
        else:
            values = Counter(_segments(url)[at] for url in urls)
            text = (
                re.escape(next(iter(values)))
                if kind == "word" and len(values) == 1 and len(urls) > 1
                else written[kind]
            )
            before = kind
        parts.append(text)
    return parts


def _kind(segment: str) -> str:
    return next(name for name, looks, _ in KINDS if looks.fullmatch(segment))


def _segments(url: str) -> list[str]:
    return [segment for segment in urlsplit(url).path.split("/") if segment]
