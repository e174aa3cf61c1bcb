"""Compare a rebuild that is read but not published with the newest snapshot: what would change, by outlet and by rule."""

import hashlib
import json
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from articles.extractor_version import extractor_version
from articles.links.encoder import encoder_names
from spiders.outlets import load as load_outlets
from storage import profiles
from storage.objects import ObjectStore
from storage.snapshots.contents import SnapshotContents, compute, load
from storage.snapshots.rebuilds import RebuildRequest
from storage.tables import packs
from storage.tables.rows import paragraphs_of
from storage.tables.schemas import Row
from storage.tables.state import State
from storage.tables.texts import read_rows

if TYPE_CHECKING:
    from storage.tables.file_ref import FileRef

NAME_DIGITS = 12  # of the SHA-256 of the request
MAX_SAMPLES = 5  # of one change by one rule in one outlet
CHUNK_DOCUMENTS = 2_000  # whose texts, old and new, are in memory at once
FIELDS = (
    "title", "lead", "authors", "translators", "editors", "published", "modified", "section", "tags", "lang", "role",
    "source_outlet", "source_url", "note", "flags", "topic_verdict",
)  # fmt: skip
TEXT_COLUMNS = ("row_id", "url", "outlet", "capture_record_id", "text", "paragraphs", *FIELDS)
PLACE_COLUMNS = ("row_id", "outlet", "capture_record_id", "capture_key", "capture_offset")
REMOVAL_COLUMNS = ("capture_record_id", "rule", "reason", "text")
NO_RULE = "no rule: the page is read in another way"
JOINED = "it belongs to another document now, or did before"
UNSEEN = "not processed before"
UNKNOWN = "no capture says why"


@dataclass(slots=True)
class OutletChange:
    """What would change in one outlet."""

    before: int = 0  # documents
    after: int = 0
    gained: int = 0  # documents
    lost: int = 0
    edited: int = 0  # documents with other lines
    lines_gained: int = 0
    lines_lost: int = 0
    fields: Counter[str] = field(default_factory=Counter)  # name -> documents whose value differs

    @property
    def differs(self) -> bool:
        """Whether anything would change."""
        return bool(self.gained or self.lost or self.edited or self.fields)


@dataclass(frozen=True, slots=True, order=True)
class ChangeSample:
    """An example of a change."""

    url: str
    before: str
    after: str


@dataclass(slots=True)
class RebuildComparison:
    """What a rebuild would change. `rules` counts changes by outlet, kind and rule; each has the samples of the first URLs."""

    name: str = ""  # of the rebuild
    snapshot: int = -1  # that it was compared with
    segments: int = 0
    outlets: dict[str, OutletChange] = field(default_factory=dict)
    rules: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    samples: dict[tuple[str, str, str], list[ChangeSample]] = field(default_factory=dict)

    def outlet(self, name: str) -> OutletChange:
        """Return the changes of an outlet, to be counted."""
        return self.outlets.setdefault(name, OutletChange())

    def note(self, outlet: str, kind: str, rule: str, sample: ChangeSample) -> None:
        """Count a change by a rule."""
        key = outlet, kind, rule
        self.rules[key] += 1
        found = self.samples.setdefault(key, [])
        insort(found, sample)
        del found[MAX_SAMPLES:]

    def as_json(self) -> dict[str, Any]:
        """Return the comparison for programs."""
        return {
            "comparison": self.name,
            "snapshot": self.snapshot,
            "segments": self.segments,
            "outlets": {
                name: {
                    **{part: getattr(one, part) for part in OutletChange.__dataclass_fields__ if part != "fields"},
                    "fields": dict(sorted(one.fields.items())),
                }
                for name, one in sorted(self.outlets.items())
            },
            "rules": [
                {
                    "outlet": outlet,
                    "change": kind,
                    "rule": rule,
                    "number": number,
                    "samples": [
                        {"url": one.url, "before": one.before, "after": one.after}
                        for one in self.samples[outlet, kind, rule]
                    ],
                }
                for (outlet, kind, rule), number in sorted(self.rules.items())
            ],
        }


