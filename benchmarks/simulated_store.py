"""Make a store of simulated documents through the real commit path, so that large stores are made in minutes.

Texts are of invented words; sketches and anchors are as large as those of articles, and as often shared. Links are made up,
not found: a tenth of the documents copies an earlier one, and a tenth translates one. A tenth of all captures shows a known
article again, half of them with an edited text.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from articles.extractor_version import extractor_version
from articles.links.anchors import Keys
from articles.links.fingerprint import SKETCH_HASH_LIMIT, Sketch
from articles.links.line_marks import line_marks
from articles.model import CaptureRef, Document, Evidence, Fetch, Link, LinkKind, Relevance, Role
from articles.url import article_id
from flows.processing.translation_links import entry
from storage.objects import ObjectStore
from storage.tables import link_rows, packs
from storage.tables import rows as table_rows
from storage.tables.log import CommitDraft, Log
from storage.tables.state import State

START = datetime(2024, 1, 1, tzinfo=UTC)
HOURS_BETWEEN_RUNS = 6
OUTLETS = tuple(f"outlet{n}" for n in range(30)) + tuple(f"paper{n}.example" for n in range(10))
VOCABULARY = 20_000  # invented words
SYLLABLES = ("ka", "zan", "mo", "re", "ti", "shu", "ber", "lo", "an", "dy", "pol", "gor", "ust", "e", "syl", "nur")
WORDS_PER_PARAGRAPH, PARAGRAPHS = 50, 6
PARAGRAPH_POOL = 20_000  # invented paragraphs, 7 MB; the texts take theirs from it
HASHES, ANCHORS = 40, 30  # per document
ANCHOR_POOL = 50_000
LANGS, SHARE_OF_LANGS = ("ru", "kk", "en"), (6, 3, 1)
COPY_SHARE = TRANSLATION_SHARE = 0.1
AGAIN_SHARE = EDITED_SHARE = 0.05
SEGMENT_CAPTURES = 500


class Simulation:
    """Makes runs of captures, and remembers the documents that later ones copy, translate or show again."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)  # noqa: S311  invented texts
        self._np = np.random.default_rng(seed)
        self._words = ["".join(self.rng.choices(SYLLABLES, k=self.rng.randint(1, 4))) for _ in range(VOCABULARY)]
        self._pool = [self._paragraph() for _ in range(PARAGRAPH_POOL)]
        self._known: list[tuple[Document, str]] = []  # with their row ids
        self._made = 0

    def commit(self, log: Log, captures: int) -> None:
        """Commit the rows of one run with so many captures."""
        number = log.head() + 1
        at = START + timedelta(hours=HOURS_BETWEEN_RUNS * number)
        tables: dict[str, list[dict[str, object]]] = {}
        keys = set()
        for place in range(captures):
            key = f"captures/outlet0/{at:%Y/%m/%d}/run{number:06}-{place // SEGMENT_CAPTURES:05}.warc.gz"
            keys.add(key)
            ref = CaptureRef(key, place * 20_000, f"urn:uuid:{number:08x}-0000-4000-8000-{place:012x}")
            document, links, known_row = self._next(at)
            self._made += 1
            row = known_row or f"{self.rng.getrandbits(128):032x}"
            fetch = _fetch(document, at + timedelta(seconds=place), ref, row)
            tables.setdefault("fetches", []).append(table_rows.fetch_row(fetch))
            if not known_row:
                stored = table_rows.document_row(
                    document, fetch, row_id=row, version_key=row, extractor=fetch.extractor, marks=line_marks(document)
                )
                named = entry(row, document, self._anchors())
                tables.setdefault("documents", []).append(stored)
                tables.setdefault("sketches", []).append(table_rows.sketch_row(row, self._sketch()))
                tables.setdefault("anchors", []).append(link_rows.entry_row(named))
                self._known.append((document, row))
            for kind, other in links:
                a, b = sorted((row, other))
                tables.setdefault("links", []).append(table_rows.link_row(Link(kind, a, b, 0.9, "simulated")))
        for key in keys:
            log.store.put_new(key, b"a simulated segment")
        files = tuple(ref for table, rows in tables.items() for ref in packs.write(log.store, table, rows))
        log.append(
            CommitDraft(
                log.head(), "process", f"run{number}", "", "simulated", "", captures=frozenset(keys), add=files,
                counts={"pages": {"outlet0": {"asked": captures, "kept": captures}}},
            ),
            _alone,
        )  # fmt: skip

    def _next(self, at: datetime) -> tuple[Document, list[tuple[LinkKind, str]], str]:
        """Return the document that a capture shows, its links to earlier rows, and its row id if it is known."""
        chance = self.rng.random()
        if self._known and chance < AGAIN_SHARE + EDITED_SHARE:
            document, row = self.rng.choice(self._known)
            if chance < AGAIN_SHARE:
                return document, [], row
            text = [*document.paragraphs[:-1], self.rng.choice(self._pool)]
            return self._document(document.url, document.lang, document.outlet, at, text), [], ""
        outlet = self.rng.choice(OUTLETS)
        url = f"https://{outlet}/news/{self._made}" if "." in outlet else f"https://{outlet}.example/news/{self._made}"
        lang = self.rng.choices(LANGS, SHARE_OF_LANGS)[0]
        paragraphs = self.rng.choices(self._pool, k=PARAGRAPHS)
        links: list[tuple[LinkKind, str]] = []
        chance = self.rng.random()
        if self._known and chance < COPY_SHARE + TRANSLATION_SHARE:
            other, row = self.rng.choice(self._known[-5_000:])
            if chance < COPY_SHARE:
                lang, paragraphs = other.lang, [*other.paragraphs[:-1], self.rng.choice(self._pool)]
            if chance < COPY_SHARE or other.lang != lang:
                links.append((LinkKind.DUPLICATE if chance < COPY_SHARE else LinkKind.TRANSLATION, row))
        return self._document(url, lang, outlet, at, paragraphs), links, ""

    def _document(self, url: str, lang: str, outlet: str, at: datetime, paragraphs: Sequence[str]) -> Document:
        title = " ".join(self.rng.choices(self._words, k=8)).capitalize()
        return Document(
            article_id=article_id(url), url=url, canonical_url=url, outlet=outlet, lang=lang, role=Role.MAIN, title=title,
            paragraphs=tuple(paragraphs), published=f"{at:%Y-%m-%dT%H:%M}+05:00", authors=("A. Bekova",),
            evidence=(Evidence("title", "visible", title, chosen=True), Evidence("published", "json-ld", f"{at}", chosen=True)),
            topic_score=self.rng.random(),
            topic_verdict=Relevance.REVIEW if self.rng.random() < AGAIN_SHARE else Relevance.ACCEPT,
        )  # fmt: skip

    def _sketch(self) -> Sketch:
        hashes = np.unique(self._np.integers(0, int(SKETCH_HASH_LIMIT), HASHES, dtype=np.uint64))
        return Sketch(hashes, WORDS_PER_PARAGRAPH * PARAGRAPHS, self.rng.getrandbits(64))

    def _anchors(self) -> Keys:
        return np.unique(self._np.integers(0, ANCHOR_POOL, ANCHORS, dtype=np.uint32) * np.uint32(80_021))

    def _paragraph(self) -> str:
        return " ".join(self.rng.choices(self._words, k=WORDS_PER_PARAGRAPH)).capitalize() + "."


def make(store: ObjectStore, documents: int, per_commit: int) -> None:
    """Fill an empty store with about so many documents, in commits of `per_commit` captures."""
    simulation = Simulation()
    clock = iter(range(1 << 40))
    log = Log(store, lambda: START + timedelta(hours=HOURS_BETWEEN_RUNS * next(clock)), random.Random(1))  # noqa: S311
    for _ in range(-(-documents // per_commit)):
        simulation.commit(log, per_commit)
    log.reindex()


def _fetch(document: Document, at: datetime, ref: CaptureRef, row: str) -> Fetch:
    return Fetch(
        url=document.url, article_id=document.article_id, outlet=document.outlet, fetched=at, status=200, reason="",
        detail="", rows=(row,), body_sha256=f"{hash(ref) & (1 << 255) - 1:064x}", etag="", last_modified="", ref=ref,
        run=ref.key.split("/")[-1][:9], extractor=f"{extractor_version()}:any",
    )  # fmt: skip


def _alone(_state: State) -> CommitDraft:
    raise AssertionError("another writer has written to the simulated store")
