"""Remove lines around the text by a model: lines and list items below the first paragraph, and what ends the column.

The model is a sum of small decision trees over `articles.cleaning.tail_features`, trained across sites by
`benchmarks/train_tail.py`; its numbers are data/tail.yaml. It only removes: as a second witness for other rules it kept
more lines of the site than text. The same page gives the same score on every machine: trees are added in their order,
and the score is rounded before it is compared.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.tail_features import NAMES, ColumnFeatures
from articles.data import load

MAX_TEXT_SCORE = 0.2  # probability of being text, below which a block is removed
SCORE_DIGITS = 3
# Of a stretch at the end, per block: .5 is a probability of .38 of being text. Chosen on dev and dev2 across hosts, with
# scores of models that had not seen them: precision +.12 on both, recall -.04, in points of .01.
MIN_LOG_ODDS = 0.5
MAX_SURE_SCORE = 0.25  # of one block of the stretch: many small doubts are a form of page that the model does not know
SURE_LOG_ODDS = 4.0  # that the blocks above are text: one or two plain paragraphs
MAX_CERTAINTY = 0.99  # no block decides alone
MAX_REMOVED_SHARE = 0.3  # of the kept text: a model that would remove more of a page is not believed
NAMED_FEATURES = 3  # in the reason of a removal
LEAF = -1


class Tree(NamedTuple):
    """A decision tree: its value and, unless it is a leaf, the index of its feature, the limit and both subtrees."""

    value: float
    feature: int
    limit: float
    lower: "Tree | None"  # for features up to the limit
    higher: "Tree | None"


@cache
def trees() -> tuple[Tree, ...]:
    """Return the trees of the data file; it is read once."""
    return tuple(_tree(line.split(), 0) for line in load("tail")["trees"])


def _tree(nodes: list[str], place: int) -> Tree:
    feature, limit, lower, higher, value = nodes[place].split(":")
    if int(feature) == LEAF:
        return Tree(float(value), LEAF, 0.0, None, None)
    return Tree(float(value), int(feature), float(limit), _tree(nodes, int(lower)), _tree(nodes, int(higher)))


def text_score(features: list[float]) -> float:
    """Return the probability that a block is text, rounded."""
    total = 0.0
    for value, feature, limit, lower, higher in trees():
        while lower is not None and higher is not None:
            value, feature, limit, lower, higher = lower if features[feature] <= limit else higher  # noqa: PLW2901  descends
        total += value
    return round(1 / (1 + math.exp(-total)), SCORE_DIGITS)


def reasons(features: list[float]) -> list[str]:
    """Return the names of the features that lowered the score most: by how much a tree's value falls at their nodes."""
    weights = dict.fromkeys(range(len(NAMES)), 0.0)
    for tree in trees():
        node = tree
        while node.lower is not None and node.higher is not None:
            child = node.lower if features[node.feature] <= node.limit else node.higher
            weights[node.feature] += child.value - node.value
            node = child
    order = sorted(weights, key=lambda feature: (round(weights[feature], SCORE_DIGITS), feature))
    return [NAMES[feature] for feature in order[:NAMED_FEATURES]]


def lines(column: ColumnDecisions) -> list[int]:
    """Return the indices of the lines and list items below the first paragraph, which the model may remove anywhere."""
    return [index for index in _below_first(column) if _is_line(column, index)]


def _below_first(column: ColumnDecisions) -> list[int]:
    first, _ = column.bounds()
    return [index for index, _ in column.kept() if index > first and index not in column.leads]


def _is_line(column: ColumnDecisions, index: int) -> bool:
    return not column.prose[index] or column.decisions[index].block.tag == "li"


@dataclass(slots=True)
class _Scores:
    """The features and scores of a column's blocks, computed when they are needed."""

    features: ColumnFeatures
    known: dict[int, tuple[float, list[float]]] = field(default_factory=dict)

    def of(self, index: int) -> float:
        if index not in self.known:
            features = self.features.of(index)
            self.known[index] = text_score(features), features
        return self.known[index][0]


def end(indices: list[int], score: Callable[[int], float]) -> list[int]:
    """Return the blocks at the end that are no text taken together: the stretch with the highest sum of log-odds.

    So a line of the site among paragraphs is no end, and a paragraph about the author between two such lines is none of
    the text. The search ends above a stretch that is surely text. One block of the stretch must be surely none.
    """
    total = best = 0.0
    start = len(indices)
    for place in range(len(indices) - 1, -1, -1):
        chance = min(max(score(indices[place]), 1 - MAX_CERTAINTY), MAX_CERTAINTY)
        total += math.log((1 - chance) / chance) - MIN_LOG_ODDS
        if total > best:
            best, start = total, place
        elif total < best - SURE_LOG_ODDS:
            break
    found = indices[start:]
    return found if any(score(index) < MAX_SURE_SCORE for index in found) else []


def tail(column: ColumnDecisions) -> None:
    """Remove lines, and the end of the text, that the model finds to be no text, unless they are much of it."""
    below = _below_first(column)
    if not below:
        return
    scores = _Scores(ColumnFeatures(column))
    found = {index for index in lines(column) if scores.of(index) < MAX_TEXT_SCORE}
    found.update(end(below, scores.of))
    kept_chars = sum(len(block.text) for _, block in column.kept())
    if sum(len(column.decisions[index].block.text) for index in found) > MAX_REMOVED_SHARE * kept_chars:
        return
    for index in sorted(found):
        score, features = scores.known[index]
        column.remove(index, f"model:tail {score:.3f} {', '.join(reasons(features))}", "chrome")
