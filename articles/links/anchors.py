"""Extract anchors: what a text and its translation both name in any language, such as numbers, dates, countries, names.

An anchor has 32 bits: a hash of what it names and, in its three lowest bits, its weight class. Weights depend on the kind
of anchor, not on its frequency in the corpus, since a link must not depend on the texts added before. They replace
inverse document frequencies (natural logarithms; docs/measurements.md §6 measured with those).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import xxhash
from babel import Locale
from numpy.typing import NDArray

from articles.data import load
from articles.dates import months

Keys = NDArray[np.uint32]  # anchors, sorted and distinct

# Weights by class, the lowest bits of a key. Texts are compared if they share two rare names or three dates.
CLASS_WEIGHTS = (0.5, 1.0, 2.5, 3.0, 4.5, 2.5, 4.0, 5.0)
CLASS_WEIGHT_ARRAY = np.array(CLASS_WEIGHTS, np.float32)
COMMON, YEAR, SHORT, DATED, NAME, TENS, NUMBER, LONG = range(8)
CLASS_BITS = np.uint32(7)
FIRST_RARE_CLASS = SHORT  # this class and all above distinguish articles
FIRST_NUMERIC_CLASS = TENS  # this class and all above are numbers

WORD = re.compile(r"[^\W\d_]+(?:['’ʼʻ‘`][^\W\d_]+)*")
# a number with the word after it, or a word that may begin with a capital (the ranges include small letters)
ITEM = re.compile(
    r"\d(?:[\d\u00a0\u202f ]*\d)?(?:[.,]\d+)*(?=(?:\.?[\u00a0 -]([^\W\d_]+))?)"
    rf"|(?<!\w)(?=[A-ZÀ-ÞĀ-ŽЀ-ЯҊ-ԯƆƏ]){WORD.pattern}"
)
WORD_BEFORE = re.compile(r"[^\W\d_]+(?=\.?[\u00a0 ]$)")
MAX_MONTH_DISTANCE_CHARS = 16  # before a number, to look for a month's name
GROUP_SEPARATOR = re.compile(r"(?<=\d)(?<!\d{4})[\u00a0\u202f ](?=\d{3}(?!\d))|(?<=\d)[.,](?=\d{3}(?!\d))")
NUMERAL = re.compile(r"\d+(?:[.,]\d+)?")
YEARS = range(1900, 2100)
YEAR_DIGITS = 4
DAYS = 31
DAY_DIGITS = 2
CACHED_WORDS = 1 << 16
MIN_LONG_NUMBER_DIGITS = 4
MIN_NUMBER_DIGITS = 3
MIN_NAME_LETTERS = 4
MAX_WORD_LETTERS = 60  # a longer string is no word
MIN_NAME_CONSONANTS = 3
MIN_LONG_NAME_CONSONANTS = 4
MAX_KEPT_CONSONANTS = 5  # later ones mostly belong to endings that a language adds to a name
MIN_STEM_LETTERS = 3  # that remain without the ending
ACRONYM_LETTERS = range(2, 7)
MIN_COUNTRY_STEM_LETTERS = 4
# Pairs of sentences that share one name; a name with more says nothing of any of them. In two texts with up to 200
# sentences no name has more: an article of 50,000 characters has about 350 sentences, which do not all name one thing.
MAX_PAIRS_PER_NAME = 40_000
MAX_COUNTRY_ENDING_LETTERS = 2  # that a case ending of a country's name may change
HOME_COUNTRIES = ("KZ", "RU")  # named in nearly every text
# A German noun has a capital like a name, but mostly an article or adjective before it, or an ending that names don't have.
GERMAN = "de"
CLDR_LANGUAGES = ("de", "en", "kk", "ky", "lt", "pl", "ru", "tr", "uk", "uz")

# Consonants in a common transcription of the region's alphabets: x → ks, ш → s, ж → z, ч → c, х → h; vowels and glides are
# omitted.
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
    "kk": {"у": "v", "w": "v"},  # «у» is a vowel or w: Кеңесу, Орынбасар, Ақтау
    "uk": {"г": "h"},
}  # fmt: skip


def anchors(text: str, lang: str) -> Keys:
    """Return the anchors that distinguish a text from others of its topic."""
    keys = all_anchors(text, lang)
    return keys[(keys & CLASS_BITS) >= FIRST_RARE_CLASS]


def all_anchors(text: str, lang: str) -> Keys:
    """Return all anchors of a text, including those that nearly every text has."""
    return np.unique(np.fromiter(_keys(text, lang), np.uint32))


def total_weight(keys: Keys) -> float:
    """Return the sum of the anchors' weights."""
    return float(CLASS_WEIGHT_ARRAY[keys & CLASS_BITS].sum())


