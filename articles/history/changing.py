"""Tell lines that change with every fetch by what they do, across the captures of a page and of others of its outlet.

`articles.dynamic` knows such lines by their wording. This module knows no words: of two texts that differ in short lines
alone (`articles.links.line_marks`), it asks whether each of these lines

- changed at least twice, and at every other fetch or more often, while the rest stayed;
- has the shape of lines that changed on other pages of the outlet, or that stand on many of them with other numbers;
- was replaced by one of other words, and both stand on other pages too, as teasers do, or pages of the outlet change at
  this place.

Then the texts are one version. What a page changed once, as an editor does, is a version.
"""

from base64 import urlsafe_b64decode
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from articles.dynamic import own_words
from articles.history.versions import Observation
from articles.links.line_marks import (
    BARE_SHAPES,
    LONG,
    NUMBERED,
    NUMBERED_LINE,
    OWN_WORDS,
    SHAPE_END,
    VALUE_END,
    line_mark,
)

MIN_OWN_CHANGES = 2  # of a line at one place, with as many other values
MIN_OWN_SENTENCE_CHANGES = 3  # of a sentence or an item of a list, which may tell of a growing number
MIN_CHANGES_SHARE = 1 / 2  # of the fetches after the first: a corrected line stays afterwards
MIN_CHANGED_DOCUMENTS = 3  # of an outlet, that changed in lines of one shape …
MIN_PLACED_DOCUMENTS = 4  # … or at one place, the one that is judged included
MIN_SHOWING_DOCUMENTS = 4  # that show a line of one shape, the one that is judged included
MIN_SHAPE_VALUES = 2  # different lines of that shape on documents that did not change in one
MIN_VALUES_SHOWN = 3  # times that other documents show one of two lines of which one replaced the other
# of an outlet's documents that changed, or of all: an outlet of many pages has each short phrase on some of them
MIN_OUTLET_SHARE = 1 / 4
MIN_TEMPLATE_SHARE = (
    3 / 4
)  # of an outlet's documents: what fewer show, as ages and scores, may be what an editor corrected
MAX_CHANGED_SHARE = 1 / 2  # of a text's paragraphs; more changing lines are what it is about
MAX_ALIKE = 0.5  # Jaccard of the words of two lines of which one replaced the other; an edit keeps more
VALUE_GAP = "/"  # between the values of both lines in a key
SHAPE, VALUE, EXTRA, PLACE = "s", "v", "i", "p"  # first letters of keys: what a change has in common with others


class Change(NamedTuple):
    """A line that two texts differ in: its marks, empty if it was added or deleted, and its place from both ends."""

    old: str
    new: str
    start: int
    end: int

    @property
    def ways(self) -> list[tuple[str, ...]]:
        """Return sets of keys: the line changes with every fetch if the outlet's pages bear out all keys of one of them."""
        marks = tuple(mark for mark in (self.old, self.new) if mark)
        shapes = tuple(sorted({SHAPE + mark[:SHAPE_END] for mark in marks}))
        if any(mark[:SHAPE_END] in BARE_SHAPES for mark in marks):  # a number alone has no shape
            return [(EXTRA + marks[0][:VALUE_END],)] if len(marks) == 1 else []
        found = [shapes] if len(shapes) == 1 or self._numbered else []
        if len(marks) == 1:
            return (
                [shapes, (EXTRA + marks[0][:VALUE_END],)]
                if marks[0][0] in NUMBERED
                else [(EXTRA + marks[0][:VALUE_END],)]
            )
        if self.unlike:
            values = VALUE_GAP.join(sorted(mark[:VALUE_END] for mark in marks))
            found.append((VALUE + values,))
            if not any(mark[0] in OWN_WORDS for mark in marks):  # many a report has one sentence replaced, once
                found += [(place,) for place in self.places]
        return found

    @property
    def places(self) -> tuple[str, str]:
        """The place as keys: counted from the start, and from the end."""
        return f"{PLACE}+{self.start}", f"{PLACE}-{self.end}"

    @property
    def is_replacement(self) -> bool:
        """Whether the line has another number at the same words, or other words altogether."""
        return bool(self.old and self.new) and (
            self.old[:SHAPE_END] == self.new[:SHAPE_END] or self._numbered or self.unlike
        )

    @property
    def unlike(self) -> bool:
        """Whether both lines hardly share words."""
        return bool(self.old and self.new) and _alike(self.old, self.new) < MAX_ALIKE

    @property
    def _numbered(self) -> bool:
        return bool(self.old and self.new) and self.old[0] in NUMBERED and self.new[0] in NUMBERED


