"""Learn profiles of sites from the captures of a snapshot: `irtysh learn`.

A site is a host: people share a domain under names of their own. A sentence is not learned if an older text has it.

A site's sample is the articles with the smallest ids. Ids are hashes, so the sample and the profile do not depend on
the order of the captures. Memory holds the lines of one site at a time; of the other sites it holds only references and
hashes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from articles.errors import InputError
from articles.model import Capture, CaptureRef, Purpose
from articles.profile import MAX_KNOWN_HASHES, MIN_ARTICLES, LearnedProfile, PageLines, encode, learn
from articles.site import Profile, Selectors, title_hash
from flows.listener import Listener
from flows.processing.limited_pages import PageReader
from flows.processing.line_carriers import carried_elsewhere
from flows.processing.sites import Sites
from storage import profiles
from storage.captures.limited_process import EndedError
from storage.captures.reader import CaptureReader
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.rows import capture_ref
from storage.tables.state import State

MAX_SAMPLE_ARTICLES = 400  # of a site: 2% of them are eight articles; reading them takes about ten seconds
MAX_SAMPLE_CHARS = 50_000_000  # of its lines, all in memory; those of 400 usual pages have 2 million
FETCH_COLUMNS = (
    "url", "article_id", "purpose", "rows", "fetched", "capture_key", "capture_offset", "capture_record_id",
)  # fmt: skip
DOCUMENT_COLUMNS = ("article_id", "title", "canonical_url")


@dataclass(slots=True)
class SiteMaterial:
    """Pages and titles of one site in a snapshot."""

    pages: dict[str, tuple[datetime, CaptureRef]] = field(
        default_factory=dict
    )  # newest page of each article, by article id
    first: dict[str, datetime] = field(default_factory=dict)  # when each article was first seen, by article id
    known: set[int] = field(default_factory=set)  # hashes of titles and URLs

    def add_page(self, article: str, fetched: datetime, ref: CaptureRef) -> None:
        """Add a page to the sample, which keeps the articles with the smallest ids."""
        if article not in self.pages or self.pages[article] < (fetched, ref):
            self.pages[article] = fetched, ref
        self.first[article] = min(self.first.get(article, fetched), fetched)
        if len(self.pages) > 2 * MAX_SAMPLE_ARTICLES:
            self.pages = dict(sorted(self.pages.items())[:MAX_SAMPLE_ARTICLES])
            self.first = {name: self.first[name] for name in self.pages}

    def add_title(self, article: str, title: str) -> None:
        """Add an article's URL and title to the known ones, of which the smallest hashes are kept."""
        self.known.update((int(article, 16), title_hash(title)))
        if len(self.known) > 2 * MAX_KNOWN_HASHES:
            self.known = set(sorted(self.known)[:MAX_KNOWN_HASHES])


@dataclass(frozen=True, slots=True)
class LearnResult:
    """Result of learning one site. `learned` is None if the site has too few articles."""

    site: str
    articles: int  # distinct articles on the pages that could be read
    learned: LearnedProfile | None
    before: Profile  # the active profile

    @property
    def changed(self) -> bool:
        """Whether the learned profile differs from the active one."""
        return self.learned is not None and self.learned.profile.sha256 != self.before.sha256


def learn_sites(
    store: ObjectStore, state: State, sites: Sites, names: Sequence[str], listener: Listener
) -> Iterator[LearnResult]:
    """Learn the profiles of the named sites, or of all sites, from a snapshot; yield one result per site.

    InputError if the snapshot has no article of a named site.
    """
    material = collect_material(store, state, sites)
    if unknown := sorted(set(names) - set(material)):
        present = ", ".join(sorted(material)) or "none"
        raise InputError(f"snapshot {state.number} has no articles of {', '.join(unknown)}; its sites are: {present}")
    lessons: dict[str, LearnedProfile] = {}
    since: dict[str, dict[str, datetime]] = {}  # when each line that could be an article's own was first seen, by site
    with CaptureReader() as captures, PageReader() as pages:
        read = SampleReader(store, sites, listener, captures, pages)
        for name in sorted(names or material):
            sample = list(read.lines(name, material[name]))
            lesson = lessons[name] = learn([lines for _, lines in sample], material[name].known)
            since[name] = {line: min(first for first, lines in sample if line in lines.lines) for line in lesson.own}
    carried = carried_elsewhere(store, state, sites, since)
    for name, lesson in lessons.items():
        learned = lesson.without(carried[name]) if carried[name] else lesson
        articles = learned.profile.articles
        yield LearnResult(name, articles, learned if articles >= MIN_ARTICLES else None, sites.profile(name))


def collect_material(store: ObjectStore, state: State, sites: Sites) -> Mapping[str, SiteMaterial]:
    """Return the pages and titles of each site in a snapshot, by the name of the site."""
    found: dict[str, SiteMaterial] = {}
    for ref in state.live("fetches"):
        for row in packs.read(store, ref, FETCH_COLUMNS).to_pylist():
            name = sites.profiled(row["url"])
            if name and row["rows"] and row["purpose"] == Purpose.PAGE:
                where = capture_ref(row)
                found.setdefault(name, SiteMaterial()).add_page(row["article_id"], row["fetched"], where)
    for ref in state.live("documents"):
        for row in packs.read(store, ref, DOCUMENT_COLUMNS).to_pylist():
            name = sites.profiled(row["canonical_url"])
            if name in found:
                found[name].add_title(row["article_id"], row["title"])
    return found


@dataclass(frozen=True, slots=True)
class SampleReader:
    """Reads the sample of a site from the store. Pages are extracted with the site's selectors but without a profile."""

    store: ObjectStore
    sites: Sites
    listener: Listener
    captures: CaptureReader
    pages: PageReader

    def lines(self, name: str, material: SiteMaterial) -> Iterator[tuple[datetime, PageLines]]:
        """Yield the lines of each page, and when its article was first seen. Pages that cost too much are left out."""
        selectors = self.sites.selectors(name)
        sample = sorted(material.pages.items())[:MAX_SAMPLE_ARTICLES]
        size = 0
        for done, (article, (_, ref)) in enumerate(sample, 1):
            self.listener.progress(f"reading {name}", done, len(sample))
            lines = self._lines(ref, selectors)
            if lines is None:
                continue
            size += sum(map(len, lines.lines))
            if size > MAX_SAMPLE_CHARS:
                text = f"{name}: learned from {done - 1} of {len(sample)} articles only, since their pages are long"
                self.listener.note("skipped", text, site=name)
                return
            yield material.first[article], lines

    def _lines(self, ref: CaptureRef, selectors: Selectors) -> PageLines | None:
        found = self.captures.record(self.store, ref)
        if not isinstance(found, Capture):
            return None
        try:
            return self.pages.lines(found, selectors)
        except EndedError as error:
            self.listener.note("skipped", f"{found.url}: {error}; nothing is learned from this page", url=found.url)
            return None


def activate(store: ObjectStore, found: Sequence[LearnResult]) -> None:
    """Activate all changed profiles at once."""
    changes = {one.site: encode(one.learned.profile) for one in found if one.learned is not None and one.changed}
    if changes:
        profiles.put(store, changes)
