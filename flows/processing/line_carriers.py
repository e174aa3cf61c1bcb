"""Find older texts that have a line which `irtysh learn` would take for a site's template.

Six pages that quote a sentence must not remove it from the text that they quote. Whether a text is older is decided by
the first captures, not by the dates that pages state.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from articles.profile import MIN_OWN_ARTICLES
from articles.site import folded_line
from flows.processing.sites import Sites
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.rows import paragraphs_of
from storage.tables.state import State

TEXT_COLUMNS = ("row_id", "article_id", "canonical_url", "text", "paragraphs")
BATCH_ROWS = 500  # rows turned into Python objects at once
END_PARAGRAPHS = 2  # at each end of a text, besides the lines looked for, between which a template adds lines


@dataclass(frozen=True, slots=True)
class LineCarrier:
    """A text that has a line as a paragraph."""

    site: str
    article: str
    row_id: str
    amid: bool  # not near the beginning or the end of the text


def carried_elsewhere(
    store: ObjectStore, state: State, sites: Sites, since: Mapping[str, Mapping[str, datetime]]
) -> dict[str, set[str]]:
    """Return for each site the lines that an older text has as its own words.

    `since` holds, for each site, the lines to look for and when the first page of the site with each was seen. A text
    of another site counts unless that site repeats the line in many articles, as a template does. A text of the same site
    counts if the line is amid the text.
    """
    wanted = {line for lines in since.values() for line in lines}
    carriers = _carriers(store, state, sites, wanted) if wanted else {}
    seen = _first_seen(store, state, {one.row_id for found in carriers.values() for one in found})
    return {
        name: {
            line
            for line, first in lines.items()
            if any(_is_older_text(one, first, name, seen) for one in _own_words(carriers.get(line, ()), name))
        }
        for name, lines in since.items()
    }


def _own_words(carriers: Iterable[LineCarrier], name: str) -> list[LineCarrier]:
    """Return the texts in which a line is not likely to be part of a template."""
    articles: defaultdict[str, set[str]] = defaultdict(set)
    found = list(carriers)
    for one in found:
        articles[one.site].add(one.article)
    return [one for one in found if (one.amid if one.site == name else len(articles[one.site]) < MIN_OWN_ARTICLES)]


def _is_older_text(one: LineCarrier, first: datetime, name: str, seen: Mapping[str, datetime]) -> bool:
    """Return whether a text was seen before a site had a line; on the same site, not later."""
    return one.row_id in seen and (seen[one.row_id] < first or (one.site == name and seen[one.row_id] == first))


def _carriers(store: ObjectStore, state: State, sites: Sites, wanted: set[str]) -> dict[str, list[LineCarrier]]:
    found: defaultdict[str, list[LineCarrier]] = defaultdict(list)
    for table in packs.read_each(store, state.live("documents"), TEXT_COLUMNS):
        for batch in table.to_batches(max_chunksize=BATCH_ROWS):
            for row in batch.to_pylist():
                lines = [folded_line(paragraph) for paragraph in paragraphs_of(row["text"], row["paragraphs"])]
                others = len(lines) - sum(line in wanted for line in lines)
                before = 0
                for line in lines:
                    if line in wanted:
                        site, amid = sites.profiled(row["canonical_url"]), min(before, others - before) > END_PARAGRAPHS
                        found[line].append(LineCarrier(site, row["article_id"], row["row_id"], amid))
                    else:
                        before += 1
    return found


def _first_seen(store: ObjectStore, state: State, row_ids: set[str]) -> dict[str, datetime]:
    """Return when rows were first seen."""
    found: dict[str, datetime] = {}
    for table in packs.read_each(store, state.live("fetches") if row_ids else [], ("rows", "fetched")):
        for row in table.to_pylist():
            for row_id in row["rows"]:
                if row_id in row_ids:
                    found[row_id] = min(found.get(row_id, row["fetched"]), row["fetched"])
    return found
