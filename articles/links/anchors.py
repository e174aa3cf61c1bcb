"""Anchors: what a text names that a translation names too, whatever the languages: numbers, dates, countries, names.

An anchor is 32 bits: a hash of what it is, and in its lowest bits what it weighs. Weights are fixed by what kind of thing
the anchor is, not by how often a corpus holds it: what links two texts must not depend on which others came before them.
They stand in the place of inverse document frequencies (natural logarithms; docs/measurements.md §6 measured with those).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import xxhash
from babel import Locale
from numpy.typing import NDArray

from articles.data import load
from articles.dates import months

Keys = NDArray[np.uint32]  # anchors, sorted and distinct

# Weights by class, the lowest bits of a key. Two rare names or three dates make a text worth comparing.
WEIGHT = (0.5, 1.0, 2.5, 3.0, 4.5, 2.5, 4.0, 5.0)
WEIGHTS = np.array(WEIGHT, np.float32)
COMMON, YEAR, SHORT, DATED, NAME, TENS, NUMBER, LONG = range(8)
CLASS_BITS = np.uint32(7)
RARE = SHORT  # classes from here on tell one article from another
NUMERIC = TENS  # classes from here on are numbers

WORD = re.compile(r"[^\W\d_]+(?:['’ʼʻ‘`][^\W\d_]+)*")
# a number, with the word behind it, or a word that may begin with a capital (the ranges hold small letters too)
ITEM = re.compile(
    r"\d(?:[\d\u00a0\u202f ]*\d)?(?:[.,]\d+)*(?=(?:\.?[\u00a0 -]([^\W\d_]+))?)"
    rf"|(?<!\w)(?=[A-ZÀ-ÞĀ-ŽЀ-ЯҊ-ԯƆƏ]){WORD.pattern}"
)
BEFORE = re.compile(r"[^\W\d_]+(?=\.?[\u00a0 ]$)")
NEAR = 16  # characters before a number in which a month's name may stand
GROUPED = re.compile(r"(?<=\d)(?<!\d{4})[\u00a0\u202f ](?=\d{3}(?!\d))|(?<=\d)[.,](?=\d{3}(?!\d))")
NUMERAL = re.compile(r"\d+(?:[.,]\d+)?")
YEARS = range(1900, 2100)
YEAR_DIGITS = 4
DAYS = 31
DAY_DIGITS = 2
CACHED = 1 << 16  # words
LONG_NUMBER = 4  # digits
MIDDLING = 3
LEAST_LETTERS = 4  # of a name
LONGEST_WORD = 60  # letters; what is longer is no word
LEAST_CONSONANTS = 3
LONG_NAME = 4  # consonants
KEPT_CONSONANTS = 5  # what follows is mostly endings and what languages add to a name
STEM = 3  # letters that an ending must leave
ACRONYM = range(2, 7)  # letters
COUNTRY_STEM = 4  # letters
COUNTRY_CUT = 2  # letters that a country's ending may change
HOME = ("KZ", "RU")  # in every text
CLDR_LANGUAGES = ("de", "en", "kk", "ky", "lt", "pl", "ru", "tr", "uk", "uz")

# Consonants as all alphabets of the region can tell them apart: x → ks, ш → s, ж → z, ч → c, х → h; vowels and glides go.
LETTERS = dict(zip("бвгдзклмнпрстфхцчшщжқғңһґљњђћџј", "bvgdzklmnprstfhccsszkgnhglnzczz", strict=True))
LETTERS |= {c: c for c in "bdfgklmnprstvz"} | {"w": "v", "q": "k", "x": "ks", "h": "h", "c": "k", "j": "z"}
LETTERS |= dict(zip("çčćşšśžźżłñňğńťďřģķļņ", "cccsssszzlnngntdrgkln", strict=False)) | {
    "ž": "z",
    "ź": "z",
    "ż": "z",
    "ß": "s",
}
DIGRAPHS = {
    "shch": "s", "sch": "s", "tsch": "c", "dsch": "z", "sh": "s", "ch": "c", "zh": "z", "kh": "h", "gh": "g", "ph": "f",
    "th": "t", "ts": "c", "tz": "c", "ck": "k", "dj": "z", "dzh": "z", "дж": "z", "нг": "n", "ng": "n", "кс": "ks",
}  # fmt: skip
BY_LANGUAGE = {
    "pl": {"sz": "s", "cz": "c", "rz": "z", "dż": "z", "szcz": "s", "ch": "h", "c": "c", "j": "", "ż": "z"},
    "de": {"j": "", "ch": "h", "z": "c", "v": "f", "w": "v", "sch": "s"},
    "lt": {"j": "", "c": "c", "ch": "h"},
    "tr": {"c": "z", "ğ": ""},
    "uz": {"x": "h", "j": "z"},
    "kk": {"у": "v", "w": "v"},  # «у» is a vowel and a w: Кеңесу, Орынбасар, Ақтау
    "uk": {"г": "h"},
}  # fmt: skip


def anchors(text: str, lang: str) -> Keys:
    """Return the anchors that tell a text from others of its topic."""
    keys = every(text, lang)
    return keys[(keys & CLASS_BITS) >= RARE]


def every(text: str, lang: str) -> Keys:
    """Return all anchors of a text, those that hardly any text lacks too."""
    return np.unique(np.fromiter(_keys(text, lang), np.uint32))


def mass(keys: Keys) -> float:
    """Return what anchors weigh together."""
    return float(WEIGHTS[keys & CLASS_BITS].sum())


def shared(a: Keys, b: Keys) -> Keys:
    """Return the anchors that two texts have in common."""
    return np.intersect1d(a, b, assume_unique=True)


def figures(keys: Iterable[int]) -> frozenset[int]:
    """Return those anchors that are numbers or days."""
    return frozenset(key for key in keys if key & 7 == DATED or key & 7 >= NUMERIC)


@dataclass(frozen=True, slots=True)
class SentenceNames:
    """What each sentence of a text names, with its weight."""

    keys: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, sentences: Sequence[str], lang: str) -> "SentenceNames":
        """Return what sentences name."""
        keys = tuple(tuple(sorted(set(_keys(sentence, lang)))) for sentence in sentences)
        return cls(keys, tuple(sum(WEIGHT[key & 7] for key in some) for some in keys))

    @property
    def mass(self) -> float:
        """What all sentences name, by weight; what two sentences name counts twice."""
        return sum(self.weights)


@dataclass(frozen=True, slots=True)
class SharedNames:
    """What two texts' sentences name in common."""

    a: SentenceNames
    b: SentenceNames
    weights: Mapping[tuple[int, int], float]  # of pairs of sentences that have anything in common

    @classmethod
    def of(cls, a: SentenceNames, b: SentenceNames) -> "SharedNames":
        """Return what each sentence of one text has in common with each of another."""
        where: defaultdict[int, list[int]] = defaultdict(list)
        for j, keys in enumerate(b.keys):
            for key in keys:
                where[key].append(j)
        found: defaultdict[tuple[int, int], float] = defaultdict(float)
        for i, keys in enumerate(a.keys):
            for key in keys:
                for j in where.get(key, ()):
                    found[i, j] += WEIGHT[key & 7]
        return cls(a, b, found)

    def likeness(self) -> NDArray[np.float32]:
        """Return how like each sentence of one text is to each of the other, by weight (Dice), 0…1."""
        found = np.zeros((len(self.a.keys), len(self.b.keys)), np.float32)
        for (i, j), weight in self.weights.items():
            found[i, j] = 2 * weight / (self.a.weights[i] + self.b.weights[j])
        return found

    def in_order(self) -> float:
        """Return how much of what the poorer text names the other names in the same order, by weight, 0…1.

        A translation keeps the order; reports of one event name the same people and towns in others.
        """
        best = [0.0] * (len(self.b.keys) + 1)  # the heaviest chain of pairs that ends before each sentence
        rows: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        for (i, j), weight in self.weights.items():
            rows[i].append((j, weight))
        for i in sorted(rows):
            chains = [(j, best[j] + weight) for j, weight in rows[i]]
            for j, weight in chains:
                at = j + 1
                while at < len(best) and best[at] < weight:
                    best[at] = weight
                    at += 1
        return best[-1] / max(1.0, min(self.a.mass, self.b.mass))


