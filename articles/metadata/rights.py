"""Statements of a page and its response on how they may be used: robots directives, text and data mining, licences.

They are recorded, not judged (`articles.metadata.reservations` says which uses they reserve). Sources: the Robots
Exclusion extensions that search engines document (robots meta, X-Robots-Tag, data for AI: "noai"), TDMRep (W3C Community
Group Final Report, 2024: tdm-reservation, tdm-policy), Content-Usage (draft-ietf-aipref-attach), Content-Signal
(contentsignals.org), RSL 1.0, Cloudflare's crawler-price, rel=license (HTML standard), schema.org, Dublin Core.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from articles.model import Capture, Right
from articles.page.structured import Structured, text_of

# "index", "follow" and the sizes of previews restrict nothing and are not recorded.
RESTRICTIVE_DIRECTIVES = frozenset(
    {
        "noindex", "none", "noarchive", "nocache", "nosnippet", "noai", "noimageai", "noml", "notranslate",
        "noimageindex",
    }
)  # fmt: skip
LIMITING_PREFIXES = ("max-snippet:", "unavailable_after:")
UNLIMITED_SNIPPET = "max-snippet:-1"
ROBOTS_META = re.compile(r"^(?:robots|[\w-]*bot(?:-[\w-]+)?|bingpreview|slurp|yandex|google-extended|irtysh)$")
USER_AGENT_PREFIX = re.compile(r"^\s*(?P<agent>[\w-]+)\s*:\s*(?=[a-z])", re.IGNORECASE)  # "googlebot: noindex"
USE_NAMES = ("tdm-reservation", "tdm-policy", "content-usage", "content-signal")
PRICE_NAMES = ("crawler-price", "payment-required")  # with a status 402: Cloudflare's pay per crawl, and x402
RSL_TYPE = "application/rsl+xml"
RIGHTS_META = ("dc.rights", "dcterms.rights", "dcterms.license", "dc.rights.license", "copyright", "rights", "license")
JSON_LD_PROPERTIES = (("license", "licence"), ("usageInfo", "licence"), ("copyrightNotice", "copyright"))
LICENSE_LINK = re.compile(
    r"<(?P<url>[^<>]{1,500})>(?P<rest>\s*;[^,<>]{0,500}?\brel\s*=\s*[\"']?license\b[^,<>]{0,500})", re.IGNORECASE
)
MAX_STATEMENTS = 40  # kept for each page
MAX_STATEMENT_CHARS = 300  # the characters of a statement that are kept


def of_page(stated: Structured) -> tuple[Right, ...]:
    """Return the statements in a page's metadata and links."""
    return _bounded(_on_page(stated))


def of_response(headers: Sequence[tuple[str, str]]) -> tuple[Right, ...]:
    """Return the statements in the headers of a response."""
    return _bounded(_in_headers(headers))


def of_capture(capture: Capture) -> tuple[Right, ...]:
    """Return the statements in a response's headers and in its site's files, without those of the page itself."""
    return tuple(dict.fromkeys((*of_response(capture.headers), *capture.site_rights)))


def _on_page(stated: Structured) -> Iterator[Right]:
    for name, values in stated.meta.items():
        if ROBOTS_META.match(name):
            yield from (Right("robots", found, f"meta:{name}") for value in values for found in directives(value))
        elif name in USE_NAMES:
            yield from (Right(name, value, f"meta:{name}") for value in values)
        elif name in RIGHTS_META:
            kind = "licence" if "license" in name else "copyright"
            yield from (Right(kind, value, f"meta:{name}") for value in values)
    for where, link in stated.licences:
        yield Right("rsl" if where.endswith(":rsl") else "licence", link, where)
    for thing in (*stated.articles, *stated.pages):
        for key, kind in JSON_LD_PROPERTIES:
            value = thing.get(key)
            text = text_of(value) or (text_of(value.get("url") or value.get("@id")) if isinstance(value, dict) else "")
            yield Right(kind, text, f"json-ld:{key}")


def _in_headers(headers: Sequence[tuple[str, str]]) -> Iterator[Right]:
    for header, value in headers:
        name = header.lower()
        if name == "x-robots-tag":
            agent = USER_AGENT_PREFIX.match(value)
            named = agent is not None and not value.lower().startswith(LIMITING_PREFIXES)
            where = f"header:x-robots-tag:{agent['agent'].lower()}" if agent and named else "header:x-robots-tag"
            rest = value[agent.end() :] if agent and named else value
            yield from (Right("robots", found, where) for found in directives(rest))
        elif name in USE_NAMES:
            yield Right(name, value.strip(), f"header:{name}")
        elif name in PRICE_NAMES:
            yield Right("price", value.strip(), f"header:{name}")
        elif name == "link":
            for link in LICENSE_LINK.finditer(value[: MAX_STATEMENTS * MAX_STATEMENT_CHARS]):
                yield Right("rsl" if RSL_TYPE in link["rest"].lower() else "licence", link["url"], "header:link")


def directives(value: str) -> list[str]:
    """Return the restrictive directives of a robots statement, in lower case."""
    parts = re.split(r"[,;]\s*(?=[a-z])", value[: MAX_STATEMENTS * MAX_STATEMENT_CHARS].lower())
    found = [part.strip().replace(": ", ":", 1) for part in parts]
    return [
        part
        for part in found
        if part in RESTRICTIVE_DIRECTIVES or (part.startswith(LIMITING_PREFIXES) and part != UNLIMITED_SNIPPET)
    ]


def _bounded(found: Iterable[Right]) -> tuple[Right, ...]:
    short = (Right(right.kind, right.value[:MAX_STATEMENT_CHARS], right.where) for right in found if right.value)
    return tuple(dict.fromkeys(short))[:MAX_STATEMENTS]
