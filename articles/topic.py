"""Whether a text is about the relations of two countries, by a topic file.

A text names the two sides by word stems in many languages. It is accepted when both sides are named often enough, meet
within a few sentences of each other, weigh comparably, and are not drowned by other countries; and when it is
no sports report. Each rule gives the ratio of what was measured to what is asked, and the lowest ratio decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from articles.errors import InputError
from articles.topic_file import Rules, TopicFile, read
from articles.topic_match import Matcher, Tally

REVIEW_BAND = (0.4, 0.6)  # scores that a person should look at: the lowest ratio lies between 2/3 and 3/2
PER_WORDS = 100  # densities are weighted hits per so many words


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a topic says of a text. `score` is in 0…1, accepted from .5 on; `why` names the rule that decided."""

    score: float
    accepted: bool
    review: bool  # a person should look: an accepted text is short, or the score is close to .5
    terms: tuple[tuple[str, int], ...]  # the mentions found, most frequent first
    why: str


class Topic:
    """A topic that judges texts. Two topics are the same if their `sha256` is."""

    def __init__(self, stated: TopicFile, digest: str) -> None:
        self.name = stated.topic
        self.sha256 = digest
        self._stated = stated
        self._matchers: dict[str, Matcher] = {}

    def judge(self, title: str, paragraphs: Sequence[str], lang: str) -> Judgement:
        """Judge a text by its title, paragraphs and ISO 639-1 language ("und" is read as English)."""
        rules = self._stated.rules
        if rules is None:
            return Judgement(1.0, accepted=True, review=False, terms=(), why="everything is accepted")
        if lang not in self._matchers:
            self._matchers[lang] = Matcher(self._stated, lang)
        tally = self._matchers[lang].tally(title, paragraphs)
        ratios = self._ratios(tally, rules)
        why, lowest = min(ratios.items(), key=lambda item: (item[1], item[0]))
        score = round(lowest / (1 + lowest), 4)
        accepted = lowest >= 1
        review = REVIEW_BAND[0] <= score < REVIEW_BAND[1] or (accepted and len(tally.met) - 1 < rules.short_text)
        terms = tuple(sorted(tally.terms.items(), key=lambda item: (-item[1], item[0])))
        return Judgement(score, accepted, review, terms, f"{why}: {lowest:.2f} of what is asked")

    def _ratios(self, tally: Tally, rules: Rules) -> dict[str, float]:
        if not all(tally.weighted):
            return {"both sides are named": 0.0}
        weaker, stronger = (side + tally.context for side in sorted(tally.weighted))
        sentences = len(tally.met)
        meetings = self._meetings(tally.met)
        named = min(sum(side in sides for sides in tally.met) for side in (0, 1))
        factor = 1.0 if len(tally.up_front) > 1 else rules.outside_lead
        ratios = {
            "density of the weaker side": PER_WORDS * weaker / tally.words / (rules.min_side_density * factor),
            "sentences that name the weaker side": named / rules.min_side_sentences,
            "places where the sides meet": meetings / (rules.min_co if sentences > rules.short_text else 1),
            "share of sentences where they meet": meetings / sentences / (rules.min_co_share * factor),
            "weight among all countries": tally.mentions / (tally.mentions + tally.others) / rules.min_dominance,
            "balance of the sides": weaker / stronger / rules.min_balance,
        }
        for name, genre in self._stated.genre_reject.items():
            share = tally.genres[name] / tally.words
            if share > genre.max:
                ratios[f"too many words of {name}"] = genre.max / share
        return ratios

    def _meetings(self, met: Sequence[set[int]]) -> int:
        """Return how many windows of neighbouring sentences name both sides."""
        width = min(self._stated.score.window if self._stated.score else 1, len(met))
        windows = (set().union(*met[i : i + width]) for i in range(len(met) - width + 1))
        return sum(len(sides) > 1 for sides in windows)


def load(text: str, source: str = "topic file") -> Topic:
    """Return the topic that a file's text states; `source` names the file in an `InputError`."""
    return Topic(read(text, source), sha256(text.encode()).hexdigest())


@cache
def builtin(name: str) -> Topic:
    """Return a topic that Irtysh brings along. Raises `InputError` if there is none of that name."""
    return load(builtin_text(name), f"{name}.yaml")


def builtin_text(name: str) -> str:
    """Return the file of a topic that Irtysh brings along. Raises `InputError` if there is none of that name."""
    if name not in builtin_names():
        raise InputError(f"no topic {name!r}; there are {', '.join(builtin_names())}, or name a file")
    return (files("articles") / "data" / "topics" / f"{name}.yaml").read_text(encoding="utf-8")


def builtin_names() -> tuple[str, ...]:
    """Return the names of the topics that Irtysh brings along."""
    folder = files("articles") / "data" / "topics"
    return tuple(sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml")))
