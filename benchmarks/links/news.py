"""Score all links among made-up news, written as agencies, portals and ministries do: `python -m benchmarks.links.news [--wrong]`.

The news of `news_look.yaml` were in view when rules were mended; those of `news_report.yaml` are only scored. Each half is
linked as processing links a batch: duplicates, then translations and rewrites. Texts that were made from one text, but not from
each other, may be linked or not.
"""

import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import yaml

from articles.links import duplicates
from articles.links.anchors import anchors
from articles.links.best_links import keep_best
from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.encoder import default_encoders
from articles.links.fingerprint import sketch, text_sha256
from articles.links.pair_budget import PairBudget
from articles.links.translation_index import TranslationEntry
from articles.model import Link, LinkKind
from benchmarks.links.halves import score_halves
from benchmarks.links.templates import wilson
from flows.processing.translation_links import TranslationLinker
from storage.objects.directory import DirectoryStore

HALVES = ("look", "report")
OPEN, SAME_EVENT, OTHER_NEWS = "open", "reports of one event", "other news"
KINDS = {
    "copies": {LinkKind.DUPLICATE, LinkKind.CONTAINED},
    "translations": {LinkKind.TRANSLATION},
    "rewrites": {LinkKind.REWRITE},
}
MADE = {
    "copy": "copies",
    "reprint": "copies",
    "updated": "copies",
    "translation": "translations",
    "rewrite": "rewrites",
}


@dataclass(frozen=True)
class News:
    """A text of the set."""

    name: str
    event: str
    root: str  # name of the text from which it was made, directly or not
    of: str  # name of the text from which it was made directly, or its own
    how: str
    lang: str
    outlet: str
    day: str
    title: str
    text: str

    @property
    def row(self) -> str:
        """Id of its row."""
        return text_sha256(self.name)[:32]

    def truth(self, other: "News") -> str:
        """Return how it is related to another text: how it was made, or what else."""
        if self.name == other.of or other.name == self.of:
            return other.how if self.name == other.of else self.how
        if self.root == other.root:
            return OPEN
        return SAME_EVENT if self.event == other.event else OTHER_NEWS


def news(half: str) -> list[News]:
    """Return the texts of a half."""
    found: dict[str, News] = {}
    for event in yaml.safe_load(Path(__file__).with_name(f"news_{half}.yaml").read_text("utf-8")):
        for text in event["texts"]:
            name = f"{event['event']}: {text['id']}"
            of = f"{event['event']}: {text['of']}" if "of" in text else name
            root = found[of].root if of in found else name
            found[name] = News(
                name,
                event["event"],
                root,
                of,
                text.get("how", ""),
                text["lang"],
                f"{text['outlet']}.example",
                str(text["day"]),
                text["title"],
                "\n\n".join(text["text"].splitlines()),
            )
    return list(found.values())


def links_of(texts: list[News]) -> dict[frozenset[str], Link]:
    """Return the links that processing finds, by pair of names."""
    by_row = {one.row: one for one in texts}

    def read(rows: list[str]) -> dict[str, str]:
        return {row: by_row[row].text for row in rows}

    alike = [
        DuplicateEntry(row, row, one.outlet, row, sketch(one.text), one.title, one.day) for row, one in by_row.items()
    ]
    found = duplicates.link(alike, DuplicateIndex(), read, PairBudget())
    entries = [
        TranslationEntry(row, (row,), one.lang, one.day, False, (), (), anchors(one.text, one.lang))
        for row, one in by_row.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = DirectoryStore(Path(folder) / "store")
        linked = TranslationLinker(default_encoders()).link(store, entries, (), read, PairBudget())
    kept = keep_best([*linked.links, *found], lambda row: by_row[row].lang)
    return {frozenset((by_row[link.a].name, by_row[link.b].name)): link for link in kept}


def score(half: str, *, wrong: bool) -> None:
    """Print precision and recall of each kind of link in a half."""
    texts = news(half)
    found = links_of(texts)
    print(f"{half}: {len(texts)} texts of {len({one.event for one in texts})} events")
    linked, right, there, recalled, events = Counter(), Counter(), Counter(), Counter(), Counter()  # type: ignore[var-annotated]
    for one, other in combinations(texts, 2):
        link, truth = found.get(frozenset((one.name, other.name))), one.truth(other)
        if truth == OPEN:
            continue
        kind = next((name for name, kinds in KINDS.items() if link and link.kind in kinds), "")
        expected = MADE.get(truth.split()[-1], "")
        there[truth] += bool(expected)
        recalled[truth] += bool(expected and kind == expected)
        linked[kind] += 1
        right[kind] += kind == expected
        events[truth] += bool(link and link.kind is LinkKind.SAME_EVENT)
        if wrong and (kind != expected or (truth == OTHER_NEWS and link)):
            print(
                f"  {one.name} | {other.name}: {truth}, {link.kind.value if link else 'no link'}, {link and link.evidence}"
            )
    for name in KINDS:
        print(f"  {name}: precision {wilson(right[name], linked[name])}")
        ours = sorted(how for how in there if MADE.get(how.split()[-1]) == name and there[how])
        print(f"    recall {wilson(sum(recalled[how] for how in ours), sum(there[how] for how in ours))}:", end=" ")
        print(", ".join(f"{how} {recalled[how]} of {there[how]}" for how in ours))
    print(f"  same_event: {events[SAME_EVENT]} of reports of one event, {events[OTHER_NEWS]} of other news")


def main() -> None:
    """Print the figures of both halves."""
    score_halves(HALVES, score, __doc__)


if __name__ == "__main__":
    main()