def request_of(store: ObjectStore, topic: str, outlets: str, leave_out: Sequence[str] = ()) -> RebuildRequest:
    """Return the request of a rebuild by the rules in force now. The same rules give the same name."""
    rules = {
        "readers": extractor_version(),
        "linking": encoder_names(),
        "outlets": {name: one.site.key for name, one in sorted(load_outlets(outlets).items())},
        "profiles": dict(sorted(profiles.in_force(store).items())),
    }
    said = json.dumps([rules, topic, outlets, sorted(leave_out)], sort_keys=True)
    return RebuildRequest(
        hashlib.sha256(said.encode()).hexdigest()[:NAME_DIGITS], rules, topic, outlets, tuple(sorted(leave_out))
    )


def compare(store: ObjectStore, before: State, after: State) -> RebuildComparison:
    """Return what differs between a snapshot and the files of a rebuild."""
    made = RebuildComparison(snapshot=before.number)
    old, new = load(store, before), compute(store, after)
    was, now = old.view.documents, new.view.documents
    for contents, part in ((old, "before"), (new, "after")):
        for document in contents.view.documents.values():
            change = made.outlet(contents.labels[document.head.row_id].outlet)
            setattr(change, part, getattr(change, part) + 1)
    _note_lost(made, "lost", old, was.keys() - now.keys(), reasons=_reasons(store, after))
    _note_lost(made, "gained", new, now.keys() - was.keys(), reasons=_reasons(store, before))
    pairs = [
        (was[key].head.row_id, now[key].head.row_id)
        for key in was.keys() & now.keys()
        if was[key].head.row_id != now[key].head.row_id
    ]
    sides = (
        ComparedSide(store, before, old, [one for one, _ in pairs]),
        ComparedSide(store, after, new, [other for _, other in pairs]),
    )
    pairs.sort(key=lambda pair: sides[1].places[pair[1]])  # neighbours lie in the same packs, on both sides
    for start in range(0, len(pairs), CHUNK_DOCUMENTS):
        _compare_texts(*sides, pairs[start : start + CHUNK_DOCUMENTS], made)
    return made


def _note_lost(
    made: RebuildComparison,
    kind: str,
    contents: SnapshotContents,
    ids: Collection[str],
    *,
    reasons: Mapping[str, str],
) -> None:
    """Count documents that one side has and the other has not, by the reason that the other side gives for their article."""
    for document_id in sorted(ids):
        head = contents.view.documents[document_id].head
        label = contents.labels[head.row_id]
        change = made.outlet(label.outlet)
        setattr(change, kind, getattr(change, kind) + 1)
        known = reasons.get(document_id.rpartition("-")[0])
        rule = known or (JOINED if known is not None else UNSEEN if kind == "gained" else UNKNOWN)
        before, after = (label.title, "") if kind == "lost" else ("", label.title)
        made.note(label.outlet, f"document {kind}", rule, ChangeSample(head.url, before, after))


def _reasons(store: ObjectStore, state: State) -> dict[str, str]:
    """Return the reason of the newest fetch of each article: empty if it became documents."""
    newest: dict[str, tuple[Any, str]] = {}
    columns = ("article_id", "fetched", "reason", "purpose")
    for rows in packs.read_each(store, state.live("fetches"), columns):
        for row in rows.filter(pc.is_in(rows["purpose"], pa.array(["page", "entry"]))).to_pylist():
            if row["article_id"] not in newest or row["fetched"] >= newest[row["article_id"]][0]:
                newest[row["article_id"]] = row["fetched"], row["reason"]
    return {article: reason for article, (_, reason) in newest.items()}


