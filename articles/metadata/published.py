"""When an article was published and changed: every candidate with its source, the first believable one chosen."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from articles import dates
from articles.metadata import localtime, relative_dates, zones
from articles.metadata.context import MetadataContext
from articles.model import Choice, Evidence
from articles.page.structured import text_of

PUBLISHED = (
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
MODIFIED = (
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
LINE = 120  # characters of a block that is a dateline
LABEL = re.compile(  # what a date after it is: of publication, or of a change
    r"(?P<change>\b(?:last )?(?:updated|modified|edited)\b|обновл[её]н\w*|изменен\w*|оновлено|жаңартыл\w*|жаңылан\w*|yangilan\w*|"
    r"atnaujint\w*|aktualisiert|aktualizac\w*|zaktualizowano|güncellen?me\w*|mis à jour|actualizado|aggiornat\w*)"
    r"|\b(?:published|posted|опубликован\w*|опубліковано|жариялан\w*|e'lon qilin\w*|paskelbt\w*|veröffentlicht|opublikowano|yayınlanma)\b",
    re.IGNORECASE,
)


class DateCandidate(NamedTuple):
    """A believable date and where it stands."""

    origin: str
    value: str


def read(source: MetadataContext) -> tuple[str, str, list[Evidence], list[Choice]]:
    """Return the dates of publication and of the last change, empty where none is stated, the candidates, the reasons."""
    month_first = source.stated.lang.lower().startswith("en-us")
    visible = list(_visible(source))
    lines = [(origin, text) for origin, text, change in visible if not change]
    changes = [(origin, text) for origin, text, change in visible if change]
    results = []
    for name, found in (("published", _published(source, lines)), ("modified", _modified(source, changes))):
        believable = _believable(found, source, month_first=month_first) or _counted(found, source)
        results.append(choose(name, believable, zones.country_of(source.url)))
    (published, first, why), (modified, second, why_modified) = results
    return published, modified, first + second, [why, why_modified]


def choose(name: str, candidates: Sequence[DateCandidate], country: str) -> tuple[str, list[Evidence], Choice]:
    """Return the first candidate, as a local time where the page shows the same moment so; the evidence; the reason."""
    if not candidates:
        return "", [], Choice(name, "the page states no such date")
    first = candidates[0]
    value, why = (
        first.value,
        [f"{first.origin} is the first of the sources, in their order of trust, that states a date"],
    )
    told = localtime.shown(value, candidates[1:], country)
    if told is not None:
        origin, value = told
        why.append(f"{origin} shows the same moment as local time")
    elif (known := localtime.mislabelled(value, candidates[1:])) is not None:
        origin, value = known
        why.append(f"{origin} gives the same clock with its zone: it is not UTC")
    why.append(_zone_of(value, country))
    others = {candidate.value[:10] for candidate in candidates} - {value[:10]}
    if others:
        why.append(f"other sources name {', '.join(sorted(others)[:3])}")
    evidence = [Evidence(name, found.origin, found.value, chosen=found is first) for found in candidates]
    return value, evidence, Choice(name, "; ".join(why))


def _zone_of(value: str, country: str) -> str:
    """Say what a date's zone is, or that it has none."""
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
    """Return the texts that are dates at which an article can have appeared before it was fetched."""
    readings = (DateCandidate(origin, dates.parse(text, month_first=month_first)) for origin, text in found if text)
    return [one for one in readings if one.value and dates.plausible(one.value, source.fetched)]


def _counted(found: Sequence[tuple[str, str]], source: MetadataContext) -> list[DateCandidate]:
    """Return the visible lines that count back from when the page was served: read where nothing states a date."""
    country = zones.country_of(source.url)
    values = (relative_dates.parse(text, source.fetched, country) for origin, text in found if origin == "visible")
    return [DateCandidate("visible:relative", value) for value in values if value]


def _published(source: MetadataContext, lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    stated, page = source.stated, source.page
    article = stated.articles[0] if stated.articles else {}
    found = [("json-ld", text_of(article.get("datePublished")))]
    found += [(f"meta:{name}", stated.meta[name][0]) for name in PUBLISHED if name in stated.meta]
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
    found += [(f"meta:{name}", stated.meta[name][0]) for name in MODIFIED if name in stated.meta]
    found += [(f"itemprop:{prop}", value) for _, value, prop in source.page.times if prop == "dateModified"]
    return [*found, *lines]


def _visible(source: MetadataContext) -> Iterator[tuple[str, str, bool]]:
    """Yield the parts of lines around the headline that may hold a date, and whether they tell of a change."""
    for block in source.head():
        if len(block.text) >= LINE or block.position in source.aside or block.tag == "h1":
            continue
        change, start = False, 0
        for label in LABEL.finditer(block.text):
            yield "visible", block.text[start : label.start()], change
            change, start = bool(label.group("change")), label.end()
        yield "visible", block.text[start:], change
