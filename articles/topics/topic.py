"""Whether a text is about the relations of two countries, by a topic file.

A text names the two sides by word stems in many languages. It is accepted when both sides are named often enough, meet
within a few sentences of each other, weigh comparably, and are not drowned by other countries; and when it is
no sports report. Each rule gives the ratio of what was measured to what is asked, and the lowest ratio decides.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from articles.errors import InputError
from articles.model import Mention, Relevance
from articles.topics.matching import Matcher, TopicCounts
from articles.topics.topic_file import TopicFile, TopicRules, read

ACCEPT_FROM = 0.5  # a score: the lowest ratio is 1
PER_WORDS = 100  # densities are weighted hits per so many words


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a topic says of a text. `score` is in 0…1, accepted from .5 on; `why` names the rule that decided."""

    score: float
    verdict: Relevance
    evidence: tuple[Mention, ...]  # sorted by term, place and offset
    why: str

    @property
    def accepted(self) -> bool:
        """Whether the text is on topic without doubt."""
        return self.verdict is Relevance.ACCEPT

    @property
    def terms(self) -> tuple[tuple[str, int], ...]:
        """How often each term was found, the most frequent first."""
        counts: Counter[str] = Counter()
        for mention in self.evidence:
            counts[mention.term] += len(mention.offsets)
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


class Topic:
    """A topic that judges texts. Two topics are the same if their `sha256` is."""

    def __init__(self, stated: TopicFile, digest: str) -> None:
        self.name = stated.topic
        self.sha256 = digest
        self.stated = stated
        self._matchers: dict[str, Matcher] = {}

    def judge(self, title: str, paragraphs: Sequence[str], lang: str) -> Judgement:
        """Judge a text by its title, paragraphs and ISO 639-1 language ("und" is read as English)."""
        rules = self.stated.rules
        if rules is None:
            return Judgement(1.0, Relevance.ACCEPT, (), "everything is accepted")
        if lang not in self._matchers:
            self._matchers[lang] = Matcher(self.stated, lang)
        tally = self._matchers[lang].tally(title, paragraphs)
        ratios = self._ratios(tally, rules)
        why, lowest = min(ratios.items(), key=lambda item: (item[1], item[0]))
        score = round(lowest / (1 + lowest), 4)
        return Judgement(score, _verdict(score, rules), tally.evidence, f"{why}: {lowest:.2f} of what is asked")

    def _ratios(self, tally: TopicCounts, rules: TopicRules) -> dict[str, float]:
        if not all(tally.weighted):
            return {"both sides are named": 0.0}
        weaker, stronger = (side + tally.context for side in sorted(tally.weighted))
        sentences = len(tally.met)
        meetings = self._meetings(tally.met)
        short = sentences <= rules.short.sentences
        min_co = (rules.short if short else rules).min_co
        min_named = (rules.short if short and not tally.others else rules).min_side_named
        factor = 1.0 if len(tally.up_front) > 1 else rules.outside_lead
        ratios = {
            "density of the weaker side": PER_WORDS * weaker / tally.words / (rules.min_side_density * factor),
            "sentences that name the weaker side": min(map(tally.named, (0, 1))) / min_named,
            "places where the sides meet": meetings / min_co,
            "share of sentences where they meet": meetings / sentences / (rules.min_co_share * factor),
            "weight among all countries": tally.mentions / (tally.mentions + tally.others) / rules.min_dominance,
            "balance of the sides": weaker / stronger / rules.min_balance,
        }
        for name, genre in self.stated.genre_reject.items():
            share = tally.genres[f"genre:{name}"] / tally.words
            if share > genre.max:
                ratios[f"too many words of {name}"] = genre.max / share
        return ratios

    def _meetings(self, met: Sequence[dict[int, float]]) -> int:
        """Return how many windows of neighbouring sentences name both sides."""
        width = min(self.stated.score.window if self.stated.score else 1, len(met))
        windows = (set().union(*met[i : i + width]) for i in range(len(met) - width + 1))
        return sum(len(sides) > 1 for sides in windows)


def _verdict(score: float, rules: TopicRules) -> Relevance:
    if score >= ACCEPT_FROM:
        return Relevance.ACCEPT
    return Relevance.REVIEW if score >= rules.review_from else Relevance.REJECT


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
