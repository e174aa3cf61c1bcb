"""Recognise paragraphs that change with every fetch of a page: counters, relative times, rates, advertisements, teasers.

They are no words of the article, and a change in them makes no version. Each rule must explain the whole line, so that a
sentence with a number ("The video has 2 million views.") is none of them.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from itertools import islice, pairwise

from articles.data import load
from articles.dates import month_of

MAX_LINE_WORDS = 16  # of a counter, a time, a box of rates, a paywall's count
MAX_LINE_CHARS = 500  # of the same; some scripts have no spaces
CACHED_WORDS = 1 << 16
MAX_BREAKS = 20  # between sentences, after which a line may begin within a paragraph
MAX_ADVERTISEMENT_WORDS = 80
MAX_CREDIT_WORDS = 8  # twice those of benchmarks.links.dynamic
MAX_ENDING_LETTERS = 5  # that a word has after the stem of its group; of a short stem, two fewer than the stem has
MIN_FULL_STEM = 3  # shorter words belong to a group only as they are
EXACT_GROUPS = ("ourselves", "remaining")  # whole words
MIN_TEASER_WORDS, MAX_TEASER_WORDS = 4, 20  # of the headline of another article
# "Ещё по теме:" and such a headline; those of benchmarks.links.dynamic have up to 13
MAX_POINTER_WORDS = 3 + MAX_TEASER_WORDS
MAX_TEASERS = 2  # at the end of a text; more such lines are a list
MIN_OWN_SHARE = 1 / 3  # of a line's longer words that the text has too, for it to be the article's own words
OWN_STEM_LETTERS, MIN_OWN_LETTERS = 5, 5
TITLE_GROUPS = (
    "rates",
    "weather_title",
    "elections",
)  # if a title has their words, figures of the kind are the article's
TIME_WORDS = ("updates", "ago", "day_words", "time_fillers")
COUNT_WORDS = ("counters", "counter_fillers", "updates", "ago", "time_units")
CLOCK_WORDS = ("updates", "day_words", "weekdays", "time_fillers")
WORD = re.compile(r"[^\W\d_]+(?:['ʻ][^\W\d_]+)*")
NUMBER = re.compile(r"\d+(?:[.,:   ]\d+)*(?:(?:к|\s?(?:k|m|тыс|млн|мың))\b)?", re.IGNORECASE)
NUMBER_SIGN = "#"
WORD_OR_NUMBER = re.compile(rf"{NUMBER_SIGN}|{WORD.pattern}")
APOSTROPHES = str.maketrans("’ʼ", "''")
CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d(?:[:.]\d\d)?\b")
OF_ALL = re.compile(r"(?<!\d)\d{1,6}(?:-\w{1,9})?\s{1,3}(?:of|из|з|ішінен)\s{1,3}(?:your\s{1,3})?\d")  # "2 of 5"
JUST_NOW = re.compile(r"\b(?:just now|moments? ago|только что|жаңа ғана|щойно|gerade eben|az önce)\b")
YEAR = re.compile(r"\b20\d\d\b")
COUNTRY = re.compile(r"\bUS\b")  # not "us"
COUNTDOWN = re.compile(r"(?P<left>\bleft\W{1,3})?\b\d{1,3}:\d\d:\d\d$", re.IGNORECASE)
PERCENT = re.compile(r"\d\s?%")
MIN_PERCENTS = 2  # of a poll: one for each answer
SIGNED = re.compile(r"(?:^|\s)[-+−–]\d{1,2}\b(?!\s?%)")  # degrees without their sign
MIN_SIGNED = 2
MIN_NETWORKS = 2  # with a number each; a line of one name and a number ("Facebook 2024") may be the article's own
POINTER = re.compile(
    r"(?:(?:(?:читайте|смотрите|см\.?) (?:также|ещ[её]|по теме)|(?:ещ[её] )?по теме|(?:тағы|сондай-ақ) (?:оқыңыз|қараңыз)"
    r"|(?:читайте|дивіться) (?:також|ще)|(?:read|see) (?:also|more|next)|also read|related)\s*:)",
    re.IGNORECASE,
)
CREDIT = re.compile(
    r"(?:фото|видео|кадр|скриншот|сурет|бейне|світлина|відео|photo|video|image)\s?(?:[:|/©—–-]|by\b)", re.IGNORECASE
)
CLOCK_END = re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?$")
DEGREES = re.compile(r"\d\s?°\s?[CСF]\b|[-+−–]\s?\d+\s?°")
MIN_RATES = 2  # of a box without a currency's code: one price may be the article's own
MAX_PLACE_WORDS = 3  # "Almaty +12 °C"
CURRENCY_SIGN = re.compile(r"[$€₸₽£¥₴]")
ADVERTISEMENT_MARK = re.compile(r"\berid\b\W*\w", re.IGNORECASE)  # the token of the Russian register of advertisements
# The first words of a line that names itself an advertisement, which a sign follows, an age limit or an advertiser
ADVERTISEMENT_HEAD = re.compile(
    r"(?:(?P<phrase>на правах рекламы|на правах реклами|(?:paid|sponsored|partner|promoted) (?:content|post|material)|(?:партн[её]рск|спонсорск|рекламн)\w+ (?:материал|публикация|пост|матеріал|публікація)|жарнама құқығында)\b|(?P<word>[^\W\d_]+)"
    r"\s*(?:[.:|•·—–]|\d{1,2}\+|(?:ооо|оао|пао|зао|ао|ип|тоо|жшс|тов|llc|ltd|inc)\b))",
    re.IGNORECASE,
)
TOKEN = re.compile(
    r"\b(?=[\da-f]*\d)[\da-f]{6,}\b|\d[.,]\d+", re.IGNORECASE
)  # a machine's number, or a part of a second
SENTENCE_END = re.compile(r"[.!?…:;,][\"'»”“’)\]]*$")
SENTENCE_BREAK = re.compile(r"[.!?…][\"'»”“’)\]]*(?=\s)")
LIST_MARK = re.compile(r"^(?:[-–—•*·▪■●]|\(?\w{1,3}[.)])\s?")


def lasting(title: str, paragraphs: Sequence[str]) -> list[str]:
    """Return the paragraphs without what changes with every fetch; all of them if nothing is left."""
    return [text for text in own_words(title, paragraphs) if text]


def own_words(title: str, paragraphs: Sequence[str]) -> list[str]:
    """Return each paragraph without what changes with every fetch, or empty; unchanged if no words are left in any."""
    words = WORD.findall(title.casefold())
    about = frozenset(group for group in TITLE_GROUPS if _any(words, group))
    own = [_without_lines(text, about) for text in paragraphs]
    places = [place for place, text in enumerate(own) if text]
    for place in places[len(places) - _teasers(title, [own[place] for place in places]) :]:
        own[place] = ""
    return own if any(own) else list(paragraphs)


def _without_lines(text: str, about: Collection[str]) -> str:
    """Return a paragraph without dynamic lines: empty if it is one, cut where one follows its last sentence."""
    if is_dynamic(text, about):
        return ""
    if SENTENCE_END.search(text):
        return text
    start = max(0, len(text) - MAX_LINE_CHARS)
    for end in islice((found.end() for found in SENTENCE_BREAK.finditer(text, start)), MAX_BREAKS):
        if is_dynamic(text[end:].lstrip(), about):
            return text[:end]
    return text


def is_dynamic(text: str, about: Collection[str] = ()) -> bool:
    """Return whether a paragraph is a counter, a time of update, a box of rates, a paywall's count or an advertisement.

    `about`: the `TITLE_GROUPS` that the article is about: a line of them is its own.
    """
    size = len(text.split())
    if (size <= MAX_ADVERTISEMENT_WORDS and _is_advertisement(text)) or (
        size <= MAX_POINTER_WORDS and POINTER.match(text)
    ):
        return True
    if size > MAX_LINE_WORDS or len(text) > MAX_LINE_CHARS:
        return False
    text = text.translate(APOSTROPHES)
    line = WORD.findall(NUMBER.sub(" ", text.casefold()))
    has_number = bool(NUMBER.search(text))
    return (
        _is_meter(text, line, has_number=has_number)
        or _is_time(text, line, has_number=has_number)
        or (has_number and (_is_count(text, line) or _is_appeal(text, line)))
        or (has_number and "elections" not in about and _is_poll(text, line))
        or (has_number and "weather_title" not in about and _is_weather(text, line))
        or (has_number and "rates" not in about and _is_rates(text, line))
    )


def _is_advertisement(text: str) -> bool:
    """Return whether a paragraph bears the mark of a register of advertisements, or begins by naming itself one."""
    head = ADVERTISEMENT_HEAD.match(text)
    named = head is not None and (bool(head["phrase"]) or head["word"].casefold() in _group("advertisement"))
    return named or bool(ADVERTISEMENT_MARK.search(text))


def _is_meter(text: str, line: Sequence[str], *, has_number: bool) -> bool:
    """Return whether a line counts the articles that a paywall still gives, or has given."""
    if not _any(line, "articles"):
        return False
    if _any(line, "free"):
        return _any(line, "left") or (has_number and _any(line, "spent")) or bool(OF_ALL.search(text))
    told = _any(line, "subscription") or _any(line, "readers")
    return has_number and told and _any(line, "left")


def _is_time(text: str, line: Sequence[str], *, has_number: bool) -> bool:
    """Return whether a line tells when the page was published or updated, or what time it is."""
    known = WORD.findall(JUST_NOW.sub(" ", text.casefold()))
    if len(known) < len(line) and all(any(_in(word, group) for group in TIME_WORDS) for word in known):
        return True
    if (_any(line, "ago") and _covered(line, "time_units", *TIME_WORDS)) or (
        _any(line, "updates") and not has_number and _covered(line, "day_words", *TIME_WORDS)
    ):
        return True
    if not CLOCK.search(text) or not line:
        return False
    is_open = not SENTENCE_END.search(text)
    if is_open and (countdown := COUNTDOWN.search(text)) and (countdown["left"] or _any(line, "remaining")):
        return True
    if is_open and CREDIT.match(text) and CLOCK_END.search(text) and len(line) <= MAX_CREDIT_WORDS:
        return True
    others = [word for word in line if not month_of(word)]
    dated = (
        (len(others) < len(line) and bool(YEAR.search(text)))
        or len(CLOCK.findall(text)) > 1
        or any(_any(line, group) for group in ("day_words", "weekdays", "updates"))
    )
    return dated and all(any(_in(word, group) for group in CLOCK_WORDS) for word in others)


def _is_count(text: str, line: Sequence[str]) -> bool:
    """Return whether a line with a number counts readers or their comments, or is a machine's note."""
    if not line:
        return any(unicodedata.category(sign) == "So" for sign in text)  # a pictograph with a number
    known = all(
        any(_in(word, group) for group in COUNT_WORDS) or (_in(word, "new") and _in(before, "counters"))
        for before, word in pairwise(("", *line))
    )
    counts = _any(line, "counters") or (_any(line, "ratings") and _any(line, "votes"))
    return (counts and known) or (
        bool(TOKEN.search(text)) and _covered(WORD.findall(TOKEN.sub(" ", text.casefold())), "machine")
    )