@dataclass(frozen=True, slots=True)
class LineHistory:
    """The changes of a document's short lines between texts that are equal otherwise."""

    steps: Mapping[tuple[str, str], tuple[Change, ...]]  # by the version keys of both texts
    fetches: int  # at which the document showed a text

    @property
    def keys(self) -> frozenset[str]:
        """What its changes may have in common with changes of other documents."""
        return frozenset(
            key for changes in self.steps.values() for change in changes for way in change.ways for key in way
        )


@dataclass(frozen=True, slots=True)
class OutletDocument:
    """What a document adds to the evidence of its outlet: the lines that it shows, and how it changed."""

    marks: str
    keys: frozenset[str]


def line_history(observations: Iterable[Observation], marks: Mapping[str, str]) -> LineHistory:
    """Return the changes of a document's lines. `marks` holds the marks of each row."""
    seen = [one for one in sorted(set(observations)) if not one.gone]
    steps = {}
    for before, after in pairwise(seen):
        if before.version_key != after.version_key:
            changes = changes_between(marks[before.row_id], marks[after.row_id])
            if changes:
                steps[before.version_key, after.version_key] = changes
    return LineHistory(steps, len(seen))


def changes_between(old: str, new: str) -> tuple[Change, ...]:
    """Return the lines in which two texts differ by their marks; none if they differ in more, or in most lines."""
    (firm, *before), (other_firm, *after) = (marks.split() or [""] for marks in (old, new))
    if not old or not new or firm != other_firm:
        return ()
    lines, other_lines = ([mark[:VALUE_END] for mark in side] for side in (before, after))
    found = []
    for op, i, i_end, j, j_end in SequenceMatcher(None, lines, other_lines, autojunk=False).get_opcodes():
        if op == "equal":
            continue
        for step in range(max(i_end - i, j_end - j)):
            one = before[i + step] if i + step < i_end else ""
            two = after[j + step] if j + step < j_end else ""
            found.append(Change(one, two, j + step, len(after) - j - step))
    if len(found) > MAX_CHANGED_SHARE * max(len(before), len(after)) or any(LONG in change[:2] for change in found):
        return ()
    return tuple(found)


def borne_out(documents: Sequence[OutletDocument], keys: Collection[str]) -> frozenset[str]:
    """Return the keys that the documents of one outlet show to be of lines that change with every fetch."""
    wanted = set(keys)
    lines = {line for key in wanted for line in _lines_of(key)}
    values: defaultdict[str, set[str]] = defaultdict(set)  # that lines of a shape have
    changed, shown, elsewhere = Counter[str](), Counter[str](), Counter[str]()
    for document in documents if wanted else ():
        changed.update(wanted & document.keys)
        parts = [part for mark in document.marks.split()[1:] if (part := _parts(mark))]
        here = lines.intersection(name for part in parts for name in part)
        for shape, value in parts:
            if shape in lines and SHAPE + shape not in document.keys:
                values[shape].add(value)
        shown.update(here)
        elsewhere.update(here.difference(line for key in document.keys for line in _lines_of(key)))
    least_changed = MIN_OUTLET_SHARE * sum(bool(document.keys) for document in documents)
    least_shown = max(MIN_SHOWING_DOCUMENTS, MIN_OUTLET_SHARE * len(documents))
    found = set()
    for key in wanted:
        times = [elsewhere[line] for line in _lines_of(key)]
        often = {
            SHAPE: changed[key] >= max(MIN_CHANGED_DOCUMENTS, least_changed)
            or (
                key[1] == NUMBERED_LINE
                and shown[key[1:]] >= max(MIN_SHOWING_DOCUMENTS, MIN_TEMPLATE_SHARE * len(documents))
                and len(values[key[1:]]) >= MIN_SHAPE_VALUES
            ),
            PLACE: changed[key] >= max(MIN_PLACED_DOCUMENTS, least_changed),
            VALUE: bool(times) and min(times) > 0 and sum(times) >= MIN_VALUES_SHOWN,
            EXTRA: shown[key[1:]] >= least_shown,
        }
        if often[key[0]]:
            found.add(key)
    return frozenset(found)


