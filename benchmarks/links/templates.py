"""Score near duplicates among issues of one template: which are different news, and which are true copies.

    python -m benchmarks.links.templates [--half choose|report] [--wrong]

The families of `templates.yaml` are filled anew for each issue. Of the first issue there are true copies on other
outlets: edited, shortened, extended, and both of them. Thresholds were chosen on the first half of the families (by the
parity of their number), and figures are reported on the other. Intervals are Wilson's, 95%.
"""

import argparse
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import sqrt
from pathlib import Path
from typing import Any

import yaml

from articles.links.clusters import ClusterMember, clusters
from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.duplicates import link
from articles.links.fingerprint import sketch, text_sha256
from articles.links.pair_budget import PairBudget

ISSUES = 8  # of each family, on one outlet, a day apart
MANY = 80  # issues of one family, of which a cluster may hold no two
SLOT = re.compile(r"\{([^}]+)\}")
NUMBER = re.compile(r"#(\d+)-(\d+)(?:\.(\d))?")
FIRST, FURTHER = "templates.yaml", "templates_further.yaml"
COPIES = ("retyped", "edited", "shortened", "extended")
DATELINES = {
    "uk": "ПОЛТАВА, кор. Степові вісті.",
    "ru": "АЛМАТЫ, корр. Степные вести.",
    "kk": "АЛМАТЫ, Дала хабары тілшісі.",
    "en": "ALMATY, Steppe Herald.",
}
TAILS = {
    "uk": "Докладніше про це наша редакція розповість пізніше, коли отримає відповіді на свої запитання.",
    "ru": "Подробнее об этом наша редакция расскажет позже, когда получит ответы на свои вопросы.",
    "kk": "Бұл туралы редакциямыз сұрақтарына жауап алғаннан кейін толығырақ жазады.",
    "en": "Our newsroom will tell more about this later, once it has answers to its questions.",
}
Z = 1.96


@dataclass(frozen=True, slots=True)
class Item:
    """A text: an issue of a family, or a copy of its first issue."""

    family: int
    issue: int
    form: str  # empty: the issue itself
    text: str
    outlet: str
    day: str


