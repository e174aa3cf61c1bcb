"""Identify the language of a text, and split a page that holds two languages.

py3langid identifies the language. Its errors are corrected by letters that a language does not have. Kazakh in Latin
script, which its model does not know, is identified by rules (docs/measurements.md §7, on Central Asian pages).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, takewhile

from articles.language_model import identifier

SAMPLE_CHARS = 600  # used to identify a text; more changed no result on the 412 development pages
OPENING_CHARS = 200  # enough if the model is sure: it was for 92% of 1,207 samples of these pages, and never wrong
SURE_CONFIDENCE = 0.999
PARAGRAPH_SAMPLE_CHARS = 160  # used of one paragraph; measured as above, with seed 001
MIN_LETTERS = 31  # shorter lines get the language of their neighbours (docs/measurements.md §7)
MIN_RUN_PARAGRAPHS = 3  # a run in another language is a separate part if it has so many paragraphs …
MIN_RUN_CHARS = 400  # … or so many characters (docs/measurements.md §7)
# Of the page's letters. A short run between parts of another language with less is a quotation.
MIN_ENCLOSED_SHARE = 0.25
MIN_CONFIDENCE = 0.3  # below it the language is unknown; scores of short noise lie under .1, of sentences over .7
MIN_RUN_CONFIDENCE = 0.8  # for a whole run, so that similar languages (da/no, cs/sk, ru/bg) do not split a page
MIN_EXPECTED_SHARE = 0.02  # with this probability, an expected language wins over all others

# Labels of the model that are varieties of another language, and labels that no news page has.
LANGUAGE_OF_VARIETY = {"wuu": "zh", "yue": "zh", "ary": "ar", "arz": "ar", "uzs": "uz", "ltg": "lv", "nn": "no"}
IGNORED_LABELS = frozenset(("an", "dz", "la", "vo", "wa"))

# Letters that a language does not have: if more than 1% of a text's letters are such, the language is excluded.
FOREIGN_LETTERS = {
    "bg": "ыэёіїєґўәғқңөұүһҳҷӣӯљњђћџј",
    "mk": "ыэёъьйщюяіїєґўәғқңөұүһҳҷӣӯђћ",
    "sr": "ыэёъьйщюяіїєґўәғқңөұүһҳҷӣӯ",
    "ru": "іїєґўәғқңөұүһҳҷӣӯљњђћџј",
    "uk": "ыэёъўәғқңөұүһҳҷӣӯљњђћџј",
    "ky": "іїєґўәғқұһҳҷӣӯљњђћџј",
    "kk": "їєґўҳҷӣӯљњђћџј",
}
MAX_FOREIGN_SHARE = 0.01
# Letters that nearly every text in the language has: the model labels Russian pages as either (docs/measurements.md §7).
NEEDED_LETTERS = {"bg": "ъ", "tg": "ӣӯҷҳқғ"}

WORD = re.compile(r"[^\W\d_]+(?:[ʻʼ'‘’`][^\W\d_]+)*")
NOISE = re.compile(r"https?://\S+|www\.\S+|(?<!\S)\S+@\S+|[\d_]+")
CACHED_SAMPLES = 256  # several callers identify the whole page, and long paragraphs are identified twice
NEGLIGIBLE_SHARE = 1e-3  # of the best language's score; languages below are ignored
LATIN = "latin"
SCRIPTS = {
    LATIN: re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]"),
    "cyrillic": re.compile(r"[\u0400-\u052f]"),
    "other": re.compile(
        r"[\u0370-\u03ff\u0530-\u1fff\u2c80-\ua6ff\ua800-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufefc]"
    ),
}

KAZAKH_LATIN = re.compile(r"q(?!u)|[ğǵıūýúñńŋäáöóüşș]")
BARE_Q = re.compile(r"q(?!u)")
KAZAKH_LATIN_FUNCTION_WORDS = """
    jäne jáne jane men ben pen üşin úshin ushin üshin boldy bolyp edi dep turaly týraly tūraly degen onyñ onyń onyŋ osy
    bul būl jyly jyldyñ jyldyń