def _keys(text: str, lang: str) -> Iterator[int]:
    for found in ITEM.finditer(text):
        item = found.group()
        if item[0].isdecimal():
            yield from _numbers(item)
            if len(item) <= DAY_DIGITS and 1 <= int(item) <= DAYS:
                before = BEFORE.findall(text[max(0, found.start() - NEAR) : found.start()])
                month = _month(found[1] or "") or _month(before[-1] if before else "")
                if month:
                    yield _key(f"month {month}", YEAR)
                    yield _key(f"date {month} {int(item)}", DATED)
        elif len(item) <= LONGEST_WORD:
            key = _name(item, lang)
            if key:
                yield key


def _numbers(item: str) -> Iterator[int]:
    for found in NUMERAL.findall(GROUPED.sub("", item)):
        whole, point, part = found.replace(",", ".").partition(".")
        number = f"{whole.lstrip('0')}{point}{part}"
        digits = sum(map(str.isdecimal, number))
        if number.isdecimal() and digits == YEAR_DIGITS and int(number) in YEARS:
            yield _key(number, YEAR)
        elif digits >= LONG_NUMBER:
            yield _key(number, LONG)
        elif digits >= MIDDLING or point:
            yield _key(number, NUMBER)
        elif digits > 1:
            yield _key(number, TENS)


