"""Which language a text is in, and where a page that holds two languages changes from one to the other.

py3langid reads the text; what it mistakes is put right by letters that a language does not have, and Kazakh in Latin
script, which its model does not hold, is told by rule (measured in docs/measurements.md §7 on Central Asian pages).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SAMPLE = 600  # characters read to identify a text: more moves no answer on the 412 development pages
OPENING = 200  # characters that do where they are sure: of 1,207 samples of these pages 92% were, and none was wrong
SURE = 0.999
PARAGRAPH_SAMPLE = 160  # characters read of one paragraph: as above, seed 001 included
MIN_LETTERS = 31  # a shorter line says too little and inherits from its neighbours (docs/measurements.md §7)
RUN_PARAGRAPHS = 3  # a run of another language is a part of its own from so many paragraphs on …
RUN_CHARACTERS = 400  # … or so many characters (docs/measurements.md §7)
ENCLOSED_SHARE = 0.25  # of the page's letters, for a short run inside another language to be more than a quotation
CONFIDENCE = 0.3  # below it a text of no known language; scores of short noise lie under .1, of sentences over .7
RUN_CONFIDENCE = 0.8  # for a whole run, so that neighbours (da/no, cs/sk, ru/bg) don't tear a page apart
KEPT_BY_HINT = 0.02  # probability from which an expected language wins over one that is not expected

# The model's labels that are another language's variety, and those that no news page is in.
FOLDED = {"wuu": "zh", "yue": "zh", "ary": "ar", "arz": "ar", "uzs": "uz", "ltg": "lv", "nn": "no"}
DROPPED = frozenset(("an", "dz", "la", "vo", "wa"))

# Letters that a language does not have (its own only): 1% of them in a text rule the language out.
FOREIGN_LETTERS = {
    "bg": "ыэёіїєґўәғқңөұүһҳҷӣӯљњђћџј",
    "mk": "ыэёъьйщюяіїєґўәғқңөұүһҳҷӣӯђћ",
    "sr": "ыэёъьйщюяіїєґўәғқңөұүһҳҷӣӯ",
    "ru": "іїєґўәғқңөұүһҳҷӣӯљњђћџј",
    "uk": "ыэёъўәғқңөұүһҳҷӣӯљњђћџј",
    "ky": "іїєґўәғқұһҳҷӣӯљњђћџј",
    "kk": "їєґўҳҷӣӯљњђћџј",
}
FOREIGN_SHARE = 0.01
# Letters without which a text in the language hardly stands: the model gives Russian pages to both (docs/measurements.md §7).
NEEDED_LETTERS = {"bg": "ъ", "tg": "ӣӯҷҳқғ"}

WORD = re.compile(r"[^\W\d_]+(?:[ʻʼ'‘’`][^\W\d_]+)*")
NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[\d_]+")
REMEMBERED = 256  # samples: a page is asked for as a whole by several, a long paragraph twice
NEGLIGIBLE = 1e-3  # of the likeliest language's score: what ranks below is not looked at
SCRIPTS = {
    "latin": re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]"),
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
# What a sister language writes and Kazakh in Latin script does not: Uzbek apostrophes, Azerbaijani ə.
NOT_KAZAKH_LATIN = re.compile(r"[og][ʻʼ'‘’`]|ə|\b(?:va|bilan|uchun|ve|bilen|üçin|içün)\b")
# The alphabet of 2017 wrote apostrophes for all of its own letters; Uzbek has them after o and g, seldom elsewhere.
KAZAKH_APOSTROPHES = re.compile(r"[nus][ʻʼ'‘’`]")
KAZAKH_APOSTROPHES_SHARE = 0.15  # a word; .3 in a Kazakh text so written, .0 in an Uzbek one
KAZAKH_LATIN_MARKS = 0.2  # marked letters a word; Kazakh texts .6–1.1, texts of other languages under .05
KAZAKH_LATIN_Q = 0.04  # a q without u, a word


@dataclass(frozen=True, slots=True)
class LanguageRun:
    """A stretch of paragraphs in one language, `start` inclusive and `stop` exclusive."""

    lang: str
    start: int
    stop: int


def identify(text: str, among: Sequence[str] = ()) -> str:
    """Return the ISO 639-1 code of a text's language, "und" where it cannot be told.

    `among` names the languages that are expected: they win when it is close, others are still recognised.
    """
    sample, expected = text[:SAMPLE], tuple(among)
    lang, confidence = "", 0.0
    if len(sample) > OPENING and not BARE_Q.search(
        sample.lower()
    ):  # Kazakh in Latin script is told by the share of its q
        lang, confidence = _best(sample[:OPENING], expected)
    if confidence < SURE:
        lang, confidence = _best(sample, expected)
    return lang if confidence >= CONFIDENCE else "und"


def split(paragraphs: Sequence[str], among: Sequence[str] = ()) -> tuple[LanguageRun, ...]:
    """Return the parts of a page, one after the other and without a gap; neighbours differ in language."""
    if not paragraphs:
        return ()
    expected = tuple(among)
    main = identify("\n".join(paragraphs), expected)
    if _looks_whole(paragraphs, main, expected):
        return (LanguageRun(main, 0, len(paragraphs)),)
    langs = _settle(paragraphs, _label(paragraphs, expected), expected)
    if not any(langs):
        return (LanguageRun(main, 0, len(paragraphs)),)
    return tuple(_parts(_inherit(paragraphs, langs)))


def _looks_whole(paragraphs: Sequence[str], main: str, among: tuple[str, ...]) -> bool:
    """Tell whether a sample that no run of another language could slip through is all in one language."""
    if len({script for p in paragraphs if (script := _script(p))}) > 1:
        return False
    telling = [p for p in paragraphs if _letters(p) >= MIN_LETTERS]
    sample = telling[::RUN_PARAGRAPHS] + [p for p in telling if len(p) >= RUN_CHARACTERS]
    return all(_best(p[:PARAGRAPH_SAMPLE], among)[0] == main for p in sample)


def _label(paragraphs: Sequence[str], among: tuple[str, ...]) -> list[str]:
    """Return each paragraph's own language, empty where it is too short to tell."""
    return [_best(p[:PARAGRAPH_SAMPLE], among)[0] if _letters(p) >= MIN_LETTERS else "" for p in paragraphs]


