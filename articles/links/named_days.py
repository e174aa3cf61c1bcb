"""Read the days that texts name, and tell issues of a notice that comes again by them.

Power cuts, closed streets and warnings list the same names each time, and the day may be all that differs. It is as far
from the day of publication as the last time. A report of what is over, whose day was corrected, is no such notice.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import MINYEAR, date
from typing import NamedTuple

from articles.dates import month_of

MAX_DAY, MAX_MINUTE = 31, 59
LEAP_YEAR = 2024  # has all days that a date without year may have
YEARS = range(1900, 2100)
MIN_MONTH_LETTERS = 4  # shorter names of months are mostly other words in prose: "out", "ago", "там", "сен", "жел" …
# … but for these; "may" only with its capital, so Uzbek days in May are not read
SHORT_MONTHS = frozenset(("мая", "май", "мае", "mai", "maj", "may"))
MAX_MONTH_NUMBER = 12
LATIN_END = "\u0250"  # the first letter after those of Latin script
WORDS_BEFORE = 2  # of a date whose year alone differs: day and month
# Between how far ahead of their days two notices come: one day, or two
MAX_LEAD_DIFFERENCE_DAYS = 2
MAX_STAMP_WORDS = 8  # from the start or end of a text to the day in its dateline or stamp: "Ust-Kamenogorsk, 5 May, …"


class Day(NamedTuple):
    """A day that a text names; year 0 if it names none."""

    month: int
    day: int
    year: int = 0

    def after(self, published: int) -> int:
        """Return how many days it lies after the ordinal of a day; without year, the nearest such day counts."""
        year = date.fromordinal(published).year
        years = [self.year] if self.year else [one for one in (year - 1, year, year + 1) if one >= MINYEAR]
        days = [
            date(one, self.month, min(self.day, monthrange(one, self.month)[1])).toordinal() - published
            for one in years
        ]
        return min(days, key=abs)


class DayPair(NamedTuple):
    """Different days that two texts name at one place."""

    one: Day
    other: Day
    opens: bool = False  # the place is at the start of both texts
    closes: bool = False  # … at the end


class Apart(NamedTuple):
    """How far two rows are apart."""

    days: int = 0  # between their publication; 0 if unknown, or so few that one may copy the other
    published: tuple[int, int] = (1, 1)  # ordinals
    one_outlet: bool = True

    def moved(self, pair: DayPair) -> bool:
        """Return whether days that two texts name are as far apart as their publication, and not over in both."""
        leads = [day.after(published) for day, published in zip(pair[:2], self.published, strict=True)]
        if max(leads) < 0 or abs(leads[0] - leads[1]) > min(MAX_LEAD_DIFFERENCE_DAYS, self.days - 1):
            return False
        is_stamp = pair.closes or (pair.opens and not self.one_outlet)
        return not (is_stamp and leads == [0, 0])


def days_at(words: Sequence[str], cased: Sequence[str], start: int, end: int) -> list[tuple[int, Day]]:
    """Return the places and days that a stretch names, also with the words at its ends.

    `cased`: the words with their capitals, if known.
    """
    found = []
    for place in range(max(0, start - WORDS_BEFORE), min(len(words), end + 1)):
        if (day := _number(words, place, MAX_DAY)) is None or day == 0:
            continue
        month, year = _before(words, cased, place) or _numeric(words, place) or _after(words, cased, place) or (0, 0)
        if month and day <= monthrange(year or LEAP_YEAR, month)[1]:
            found.append((place, Day(month, day, year)))
    return found


def day_pairs(
    ours: Sequence[tuple[int, Day]], theirs: Sequence[tuple[int, Day]], sizes: tuple[int, int]
) -> Iterator[DayPair]:
    """Yield the different days of corresponding stretches. `sizes`: words of the texts."""
    for (at, one), (other_at, other) in zip(ours, theirs, strict=False):
        if one != other:
            opens = max(at, other_at) < MAX_STAMP_WORDS
            closes = max(sizes[0] - at, sizes[1] - other_at) <= MAX_STAMP_WORDS
            yield DayPair(one, other, opens, closes)


def _numeric(words: Sequence[str], place: int) -> tuple[int, int] | None:
    """Return month and year after a day: 12.03.2025."""
    month, year = _number(words, place + 1, MAX_MONTH_NUMBER), _year(words, place + 2)
    return (month, year) if month and year else None


def _after(words: Sequence[str], cased: Sequence[str], place: int) -> tuple[int, int] | None:
    """Return month and year after a day: 12 March 2025."""
    month = _month(words, cased, place + 1)
    return (month, _year(words, place + 2)) if month else None


def _before(words: Sequence[str], cased: Sequence[str], place: int) -> tuple[int, int] | None:
    """Return the month before a day, and the year after it, as Latin script may have them: March 12, 2025.

    A number after a day and month ("5 May 12 people"), or before minutes, is no day.
    """
    month = _month(words, cased, place - 1) if place and max(words[place - 1]) < LATIN_END else None
    if not month or _number(words, place - 2, MAX_DAY) or _is_minute(words, place + 1):
        return None
    return month, _year(words, place + 1)


def _month(words: Sequence[str], cased: Sequence[str], place: int) -> int | None:
    word = words[place] if 0 <= place < len(words) else ""
    if len(word) < MIN_MONTH_LETTERS and word not in SHORT_MONTHS:
        return None
    if word == "may" and (not cased or cased[place].islower()):
        return None
    return month_of(word)


def _number(words: Sequence[str], place: int, most: int) -> int | None:
    """Return the number of one or two digits at a place, or None."""
    word = words[place] if 0 <= place < len(words) else ""
    return int(word) if len(word) <= len(str(most)) and word.isdecimal() and int(word) <= most else None


def _is_minute(words: Sequence[str], place: int) -> bool:
    return _number(words, place, MAX_MINUTE) is not None and len(words[place]) == len(str(MAX_MINUTE))


def _year(words: Sequence[str], place: int) -> int:
    word = words[place] if place < len(words) else ""
    return int(word) if len(word) == len(str(LEAP_YEAR)) and word.isdecimal() and int(word) in YEARS else 0