def merged(
    observations: Iterable[Observation], history: LineHistory, known: Collection[str]
) -> tuple[list[Observation], frozenset[str]]:
    """Return observations with one version key for texts that differ in changing lines alone, and the keys of these lines.

    `known` holds the keys that the outlet's documents bear out.
    """
    own = _own_places(history)
    seen = sorted(set(observations))
    order = {key: number for number, key in enumerate(dict.fromkeys(one.version_key for one in seen))}
    before = {key: key for key in order}  # version key -> an earlier one of the same version, or itself
    used: set[str] = set()
    for pair, changes in history.steps.items():
        ways = [_way(change, known, own) for change in changes]
        if all(ways):
            first, second = sorted((_first(before, key) for key in pair), key=order.__getitem__)
            before[second] = first
            used.update(key for way in ways for key in way)
    return [replace(one, version_key=_first(before, one.version_key)) for one in seen], frozenset(used)


def _first(before: dict[str, str], key: str) -> str:
    """Return the first version key of a version, and shorten the way to it."""
    while before[key] != key:
        before[key] = before[before[key]]
        key = before[key]
    return key


def comparable(keys: Collection[str], old: Sequence[str], new: Sequence[str]) -> frozenset[str]:
    """Return the keys that name the same lines of two texts: places do only if both have as many paragraphs."""
    return frozenset(key for key in keys if key[0] != PLACE or len(old) == len(new))


def without_lines(title: str, paragraphs: Sequence[str], keys: Collection[str]) -> tuple[str, ...]:
    """Return paragraphs, empty in place of lines that change with every fetch, by their keys as `merged` returns them."""
    own = own_words(title, paragraphs)
    lines = {line for key in keys for line in _lines_of(key)}
    places = [place for place, text in enumerate(own) if text]
    for number, place in enumerate(places):
        mark = line_mark(own[place])
        at = {f"{PLACE}+{number}", f"{PLACE}-{len(places) - number}"} if mark != LONG else set()
        if not (lines.isdisjoint(_parts(mark)) and at.isdisjoint(keys)):
            own[place] = ""
    return tuple(own)


def _way(change: Change, known: Collection[str], own: Collection[str]) -> tuple[str, ...]:
    """Return the keys that show a changed line to change with every fetch, or none."""
    for way in change.ways:
        if all(key in known for key in way):
            return way
    return tuple(place for place in change.places if place in own and change.is_replacement)[:1]


def _own_places(history: LineHistory) -> frozenset[str]:
    """Return the places at which lines of a document change with every fetch."""
    changes: defaultdict[str, list[Change]] = defaultdict(list)
    for step in history.steps.values():
        for change in step:
            if change.is_replacement:
                for place in change.places:
                    changes[place].append(change)
    found = set()
    for place, ours in changes.items():
        own_words = any(mark[0] in OWN_WORDS for change in ours for mark in change[:2])
        least = MIN_OWN_SENTENCE_CHANGES if own_words else MIN_OWN_CHANGES
        values = {mark[:VALUE_END] for change in ours for mark in change[:2]}
        often = len(ours) >= MIN_CHANGES_SHARE * (history.fetches - 1)
        if often and len(ours) >= least and len(values) > least:
            found.add(place)
    return frozenset(found)


def _parts(mark: str) -> tuple[()] | tuple[str, str]:
    """Return the shape and the value of a line, by which keys name it; none of a long paragraph."""
    return (mark[:SHAPE_END], mark[:VALUE_END]) if mark != LONG else ()


def _lines_of(key: str) -> tuple[str, ...]:
    """Return the shapes or values of lines that a key names."""
    if key[0] == PLACE:
        return ()
    return tuple(key[1:].split(VALUE_GAP))


def _alike(one: str, other: str) -> float:
    """Return the Jaccard similarity of the words of two lines, by the bits of their marks; lines without words are alike."""
    a, b = (int.from_bytes(urlsafe_b64decode(mark[VALUE_END:]), "big") for mark in (one, other))
    return (a & b).bit_count() / (a | b).bit_count() if a | b else 1.0
