"""Score near duplicates among news of kinds whose texts resemble each other: `python -m benchmarks.links.kinds [--wrong]`.

The news are in `kinds.yaml`: bulletins, chronicles, digests, series, and their reprints. Copies are made as outlets make them: with
another lead, under another headline, cut to the first paragraphs, with the outlet's own background, corrected.
"""

from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.duplicates import link
from articles.links.fingerprint import sketch, text_sha256
from articles.links.pair_budget import PairBudget
from benchmarks.links.halves import score_halves
from benchmarks.links.templates import Item, wilson

HALVES = ("look", "score")
KEPT_PARAGRAPHS = 3
Kind = dict[str, Any]


def copied(text: str, how: Kind, lang: str, data: Kind) -> str:
    """Return a copy of a text."""
    match how["copy"]:
        case "new headline":
            return text
        case "new lead":
            return f"{data['leads'][lang]}\n\n{text}"
        case "background":
            return f"{text}\n\n{data['backgrounds'][lang]}"
        case "first three":
            sentences = text.replace("\n\n", " \n\n").split(". ")
            paragraphs = text.split("\n\n")
            kept = paragraphs[: max(1, min(KEPT_PARAGRAPHS, len(paragraphs) - 1))]
            return "\n\n".join(kept) if len(paragraphs) > 1 else ". ".join(sentences[:KEPT_PARAGRAPHS])
        case "corrected":
            assert how["old"] in text, how
            return text.replace(how["old"], how["new"])
    raise KeyError(how["copy"])


def items(half: str) -> list[tuple[str, Item]]:
    """Return the texts of a half with the names of their kinds and stories."""
    data = yaml.safe_load(Path(__file__).with_name("kinds.yaml").read_text("utf-8"))
    found = []
    for number, kind in enumerate(data[half]):
        originals = {one["story"]: one["text"] for one in kind["texts"] if "text" in one}
        for one in kind["texts"]:
            text = one["text"] if "text" in one else copied(originals[one["story"]], one, kind["lang"], data)
            story = int(one["story"][1:])
            made = Item(number, story, one.get("copy", ""), text, f"{one['outlet']}.example", str(one["day"]))
            found.append((f"{kind['kind']} ({kind['lang']})", made))
    return found


def evidence_of(texts: list[Item]) -> dict[frozenset[int], str]:
    """Return the evidence of the pairs that are linked as near duplicates or parts, by number."""
    ids = [text_sha256(f"{number} {item.text}")[:32] for number, item in enumerate(texts)]
    at = {row: number for number, row in enumerate(ids)}
    entries = [
        DuplicateEntry(row, row, item.outlet, row, sketch(item.text), f"{item.family} {row}", item.day)
        for row, item in zip(ids, texts, strict=True)
    ]
    found = link(entries, DuplicateIndex(), lambda rows: {row: texts[at[row]].text for row in rows}, PairBudget())
    return {frozenset((at[one.a], at[one.b])): f"{one.kind.value}: {one.evidence}" for one in found}


def copies(texts: list[Item]) -> set[frozenset[int]]:
    """Return the pairs that are copies, by number."""
    return {
        frozenset((a, b))
        for a, b in combinations(range(len(texts)), 2)
        if (texts[a].family, texts[a].issue) == (texts[b].family, texts[b].issue)
    }


def score(half: str, *, wrong: bool) -> None:
    """Print precision and recall of a half, and with `wrong` the pairs that are wrong."""
    named = items(half)
    texts = [item for _, item in named]
    found = evidence_of(texts)
    true = copies(texts)
    right = found.keys() & true
    print(f"{half}: {len(texts)} texts, {len(true)} pairs of copies")
    print("  precision", wilson(len(right), len(found)))
    print("  recall   ", wilson(len(right), len(true)))
    for pair in sorted(map(sorted, found.keys() ^ true)) if wrong else ():
        one, other = pair
        what = found.get(frozenset(pair), "missed")
        print(
            f"  {named[one][0]}: {texts[one].issue} {texts[one].form} | {texts[other].issue} {texts[other].form}: {what}"
        )


def main() -> None:
    """Print the figures of both halves."""
    score_halves(HALVES, score, __doc__)


if __name__ == "__main__":
    main()