"""
KAZAKH_LATIN_WORDS = frozenset(KAZAKH_LATIN_FUNCTION_WORDS.split())
# Signs of related languages that Kazakh in Latin script does not have: Uzbek apostrophes, Azerbaijani ə.
NOT_KAZAKH_LATIN = re.compile(r"[og][ʻʼ'‘’`]|ə|\b(?:va|bilan|uchun|ve|bilen|üçin|içün)\b")
# The Kazakh alphabet of 2017 had apostrophes in all special letters; Uzbek has them after o and g, rarely elsewhere.
KAZAKH_APOSTROPHES = re.compile(r"[nus][ʻʼ'‘’`]")
MIN_APOSTROPHES_PER_WORD = 0.15  # .3 in a Kazakh text of this alphabet, .0 in an Uzbek text
MIN_MARKED_LETTERS_PER_WORD = 0.2  # Kazakh texts .6–1.1, texts of other languages under .05
MIN_BARE_Q_PER_WORD = 0.04  # q without u


@dataclass(frozen=True, slots=True)
class LanguageRun:
    """Consecutive paragraphs in one language; `stop` is exclusive."""

    lang: str
    start: int
    stop: int


def identify(text: str, among: Sequence[str] = ()) -> str:
    """Return the ISO 639-1 code of a text's language, or "und" if it is unknown.

    `among` lists expected languages: they win close decisions, other languages are still recognised.
    """
    sample, expected = text[:SAMPLE_CHARS], tuple(among)
    lang, confidence = "", 0.0
    if len(sample) > OPENING_CHARS and not BARE_Q.search(
        sample.lower()
    ):  # Kazakh in Latin script is identified by its share of q, which needs the whole sample
        lang, confidence = _best(sample[:OPENING_CHARS], expected)
    if confidence < SURE_CONFIDENCE:
        lang, confidence = _best(sample, expected)
    return lang if confidence >= MIN_CONFIDENCE else "und"


def split(paragraphs: Sequence[str], among: Sequence[str] = ()) -> tuple[LanguageRun, ...]:
    """Return the parts of a page in order and without gaps; consecutive parts differ in language."""
    if not paragraphs:
        return ()
    expected = tuple(among)
    main = identify("\n".join(paragraphs), expected)
    if _looks_whole(paragraphs, main, expected):
        return (LanguageRun(main, 0, len(paragraphs)),)
    langs = _keep_long_runs(paragraphs, _label(paragraphs, expected), expected)
    if not any(langs):
        return (LanguageRun(main, 0, len(paragraphs)),)
    return tuple(_parts(_inherit(paragraphs, langs)))


def _looks_whole(paragraphs: Sequence[str], main: str, among: tuple[str, ...]) -> bool:
    """Return whether the page is in one language, judged by a sample that hits every run of another language."""
    if len({script for p in paragraphs if (script := _script(p))}) > 1:
        return False
    long_enough = [p for p in paragraphs if _letters(p) >= MIN_LETTERS]
    sample = {i for i, p in enumerate(long_enough) if i % MIN_RUN_PARAGRAPHS == 0 or len(p) >= MIN_RUN_CHARS}
    return not any(_is_other_run(long_enough, i, main, among) for i in sorted(sample))


def _is_other_run(paragraphs: Sequence[str], place: int, main: str, among: tuple[str, ...]) -> bool:
    """Return whether a paragraph is in a run, long enough to be kept, of another language than the page's."""

    def lang(text: str) -> str:
        return _best(text[:PARAGRAPH_SAMPLE_CHARS], among)[0]

    own = lang(paragraphs[place])
    if own == main:
        return False
    before = takewhile(lambda text: lang(text) == own, reversed(paragraphs[:place]))
    after = takewhile(lambda text: lang(text) == own, paragraphs[place + 1 :])
    run = [paragraphs[place], *before, *after]
    return len(run) >= MIN_RUN_PARAGRAPHS or sum(map(len, run)) >= MIN_RUN_CHARS


def _label(paragraphs: Sequence[str], among: tuple[str, ...]) -> list[str]:
    """Return the language of each paragraph, empty if it is too short to identify."""
    return [_best(p[:PARAGRAPH_SAMPLE_CHARS], among)[0] if _letters(p) >= MIN_LETTERS else "" for p in paragraphs]


def _keep_long_runs(paragraphs: Sequence[str], langs: list[str], among: tuple[str, ...]) -> list[str]:
    """Keep the labels of runs that are long enough and confident; empty all others."""
    letters = [_letters(p) for p in paragraphs]
    total: Counter[str] = Counter()
    for lang, count in zip(langs, letters, strict=True):
        total[lang] += count
    labelled = [i for i, lang in enumerate(langs) if lang]
    runs = [(lang, list(run)) for lang, run in groupby(labelled, key=lambda i: langs[i])]
    kept = [""] * len(langs)
    for number, (lang, run) in enumerate(runs):
        size = sum(len(paragraphs[i]) for i in run)
        if len(run) < MIN_RUN_PARAGRAPHS and size < MIN_RUN_CHARS:
            continue
        enclosed = 0 < number < len(runs) - 1 and runs[number - 1][0] == runs[number + 1][0]
        if enclosed and len(run) < MIN_RUN_PARAGRAPHS and total[lang] < MIN_ENCLOSED_SHARE * total.total():
            continue  # it is a long quotation
        found, confidence = _best("\n".join(paragraphs[i] for i in run)[:SAMPLE_CHARS], among)
        if found == lang and confidence >= MIN_RUN_CONFIDENCE:
            for i in run:
                kept[i] = lang
    return kept


