"""Topic files: the schema of a topic's YAML. An error names the file, the line and the field."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from articles.data import yaml_loader
from articles.errors import InputError

Form = Annotated[str, Field(min_length=2)]  # one letter would match far too many words
Share = Annotated[float, Field(ge=0, le=1)]
MAX_WEIGHT = 1e6  # sums of larger ones would be infinite
Weight = Annotated[float, Field(gt=0, le=MAX_WEIGHT)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TermWords(_Strict):
    """Words that count as hits. `stem` is the beginning of a word, `word` a whole word, `…_cs` the same, case-sensitive."""

    stem: tuple[Form, ...] = ()
    word: tuple[Form, ...] = ()
    stem_cs: tuple[Form, ...] = ()
    word_cs: tuple[Form, ...] = ()
    excluded: tuple[Form, ...] = Field(default=(), alias="not")  # beginnings of words that do not count

    @model_validator(mode="after")
    def _says_something(self) -> "TermWords":
        if not (self.stem or self.word or self.stem_cs or self.word_cs):
            raise ValueError("needs at least one stem, word, stem_cs or word_cs")
        return self


class Term(TermWords):
    """Words that mention one side, with the weight of a hit."""

    id: str
    w: Weight
    langs: tuple[Annotated[str, Field(pattern="^([a-z]{2}|und)$")], ...] = ()  # empty: all languages


class ContextWords(TermWords):
    """Words that add weight to both sides if both are named, and decide nothing alone."""

    w: Weight


class Genre(TermWords):
    """A kind of text, rejected if its words are more than the share `max` of all words."""

    max: Share


class ScoreWeights(_Strict):
    """Weights of hits in title and lead, the lead's length in characters, and the window in which sides meet (sentences)."""

    title_w: Weight
    lead_chars: Annotated[int, Field(ge=0)]
    lead_w: Weight
    window: Annotated[int, Field(ge=1)]


class ShortTextRules(_Strict):
    """Rules for a text of at most `sentences` sentences, title included, instead of those in `TopicRules`.

    `min_side_named` is used only if the text names no third country.
    """

    sentences: Annotated[int, Field(ge=0)]
    min_co: Annotated[int, Field(ge=1)]
    min_side_named: Weight


class TopicRules(_Strict):
    """Thresholds of a topic. `articles.topics.topic` says how each is measured."""

    min_side_density: Weight
    min_side_named: Weight
    min_co: Annotated[int, Field(ge=1)]
    min_co_share: Share
    min_dominance: Share
    min_balance: Share
    outside_lead: Annotated[float, Field(ge=1, le=MAX_WEIGHT)]
    review_from: Annotated[float, Field(gt=0, le=0.5)]  # lowest score for review; .5 turns review off
    short: ShortTextRules


class TopicFile(_Strict):
    """Content of a topic file: a topic that accepts everything, or one on the relations of two countries."""

    topic: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
    everything: bool = False
    sides: dict[Annotated[str, Field(pattern="^[A-Z]{2}$")], tuple[Term, ...]] = {}  # by ISO 3166-1 alpha-2 code
    bilateral: TermWords | None = None  # compounds that name both sides
    context: ContextWords | None = None
    others: TermWords | None = None  # other countries and unions, in addition to the names in CLDR
    genre_reject: dict[str, Genre] = {}
    score: ScoreWeights | None = None
    rules: TopicRules | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "TopicFile":
        if self.everything:
            if self.model_fields_set - {"topic", "everything"}:
                raise ValueError("a topic with `everything: true` must not contain other keys than `topic`")
        elif len(self.sides) != 2:  # noqa: PLR2004 - relations between two countries
            raise ValueError("needs exactly two sides")
        elif self.score is None or self.rules is None:
            raise ValueError("needs score and rules")
        return self


OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)
SECTIONS: dict[str, type[BaseModel]] = {
    "sides": Term,
    "bilateral": TermWords,
    "context": ContextWords,
    "others": TermWords,
    "genre_reject": Genre,
    "score": ScoreWeights,
    "rules": TopicRules,
    "short": ShortTextRules,
}  # the schema of what a key holds
UNKNOWN_KEY = "extra_forbidden"  # pydantic's name of the error
MAX_FILE_CHARS = 200_000  # the largest built-in topic has 12,000
MAX_DEPTH = 20  # of nesting; a topic has five levels
MAX_SHOWN_CHARS = 100  # of a field's name in a message
MIN_LIKENESS = 0.6  # of an unknown key and a known one, to suggest it; difflib's own default