class ComparedSide:
    """The rows of a snapshot or of a rebuild whose documents differ, and what was removed from their captures.

    Where everything lies is read once, so that later each pack is read only with those of its rows that are compared.
    """

    def __init__(self, store: ObjectStore, state: State, contents: SnapshotContents, row_ids: Collection[str]) -> None:
        self._store, self._contents = store, contents
        # by row: outlet, segment and position of its capture, then the row
        self.places: dict[str, tuple[str, ...]] = {}
        captures = set()
        for row in self._rows(row_ids, PLACE_COLUMNS):
            captures.add(row["capture_record_id"])
            offset = f"{row['capture_offset']:012}"
            self.places[row["row_id"]] = row["outlet"], row["capture_key"], offset, row["row_id"]
        self._removals: defaultdict[str, list[FileRef]] = defaultdict(list)  # by capture
        live = sorted(state.live("removals"))
        for ref, rows in zip(live, packs.read_each(store, live, ("capture_record_id",)), strict=True):
            for record_id in set(rows["capture_record_id"].to_pylist()) & captures:
                self._removals[record_id].append(ref)

    def rows(self, row_ids: Iterable[str]) -> dict[str, Row]:
        """Return rows with their texts."""
        return {row["row_id"]: row for row in self._rows(row_ids, TEXT_COLUMNS)}

    def removed(self, record_ids: Iterable[str]) -> dict[tuple[str, str], str]:
        """Return the rule that removed each line of the given captures."""
        by_pack: defaultdict[FileRef, set[str]] = defaultdict(set)
        for record_id in record_ids:
            for ref in self._removals.get(record_id, ()):
                by_pack[ref].add(record_id)
        found = {}
        for ref in sorted(by_pack):
            wanted = pa.array(sorted(by_pack[ref]), pa.string())
            rows = packs.read_some(self._store, ref, REMOVAL_COLUMNS, "capture_record_id", wanted)
            for row in rows.filter(pc.is_in(rows["capture_record_id"], wanted)).to_pylist():
                found[row["capture_record_id"], _plain(row["text"])] = row["rule"] or row["reason"]
        return found

    def _rows(self, row_ids: Iterable[str], columns: Sequence[str]) -> Iterator[Row]:
        by_pack: defaultdict[FileRef, list[str]] = defaultdict(list)
        for row_id in row_ids:
            by_pack[self._contents.labels[row_id].pack].append(row_id)
        for ref in sorted(by_pack):
            yield from read_rows(self._store, (ref,), by_pack[ref], columns)


def _compare_texts(
    before: ComparedSide, after: ComparedSide, pairs: Sequence[tuple[str, str]], made: RebuildComparison
) -> None:
    """Count what differs between the old and the new rows of documents: fields, and lines with the rules that remove them."""
    old, new = before.rows(one for one, _ in pairs), after.rows(other for _, other in pairs)
    removed = after.removed(row["capture_record_id"] for row in new.values())
    restored = before.removed(row["capture_record_id"] for row in old.values())
    for one, other in pairs:
        was, now = old[one], new[other]
        outlet, url = now["outlet"], now["url"]
        change = made.outlet(outlet)
        for name in FIELDS:
            if was[name] != now[name]:
                change.fields[name] += 1
                made.note(outlet, "field", name, ChangeSample(url, _said(was[name]), _said(now[name])))
        lines = Counter(map(_plain, paragraphs_of(was["text"], was["paragraphs"])))
        others = Counter(map(_plain, paragraphs_of(now["text"], now["paragraphs"])))
        lost, gained = lines - others, others - lines
        change.edited += bool(lost or gained)
        change.lines_lost += lost.total()
        change.lines_gained += gained.total()
        for line in lost.elements():
            rule = removed.get((now["capture_record_id"], line), NO_RULE)
            made.note(outlet, "line lost", rule, ChangeSample(url, line, ""))
        for line in gained.elements():
            rule = restored.get((was["capture_record_id"], line), NO_RULE)
            made.note(outlet, "line gained", rule, ChangeSample(url, "", line))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