def shared(a: Keys, b: Keys) -> Keys:
    """Return the anchors that two texts have in common."""
    return np.intersect1d(a, b, assume_unique=True)


def figures(keys: Iterable[int]) -> frozenset[int]:
    """Return the anchors that are numbers or days."""
    return frozenset(key for key in keys if key & 7 == DATED or key & 7 >= FIRST_NUMERIC_CLASS)


@dataclass(frozen=True, slots=True)
class SentenceNames:
    """Anchors of each sentence of a text, with their total weight."""

    keys: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, sentences: Sequence[str], lang: str) -> "SentenceNames":
        """Return the anchors of sentences."""
        keys = tuple(tuple(sorted(set(_keys(sentence, lang)))) for sentence in sentences)
        return cls(keys, tuple(sum(CLASS_WEIGHTS[key & 7] for key in sentence_keys) for sentence_keys in keys))

    @property
    def mass(self) -> float:
        """Total weight over all sentences; an anchor in two sentences counts twice."""
        return sum(self.weights)


@dataclass(frozen=True, slots=True)
class SharedNames:
    """Common anchors of the sentences of two texts. Names in very many sentences of both are left out."""

    a: SentenceNames
    b: SentenceNames
    weights: NDArray[
        np.float64
    ]  # weight of the common anchors, sentences × sentences; multiples of 0.5, so sums are exact

    @classmethod
    def of(cls, a: SentenceNames, b: SentenceNames) -> "SharedNames":
        """Return the common anchors of each sentence of one text with each of another."""
        found = np.zeros((len(a.keys), len(b.keys)))
        rows, columns = _sentences_by_key(a), _sentences_by_key(b)
        for key in rows.keys() & columns.keys():
            if len(rows[key]) * len(columns[key]) <= MAX_PAIRS_PER_NAME:
                found[np.ix_(rows[key], columns[key])] += CLASS_WEIGHTS[key & 7]
        return cls(a, b, found)

    def likeness(self) -> NDArray[np.float32]:
        """Return the likeness of each sentence of one text to each of the other: Dice by weight, 0…1."""
        both = np.add.outer(np.array(self.a.weights), np.array(self.b.weights))
        found = np.divide(2 * self.weights, both, out=np.zeros_like(self.weights), where=self.weights > 0)
        return np.asarray(found, dtype=np.float32)

    def in_order(self) -> float:
        """Return the share of anchors in the same order, by weight, relative to the text with less weight, 0…1.

        A translation keeps the order; other reports of the event name the same people and towns in another order.
        """
        return self._chain() / max(1.0, min(self.a.mass, self.b.mass))

    def chained(self) -> float:
        """Return the share of the common anchors in the same order, by weight, 0…1: few may be common where endings differ."""
        counts = [Counter(key for keys in side.keys for key in keys) for side in (self.a, self.b)]
        common = sum(CLASS_WEIGHTS[key & 7] * count for key, count in (counts[0] & counts[1]).items())
        return min(1.0, self._chain() / common) if common else 0.0

    def _chain(self) -> float:
        """Return the weight of the heaviest chain of pairs of sentences that ascend in both texts."""
        best = np.zeros(len(self.b.keys) + 1)  # … that ends before each sentence
        for row in self.weights:
            best[1:] = np.maximum.accumulate(np.maximum(best[1:], best[:-1] + row))
        return float(best[-1])


def _sentences_by_key(names: SentenceNames) -> dict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number, keys in enumerate(names.keys):
        for key in keys:
            found[key].append(number)
    return found


def _keys(text: str, lang: str) -> Iterator[int]:
    for found in ITEM.finditer(text):
        item = found.group()
        if item[0].isdecimal():
            yield from _numbers(item)
            if len(item) <= DAY_DIGITS and 1 <= int(item) <= DAYS:
                before = WORD_BEFORE.findall(text[max(0, found.start() - MAX_MONTH_DISTANCE_CHARS) : found.start()])
                month = _month(found[1] or "") or _month(before[-1] if before else "")
                if month:
                    yield _key(f"month {month}", YEAR)
                    yield _key(f"date {month} {int(item)}", DATED)
        elif len(item) <= MAX_WORD_LETTERS and not (lang == GERMAN and _is_german_noun(item, text, found.start())):
            key = _name(item, lang)
            if key:
                yield key


def _is_german_noun(word: str, text: str, start: int) -> bool:
    """Return whether a German word has its capital as a noun does: after an article or adjective, or by its ending."""
    known = _german()
    if word.endswith(known["noun_endings"]) and not word.isupper():
        return True
    before = WORD_BEFORE.findall(text[max(0, start - MAX_MONTH_DISTANCE_CHARS) : start])
    if not before or not before[-1].islower():
        return False
    return before[-1] in known["determiners"] or before[-1].endswith(known["adjective_endings"])


