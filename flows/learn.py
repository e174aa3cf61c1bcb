"""Learning what a site's pages repeat, from the captures of a snapshot: `irtysh learn`.

A site's pages are sampled by their articles' ids, which are hashes: the sample, and all that is learned from it, is the
same in whatever order the captures came. Memory holds the lines of one site's sample and numbers of the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from articles.errors import InputError
from articles.model import Capture, CaptureRef, Purpose
from articles.profile import LEAST_ARTICLES, MOST_KNOWN, LearnedProfile, PageLines, encode, learn, page_lines
from articles.site import Profile, title_hash
from flows.listener import Listener
from flows.processing.sites import Sites
from storage import profiles
from storage.captures.segments import read_record
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.rows import capture_ref
from storage.tables.state import State

SAMPLE = 400  # articles of a site: a line on a fiftieth of them stands on eight; read in about ten seconds
FETCHES = ("url", "article_id", "purpose", "rows", "fetched", "capture_key", "capture_offset", "capture_record_id")
DOCUMENTS = ("article_id", "title", "canonical_url")


@dataclass(slots=True)
class SiteMaterial:
    """What a snapshot holds of a site."""

    pages: dict[str, tuple[datetime, CaptureRef]] = field(default_factory=dict)  # by article, the newest of each
    known: set[int] = field(default_factory=set)  # hashes of titles and addresses

    def take_page(self, article: str, fetched: datetime, ref: CaptureRef) -> None:
        """Take a page into the sample, which keeps the articles with the smallest ids."""
        if article not in self.pages or self.pages[article] < (fetched, ref):
            self.pages[article] = fetched, ref
        if len(self.pages) > 2 * SAMPLE:
            self.pages = dict(sorted(self.pages.items())[:SAMPLE])

    def take_title(self, article: str, title: str) -> None:
        """Take an article into those that are known, which keeps the smallest hashes."""
        self.known.update((int(article, 16), title_hash(title)))
        if len(self.known) > 2 * MOST_KNOWN:
            self.known = set(sorted(self.known)[:MOST_KNOWN])


@dataclass(frozen=True, slots=True)
class LearnResult:
    """What was learned of one site. `learned` is None where its articles are too few."""

    site: str
    articles: int  # distinct ones, of the pages that could be read
    learned: LearnedProfile | None
    before: Profile

    @property
    def changed(self) -> bool:
        """Whether the profile is another than the one in force."""
        return self.learned is not None and self.learned.profile.sha256 != self.before.sha256


def lessons(
    store: ObjectStore, state: State, sites: Sites, names: Sequence[str], listener: Listener
) -> Iterator[LearnResult]:
    """Yield what the pages of a snapshot teach of some sites, of all of them if none is named.

    InputError names a site that the snapshot has no article of.
    """
    material = gather(store, state, sites)
    if unknown := sorted(set(names) - set(material)):
        there = ", ".join(sorted(material)) or "none"
        raise InputError(f"no articles of {', '.join(unknown)} in snapshot {state.number}; it has those of {there}")
    for name in sorted(names or material):
        pages = list(_read(store, material[name], sites, name, listener))
        learned = learn(pages, material[name].known)
        articles = learned.profile.articles
        yield LearnResult(name, articles, learned if articles >= LEAST_ARTICLES else None, sites.profile(name))


def gather(store: ObjectStore, state: State, sites: Sites) -> Mapping[str, SiteMaterial]:
    """Return which pages and titles a snapshot holds of each site, by the site's name."""
    found: dict[str, SiteMaterial] = {}
    for ref in state.live("fetches"):
        for row in packs.read(store, ref, FETCHES).to_pylist():
            name = sites.name(row["url"])
            if name and row["rows"] and row["purpose"] == Purpose.PAGE:
                where = capture_ref(row)
                found.setdefault(name, SiteMaterial()).take_page(row["article_id"], row["fetched"], where)
    for ref in state.live("documents"):
        for row in packs.read(store, ref, DOCUMENTS).to_pylist():
            name = sites.name(row["canonical_url"])
            if name in found:
                found[name].take_title(row["article_id"], row["title"])
    return found


def _read(
    store: ObjectStore, material: SiteMaterial, sites: Sites, name: str, listener: Listener
) -> Iterator[PageLines]:
    """Yield the lines of a site's sample, read by its selectors and by no profile."""
    selectors = sites.selectors(name)
    sample = sorted(material.pages.items())[:SAMPLE]
    for done, (_, (_, ref)) in enumerate(sample, 1):
        listener.progress(f"reading {name}", done, len(sample))
        found = read_record(store, ref)
        lines = page_lines(found, selectors) if isinstance(found, Capture) else None
        if lines is not None:
            yield lines


def enforce(store: ObjectStore, found: Sequence[LearnResult]) -> None:
    """Put in force what has changed, all at once."""
    changes = {one.site: encode(one.learned.profile) for one in found if one.learned is not None and one.changed}
    if changes:
        profiles.put(store, changes)
