"""Make a labelled set of near duplicates at run time, from given or synthetic texts.

Positives are copies as outlets make them: retyped, shortened, extended, edited, put into another template, cut to an
excerpt, or collected in a digest. Negatives are what is often mistaken for a copy: issues of one template, reports of
one event, texts that quote each other, and a consent text in place of articles.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from articles.links.fingerprint import shingles
from articles.model import LinkKind

DROPPED_SHARE = 0.2  # of the paragraphs
EDITED_SHARE = 1 / 12  # of the words
NUMBERS_SHARE = 0.02  # of the words of a synthetic text
MAX_COMMON_SHARE = 0.3  # of shingles that two base texts share; others are left out
MIN_BASE_WORDS = 120
MIN_EXCERPT_WORDS = 50
ISSUES = 60  # of each template
QUOTES = 120
EVENTS = 120  # two reports each
DIGESTS = 60  # of three articles each
OWN_LETTERS = 4  # a word in a title has more
FAILED = 30  # pages of one site with the same consent text
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]

Pair = frozenset[int]


@dataclass(frozen=True, slots=True)
class Item:
    """A text, its article and outlet, and the base texts that it contains parts of."""

    text: str
    article: str
    outlet: str
    title: str
    sources: frozenset[int]


@dataclass(slots=True)
class Labelled:
    """Items, the pairs that are near duplicates (with the change that made them), and hard negatives."""

    items: list[Item] = field(default_factory=list)
    duplicates: dict[Pair, str] = field(default_factory=dict)
    kinds: dict[Pair, LinkKind] = field(default_factory=dict)  # pairs for which only one kind is correct
    traps: dict[Pair, str] = field(default_factory=dict)

    def add(self, text: str, sources: Iterable[int] = (), outlet: str = "", title: str = "") -> int:
        """Add a text as a new article, and return its number."""
        number = len(self.items)
        names = f"article-{number:06}", outlet or f"outlet-{number:06}", title or f"{number}"
        item = Item(text, *names, frozenset(sources))
        self.items.append(item)
        return number

    def wrong(self, pair: Pair) -> bool:
        """Whether linking a pair is an error. Two copies of one text that are not a hard negative may be linked or not."""
        if pair in self.duplicates:
            return False
        one, other = sorted(pair)
        return pair in self.traps or not self.items[one].sources & self.items[other].sources


class Maker:
    """Generates texts from one vocabulary, with words in Zipf's distribution and some numbers."""

    def __init__(self, rng: random.Random, words: int = 20_000) -> None:
        self._rng = rng
        self._words = ["".join(rng.choices(SYLLABLES, k=rng.choice([1, 2, 2, 3, 3, 4]))) for _ in range(words)]
        self._weights = [1 / (rank + 3) for rank in range(words)]

    def words(self, count: int) -> list[str]:
        """Return `count` words and numbers."""
        found = self._rng.choices(self._words, self._weights, k=count)
        return [f"{self._rng.randint(2, 9_999)}" if self._rng.random() < NUMBERS_SHARE else word for word in found]

    def text(self, sentences: int) -> str:
        """Return a text of `sentences` sentences, three in each paragraph."""
        generated = [" ".join(self.words(self._rng.randint(8, 22))) for _ in range(sentences)]
        return "\n\n".join(". ".join(generated[i : i + 3]) + "." for i in range(0, len(generated), 3))


def made_up(rng: random.Random, count: int) -> list[str]:
    """Return `count` synthetic texts of 8 to 40 sentences."""
    maker = Maker(rng)
    return [maker.text(rng.randint(8, 40)) for _ in range(count)]


def retyped(text: str, _rng: random.Random, _pool: list[str]) -> str:
    """Use other quotes, dashes and case."""
    return text.replace('"', "“").replace("'", "’").replace(" - ", " — ").replace("ё", "е").upper()


def shortened(text: str, rng: random.Random, _pool: list[str]) -> str:
    """Drop one paragraph in five, at random."""
    paragraphs = text.split("\n\n")
    return "\n\n".join([p for p in paragraphs if rng.random() > DROPPED_SHARE] or paragraphs)


