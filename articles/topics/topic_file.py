"""Topic files: what a topic's YAML may say. What is not understood is refused with file, line and field."""

import json
from collections.abc import Iterator
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from articles.errors import InputError

Form = Annotated[str, Field(min_length=2)]  # one letter would hit every other word
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(gt=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TermWords(_Strict):
    """What counts as a hit. `stem` is a word's beginning, `word` a whole word, `…_cs` the same in its own case."""

    stem: tuple[Form, ...] = ()
    word: tuple[Form, ...] = ()
    stem_cs: tuple[Form, ...] = ()
    word_cs: tuple[Form, ...] = ()
    excluded: tuple[Form, ...] = Field(default=(), alias="not")  # beginnings of words that are no hit

    @model_validator(mode="after")
    def _says_something(self) -> "TermWords":
        if not (self.stem or self.word or self.stem_cs or self.word_cs):
            raise ValueError("needs at least one stem, word, stem_cs or word_cs")
        return self


class Term(TermWords):
    """TermWords that mention one side, and how much a hit weighs."""

    id: str
    w: Weight
    langs: tuple[Annotated[str, Field(pattern="^([a-z]{2}|und)$")], ...] = ()  # empty for every language


class ContextWords(TermWords):
    """TermWords that support both sides where both are named, and decide nothing alone."""

    w: Weight


class Genre(TermWords):
    """A kind of text that is rejected when its words are more than `max` of all words."""

    max: Share


class ScoreWeights(_Strict):
    """How hits are weighed: in the title, in the lead (in characters), and over how many sentences sides meet."""

    title_w: Weight
    lead_chars: Annotated[int, Field(ge=0)]
    lead_w: Weight
    window: Annotated[int, Field(ge=1)]


class ShortTextRules(_Strict):
    """What is asked instead of a text of at most so many sentences, its title among them.

    `min_side_named` only of a text that names no third country.
    """

    sentences: Annotated[int, Field(ge=0)]
    min_co: Annotated[int, Field(ge=1)]
    min_side_named: Weight


class TopicRules(_Strict):
    """The thresholds of `articles.topics.topic`, which says how each is measured."""

    min_side_density: Weight
    min_side_named: Weight
    min_co: Annotated[int, Field(ge=1)]
    min_co_share: Share
    min_dominance: Share
    min_balance: Share
    outside_lead: Annotated[float, Field(ge=1)]
    review_from: Annotated[float, Field(gt=0, le=0.5)]  # a score; .5 is no review at all
    short: ShortTextRules


class TopicFile(_Strict):
    """A topic as its file states it: everything, or what two countries have to do with each other."""

    topic: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
    everything: bool = False
    sides: dict[Annotated[str, Field(pattern="^[A-Z]{2}$")], tuple[Term, ...]] = {}  # by ISO 3166-1 alpha-2 code
    bilateral: TermWords | None = None  # compounds that name both sides
    context: ContextWords | None = None
    others: TermWords | None = None  # names of other countries and unions beside those that CLDR knows
    genre_reject: dict[str, Genre] = {}
    score: ScoreWeights | None = None
    rules: TopicRules | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "TopicFile":
        if self.everything:
            if self.model_fields_set - {"topic", "everything"}:
                raise ValueError("a topic of everything states nothing else")
        elif len(self.sides) != 2:  # noqa: PLR2004 - relations between two countries
            raise ValueError("needs two sides")
        elif self.score is None or self.rules is None:
            raise ValueError("needs score and rules")
        return self


def read(text: str, source: str) -> TopicFile:
    """Return a topic file's contents; `source` names it in the `InputError` that a mistake raises."""
    try:
        alias = next((token for token in yaml.scan(text) if isinstance(token, yaml.AliasToken)), None)
        if alias is not None:  # which could make a file that holds itself
            raise _wrong(source, alias.start_mark.line, (), "YAML aliases are not understood")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        stated = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{source}, line {line}, the whole file: no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{source}: no YAML: {error}") from error
    for path, node in _repeated(root, ()):
        raise _wrong(source, node.start_mark.line, path, "stands twice")
    try:
        return TopicFile.model_validate_json(json.dumps(stated, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        path = tuple(str(step) for step in first["loc"])
        raise _wrong(source, _line(root, path), path, first["msg"]) from error


def _wrong(source: str, line: int, path: tuple[str, ...], what: str) -> InputError:
    return InputError(f"{source}, line {line + 1}, {'.'.join(path) or 'the whole file'}: {what}")


def _line(node: yaml.Node | None, path: tuple[str, ...]) -> int:
    """Return the line, counted from 0, where the deepest step of a path that exists is written."""
    line = 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and step.isdecimal():
            node = node.value[int(step)]
            line = node.start_mark.line
    return line


def _repeated(node: yaml.Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], yaml.Node]]:
    """Yield the keys that a mapping holds twice, which YAML readers pass over in silence."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            here = (*path, str(key.value))
            if key.value in seen:
                yield here, key
            seen.add(key.value)
            yield from _repeated(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield from _repeated(value, (*path, str(i)))
