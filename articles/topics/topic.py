"""Judge by a topic file whether a text is about the relations of two countries.

Word stems in many languages name the two sides. A text is accepted if both sides are named often enough, meet within a
few sentences, have comparable weight, and are not outweighed by other countries, and if it is not a sports report or the
like. Each rule gives the ratio of the measured value to the required one. The lowest ratio decides.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from articles.model import Mention, Relevance
from articles.topics.builtin_files import builtin_text
from articles.topics.matching import Matcher, TopicCounts
from articles.topics.topic_file import TopicFile, TopicRules, read

MIN_ACCEPT_SCORE = 0.5  # the score of a text whose lowest ratio is 1
DENSITY_WORDS = 100  # a density is the number of weighted hits per so many words


@dataclass(frozen=True, slots=True)
class Judgement:
    """A topic's judgement of a text. `score` is between 0 and 1, `why` names the rule that decided."""

    score: float
    verdict: Relevance
    evidence: tuple[Mention, ...]  # sorted by term, place and offset
    why: str

    @property
    def accepted(self) -> bool:
        """Whether the text is on topic, beyond review."""
        return self.verdict is Relevance.ACCEPT

    @property
    def terms(self) -> tuple[tuple[str, int], ...]:
        """Number of hits of each term, the most frequent first."""
        counts: Counter[str] = Counter()
        for mention in self.evidence:
            counts[mention.term] += len(mention.offsets)
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


class Topic:
    """A topic that judges texts. Two topics are equal if their `sha256` is."""

    def __init__(self, stated: TopicFile, digest: str) -> None:
        self.name = stated.topic
        self.sha256 = digest
        self.stated = stated
        self._matchers: dict[str, Matcher] = {}

    def judge(self, title: str, paragraphs: Sequence[str], lang: str) -> Judgement:
        """Judge a text by its title, paragraphs and ISO 639-1 language ("und" is treated as English)."""
        rules = self.stated.rules
        if rules is None:
            return Judgement(1.0, Relevance.ACCEPT, (), "everything is accepted")
        if lang not in self._matchers:
            self._matchers[lang] = Matcher(self.stated, lang)
        counts = self._matchers[lang].count(title, paragraphs)
        ratios = self._ratios(counts, rules)
        why, lowest = min(ratios.items(), key=lambda item: (item[1], item[0]))
        score = round(lowest / (1 + lowest), 4)
        return Judgement(score, _verdict(score, rules), counts.evidence, f"{why}: {lowest:.2f} of what is asked")

    def _ratios(self, counts: TopicCounts, rules: TopicRules) -> dict[str, float]:
        if not all(counts.weighted):
            return {"both sides are named": 0.0}
        weaker, stronger = (side + counts.context for side in sorted(counts.weighted))
        sentences = len(counts.sides_by_sentence)
        meetings = self._meetings(counts.sides_by_sentence)
        short = sentences <= rules.short.sentences
        min_co = (rules.short if short else rules).min_co
        min_named = (rules.short if short and not counts.others else rules).min_side_named
        factor = 1.0 if len(counts.leading_sides) > 1 else rules.outside_lead
        ratios = {
            "density of the weaker side": DENSITY_WORDS * weaker / counts.words / (rules.min_side_density * factor),
            "sentences that name the weaker side": min(map(counts.named, (0, 1))) / min_named,
            "places where the sides meet": meetings / min_co,
            "share of sentences where they meet": meetings / sentences / (rules.min_co_share * factor),
            "weight among all countries": counts.mentions / (counts.mentions + counts.others) / rules.min_dominance,
            "balance of the sides": weaker / stronger / rules.min_balance,
        }
        for name, genre in self.stated.genre_reject.items():
            share = counts.genres[f"genre:{name}"] / counts.words
            if share > genre.max:
                ratios[f"too many words of {name}"] = genre.max / share
        return ratios

    def _meetings(self, sides_by_sentence: Sequence[dict[int, float]]) -> int:
        """Return the number of windows of neighbouring sentences that name both sides."""
        width = min(self.stated.score.window if self.stated.score else 1, len(sides_by_sentence))
        windows = (set().union(*sides_by_sentence[i : i + width]) for i in range(len(sides_by_sentence) - width + 1))
        return sum(len(sides) > 1 for sides in windows)


def _verdict(score: float, rules: TopicRules) -> Relevance:
    if score >= MIN_ACCEPT_SCORE:
        return Relevance.ACCEPT
    return Relevance.REVIEW if score >= rules.review_from else Relevance.REJECT


def load(text: str, source: str = "topic file") -> Topic:
    """Return the topic of a file's text. Raises `InputError`, which calls the file `source`, if it is not valid."""
    return Topic(read(text, source), sha256(text.encode()).hexdigest())


@cache
def builtin(name: str) -> Topic:
    """Return a built-in topic. Raises `InputError` if there is none of that name."""
    return load(builtin_text(name), f"{name}.yaml")