def extended(text: str, rng: random.Random, pool: list[str]) -> str:
    """Add pieces of other texts, a third of the length."""
    pieces = [text]
    while sum(map(len, pieces)) < len(text) * 4 / 3:
        other = rng.choice(pool).split()
        start = rng.randrange(len(other))
        pieces.append(" ".join(other[start : start + 20]))
    return "\n\n".join(pieces)


def edited(text: str, rng: random.Random, pool: list[str]) -> str:
    """Replace one word in twelve."""
    other = rng.choice(pool).split()
    return " ".join(rng.choice(other) if rng.random() < EDITED_SHARE else word for word in text.split(" "))


def templated(text: str, rng: random.Random, pool: list[str]) -> str:
    """Surround the text with the lists and lines of a template."""
    lists = [" ".join(rng.choice(pool).split()[:9]) for _ in range(rng.randint(4, 14))]
    return "\n\n".join(["By our staff", text, "Read more", *lists, "Leave a reply"])


def excerpt(text: str, rng: random.Random, _pool: list[str]) -> str:
    """Keep the first 30% to 50% of the words."""
    found = text.split()
    return " ".join(found[: max(MIN_EXCERPT_WORDS, int(len(found) * rng.uniform(0.3, 0.5)))])


def agency(text: str, _rng: random.Random, _pool: list[str]) -> str:
    """Name a source at the beginning, and drop the last paragraph."""
    paragraphs = text.split("\n\n")
    return "\n\n".join([f"As the agency reports, {paragraphs[0]}", *paragraphs[1:-1]])


def reworked(text: str, rng: random.Random, pool: list[str]) -> str:
    """Shorten, edit and extend the text."""
    return extended(edited(shortened(text, rng, pool), rng, pool), rng, pool)


CHANGES: tuple[Callable[[str, random.Random, list[str]], str], ...] = (
    retyped,
    shortened,
    extended,
    edited,
    templated,
    excerpt,
    agency,
    reworked,
)
EXACT: dict[str, LinkKind] = {
    "retyped": LinkKind.DUPLICATE,
    "edited": LinkKind.DUPLICATE,
    "excerpt": LinkKind.CONTAINED,
    "digest": LinkKind.CONTAINED,
}
TRAPS = ("rates", "weather", "notices", "events", "quotes", "failed")
KINDS = (*(change.__name__ for change in CHANGES), "digest")


def labelled(bases: list[str], rng: random.Random) -> Labelled:
    """Return the labelled set made from base texts."""
    truth = Labelled()
    bases = _unlike(bases)
    for number, base in enumerate(bases):
        first = truth.add(base, [number])
        for change in CHANGES:
            _positive(truth, first, truth.add(change(base, rng, bases), [number]), change.__name__)
    _templates(truth, rng)
    _events(truth, rng, bases)
    _quotes(truth, bases)
    consent = "This site keeps cookies so that it can remember what you have read. " + " ".join(bases[0].split()[:40])
    _trap(truth, [truth.add(consent, [0], "one.example", title) for title in _titles(bases[: FAILED + 1])], "failed")
    _digests(truth, rng, bases)
    return truth


def _titles(bases: list[str]) -> list[str]:
    """Return a title of each base text but the first, made of words that no other of them has."""
    counts = Counter(word for base in bases for word in {stem[:5] for stem in base.split()})
    own = ([word for word in base.split() if counts[word[:5]] == 1 and len(word) > OWN_LETTERS] for base in bases[1:])
    return [" ".join(words[:6]) for words in own]


def _place(base: int) -> int:
    """Return the item number of a base text."""
    return base * (1 + len(CHANGES))


def _positive(truth: Labelled, base: int, copy: int, name: str) -> None:
    pair = frozenset((base, copy))
    truth.duplicates[pair] = name
    if name in EXACT:
        truth.kinds[pair] = EXACT[name]