def _is_poll(text: str, line: Sequence[str]) -> bool:
    """Return whether a line shows how the readers have voted: answers with shares, the count of votes, and no other word.

    The result of an election has shares, too, but no sum of votes, or it is a sentence.
    """
    return (
        len(PERCENT.findall(text)) >= MIN_PERCENTS
        and not SENTENCE_END.search(text)
        and any(before == NUMBER_SIGN and _in(after, "votes") for before, after in pairwise(_words_and_numbers(text)))
        and _covered(line, "votes", "answers", "counter_fillers")
    )


def _is_appeal(text: str, line: Sequence[str]) -> bool:
    """Return whether a line without end counts the outlet's subscribers, readers or supporters in its own name."""
    if SENTENCE_END.search(text):
        return False
    if sum(_in(word, "networks") for word in line) >= MIN_NETWORKS and not PERCENT.search(text):
        return all(_in(word, "networks") for word in line)
    ours = _any(WORD.findall(COUNTRY.sub(" ", text).casefold()), "ourselves")
    return ours and _any(line, "audience") and _counts_audience(text)


def _counts_audience(text: str) -> bool:
    """Return whether a number of a line is one of readers: "12 readers", "read by 12 people", or at its end "we are 12"."""
    words = _words_and_numbers(text)
    for place, word in enumerate(words):
        before = [other for other in words[:place] if other not in _group("already")][-1:]
        after = words[place + 1 : place + 2]
        if word != NUMBER_SIGN:
            continue
        if _any(after, "audience") and not _any(after, "networks"):
            return True
        if _any(before, "audience") and all(_in(other, "counter_fillers") for other in after):
            return True
        if _any(before, "ourselves") and not after:
            return True
    return False