def read(text: str, source: str) -> TopicFile:
    """Parse a topic file. Raises `InputError`, which calls the file `source`, if it is not valid."""
    if len(text) > MAX_FILE_CHARS:
        raise InputError(f"{source} has over {MAX_FILE_CHARS:,} characters, which no topic needs")
    try:
        _check_form(text, source)
        root = yaml.compose(text, Loader=_PlainLoader)
        stated = json.dumps(yaml.load(text, Loader=_PlainLoader))  # noqa: S506  a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{source}, line {line}, the whole file: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise InputError(f"{source}: not valid YAML: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise _error(
            source, 0, (), f"{'it is empty' if root is None else 'it holds no keys'}; `irtysh topic new` writes one"
        )
    for path, node in _repeated_keys(root, ()):
        raise _error(source, node.start_mark.line, path, "is given twice; remove one of them")
    try:
        return TopicFile.model_validate_json(stated)
    except ValidationError as error:
        # A mistyped key is missing under its right name as well: the mistake comes first.
        first = min(error.errors(), key=lambda one: one["type"] != UNKNOWN_KEY)
        path = tuple(str(step) for step in first["loc"])
        what = _unknown(path) if first["type"] == UNKNOWN_KEY else first["msg"].removeprefix("Value error, ")
        raise _error(source, _line(root, path), path, what) from error


class _PlainLoader(yaml_loader()):  # type: ignore[misc]  # chosen at run time
    """Loads texts, numbers, truth values and nulls; what looks like a date or a merge key stays a text."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag.rpartition(":")[2] in {"bool", "int", "float", "null"}]
    for first, resolvers in yaml_loader().yaml_implicit_resolvers.items()
}


def _check_form(text: str, source: str) -> None:
    """Refuse aliases, which could make a structure that contains itself, tags, and nesting that no parser survives."""
    depth = 0
    for token in yaml.scan(text, Loader=_PlainLoader):
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        line = token.start_mark.line
        if isinstance(token, yaml.AliasToken):
            raise _error(source, line, (), "YAML aliases are not supported; write the value out")
        if isinstance(token, yaml.TagToken):
            raise _error(source, line, (), "YAML tags are not supported; write the value without it")
        if depth > MAX_DEPTH:
            raise _error(source, line, (), f"nested more than {MAX_DEPTH} levels deep")


def _unknown(path: tuple[str, ...]) -> str:
    """Return what is wrong with a key that does not exist, with the one that is probably meant."""
    keys = _keys_beside(path)
    near = get_close_matches(path[-1][:MAX_SHOWN_CHARS], keys, n=1, cutoff=MIN_LIKENESS)
    return "is no known key; " + (f"did you mean {near[0]}?" if near else f"known here: {', '.join(keys)}")


def _keys_beside(path: tuple[str, ...]) -> list[str]:
    """Return the keys that the file may have where a path ends."""
    at: type[BaseModel] = TopicFile
    for step in path[:-1]:
        at = SECTIONS.get(step, at)
    return [field.alias or name for name, field in at.model_fields.items()]


def _error(source: str, line: int, path: tuple[str, ...], what: str) -> InputError:
    where = ".".join(step[:MAX_SHOWN_CHARS] for step in path) or "the whole file"
    return InputError(f"{source}, line {line + 1}, {where}: {what}")


def _line(node: yaml.Node | None, path: tuple[str, ...]) -> int:
    """Return the line, counted from 0, of the deepest step of a path that exists in the file."""
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


def _repeated_keys(node: yaml.Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], yaml.Node]]:
    """Yield the keys that a mapping contains twice, which YAML parsers accept silently."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            key_path = (*path, str(key.value))
            if key.value in seen:
                yield key_path, key
            seen.add(key.value)
            yield from _repeated_keys(value, key_path)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield from _repeated_keys(value, (*path, str(i)))