def _inherit(paragraphs: Sequence[str], langs: list[str]) -> list[str]:
    """Give each unlabelled paragraph the language of a neighbour: if they differ, the one with the same script."""
    filled = list(langs)
    for i, lang in enumerate(langs):
        if lang:
            continue
        before = filled[i - 1] if i else ""
        following = next(((j, other) for j, other in enumerate(langs[i:], i) if other), None)
        if not before or following is None:
            filled[i] = before or (following[1] if following else "und")
            continue
        script = _script(paragraphs[i])
        scripts = _script(paragraphs[i - 1]), _script(paragraphs[following[0]])
        if scripts[0] == scripts[1]:
            filled[i] = _nearer(paragraphs[i], before, following[1])
        else:
            filled[i] = following[1] if script == scripts[1] else before
    return filled


def _nearer(text: str, before: str, after: str) -> str:
    """Return which of two neighbouring languages a line is in; it may be the headline of the second text."""
    if before == after or _letters(text) < MIN_LETTERS:
        return before
    lang, confidence = _best(text[:PARAGRAPH_SAMPLE_CHARS], (before, after))
    pair = (before, after)
    if "kk" in pair and not (lang in pair and confidence >= MIN_RUN_CONFIDENCE):  # a short Kazakh line may have no q
        other = before if after == "kk" else after
        lower = text.lower()
        marked = len(KAZAKH_LATIN.findall(lower)) >= MIN_MARKED_LETTERS_PER_WORD * len(WORD.findall(lower))
        return "kk" if marked and not NOT_KAZAKH_LATIN.search(lower) else other
    return lang if lang in pair else before


def _parts(langs: Sequence[str]) -> Iterator[LanguageRun]:
    start = 0
    for lang, run in groupby(langs):
        stop = start + sum(1 for _ in run)
        yield LanguageRun(lang, start, stop)
        start = stop


@lru_cache(maxsize=CACHED_SAMPLES)
def _best(text: str, among: tuple[str, ...]) -> tuple[str, float]:
    """Return the most likely language and its probability, or ("und", 0.0) for a text without letters."""
    cleaned = NOISE.sub(" ", text)
    words = WORD.findall(cleaned.lower())
    if not words:
        return "und", 0.0
    if _is_kazakh_latin(cleaned.lower(), words):
        return "kk", 1.0
    joined = "".join(words)
    scores: dict[str, float] = {}
    for label, score in identifier().rank(cleaned):
        if scores and score < NEGLIGIBLE_SHARE * max(scores.values()):
            break
        lang = LANGUAGE_OF_VARIETY.get(label, label)
        if len(lang) == 2 and lang not in IGNORED_LABELS and _possible(lang, joined):  # noqa: PLR2004 - ISO 639-1
            scores[lang] = scores.get(lang, 0.0) + score
    total = sum(scores.values())
    if not total:
        return "und", 0.0
    ranked = sorted(scores, key=lambda lang: (-scores[lang], lang))
    expected = next((lang for lang in ranked if lang in among), None)
    best = expected if expected is not None and scores[expected] >= MIN_EXPECTED_SHARE * total else ranked[0]
    return best, scores[ranked[0]] / total


def _possible(lang: str, letters: str) -> bool:
    foreign = FOREIGN_LETTERS.get(lang)
    if foreign is not None and sum(map(letters.count, foreign)) > MAX_FOREIGN_SHARE * len(letters):
        return False
    needed = NEEDED_LETTERS.get(lang)
    return needed is None or any(letter in letters for letter in needed)


def _is_kazakh_latin(lower: str, words: Sequence[str]) -> bool:
    if "q" not in lower:
        return False
    if len(KAZAKH_APOSTROPHES.findall(lower)) >= MIN_APOSTROPHES_PER_WORD * len(words):
        return len(BARE_Q.findall(lower)) >= MIN_BARE_Q_PER_WORD * len(words)
    if NOT_KAZAKH_LATIN.search(lower):
        return False
    marks = KAZAKH_LATIN.findall(lower)
    bare_q = marks.count("q")
    known = any(word in KAZAKH_LATIN_WORDS for word in words)
    return (
        bare_q >= MIN_BARE_Q_PER_WORD * len(words)
        and (len(marks) >= MIN_MARKED_LETTERS_PER_WORD * len(words))
        and (known or len(marks) > bare_q)
    )


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _script(text: str) -> str:
    """Return the most frequent script of a text's letters, or an empty string if it has none."""
    sample = text[:PARAGRAPH_SAMPLE_CHARS]
    if sample.isascii():
        return LATIN if SCRIPTS[LATIN].search(sample) else ""
    counts = {name: len(pattern.findall(sample)) for name, pattern in SCRIPTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""