@lru_cache(CACHED)
def _name(word: str, lang: str) -> int:
    """Return the key of a word with a capital, 0 if it is none that counts."""
    if not word[0].isupper():
        return 0
    folded = _acronyms().get(word)
    if folded is not None:
        return _key(folded, YEAR)
    lower = word.casefold()
    country = _country(lower, lang)
    if country:
        return _key(f"country {country}", COMMON if country in HOME else SHORT)
    month = _month(word)
    if month:
        return _key(f"month {month}", YEAR)
    if word.isupper() and len(word) in ACRONYM:
        letters = skeleton(lower, lang)
        return _key(f"acronym {letters}", SHORT) if len(letters) > 1 else 0
    if len(word) < LEAST_LETTERS:
        return 0
    name = skeleton(stem(lower, lang), lang)[:KEPT_CONSONANTS]
    if len(name) < LEAST_CONSONANTS:
        return 0
    if name in _common():
        return _key(f"name {name}", COMMON)
    return _key(f"name {name}", NAME if len(name) >= LONG_NAME else SHORT)


def stem(lower: str, lang: str) -> str:
    """Return a word without the ending that its case gives it."""
    for ending in _endings().get(lang, ()):
        if lower.endswith(ending) and len(lower) - len(ending) >= STEM:
            return lower[: -len(ending)]
    return lower


def skeleton(lower: str, lang: str) -> str:
    """Return a word's consonants in one alphabet, doubled ones once."""
    own = BY_LANGUAGE.get(lang, {})
    found: list[str] = []
    at = 0
    while at < len(lower):
        for size in (4, 3, 2, 1):
            part = lower[at : at + size]
            sound = own.get(part)
            if sound is None:
                sound = DIGRAPHS.get(part) if size > 1 else LETTERS.get(part, "")
            if sound is not None:
                break
        if sound and not (found and found[-1] == sound):
            found.append(sound)
        at += len(part)
    return "".join(found)


def _month(word: str) -> int:
    """Return a month's number, 0 for another word; endings of up to three letters are cut off longer names."""
    lower = word.casefold().replace("i̇", "i")
    names = months()
    for cut in range(4):
        part = lower[: len(lower) - cut]
        if part in names and (not cut or len(part) > COUNTRY_STEM):
            return names[part]
    return 0


def _country(lower: str, lang: str) -> str:
    stems = _countries(lang)
    return next((stems[lower[:n]] for n in range(len(lower), COUNTRY_STEM - 1, -1) if lower[:n] in stems), "")


@cache
def _countries(lang: str) -> dict[str, str]:
    """Return the countries of one word in a language (of English where CLDR has none of it), by their stems."""
    names = Locale.parse(lang if lang in CLDR_LANGUAGES else "en").territories
    found = {}
    for code, name in sorted(names.items()):
        lower = name.casefold()
        if len(code) == 2 and code.isalpha() and WORD.fullmatch(lower):  # noqa: PLR2004  ISO 3166-1 alpha-2
            found[lower[: max(COUNTRY_STEM, len(lower) - COUNTRY_CUT)]] = code
    return found


@cache
def _common() -> frozenset[str]:
    return frozenset(
        skeleton(stem(word.casefold(), lang), lang)[:KEPT_CONSONANTS]
        for word in WORD.findall(load("anchors")["common"])
        for lang in CLDR_LANGUAGES
    )


@cache
def _acronyms() -> dict[str, str]:
    return {spelling: f"body {line[0]}" for line in load("anchors")["acronyms"] for spelling in line}


@cache
def _endings() -> dict[str, tuple[str, ...]]:
    told = load("anchors")["endings"]
    return {lang: tuple(sorted(words.split(), key=len, reverse=True)) for lang, words in told.items()}


def _key(what: str, weight: int) -> int:
    return (xxhash.xxh3_64_intdigest(what.encode()) & 0xFFFFFFF8) | weight
