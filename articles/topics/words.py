"""A topic's words in one language, as they are searched for: in one spelling, with what a hit means."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from articles.data import load
from articles.topics.topic_file import TermWords, TopicFile

SHORT_NAME = 5  # letters: a country's short name takes at most LONGEST_ENDING more (Iran-ians; Mali, but no malice)
LONGEST_ENDING = 3
ANY_LENGTH = 10_000
MIN_NAME = 3
MIN_STEM = 4  # letters that cutting a name's ending must leave
NO_COUNTRIES = frozenset({"ZZ", "QO", "EZ", "XA", "XB"})  # two-letter territories of CLDR that are no country

APOSTROPHES = dict.fromkeys("ʻʼ‘’`´′", "'")
COMBINING = dict.fromkeys("\u0301\u0307\u00ad")  # stress marks, the dot of a lower-cased İ, soft hyphens
SAME = str.maketrans(APOSTROPHES | COMBINING | {"ё": "е"})
SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # kana and Han: no blanks between words, so each sign is one
NOT_WORD = re.compile(r"[^\w']+")
SIGN = re.compile(f"([{SIGNS}])")
NAME_ENDING = re.compile(r"(?:ия|ія|iya|ija|ien|ia|ie|ya|[аяеоыиійьaeiouyąáéíóú])$")


@dataclass(frozen=True, slots=True)
class WordPattern:
    """What a found string means."""

    kind: str  # "side", "context", "other" or "genre"
    name: str
    sides: tuple[int, ...] = ()
    weight: float = 1.0
    excluded: tuple[str, ...] = ()  # normalised beginnings, each after a blank
    longest: int = ANY_LENGTH  # letters that the word may have


def normalise(text: str) -> str:
    """Return a text's words in one spelling, a blank between: case, apostrophes, ё and punctuation don't matter."""
    return _apart(_folded(text))


def normalise_each(texts: Iterable[str]) -> list[str]:
    """Return what `normalise` makes of each of some texts, none of which has a line feed."""
    return [_apart(text) for text in _folded("\n".join(texts)).split("\n")]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(SAME)


def _apart(folded: str) -> str:
    plain = NOT_WORD.sub(" ", folded)
    if SIGN.search(plain):
        plain = " ".join(SIGN.sub(r" \1 ", plain).split())
    return plain.strip()


def patterns(stated: TopicFile, lang: str) -> Iterator[tuple[str, WordPattern]]:
    """Yield what to search for in texts of a language, as it stands in normalised text, and what it means."""
    for words, pattern in _stated_words(stated, lang):
        for forms, end in ((words.stem, ""), (words.word, " ")):
            yield from ((f" {normal}{end}", pattern) for normal in map(normalise, forms) if normal)
    stems: dict[str, list[str]] = load("countries").get(lang, {})
    for name in _other_countries(lang, set(stated.sides)):
        cut = NAME_ENDING.sub("", name) if len(name) > SHORT_NAME else name
        longest = len(name) + LONGEST_ENDING if len(name) <= SHORT_NAME else ANY_LENGTH
        for stem in stems.get(name, [cut if len(cut) >= MIN_STEM else name]):
            yield f" {stem}", WordPattern("other", f"other:{name}", longest=longest)


def cased_patterns(stated: TopicFile, lang: str) -> Iterator[tuple[str, bool, WordPattern]]:
    """Yield the forms whose case matters, whether each is a whole word, and what it means."""
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
    """Yield the normalised names of all countries but the two sides in a language (CLDR), English where it has none."""
    names = [_territories(name) for name in (lang, f"{lang}_Cyrl", f"{lang}_Latn")]
    for territories in names if any(names) else [_territories("en")]:
        for code, name in territories.items():
            if len(code) == 2 and code not in sides | NO_COUNTRIES:  # noqa: PLR2004 - three digits are a continent
                normal = normalise(name)
                if len(normal) >= MIN_NAME:
                    yield normal


def _territories(locale: str) -> dict[str, str]:
    """Return CLDR's names of countries; none where it does not know the language in that script."""
    try:
        return dict(Locale.parse(locale).territories)
    except (UnknownLocaleError, ValueError):
        return {}