@cache
def families(file: str = FIRST) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the pools of words by language, and the families of a file."""
    data = yaml.safe_load(Path(__file__).with_name(file).read_text("utf-8"))
    return data["pools"], data["families"]


def issue(family: dict[str, Any], pools: dict[str, Any], rng: random.Random) -> str:
    """Return a template with its slots filled."""
    used: set[str] = set()

    def fill(found: re.Match[str]) -> str:
        slot = found[1]
        if number := NUMBER.fullmatch(slot):
            low, high, decimals = int(number[1]), int(number[2]), int(number[3] or 0)
            value = rng.randint(low, high)
            return f"{value},{rng.randint(0, 10**decimals - 1):0{decimals}}" if decimals else str(value)
        choices = [word for word in pools.get(slot, slot.split("|")) if word not in used]
        used.add(word := rng.choice(choices))
        return word

    return SLOT.sub(fill, family["text"])


def copies(family: dict[str, Any], text: str) -> dict[str, str]:
    """Return true copies of an issue, by form."""
    edited = text
    for old, new in family["copy"]:
        assert old in edited, old
        edited = edited.replace(old, new)
    sentences = re.split(r"(?<=[.!?])\s+(?=[^\W\d_])", edited)
    return {
        "retyped": f"{DATELINES[family['lang']]} {text.replace('«', '“').replace('»', '”')}",
        "edited": edited,
        "shortened": " ".join(sentences[:-1]) if len(sentences) > 1 else edited,
        "extended": f"{text} {TAILS[family['lang']]}",
    }


def items(half: str, issues: int = ISSUES, only: int | None = None, file: str = FIRST) -> list[Item]:
    """Return the texts of one half of the families of a file."""
    pools, made = families(file)
    found = []
    for number, family in enumerate(made):
        if number % 2 != (half == "report") or only not in {None, number}:
            continue
        rng = random.Random(number)  # noqa: S311 - a benchmark
        for count in range(issues):
            text = issue(family, pools[family["lang"]], rng)
            day = f"2024-{3 + count // 28:02}-{1 + count % 28:02}"
            found.append(Item(number, count, "", text, "wire.example", day))
            if count == 0:
                for form, copy in copies(family, text).items():
                    found.append(Item(number, 0, form, copy, f"{form}.example", day))
    return found


def linked(texts: list[Item]) -> tuple[dict[frozenset[int], str], dict[str, str]]:
    """Return the pairs that are linked as near duplicates, by number, with the evidence, and the cluster of each row."""
    ids = [text_sha256(f"{number} {item.text}")[:32] for number, item in enumerate(texts)]
    at = {row_id: number for number, row_id in enumerate(ids)}
    entries = [
        DuplicateEntry(row_id, row_id, item.outlet, row_id, sketch(item.text), published=item.day)
        for row_id, item in zip(ids, texts, strict=True)
    ]
    contents = {row_id: item.text for row_id, item in zip(ids, texts, strict=True)}
    links = link(entries, DuplicateIndex(), lambda wanted: {row: contents[row] for row in wanted}, PairBudget())
    members = [
        ClusterMember(row_id, row_id, False, item.day, len(item.text), outlet=item.outlet)
        for row_id, item in zip(ids, texts, strict=True)
    ]
    return {frozenset((at[one.a], at[one.b])): one.evidence for one in links}, clusters(members, links)


def background_items(half: str) -> list[Item]:
    """Return stories of one background, as many on each outlet, and copies of the first; numbered like families."""
    made = yaml.safe_load(Path(__file__).with_name("templates.yaml").read_text("utf-8"))["backgrounds"]
    found = []
    for number, family in enumerate(made):
        if number % 2 != (half == "report"):
            continue
        background, tail = family["background"], TAILS[family["lang"]]
        for story, text in enumerate(family["stories"]):
            whole = f"{text}\n\n{background}".replace("\n", "\n\n")
            forms = {"": whole, "extended": f"{whole}\n\n{tail}", "shortened": whole.rpartition("\n\n")[0]}
            if story == 0:
                forms["reopened"] = f"{family['reopened']}\n\n{whole}"
            found += [
                Item(number, story, form, copy, f"{form or 'wire'}.example", f"2024-03-0{1 + story}")
                for form, copy in forms.items()
            ]
    return found


def wilson(right: int, total: int) -> str:
    """Return a share with its 95% interval."""
    if not total:
        return "-"
    share, spread = right / total, Z * Z / total
    middle = (share + spread / 2) / (1 + spread)
    wide = Z * sqrt(share * (1 - share) / total + spread / total / 4) / (1 + spread)
    return f"{share:.3f} [{middle - wide:.3f}, {min(1.0, middle + wide):.3f}] ({right}/{total})"


def score(half: str, *, wrong: bool) -> None:
    """Print precision and recall on one half."""
    for name, texts in (
        ("templates", items(half)),
        ("further templates", items(half, file=FURTHER)),
        ("backgrounds", background_items(half)),
    ):
        _score(f"{half}, {name}", texts, wrong=wrong)


def _score(name: str, texts: list[Item], *, wrong: bool) -> None:
    found, _ = linked(texts)
    true = {
        frozenset((a, b))
        for a, b in combinations(range(len(texts)), 2)
        if (texts[a].family, texts[a].issue) == (texts[b].family, texts[b].issue)
    }
    right = found.keys() & true
    print(f"{name}: {len({item.family for item in texts})} families, {len(texts)} texts, {len(true)} pairs of copies")
    print("  precision", wilson(len(right), len(found)))
    print("  recall   ", wilson(len(right), len(true)))
    missed: Counter[str] = Counter()
    for pair in true - right:
        missed.update({"+".join(sorted(texts[number].form or "issue" for number in pair))})
    print("  missed   ", dict(missed.most_common()))
    by_family: defaultdict[int, list[frozenset[int]]] = defaultdict(list)
    for pair in found.keys() - true:
        by_family[texts[min(pair)].family].append(pair)
    print("  wrong    ", {family: len(pairs) for family, pairs in sorted(by_family.items())})
    if wrong:
        for pairs in by_family.values():
            one, other = sorted(pairs[0])
            print("", found[pairs[0]], texts[one].text, texts[other].text, sep="\n    ")
        for pair in sorted(map(sorted, true - right)):
            print("missed", *(f"{texts[number].form}: {texts[number].text}" for number in pair), sep="\n    ")


def main() -> None:
    """Score the halves, then the clusters of many issues of each family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("choose", "report"), action="append")
    parser.add_argument("--wrong", action="store_true", help="print a wrong pair of each family, and the missed pairs")
    options = parser.parse_args()
    for half in options.half or ("choose", "report"):
        score(half, wrong=options.wrong)
        together = Counter[int]()
        numbers = sorted({item.family for item in items(half, 1)})
        for number in numbers:
            texts = [item for item in items(half, MANY, number) if not item.form]
            together[len(set(linked(texts)[1].values()))] += 1
        print(f"  clusters of {MANY} issues (number of clusters: families)", dict(sorted(together.items())))


if __name__ == "__main__":
    main()