def _words_and_numbers(text: str) -> list[str]:
    """Return the words of a line, with a sign for each number."""
    return WORD_OR_NUMBER.findall(NUMBER.sub(NUMBER_SIGN, text.casefold()))


def _is_weather(text: str, line: Sequence[str]) -> bool:
    """Return whether a line without end is a box of the weather."""
    if SENTENCE_END.search(text):
        return False
    if not DEGREES.search(text) and not (len(SIGNED.findall(text)) >= MIN_SIGNED and _any(line, "weather_news")):
        return False
    places = [word for word in WORD.findall(NUMBER.sub(" ", text)) if not _in(word.casefold(), "weather")]
    return len(places) <= MAX_PLACE_WORDS and all(word[0].isupper() or _in(word, "time_fillers") for word in places)


def _is_rates(text: str, line: Sequence[str]) -> bool:
    """Return whether a line without end is a box of exchange rates or prices of oil."""
    if SENTENCE_END.search(text) or not all(_in(word, "rates") or _in(word, "rate_fillers") for word in line):
        return False
    if any(word in _group("codes") for word in line):
        return True
    many = len(NUMBER.findall(text)) >= MIN_RATES
    return many and (_any(line, "rates") or len(set(CURRENCY_SIGN.findall(text))) >= MIN_RATES)


