"""Fetches as a view sees them: visits of an address, each of which showed rows or said why there are none."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from articles.history.identity import RowHead, Sightings
from articles.model import CaptureRef, Fetch, Purpose, Reason

NO_ARTICLE_REASONS = frozenset({Reason.NO_ARTICLE, Reason.OFF_TOPIC})  # nothing can be the article of such a page


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """A capture that showed a row."""

    fetched: datetime
    ref: CaptureRef


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """The parts of a fetch that a view needs."""

    fetched: datetime
    ref: CaptureRef
    reason: str
    rows: tuple[str, ...]
    purpose: Purpose
    listed: str = ""  # the date that a feed or sitemap gave
    address: str = ""  # article id of the URL that was fetched

    @property
    def entry(self) -> bool:
        """Whether it is a feed's entry, not the article's own page."""
        return self.purpose is Purpose.ENTRY


def visits_of(fetches: Iterable[Fetch]) -> Iterator[Visit]:
    """Yield the fetches of pages, feed entries and listings as visits; no view depends on others."""
    for fetch in fetches:
        if not fetch.purpose.article and fetch.purpose is not Purpose.LISTING:
            continue
        listed = fetch.discovery.date if fetch.discovery else ""
        yield Visit(fetch.fetched, fetch.ref, fetch.reason, fetch.rows, fetch.purpose, listed, fetch.article_id)


def last_of_each(visits: Iterable[Visit]) -> list[Visit]:
    """Return one visit for each capture: the last that is given."""
    return list({visit.ref.record_id: visit for visit in visits}.values())


def by_address(visits: Iterable[Visit]) -> dict[str, list[Visit]]:
    """Return the visits of each address in order of time, of each capture the last one that is given."""
    found: defaultdict[str, list[Visit]] = defaultdict(list)
    for visit in last_of_each(visits):
        found[visit.address].append(visit)
    return {address: sorted(_superseding(visits)) for address, visits in found.items()}


def _superseding(visits: list[Visit]) -> list[Visit]:
    """Return the visits without feed entries if the article's own page was extracted.

    A feed gives the same text in another form, which would be a false version of the article.
    """
    read = any(visit.rows and not visit.entry for visit in visits)
    return [visit for visit in visits if not visit.entry] if read else visits


def sightings(visited: Mapping[str, list[Visit]]) -> Sightings:
    """Return what the fetches show of rows and URLs."""
    last: dict[str, tuple[datetime, CaptureRef]] = {}
    together: defaultdict[str, set[str]] = defaultdict(set)
    no_article = set()
    for address, visits in visited.items():
        for visit in visits:
            for row_id in visit.rows:
                last[row_id] = max(last.get(row_id, (visit.fetched, visit.ref)), (visit.fetched, visit.ref))
                if len(visit.rows) > 1:
                    together[row_id].update(visit.rows)
            if visit.reason in NO_ARTICLE_REASONS or visit.purpose is Purpose.LISTING:
                no_article.add(address)
    return Sightings(last, together, no_article)


def first_sightings(visited: Mapping[str, list[Visit]]) -> dict[str, Sighting]:
    """Return the first capture that showed each row. The row itself names the capture that was processed first."""
    shown: dict[str, Sighting] = {}
    for visits in visited.values():
        for visit in visits:
            sighting = Sighting(visit.fetched, visit.ref)
            for row_id in visit.rows:
                shown[row_id] = min(shown.get(row_id, sighting), sighting)
    return shown


def dates_listed(by_row: Mapping[str, RowHead], visited: Mapping[str, list[Visit]]) -> defaultdict[str, set[str]]:
    """Return the dates that feeds and sitemaps gave for each document."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for visits in visited.values():
        for visit in visits:
            for row_id in visit.rows:
                if visit.listed and row_id in by_row:
                    found[by_row[row_id].document_id].add(visit.listed)
    return found
