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

import numpy as np

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


class Trees(NamedTuple):
    """Decision trees as arrays over all of their nodes."""

    roots: np.ndarray
    features: np.ndarray  # index of the feature that a node asks about
    limits: np.ndarray
    # For each node two: that for features above the limit, that for others. A leaf follows itself.
    followers: np.ndarray
    values: np.ndarray
    depth: int  # steps from a root to the farthest leaf


@cache
def trees() -> Trees:
    """Return the trees of the data file; it is read once."""
    nodes: list[tuple[int, float, tuple[int, int], float]] = []
    roots, depth = [], 0
    for line in load("tail")["trees"]:
        roots.append(len(nodes))
        entries = line.split()
        depth = max(depth, _depth(entries, 0))
        for place, entry in enumerate(entries, len(nodes)):
            feature, limit, lower, higher, value = entry.split(":")
            if int(feature) == LEAF:
                nodes.append((0, 0.0, (place, place), float(value)))
            else:
                follow = roots[-1] + int(higher), roots[-1] + int(lower)
                nodes.append((int(feature), float(limit), follow, float(value)))
    features, limits, followers, values = (np.array(numbers) for numbers in zip(*nodes, strict=True))
    return Trees(np.array(roots), features, limits, followers.ravel(), values, depth)


def _depth(entries: list[str], place: int) -> int:
    feature, _, lower, higher, _ = entries[place].split(":")
    if int(feature) == LEAF:
        return 0
    return 1 + max(_depth(entries, int(lower)), _depth(entries, int(higher)))


def text_scores(blocks: list[list[float]]) -> list[float]:
    """Return the probability that each block is text, rounded; all blocks descend all trees together."""
    if not blocks:
        return []
    roots, features, limits, followers, values, depth = trees()
    table = np.array(blocks, float)
    rows = np.arange(len(blocks))[:, None] * table.shape[1]  # where the features of a block begin
    nodes = np.tile(roots, (len(blocks), 1))  # one row per block, one column per tree
    for _ in range(depth):
        is_lower = table.take(rows + features.take(nodes)) <= limits.take(nodes)
        nodes = followers.take(2 * nodes + is_lower)
    totals = np.add.accumulate(values.take(nodes), axis=1)[:, -1]  # in the order of the trees
    return [round(1 / (1 + math.exp(-total)), SCORE_DIGITS) for total in totals.tolist()]


def reasons(features: list[float]) -> list[str]:
    """Return the names of the features that lowered the score most: by how much a tree's value falls at their nodes."""
    weights = dict.fromkeys(range(len(NAMES)), 0.0)
    roots, asked, limits, followers, values = (numbers.tolist() for numbers in trees()[:-1])
    for root in roots:
        node = root
        while followers[2 * node] != node:
            child = followers[2 * node + (features[asked[node]] <= limits[node])]
            weights[asked[node]] += values[child] - values[node]
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

    def compute(self, indices: list[int]) -> None:
        """Compute the scores of blocks together, which takes hardly longer than one of them."""
        found = [self.features.of(index) for index in indices]
        for index, score, features in zip(indices, text_scores(found), found, strict=True):
            self.known[index] = score, features

    def of(self, index: int) -> float:
        if index not in self.known:
            self.compute([index])
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
    sure = lines(column)
    if sure:
        scores.compute(sure)
    found = {index for index in sure if scores.of(index) < MAX_TEXT_SCORE}
    found.update(end(below, scores.of))
    kept_chars = sum(len(block.text) for _, block in column.kept())
    if sum(len(column.decisions[index].block.text) for index in found) > MAX_REMOVED_SHARE * kept_chars:
        return
    for index in sorted(found):
        score, features = scores.known[index]
        column.remove(index, f"model:tail {score:.3f} {', '.join(reasons(features))}", "chrome")
