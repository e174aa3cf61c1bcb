"""Remove lines around the text by a model: lines and list items below the first paragraph, and the last paragraphs.

The model is a sum of small decision trees over `articles.cleaning.tail_features`, trained across sites by
`benchmarks/train_tail.py`; its numbers are data/tail.yaml. It only removes: as a second witness for other rules it kept
more lines of the site than text. The same page gives the same score on every machine: trees are added in their order,
and the score is rounded before it is compared.
"""

import math
from functools import cache
from typing import NamedTuple

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.tail_features import NAMES, ColumnFeatures
from articles.data import load

MAX_TEXT_SCORE = 0.2  # probability of being text, below which a block is removed
SCORE_DIGITS = 3
LAST_PARAGRAPHS = 2  # of the column; earlier ones are never removed
MAX_REMOVED_SHARE = 0.3  # of the kept text: a model that would remove more of a page is not believed
NAMED_FEATURES = 3  # in the reason of a removal
LEAF = -1


class Tree(NamedTuple):
    """A decision tree: for each node the index of its feature (or `LEAF`), its threshold, its children and its value."""

    features: tuple[int, ...]
    thresholds: tuple[float, ...]
    lower: tuple[int, ...]
    higher: tuple[int, ...]
    values: tuple[float, ...]


@cache
def trees() -> tuple[Tree, ...]:
    """Return the trees of the data file; it is read once."""
    found = []
    for line in load("tail")["trees"]:
        nodes = [node.split(":") for node in line.split()]
        found.append(
            Tree(
                tuple(int(node[0]) for node in nodes),
                tuple(float(node[1]) for node in nodes),
                tuple(int(node[2]) for node in nodes),
                tuple(int(node[3]) for node in nodes),
                tuple(float(node[4]) for node in nodes),
            )
        )
    return tuple(found)


def text_score(features: list[float]) -> float:
    """Return the probability that a block is text, rounded."""
    total = 0.0
    for split, thresholds, lower, higher, values in trees():
        node = 0
        while (feature := split[node]) != LEAF:
            node = lower[node] if features[feature] <= thresholds[node] else higher[node]
        total += values[node]
    return round(1 / (1 + math.exp(-total)), SCORE_DIGITS)


def reasons(features: list[float]) -> list[str]:
    """Return the names of the features that lowered the score most: by how much a tree's value falls at their nodes."""
    weights = dict.fromkeys(range(len(NAMES)), 0.0)
    for split, thresholds, lower, higher, values in trees():
        node = 0
        while (feature := split[node]) != LEAF:
            child = lower[node] if features[feature] <= thresholds[node] else higher[node]
            weights[feature] += values[child] - values[node]
            node = child
    order = sorted(weights, key=lambda feature: (round(weights[feature], SCORE_DIGITS), feature))
    return [NAMES[feature] for feature in order[:NAMED_FEATURES]]


def candidates(column: ColumnDecisions) -> list[int]:
    """Return the indices of the blocks that the model may remove."""
    first, _ = column.bounds()
    kept = [index for index, _ in column.kept() if index > first and index not in column.leads]
    last = set([index for index in kept if column.prose[index]][-LAST_PARAGRAPHS:])
    return [
        index for index in kept if not column.prose[index] or column.decisions[index].block.tag == "li" or index in last
    ]


def tail(column: ColumnDecisions) -> None:
    """Remove blocks that the model finds to be no text, unless they are much of the text."""
    judged = candidates(column)
    if not judged:
        return
    of_column = ColumnFeatures(column)
    found = []
    for index in judged:
        features = of_column.of(index)
        score = text_score(features)
        if score < MAX_TEXT_SCORE:
            found.append((index, score, features))
    kept_chars = sum(len(block.text) for _, block in column.kept())
    if sum(len(column.decisions[index].block.text) for index, _, _ in found) > MAX_REMOVED_SHARE * kept_chars:
        return
    for index, score, features in found:
        column.remove(index, f"model:tail {score:.3f} {', '.join(reasons(features))}", "chrome")
