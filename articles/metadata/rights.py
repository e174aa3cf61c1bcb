"""What a page and its response state about what may be done with them: for robots, for text and data mining, licences.

Recorded, never judged: a researcher who redistributes a corpus decides by it. Sources: the Robots Exclusion extensions
that search engines document (robots meta, X-Robots-Tag, data for AI: "noai"), TDMRep (W3C Community Group Final Report,
2024: tdm-reservation, tdm-policy), rel=license (HTML standard), schema.org, Dublin Core.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from articles.model import Right
from articles.page.structured import Structured, text_of

FORBIDS = frozenset(
    {
        "noindex", "none", "noarchive", "nocache", "nosnippet", "noai", "noimageai", "noml", "notranslate",
        "noimageindex",
    }
)  # what asks for less than everything; "index", "follow" and the sizes of previews say nothing here  # fmt: skip
LIMITS = ("max-snippet:", "unavailable_after:")
NO_LIMIT = "max-snippet:-1"
ROBOTS = re.compile(r"^(?:robots|[\w-]*bot(?:-[\w-]+)?|bingpreview|slurp|yandex|google-extended)$")
AGENT = re.compile(r"^\s*(?P<agent>[\w-]+)\s*:\s*(?=[a-z])", re.IGNORECASE)  # "googlebot: noindex"
TDM = ("tdm-reservation", "tdm-policy")
STATED = ("dc.rights", "dcterms.rights", "dcterms.license", "dc.rights.license", "copyright", "rights", "license")
JSON_LD = (("license", "licence"), ("usageInfo", "licence"), ("copyrightNotice", "copyright"))
LINK = re.compile(r"<([^<>]{1,500})>\s*;[^,]*\brel\s*=\s*[\"']?license\b", re.IGNORECASE)
MOST = 40  # statements of a page that are kept
LONGEST = 300  # characters of one


def of_page(stated: Structured) -> tuple[Right, ...]:
    """Return what a page states."""
    return _bounded(_on_page(stated))


def of_response(headers: Sequence[tuple[str, str]]) -> tuple[Right, ...]:
    """Return what a response's headers state."""
    return _bounded(_in_headers(headers))


def _on_page(stated: Structured) -> Iterator[Right]:
    for name, values in stated.meta.items():
        if ROBOTS.match(name):
            yield from (Right("robots", found, f"meta:{name}") for value in values for found in directives(value))
        elif name in TDM:
            yield from (Right(name, value, f"meta:{name}") for value in values)
        elif name in STATED:
            kind = "licence" if "license" in name else "copyright"
            yield from (Right(kind, value, f"meta:{name}") for value in values)
    for where, link in stated.licences:
        yield Right("licence", link, where)
    for thing in (*stated.articles, *stated.pages):
        for key, kind in JSON_LD:
            value = thing.get(key)
            text = text_of(value) or (text_of(value.get("url") or value.get("@id")) if isinstance(value, dict) else "")
            yield Right(kind, text, f"json-ld:{key}")


def _in_headers(headers: Sequence[tuple[str, str]]) -> Iterator[Right]:
    for header, value in headers:
        name = header.lower()
        if name == "x-robots-tag":
            agent = AGENT.match(value)
            told = agent is not None and not value.lower().startswith(LIMITS)
            where = f"header:x-robots-tag:{agent['agent'].lower()}" if agent and told else "header:x-robots-tag"
            rest = value[agent.end() :] if agent and told else value
            yield from (Right("robots", found, where) for found in directives(rest))
        elif name in TDM:
            yield Right(name, value.strip(), f"header:{name}")
        elif name == "link":
            yield from (Right("licence", link, "header:link") for link in LINK.findall(value[: MOST * LONGEST]))


def directives(value: str) -> list[str]:
    """Return the directives of a robots statement that ask for less than everything, in lower case."""
    parts = re.split(r"[,;]\s*(?=[a-z])", value[: MOST * LONGEST].lower())
    found = [part.strip().replace(": ", ":", 1) for part in parts]
    return [part for part in found if part in FORBIDS or (part.startswith(LIMITS) and part != NO_LIMIT)]


def _bounded(found: Iterable[Right]) -> tuple[Right, ...]:
    short = (Right(one.kind, one.value[:LONGEST], one.where) for one in found if one.value)
    return tuple(dict.fromkeys(short))[:MOST]
