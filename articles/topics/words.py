"""Search patterns for a topic's words in one language, normalised, each with the meaning of a hit."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from articles.data import load
from articles.topics.topic_file import TermWords, TopicFile

# A country's name of at most MAX_SHORT_NAME_CHARS matches words with at most MAX_ENDING_CHARS more (Iranians, not malice).
MAX_SHORT_NAME_CHARS = 5
MAX_ENDING_CHARS = 3
UNLIMITED_CHARS = 10_000
MIN_NAME_CHARS = 3
MIN_STEM_CHARS = 4  # of a name without its ending
NON_COUNTRIES = frozenset({"ZZ", "QO", "EZ", "XA", "XB"})  # two-letter territories of CLDR that are not countries

APOSTROPHES = dict.fromkeys("ʻʼ‘’`´′", "'")
COMBINING = dict.fromkeys("\u0301\u0307\u00ad")  # stress marks, the dot of a lower-cased İ, soft hyphens
SAME_SPELLING = str.maketrans(APOSTROPHES | COMBINING | {"ё": "е"})
SIGNS = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # kana and Han: no spaces between words, so each sign counts as a word
)
NOT_WORD = re.compile(r"[^\w']+")
SIGN = re.compile(f"([{SIGNS}])")
NAME_ENDING = re.compile(r"(?:ия|ія|iya|ija|ien|ia|ie|ya|[аяеоыиійьaeiouyąáéíóú])$")


@dataclass(frozen=True, slots=True)
class WordPattern:
    """Meaning of a string that was found."""

    kind: str  # "side", "context", "other" or "genre"
    name: str
    sides: tuple[int, ...] = ()
    weight: float = 1.0
    excluded: tuple[str, ...] = ()  # normalised beginnings of words that do not count, each after a space
    longest: int = UNLIMITED_CHARS  # letters that the word may have at most


def normalise(text: str) -> str:
    """Return the words of a text, separated by spaces, without differences of case, apostrophes, ё and punctuation."""
    return _split_words(_folded(text))


def normalise_each(texts: Iterable[str]) -> list[str]:
    """Return the result of `normalise` for each text. The texts must not contain line feeds."""
    return [_split_words(text) for text in _folded("\n".join(texts)).split("\n")]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(SAME_SPELLING)


def _split_words(folded: str) -> str:
    plain = NOT_WORD.sub(" ", folded)
    if SIGN.search(plain):
        plain = " ".join(SIGN.sub(r" \1 ", plain).split())
    return plain.strip()


def patterns(stated: TopicFile, lang: str) -> Iterator[tuple[str, WordPattern]]:
    """Yield the strings to search for in normalised texts of a language, and what each means."""
    for words, pattern in _stated_words(stated, lang):
        for forms, end in ((words.stem, ""), (words.word, " ")):
            yield from ((f" {normal}{end}", pattern) for normal in map(normalise, forms) if normal)
    stems: dict[str, list[str]] = load("countries").get(lang, {})
    for name in _other_countries(lang, set(stated.sides)):
        cut = NAME_ENDING.sub("", name) if len(name) > MAX_SHORT_NAME_CHARS else name
        longest = len(name) + MAX_ENDING_CHARS if len(name) <= MAX_SHORT_NAME_CHARS else UNLIMITED_CHARS
        for stem in stems.get(name, [cut if len(cut) >= MIN_STEM_CHARS else name]):
            yield f" {stem}", WordPattern("other", f"other:{name}", longest=longest)


def cased_patterns(stated: TopicFile, lang: str) -> Iterator[tuple[str, bool, WordPattern]]:
    """Yield the case-sensitive forms, whether each is a whole word, and what it means."""
    for words, pattern in _stated_words(stated, lang):
        yield from ((form, True, pattern) for form in words.word_cs)
        yield from ((form, False, pattern) for form in words.stem_cs)


def _stated_words(stated: TopicFile, lang: str) -> Iterator[tuple[TermWords, WordPattern]]:
    for side, (country, terms) in enumerate(stated.sides.items()):
        for term in terms:
            if not term.langs or lang in term.langs:
                yield term, WordPattern("side", f"{country}:{term.id}", (side,), term.w, _excluded(term))
    if stated.bilateral is not None:
        heaviest = max(term.w for terms in stated.sides.values() for term in terms)
        yield stated.bilateral, WordPattern("side", "bilateral", (0, 1), heaviest, _excluded(stated.bilateral))
    if stated.context is not None:
        yield stated.context, WordPattern("context", "context", (), stated.context.w, _excluded(stated.context))
    if stated.others is not None:
        yield stated.others, WordPattern("other", "other", (), excluded=_excluded(stated.others))
    for name, genre in stated.genre_reject.items():
        yield genre, WordPattern("genre", f"genre:{name}", (), excluded=_excluded(genre))


def _excluded(words: TermWords) -> tuple[str, ...]:
    return tuple(f" {normalise(form)}" for form in words.excluded)


def _other_countries(lang: str, sides: set[str]) -> Iterator[str]:
    """Yield the normalised names of all countries but the two sides, from CLDR; in English if it lacks the language."""
    names = [_territories(name) for name in (lang, f"{lang}_Cyrl", f"{lang}_Latn")]
    for territories in names if any(names) else [_territories("en")]:
        for code, name in territories.items():
            if len(code) == 2 and code not in sides | NON_COUNTRIES:  # noqa: PLR2004 - three digits are a continent
                normal = normalise(name)
                if len(normal) >= MIN_NAME_CHARS:
                    yield normal


def _territories(locale: str) -> dict[str, str]:
    """Return the names of countries in CLDR; none if it does not have the language in that script."""
    try:
        return dict(Locale.parse(locale).territories)
    except (UnknownLocaleError, ValueError):
        return {}
