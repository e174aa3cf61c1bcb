"""Dates of publication and modification: all candidates in order of trust, of which the first believable is chosen."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from articles import dates
from articles.metadata import localtime, relative_dates, zones
from articles.metadata.context import MetadataContext
from articles.model import Choice, Evidence
from articles.page.structured import text_of

PUBLISHED_META = (
    "article:published_time",
    "article:published:time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.issued",
    "dc.date.created",
    "date.created",
    "published_time",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "publish-date",
    "publish_date",
    "pubdate",
    "publishdate",
    "publisheddate",
    "publication_date",
    "published_at",
    "published",
    "rnews:datepublished",
    "article.published",
    "ptime",
    "date.available",
    "published_time_telegram",
    "mediator_published_time",
    "article_date_original",
    "originalpublicationdate",
    "og:pubdate",
    "citation_publication_date",
    "weibo: article:create_at",
    "dc.date",
    "dcterms.date",
    "date",
    "datecreated",
)
MODIFIED_META = (
    "article:modified_time",
    "article:modified:time",
    "og:article:modified_time",
    "datemodified",
    "og:updated_time",
    "dcterms.modified",
    "dc.date.modified",
    "date.modified",
    "date.updated",
    "article:updated_time",
    "lastmod",
    "last_modified",
    "article.updated",
    "utime",
    "revised",
)
MAX_DATELINE_CHARS = 120  # length of a line that shows the date
LABEL = re.compile(  # says whether the date after it is that of publication or that of a change
    r"(?P<change>\b(?:last )?(?:updated|modified|edited)\b|обновл[её]н\w*|изменен\w*|оновлено|жаңартыл\w*|жаңылан\w*|yangilan\w*|"
    r"atnaujint\w*|aktualisiert|aktualizac\w*|zaktualizowano|güncellen?me\w*|mis à jour|actualizado|aggiornat\w*)"
    r"|\b(?:published|posted|опубликован\w*|опубліковано|жариялан\w*|e'lon qilin\w*|paskelbt\w*|veröffentlicht|opublikowano|yayınlanma)\b",
    re.IGNORECASE,
)


class DateCandidate(NamedTuple):
    """A date (ISO 8601) and the source that states it."""

    origin: str
    value: str


def read(source: MetadataContext) -> tuple[str, str, list[Evidence], list[Choice]]:
    """Return the dates of publication and of the last change (empty if not stated), the candidates and the reasons."""
    month_first = source.stated.lang.lower().startswith("en-us")
    visible = list(_visible(source))
    lines = [(origin, text) for origin, text, change in visible if not change]
    changes = [(origin, text) for origin, text, change in visible if change]
    results = []
    for name, found in (("published", _published(source, lines)), ("modified", _modified(source, changes))):
        believable = _believable(found, source, month_first=month_first) or _relative(found, source)
        results.append(choose(name, believable, zones.country_of(source.url)))
    (published, first, why), (modified, second, why_modified) = results
    return published, modified, first + second, [why, why_modified]


def choose(name: str, candidates: Sequence[DateCandidate], country: str) -> tuple[str, list[Evidence], Choice]:
    """Return the first candidate, in local time if the page shows that time too, with the evidence and the reason."""
    if not candidates:
        return "", [], Choice(name, "the page states no such date")
    first = candidates[0]
    value, why = (
        first.value,
        [f"{first.origin} is the first of the sources, in their order of trust, that states a date"],
    )
    local = localtime.find_local_time(value, candidates[1:], country)
    if local is not None:
        origin, value = local
        why.append(f"{origin} shows the same moment as local time")
    elif (corrected := localtime.find_true_offset(value, candidates[1:])) is not None:
        origin, value = corrected
        why.append(f"{origin} gives the same clock with its zone: it is not UTC")
    why.append(_describe_zone(value, country))
    others = {candidate.value[:10] for candidate in candidates} - {value[:10]}
    if others:
        why.append(f"other sources name {', '.join(sorted(others)[:3])}")
    evidence = [Evidence(name, found.origin, found.value, chosen=found is first) for found in candidates]
    return value, evidence, Choice(name, "; ".join(why))


def _describe_zone(value: str, country: str) -> str:
    """Describe a date's zone in words, or say that it has none."""
    day, _, clock = value.partition("T")
    if not clock:
        return "a day without a time"
    if dates.instant(value) is not None:
        return "the time has its zone"
    minutes = zones.minutes_at(country, datetime.fromisoformat(value))
    if minutes is None:
        return "a local time: no zone is stated"
    return f"a local time: no zone is stated; the clocks of .{country} stood at {dates.offset(minutes)} on {day}"


def _believable(found: Sequence[tuple[str, str]], source: MetadataContext, *, month_first: bool) -> list[DateCandidate]:
    """Return the texts that are plausible dates for an article fetched when this page was."""
    parsed = (DateCandidate(origin, dates.parse(text, month_first=month_first)) for origin, text in found if text)
    return [candidate for candidate in parsed if candidate.value and dates.plausible(candidate.value, source.fetched)]


def _relative(found: Sequence[tuple[str, str]], source: MetadataContext) -> list[DateCandidate]:
    """Return the dates of visible lines such as "3 hours ago": the last resort, if nothing states a date."""
    country = zones.country_of(source.url)
    values = (relative_dates.parse(text, source.fetched, country) for origin, text in found if origin == "visible")
    return [DateCandidate("visible:relative", value) for value in values if value]


def _published(source: MetadataContext, lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    stated, page = source.stated, source.page
    article = stated.articles[0] if stated.articles else {}
    found = [("json-ld", text_of(article.get("datePublished")))]
    found += [(f"meta:{name}", stated.meta[name][0]) for name in PUBLISHED_META if name in stated.meta]
    found += [(f"itemprop:{prop}", value) for _, value, prop in page.times if prop in ("datePublished", "dateCreated")]
    found += [("json-ld:webpage", text_of(thing.get("datePublished"))) for thing in stated.pages[:1]]
    near = source.head()
    if near:
        first, last = near[0].position, near[-1].position + 1
        found += [("time", value) for position, value, _ in page.times if first <= position <= last]
    found += lines
    found.append(("url", dates.from_url(source.url)))
    found.append(("json-ld:created", text_of(article.get("dateCreated"))))
    return found


def _modified(source: MetadataContext, lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    stated = source.stated
    things = stated.articles[:1] + stated.pages[:1]
    found = [("json-ld", text_of(thing.get("dateModified"))) for thing in things]
    found += [(f"meta:{name}", stated.meta[name][0]) for name in MODIFIED_META if name in stated.meta]
    found += [(f"itemprop:{prop}", value) for _, value, prop in source.page.times if prop == "dateModified"]
    return [*found, *lines]


def _visible(source: MetadataContext) -> Iterator[tuple[str, str, bool]]:
    """Yield ("visible", text, whether it is the date of a change) for the lines near the headline that may hold a date."""
    for block in source.head():
        if len(block.text) >= MAX_DATELINE_CHARS or block.position in source.aside or block.tag == "h1":
            continue
        change, start = False, 0
        for label in LABEL.finditer(block.text):
            yield "visible", block.text[start : label.start()], change
            change, start = bool(label.group("change")), label.end()
        yield "visible", block.text[start:], change
