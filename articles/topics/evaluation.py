"""Evaluate a topic on texts that people have labelled: precision, recall and F1."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from articles.errors import InputError
from articles.model import Relevance
from articles.topics.topic import Judgement, Topic

LABELS: Mapping[object, bool] = {1: True, 0: False, "accept": True, "reject": False}


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text with the label that a person gave it."""

    where: str  # file and line
    name: str
    lang: str
    title: str
    paragraphs: tuple[str, ...]
    on_topic: bool
    split: str  # the split of the set that it belongs to, such as "held-out"; empty if none


@dataclass(frozen=True, slots=True)
class JudgedText:
    """A labelled text and the topic's judgement of it."""

    text: LabelledText
    judgement: Judgement

    @property
    def right(self) -> bool:
        """Whether label and judgement agree. A text for review counts as not accepted."""
        return self.text.on_topic == self.judgement.accepted


@dataclass(frozen=True, slots=True)
class Confusion:
    """Confusion matrix of labels and verdicts. Precision and recall of no texts are 1."""

    texts: int
    hits: int  # on topic and accepted
    false_alarms: int  # accepted and not on topic
    missed: int  # on topic and not accepted
    review: int  # texts for review, on topic or not

    @property
    def precision(self) -> float:
        """The share of accepted texts that are on topic."""
        return self.hits / (self.hits + self.false_alarms) if self.hits + self.false_alarms else 1.0

    @property
    def recall(self) -> float:
        """The share of texts on topic that are accepted."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read(path: Path) -> list[LabelledText]:
    """Read a JSON Lines file of labelled texts. Raises `InputError` with file and line if it is not valid."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the labelled texts {path}: {error}") from error
    texts = [_text(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not texts:
        raise InputError(f"{path} contains no labelled texts; it needs one JSON object per line")
    return texts


def judge(topic: Topic, texts: Iterable[LabelledText]) -> list[JudgedText]:
    """Judge labelled texts."""
    return [JudgedText(text, topic.judge(text.title, text.paragraphs, text.lang)) for text in texts]


def score(judged: Iterable[JudgedText]) -> Confusion:
    """Count how often labels and verdicts agree."""
    found = [(case.text.on_topic, case.judgement) for case in judged]
    return Confusion(
        texts=len(found),
        hits=sum(label and judgement.accepted for label, judgement in found),
        false_alarms=sum(not label and judgement.accepted for label, judgement in found),
        missed=sum(label and not judgement.accepted for label, judgement in found),
        review=sum(judgement.verdict is Relevance.REVIEW for _, judgement in found),
    )


def parts(judged: list[JudgedText]) -> Iterator[tuple[str, list[JudgedText]]]:
    """Yield name and texts of each part of the set: all, each split, each language."""
    yield "all", judged
    splits = sorted({case.text.split for case in judged} - {""})
    for split in splits:
        yield split, [case for case in judged if case.text.split == split]
    for lang in sorted({case.text.lang for case in judged}):
        yield lang, [case for case in judged if case.text.lang == lang]


def _text(line: str, where: str) -> LabelledText:
    try:
        stated = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not valid JSON: {error}") from error
    if not isinstance(stated, dict):
        raise InputError(f"{where}: not a JSON object")
    label = stated.get("label")
    if not isinstance(label, int | str) or label not in LABELS:
        raise InputError(f"{where}: label {label!r} is not valid; use 1 or 0, or accept or reject")
    return LabelledText(
        where=where,
        name=_string(stated, "id", where) or where,
        lang=_string(stated, "lang", where) or "und",
        title=_string(stated, "title", where),
        paragraphs=tuple(line for line in _string(stated, "text", where, needed=True).splitlines() if line.strip()),
        on_topic=LABELS[label],
        split=_string(stated, "split", where),
    )


def _string(stated: Mapping[str, Any], key: str, where: str, *, needed: bool = False) -> str:
    value = stated.get(key, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise InputError(f"{where}: {key} {value!r} is not valid; a {'non-empty ' if needed else ''}string is needed")
    return value