def _settle(paragraphs: Sequence[str], langs: list[str], among: tuple[str, ...]) -> list[str]:
    """Keep the labels of runs that count; the rest become empty."""
    letters = [_letters(p) for p in paragraphs]
    total: Counter[str] = Counter()
    for lang, count in zip(langs, letters, strict=True):
        total[lang] += count
    labelled = [i for i, lang in enumerate(langs) if lang]
    runs = [(lang, list(run)) for lang, run in groupby(labelled, key=lambda i: langs[i])]
    settled = [""] * len(langs)
    for at, (lang, run) in enumerate(runs):
        size = sum(len(paragraphs[i]) for i in run)
        if len(run) < RUN_PARAGRAPHS and size < RUN_CHARACTERS:
            continue
        enclosed = 0 < at < len(runs) - 1 and runs[at - 1][0] == runs[at + 1][0]
        if enclosed and len(run) < RUN_PARAGRAPHS and total[lang] < ENCLOSED_SHARE * total.total():
            continue  # a long quotation
        found, confidence = _best("\n".join(paragraphs[i] for i in run)[:SAMPLE], among)
        if found == lang and confidence >= RUN_CONFIDENCE:
            for i in run:
                settled[i] = lang
    return settled


def _inherit(paragraphs: Sequence[str], langs: list[str]) -> list[str]:
    """Give each unlabelled paragraph a neighbour's language: where they differ, the one whose script it is in."""
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
    """Return which of its neighbours' languages a line between them is in: a headline may stand over the second text."""
    if before == after or _letters(text) < MIN_LETTERS:
        return before
    lang, confidence = _best(text[:PARAGRAPH_SAMPLE], (before, after))
    pair = (before, after)
    if "kk" in pair and not (lang in pair and confidence >= RUN_CONFIDENCE):  # a short line may have no q to be told by
        other = before if after == "kk" else after
        lower = text.lower()
        marked = len(KAZAKH_LATIN.findall(lower)) >= KAZAKH_LATIN_MARKS * len(WORD.findall(lower))
        return "kk" if marked and not NOT_KAZAKH_LATIN.search(lower) else other
    return lang if lang in pair else before


