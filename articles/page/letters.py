"""Score how much a text reads like a language written in Cyrillic or Latin letters, to tell encodings apart.

A text in a wrong encoding has signs inside words, capitals after small letters, letters of two scripts side by side, rare
letters in the place of frequent ones. Only characters outside ASCII are judged: the others are the same in all encodings.
"""

import re
from collections.abc import Sequence
from itertools import islice

# Small letters by how frequent they are in Russian, Ukrainian, Kazakh, Uzbek and Kyrgyz taken together.
CYRILLIC_WEIGHTS = (
    ("оеаинтсрвлкдмуы", 1.0),
    ("пяьгзбчйхжшіңғқ", 0.8),
    ("юцщэфъёәұүөһїєў", 0.5),
    ("ґҳҷӣӯ", 0.3),
    ("љњћђџѓќѕјҥҕӡӑӗӓ", 0.1),
)
LATIN_WEIGHTS = (
    ("éèàáíóúöäüßçñåæêâôîûëïışğčšžřůěąęłśż", 0.8),
    ("źćńýőűțșăāēīūļņķģėįųğøð", 0.6),
    ("ãõìòùœþđťďňľ", 0.4),
)
OTHER_LETTER = 0.1  # of these scripts
OTHER_SCRIPT = 0.95  # a letter of another script beside one of the same
FIRST_CAPITAL = 0.7  # of its small letter's weight: a capital that does not follow a small letter
LATE_CAPITAL = -1.0  # one that does
NEXT_CAPITAL = 0.3  # one that follows a capital: in a wrong encoding small letters may be capitals, and capitals small
BESIDE_DIGIT = -0.5  # a letter there
PUNCTUATION = frozenset("«»“”„‘’‚—–…№•·€§°©®™¿¡\u00a0\u00ad\u2011\u200b\ufeff")
APOSTROPHES = frozenset("’‘ʻʼ\u00ad·\u200b\u2011—–…")  # these may be inside a word
MARK = 0.5  # of punctuation at the edge of a word
SIGN = -0.5  # any other sign
MARK_IN_WORD = -1.0
MIXED = -1.0  # a Cyrillic letter beside a Latin one
NO_TEXT = -2.0  # a control character, a private one, or the sign for what cannot be decoded
PLAUSIBLE = 0.4  # mean weight; texts in 16 languages decoded rightly have 0.56 to 0.95
GARBAGE = 0.0  # mean weight of what no reader can read
MARGIN = 0.03  # by which a candidate must surpass an earlier one: related encodings differ in some letters

MAX_LETTERS = 40  # of a word; longer ones are no words
LAST_SPACED = "\u0530"  # Latin, Greek and Cyrillic letters, which form words with spaces between them

CYRILLIC, LATIN, OTHER, NONE = range(4)
WEIGHTS = {letter: weight for letters, weight in (*CYRILLIC_WEIGHTS, *LATIN_WEIGHTS) for letter in letters}
WORD = re.compile(rb"(?<![A-Za-z])[A-Za-z]*+[\x80-\xff][\x80-\xffA-Za-z0-9]*")
TEXT_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]*+[^\x00-\x7f][^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]*")
MAX_SAMPLE_WORDS = 200  # of a page
MAX_WORD_CHARS = 100


def sample(body: bytes) -> bytes:
    """Return the first words of a body with characters outside ASCII, separated by spaces."""
    return b" ".join(found[0][:MAX_WORD_CHARS] for found in islice(WORD.finditer(body), MAX_SAMPLE_WORDS))


def sample_of_text(text: str) -> str:
    """Return the first words of a text with characters outside ASCII, separated by spaces."""
    return " ".join(found[0][:MAX_WORD_CHARS] for found in islice(TEXT_WORD.finditer(text), MAX_SAMPLE_WORDS))


def plausibility(text: str) -> float:
    """Return the mean weight of the characters outside ASCII; 1 if there are none."""
    total = count = 0.0
    letters = 0  # of the word so far
    last = len(text) - 1
    for index, sign in enumerate(text):
        letters = letters + 1 if sign.isalpha() and sign < LAST_SPACED else 0
        if sign >= "\x80":
            count += 1
            before = text[index - 1] if index else " "
            after = text[index + 1] if index < last else " "
            total += _weight(sign, before, after) if letters <= MAX_LETTERS else NO_TEXT
    return total / count if count else 1.0


def _weight(sign: str, before: str, after: str) -> float:
    if not sign.isalpha():
        if sign == "\ufffd" or not (sign.isprintable() or sign in PUNCTUATION):
            return NO_TEXT
        if before.isalpha() and after.isalpha() and sign not in APOSTROPHES:
            return MARK_IN_WORD
        return MARK if sign in PUNCTUATION else SIGN
    script, other = _script(sign), _script(before)
    if other not in (NONE, script):
        return MIXED
    if before.isdigit() or after.isdigit():
        return BESIDE_DIGIT
    if sign.isupper():
        share = NEXT_CAPITAL if before.isupper() else FIRST_CAPITAL
        return LATE_CAPITAL if before.islower() else share * WEIGHTS.get(sign.lower(), OTHER_LETTER)
    if script == OTHER:
        return OTHER_SCRIPT if OTHER in (other, _script(after)) else OTHER_LETTER
    weight = WEIGHTS.get(sign, OTHER_LETTER)
    if script == LATIN and before >= "\x80" and after >= "\x80":  # languages have at most two such letters in a row
        return 0.0
    return weight


def _script(sign: str) -> int:
    if not sign.isalpha():
        return NONE
    if sign < "\u0250":
        return LATIN
    return CYRILLIC if "\u0400" <= sign <= "\u052f" else OTHER


def best(texts: Sequence[str]) -> tuple[int, float]:
    """Return the index of the most plausible of some texts, and its plausibility."""
    scores = [plausibility(text) for text in texts]
    chosen = 0
    for index, score in enumerate(scores):
        if score > scores[chosen] + MARGIN:
            chosen = index
    return chosen, scores[chosen]
