"""Train the model that removes lines around an article (articles/cleaning/tail_model.py).

    python -m benchmarks.train_tail FOLDER … [--out articles/data/tail.yaml]

Each FOLDER holds pages with reference texts, as for benchmarks/extraction.py. A block of a page's column is text if half
of its word triples are in the reference text; a shorter one, if it is a line of it. The folds of the cross-validation
are registrable domains, so that no site is in the training and in the test of a fold. Needs `lightgbm` and
`scikit-learn` (`pip install -e ".[benchmarks]"`). The data file depends on the pages alone: one thread, no sampling.
The rules' verdicts are no features. They only weigh: blocks that the rules keep count more.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from articles.cleaning import clean, tail_model
from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.rules import RULES
from articles.cleaning.tail_features import NAMES, ColumnFeatures
from articles.extract import examine
from articles.model import Capture, CaptureRef
from articles.url import registrable_domain
from benchmarks.extraction import WORD, grams, overlap

FOLDS = 5
ROUNDS = 50
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.12,
    "min_data_in_leaf": 60,
    "feature_fraction": 1.0,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 1,
    "verbose": -1,
}
CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)
SIGNIFICANT_DIGITS = 6
MIN_PAGE_PRECISION = 0.5  # of the kept 4-grams: on other pages the column is not the article, and teaches nothing
KEPT_WEIGHT = 3.0  # blocks that the rules keep are those that the model will judge
MAX_PAGE_BLOCKS = 60  # more blocks of a page count as so many
LIMITS = (0.05, 0.1, 0.15, 0.2, 0.3)


class Row(NamedTuple):
    """A block below the first paragraph of a column."""

    domain: str
    features: list[float]
    is_text: int
    is_kept: bool  # by the rules
    weight: float


def rows(folder: Path) -> Iterator[Row]:
    """Yield the blocks of a folder's pages."""
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        body = gzip.decompress((folder / "pages" / f"{page['id']}.html.gz").read_bytes())
        columns: list[ColumnDecisions] = []
        clean.RULES = (*(rule for rule in RULES if rule is not tail_model.tail), columns.append)
        ref, headers = CaptureRef("", 0, ""), (("content-type", "text/html"),)
        examine(Capture(ref, page["url"], "", CAPTURED, 200, headers, body, ""))
        for column in columns[:1]:
            yield from rows_of(column, page)


def rows_of(column: ColumnDecisions, page: dict[str, Any]) -> Iterator[Row]:
    """Yield the blocks of a column, unless it is not the article."""
    kept = "\n".join(block.text for _, block in column.kept())
    if True not in column.prose or overlap(page["text"], kept)[0] < MIN_PAGE_PRECISION:
        return
    known = set(grams(page["text"], 3))
    lines = {" ".join(WORD.findall(part)) for part in page["text"].split("\n")}
    of_column = ColumnFeatures(column)
    judged = range(column.prose.index(True) + 1, len(column.decisions))
    for index in judged:
        decision = column.decisions[index]
        words, found = WORD.findall(decision.block.text), grams(decision.block.text, 3)
        is_text = " ".join(words) in lines if len(words) < 3 else sum(gram in known for gram in found) >= len(found) / 2
        weight = min(1.0, MAX_PAGE_BLOCKS / len(judged)) * (1.0 if decision.rule else KEPT_WEIGHT)
        yield Row(registrable_domain(page["url"]), of_column.of(index), int(is_text), not decision.rule, weight)


def train(found: list[Row]) -> Any:
    """Return a model of these blocks."""
    lightgbm, numpy = import_module("lightgbm"), import_module("numpy")
    features, labels, weights = (numpy.array([row[field] for row in found]) for field in (1, 2, 4))
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(features, labels, weight=weights), ROUNDS)


def validate(found: list[Row]) -> None:
    """Print what the model would remove of the kept blocks on sites that it was not trained on."""
    numpy = import_module("numpy")
    folds = import_module("sklearn.model_selection").GroupKFold(FOLDS)
    scores = numpy.zeros(len(found))
    for learned, tested in folds.split(found, groups=[row.domain for row in found]):
        model = train([found[index] for index in learned])
        scores[tested] = model.predict(numpy.array([found[index].features for index in tested]))
    kept = numpy.array([row.is_kept for row in found])
    labels = numpy.array([row.is_text for row in found])[kept]
    area = import_module("sklearn.metrics").roc_auc_score(labels, scores[kept])
    print(f"{len(found)} blocks; of {kept.sum()} that the rules keep, {labels.mean():.3f} are text; AUC {area:.3f}")
    for limit in LIMITS:
        hit = scores[kept] < limit
        right = 1 - labels[hit].mean() if hit.any() else 1.0
        print(f"score < {limit}: {hit.sum()} removed, precision {right:.3f}")


def packed(tree: dict[str, Any]) -> str:
    """Return a tree as words, one for each node: feature:threshold:lower:higher:value."""
    nodes: list[str] = []

    def add(node: dict[str, Any]) -> int:
        place = len(nodes)
        nodes.append("")
        if "leaf_value" in node:
            nodes[place] = f"{tail_model.LEAF}:0:0:0:{node['leaf_value']:.{SIGNIFICANT_DIGITS}g}"
            return place
        lower, higher = add(node["left_child"]), add(node["right_child"])
        nodes[place] = (
            f"{node['split_feature']}:{node['threshold']:.{SIGNIFICANT_DIGITS}g}:{lower}:{higher}:"
            f"{node['internal_value']:.{SIGNIFICANT_DIGITS}g}"
        )
        return place

    add(tree)
    return " ".join(nodes)


def main() -> None:
    """Cross-validate, train on all pages and write the data file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = [row for folder in options.folders for row in rows(folder)]
    validate(found)
    model = train(found)
    lines = [packed(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]
    importance = sorted(zip(model.feature_importance("gain"), NAMES, strict=True), reverse=True)
    print("most used:", ", ".join(name for _, name in importance[:12]))
    if options.out:
        text = "# Trees of articles/cleaning/tail_model.py, written by benchmarks/train_tail.py. Do not edit.\ntrees:\n"
        options.out.write_text(text + "".join(f'  - "{line}"\n' for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