def _numbers(item: str) -> Iterator[int]:
    for found in NUMERAL.findall(GROUP_SEPARATOR.sub("", item)):
        whole, point, part = found.replace(",", ".").partition(".")
        number = f"{whole.lstrip('0')}{point}{part}"
        digits = sum(map(str.isdecimal, number))
        if number.isdecimal() and digits == YEAR_DIGITS and int(number) in YEARS:
            yield _key(number, YEAR)
        elif digits >= MIN_LONG_NUMBER_DIGITS:
            yield _key(number, LONG)
        elif digits >= MIN_NUMBER_DIGITS or point:
            yield _key(number, NUMBER)
        elif digits > 1:
            yield _key(number, TENS)


@lru_cache(CACHED_WORDS)
def _name(word: str, lang: str) -> int:
    """Return the key of a word with a capital, or 0 if it is no anchor."""
    if not word[0].isupper():
        return 0
    folded = _acronyms().get(word)
    if folded is not None:
        return _key(folded, YEAR)
    lower = word.casefold()
    country = _country(lower, lang)
    if country:
        return _key(f"country {country}", COMMON if country in HOME_COUNTRIES else SHORT)
    month = _month(word)
    if month:
        return _key(f"month {month}", YEAR)
    if word.isupper() and len(word) in ACRONYM_LETTERS:
        letters = skeleton(lower, lang)
        return _key(f"acronym {letters}", SHORT) if len(letters) > 1 else 0
    if len(word) < MIN_NAME_LETTERS:
        return 0
    name = skeleton(stem(lower, lang), lang)[:MAX_KEPT_CONSONANTS]
    if len(name) < MIN_NAME_CONSONANTS:
        return 0
    if name in _common():
        return _key(f"name {name}", COMMON)
    return _key(f"name {name}", NAME if len(name) >= MIN_LONG_NAME_CONSONANTS else SHORT)


def stem(lower: str, lang: str) -> str:
    """Return a lower-case word without its case ending."""
    for ending in _endings().get(lang, ()):
        if lower.endswith(ending) and len(lower) - len(ending) >= MIN_STEM_LETTERS:
            return lower[: -len(ending)]
    return lower


def skeleton(lower: str, lang: str) -> str:
    """Return the consonants of a lower-case word in the common transcription, doubled ones once."""
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
    """Return the number of the month that a word names, or 0; endings of up to three letters are ignored."""
    lower = word.casefold().replace("i̇", "i")
    names = months()
    for cut in range(4):
        part = lower[: len(lower) - cut]
        if part in names and (not cut or len(part) > MIN_COUNTRY_STEM_LETTERS):
            return names[part]
    return 0


def _country(lower: str, lang: str) -> str:
    stems = _countries(lang)
    return next(
        (stems[lower[:n]] for n in range(len(lower), MIN_COUNTRY_STEM_LETTERS - 1, -1) if lower[:n] in stems), ""
    )


@cache
def _countries(lang: str) -> dict[str, str]:
    """Return the codes of countries with a one-word name in a language, by stem; English if CLDR lacks the language."""
    names = Locale.parse(lang if lang in CLDR_LANGUAGES else "en").territories
    found = {}
    for code, name in sorted(names.items()):
        lower = name.casefold()
        if len(code) == 2 and code.isalpha() and WORD.fullmatch(lower):  # noqa: PLR2004  ISO 3166-1 alpha-2
            found[lower[: max(MIN_COUNTRY_STEM_LETTERS, len(lower) - MAX_COUNTRY_ENDING_LETTERS)]] = code
    return found


@cache
def _common() -> frozenset[str]:
    return frozenset(
        skeleton(stem(word.casefold(), lang), lang)[:MAX_KEPT_CONSONANTS]
        for word in WORD.findall(load("anchors")["common"])
        for lang in CLDR_LANGUAGES
    )


@cache
def _acronyms() -> dict[str, str]:
    return {spelling: f"body {line[0]}" for line in load("anchors")["acronyms"] for spelling in line}


@cache
def _german() -> dict[str, tuple[str, ...]]:
    return {name: tuple(words.split()) for name, words in load("anchors")["german"].items()}


@cache
def _endings() -> dict[str, tuple[str, ...]]:
    content = load("anchors")["endings"]
    return {lang: tuple(sorted(words.split(), key=len, reverse=True)) for lang, words in content.items()}


def _key(what: str, weight: int) -> int:
    return (xxhash.xxh3_64_intdigest(what.encode()) & 0xFFFFFFF8) | weight
