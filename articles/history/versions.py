"""Compute the versions of a document from observations in any order, and the differences between two versions."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum

from articles.links.fingerprint import unify
from articles.model import CaptureRef, Version

MIN_ALIKE_SHARE = 0.4  # share of words in common; two such paragraphs count as one that was edited
MAX_COMPARED_WORDS = 4_000_000  # over all pairs of paragraphs; more stay unaligned
MAX_PARAGRAPH_PAIRS = 40_000  # pairs to align; longer rewritten stretches stay unaligned
MAX_COMPARED_PAIRS = 1_000_000  # pairs of tokens or paragraphs to compare (.5 s); longer stretches count as changed
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True, order=True)
class Observation:
    """One observation of a document: the row that a capture showed, or that the page was gone (404 or 410)."""

    fetched: datetime  # UTC
    ref: CaptureRef
    row_id: str = ""  # empty: gone
    version_key: str = ""

    @property
    def gone(self) -> bool:
        """Whether the page no longer existed."""
        return not self.row_id


def versions(document_id: str, observations: Iterable[Observation]) -> tuple[Version, ...]:
    """Return a document's versions, numbered from 1 in order of time. The order of the observations does not matter.

    Seeing the same text again extends a version; a text that returns after another one is a new version. A document
    that was seen and is gone gets a tombstone, which has the row of the last text and lasts until the document is seen
    again. If several rows show one version (its metadata changed), the last row is used.
    """
    found: list[Version] = []
    key = ""
    for seen in sorted(set(observations)):
        last = found[-1] if found else None
        if last is not None and last.gone == seen.gone and (seen.gone or seen.version_key == key):
            found[-1] = replace(
                last,
                row_id=last.row_id if seen.gone else seen.row_id,
                last_seen=seen.fetched,
                captures=(*last.captures, seen.ref),
            )
        elif last is not None or not seen.gone:
            row_id = last.row_id if last is not None and seen.gone else seen.row_id
            number = len(found) + 1
            found.append(Version(document_id, number, row_id, seen.fetched, seen.fetched, seen.gone, (seen.ref,)))
            key = seen.version_key
    return tuple(found)


class ChangeKind(StrEnum):
    """How a paragraph or a run of words changed."""

    EQUAL = "equal"
    CHANGED = "changed"
    ADDED = "added"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class WordChange:
    """A run of words, punctuation and spaces. `old` is empty if it was added, `new` if it was deleted."""

    change: ChangeKind
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ParagraphDiff:
    """A paragraph of both versions, or of one. Its old text is the `old` of all its words joined; so is its new text."""

    change: ChangeKind
    words: tuple[WordChange, ...]

    @property
    def old(self) -> str:
        """The old text of the paragraph, empty if it was added."""
        return "".join(run.old for run in self.words)

    @property
    def new(self) -> str:
        """The new text of the paragraph, empty if it was deleted."""
        return "".join(run.new for run in self.words)


def diff(old: Sequence[str], new: Sequence[str]) -> tuple[ParagraphDiff, ...]:
    """Return the paragraphs of two versions side by side, with the changed words in each.

    Quotes, dashes and spaces are compared after `articles.links.fingerprint.unify`: other typography is not a change.
    """
    return tuple(_paragraphs(old, new))


def _paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[ParagraphDiff]:
    for op, i, i_end, j, j_end in _opcodes([unify(p) for p in old], [unify(p) for p in new]):
        if op == "equal":
            for same in zip(old[i:i_end], new[j:j_end], strict=True):
                yield ParagraphDiff(ChangeKind.EQUAL, (WordChange(ChangeKind.EQUAL, *same),))
            continue
        for before, after in _aligned(old[i:i_end], new[j:j_end]):
            if before is not None and after is not None:
                yield ParagraphDiff(ChangeKind.CHANGED, tuple(_words(before, after)))
            elif before is not None:
                yield ParagraphDiff(ChangeKind.DELETED, (WordChange(ChangeKind.DELETED, before, ""),))
            elif after is not None:
                yield ParagraphDiff(ChangeKind.ADDED, (WordChange(ChangeKind.ADDED, "", after),))


def _aligned(old: Sequence[str], new: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Pair similar paragraphs in order, maximising the total similarity; the other paragraphs stay unpaired."""
    alone: list[tuple[str | None, str | None]] = [*((p, None) for p in old), *((None, p) for p in new)]
    if not old or not new or len(old) * len(new) > MAX_PARAGRAPH_PAIRS:
        return alone
    bags = [[Counter(unify(p).casefold().split()) for p in side] for side in (old, new)]
    if len(new) * sum(map(len, bags[0])) + len(old) * sum(map(len, bags[1])) > MAX_COMPARED_WORDS:
        return alone
    likeness = [[_likeness(a, b) for b in bags[1]] for a in bags[0]]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= MIN_ALIKE_SHARE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[str | None, str | None]] = []
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and best[i][j] == best[i + 1][j]:
            pairs.append((old[i], None))
            i += 1
        elif j < len(new) and best[i][j] == best[i][j + 1]:
            pairs.append((None, new[j]))
            j += 1
        else:
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
    return pairs


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    """Return the share of words that two paragraphs have in common (Dice coefficient), 0 to 1."""
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def _words(old: str, new: str) -> Iterator[WordChange]:
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    for op, i, i_end, j, j_end in _opcodes([unify(t) or t for t in before], [unify(t) or t for t in after]):
        change = {"equal": ChangeKind.EQUAL, "insert": ChangeKind.ADDED, "delete": ChangeKind.DELETED}.get(
            op, ChangeKind.CHANGED
        )
        yield WordChange(change, "".join(before[i:i_end]), "".join(after[j:j_end]))


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return difflib's opcodes in bounded time: the part between equal ends is compared only if it is short enough."""
    if len(old) * len(new) <= MAX_COMPARED_PAIRS:
        return list(SequenceMatcher(None, old, new, autojunk=False).get_opcodes())
    shorter = min(len(old), len(new))
    head = next((k for k in range(shorter) if old[k] != new[k]), shorter)
    tail = next((k for k in range(shorter - head) if old[-1 - k] != new[-1 - k]), shorter - head)
    i_end, j_end = len(old) - tail, len(new) - tail
    middle = old[head:i_end], new[head:j_end]
    if len(middle[0]) * len(middle[1]) <= MAX_COMPARED_PAIRS:
        inner = SequenceMatcher(None, *middle, autojunk=False).get_opcodes()
    else:
        inner = [("replace", 0, len(middle[0]), 0, len(middle[1]))]
    shifted = [(op, i + head, i_stop + head, j + head, j_stop + head) for op, i, i_stop, j, j_stop in inner]
    ends = [("equal", 0, head, 0, head), ("equal", i_end, len(old), j_end, len(new))]
    return [code for code in (ends[0], *shifted, ends[1]) if code[1] < code[2] or code[3] < code[4]]