def _parts(langs: Sequence[str]) -> Iterator[LanguageRun]:
    start = 0
    for lang, run in groupby(langs):
        stop = start + sum(1 for _ in run)
        yield LanguageRun(lang, start, stop)
        start = stop


@lru_cache(maxsize=REMEMBERED)
def _best(text: str, among: tuple[str, ...]) -> tuple[str, float]:
    """Return the likeliest language and its probability; ("und", 0.0) for a text without letters."""
    cleaned = NOISE.sub(" ", text)
    words = WORD.findall(cleaned.lower())
    if not words:
        return "und", 0.0
    if _is_kazakh_latin(cleaned.lower(), words):
        return "kk", 1.0
    joined = "".join(words)
    scores: dict[str, float] = {}
    for label, score in _model().rank(cleaned):
        if scores and score < NEGLIGIBLE * max(scores.values()):
            break
        lang = FOLDED.get(label, label)
        if len(lang) == 2 and lang not in DROPPED and _possible(lang, joined):  # noqa: PLR2004 - ISO 639-1
            scores[lang] = scores.get(lang, 0.0) + score
    total = sum(scores.values())
    if not total:
        return "und", 0.0
    ranked = sorted(scores, key=lambda lang: (-scores[lang], lang))
    expected = next((lang for lang in ranked if lang in among), None)
    best = expected if expected is not None and scores[expected] >= KEPT_BY_HINT * total else ranked[0]
    return best, scores[ranked[0]] / total


def _possible(lang: str, letters: str) -> bool:
    foreign = FOREIGN_LETTERS.get(lang)
    if foreign is not None and sum(map(letters.count, foreign)) > FOREIGN_SHARE * len(letters):
        return False
    needed = NEEDED_LETTERS.get(lang)
    return needed is None or any(letter in letters for letter in needed)


def _is_kazakh_latin(lower: str, words: Sequence[str]) -> bool:
    if "q" not in lower:
        return False
    if len(KAZAKH_APOSTROPHES.findall(lower)) >= KAZAKH_APOSTROPHES_SHARE * len(words):
        return len(BARE_Q.findall(lower)) >= KAZAKH_LATIN_Q * len(words)
    if NOT_KAZAKH_LATIN.search(lower):
        return False
    marks = KAZAKH_LATIN.findall(lower)
    bare_q = marks.count("q")
    known = any(word in KAZAKH_LATIN_WORDS for word in words)
    return (
        bare_q >= KAZAKH_LATIN_Q * len(words)
        and (len(marks) >= KAZAKH_LATIN_MARKS * len(words))
        and (known or len(marks) > bare_q)
    )


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _script(text: str) -> str:
    """Return the script of most of a text's letters, empty if it has none."""
    counts = {name: len(pattern.findall(text[:PARAGRAPH_SAMPLE])) for name, pattern in SCRIPTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


@cache
def _model() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - 0.3 s that only texts need

    half = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return LanguageIdentifier(  # weights of 16 bits would be made floats of 32 again for every text: 28 MB for half the time
        half.nb_ptc.astype("float32"),
        half.nb_pc,
        half.nb_classes,
        half.tk_nextmove,
        half.tk_output,
        norm_probs=True,
        tk_row=half.tk_row,
    )