def _teasers(title: str, paragraphs: Sequence[str]) -> int:
    """Return how many lines at the end of a text are headlines of other articles."""
    count = 0
    while count < len(paragraphs) and _is_headline(paragraphs[-1 - count]):
        count += 1
    if not 0 < count <= MAX_TEASERS or count == len(paragraphs):
        return 0
    known = _stems("\n".join((title, *paragraphs[: len(paragraphs) - count])))
    ours = (_stems(text) for text in paragraphs[len(paragraphs) - count :])
    return count if all(stems and len(stems & known) < MIN_OWN_SHARE * len(stems) for stems in ours) else 0


def _is_headline(text: str) -> bool:
    """Return whether a line can be a headline: short, no sentence, no item of a list."""
    return (
        MIN_TEASER_WORDS <= len(text.split()) <= MAX_TEASER_WORDS
        and not SENTENCE_END.search(text)
        and not LIST_MARK.match(text)
        and not NUMBER.search(text)  # figures of a last line are more likely the article's own
    )


def _stems(text: str) -> set[str]:
    return {word[:OWN_STEM_LETTERS] for word in WORD.findall(text.casefold()) if len(word) >= MIN_OWN_LETTERS}


def _covered(line: Sequence[str], first: str, *others: str) -> bool:
    """Return whether a line has a word of the first group, and only words of the groups."""
    return _any(line, first) and all(any(_in(word, group) for group in (first, *others)) for word in line)


def _any(line: Sequence[str], group: str) -> bool:
    return any(_in(word, group) for word in line)


def _in(word: str, group: str) -> bool:
    return group in _groups_of(word)


@lru_cache(maxsize=CACHED_WORDS)
def _groups_of(word: str) -> frozenset[str]:
    """Return the groups that have a word, or a stem that it begins with."""
    stems, none = _stems_of_groups(), frozenset[str]()
    ends = range(max(MIN_FULL_STEM, (len(word) + 3) // 2, len(word) - MAX_ENDING_LETTERS), len(word))
    exact = frozenset(group for group in EXACT_GROUPS if word in _group(group))
    return exact.union(stems.get(word, none), *(stems.get(word[:end], none) for end in ends))


@cache
def _stems_of_groups() -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in load("dynamic"):
        for stem in _group(name) if name not in EXACT_GROUPS else ():
            found[stem].add(name)
    for day in load("names")["weekdays"].split():
        found[day[: max(MIN_FULL_STEM, len(day) - 1)]].add("weekdays")  # without its ending
    return {stem: frozenset(names) for stem, names in found.items()}


@cache
def _group(name: str) -> frozenset[str]:
    return frozenset(load("dynamic")[name].split())