def _trap(truth: Labelled, numbers: Sequence[int], name: str) -> None:
    truth.traps.update(dict.fromkeys(map(frozenset, combinations(numbers, 2)), name))


def _unlike(bases: list[str]) -> list[str]:
    """Leave out base texts that are short, or that share many shingles with an earlier one."""
    kept: list[str] = []
    shingles_kept: list[set[int]] = []
    for base in (base for base in bases if len(base.split()) >= MIN_BASE_WORDS):
        grams = set(shingles(base).tolist())
        if all(len(grams & other) < MAX_COMMON_SHARE * min(len(grams), len(other)) for other in shingles_kept):
            kept.append(base)
            shingles_kept.append(grams)
    return kept


def _templates(truth: Labelled, rng: random.Random) -> None:
    """Add issues of three templates: rates in numbers, weather in numbers and words, notices in words."""
    places = [f"{a}{b}" for a in "bdfgkl" for b in ("aro", "eni", "olu", "ith")]
    names = ["".join(rng.choices(SYLLABLES, k=3)) for _ in range(4_000)]
    skies = ["clear", "cloudy", "foggy", "rainy with thunder", "snowy at times", "dry and windy"]

    def rates() -> str:
        lines = (f"for one unit of {word} the bank pays {rng.random() * 900:.2f} tenge" for word in places)
        return "The rates of the day are as follows. " + ". ".join(lines)

    def weather() -> str:
        lines = (
            f"In {place} it will be {rng.choice(skies)}, with {rng.randint(-30, 35)} degrees by day and wind of "
            f"{rng.randint(1, 28)} metres a second from the {rng.choice(['north', 'south', 'east', 'west'])}"
            for place in places
        )
        return "What the forecasters expect. " + ". ".join(lines)

    def notices() -> str:
        lines = (f"In the district of {place} doctor {rng.choice(names)} is on duty" for place in places)
        return ". ".join(f"{line} with nurse {rng.choice(names)}" for line in lines)

    for make in (rates, weather, notices):
        _trap(truth, [truth.add(make()) for _ in range(ISSUES)], make.__name__)


def _events(truth: Labelled, rng: random.Random, bases: list[str]) -> None:
    """Add pairs of reports of one event: different words around the same statement, names and numbers."""
    for _ in range(EVENTS):
        said, *own = rng.sample(range(len(bases)), 3)
        statement = " ".join(bases[said].split()[20:55])
        facts = [
            *(f"{rng.randint(2, 9_999)}" for _ in range(6)),
            *("".join(rng.choices(SYLLABLES, k=4)) for _ in range(4)),
        ]
        reports = []
        for number in own:
            words = bases[number].split()[:70]
            for fact in facts:
                words.insert(rng.randrange(len(words)), fact)
            reports.append(truth.add(" ".join([*words[:40], f"“{statement}”", *words[40:]]), [said, number]))
        _trap(truth, reports, "events")


def _quotes(truth: Labelled, bases: list[str]) -> None:
    """Add texts that quote a quarter of another text."""
    for number in range(min(QUOTES, len(bases) // 2)):
        quoted = len(bases) - 1 - number
        words, other = bases[number].split(), bases[quoted].split()
        half = len(words) // 2
        text = " ".join([*words[:half], *other[: min(len(words), len(other)) // 4], *words[half:]])
        truth.traps[frozenset((truth.add(text, [number, quoted]), _place(quoted)))] = "quotes"


def _digests(truth: Labelled, rng: random.Random, bases: list[str]) -> None:
    """Add digests: three unrelated articles, one after the other."""
    for _ in range(DIGESTS):
        chosen = rng.sample(range(len(bases)), 3)
        digest = truth.add("\n\n".join(bases[number] for number in chosen), chosen)
        for number in chosen:
            _positive(truth, _place(number), digest, "digest")
            if 2 * len(bases[number]) > len(truth.items[digest].text):
                del truth.kinds[frozenset((_place(number), digest))]  # the digest is hardly longer than the article
