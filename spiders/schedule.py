"""When an article is asked for again, so that edits and deletions are seen. Pure: time is an argument.

An article is looked at again when it is twice as old as it was at the last look: most edits come in the first hours, and
the number of looks grows with the logarithm of the age only. An edit makes it young again. What has gone is looked for
twice more. How often a page has changed is not asked: looks in proportion to changes keep fewer pages fresh than even ones
(J. Cho, H. Garcia-Molina: Effective Page Refresh Policies for Web Crawlers, ACM TODS 28, 2003).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

NIGHT = range(6)  # hours of the outlet's clock
AGAIN = 0.5  # of a run's pages that may go to articles that are known, where new ones want the room
ZONES = {  # of an outlet's clock by its country; of a large one, that of the capital
    "BY": "Europe/Minsk", "CZ": "Europe/Prague", "GB": "Europe/London", "KG": "Asia/Bishkek", "KZ": "Asia/Almaty",
    "LT": "Europe/Vilnius", "LV": "Europe/Riga", "NL": "Europe/Amsterdam", "RU": "Europe/Moscow", "UA": "Europe/Kyiv",
    "US": "America/New_York", "UZ": "Asia/Tashkent",
}  # fmt: skip

SOONEST = timedelta(hours=6)  # between two looks at one article
RAREST = timedelta(days=180)
AFTER_GONE = (timedelta(days=1), timedelta(days=7))  # looks at what answered 404 or 410
AFTER_FAILURE = timedelta(days=1)  # after a look that told nothing; then doubled


@dataclass(frozen=True, slots=True)
class PastFetch:
    """One time that a page was asked for."""

    fetched: datetime
    status: int  # 0: there was no answer
    text: tuple[str, ...] = ()  # the rows that it showed; empty for 304, for what is gone, for what told nothing
    etag: str = ""
    last_modified: str = ""

    @property
    def gone(self) -> bool:
        """Whether the page was said not to be there."""
        return self.status in {404, 410}

    @property
    def same(self) -> bool:
        """Whether the server said that nothing has changed."""
        return self.status == 304  # noqa: PLR2004  HTTP's own number

    @property
    def moved(self) -> bool:
        """Whether the page was said to be at another address for good."""
        return self.status in {301, 308}

    @property
    def told(self) -> bool:
        """Whether it says something of the article."""
        return self.gone or self.same or bool(self.text)


@dataclass(frozen=True, slots=True)
class DueFetch:
    """When a page is to be asked for again, and why then."""

    url: str
    at: datetime
    why: str
    etag: str = ""
    last_modified: str = ""

    def overdue(self, now: datetime) -> timedelta:
        """Return for how long it has been due; negative if it is not yet."""
        return now - self.at


def next_look(url: str, looks: Iterable[PastFetch], published: datetime | None = None) -> DueFetch | None:
    """Return when a page is to be asked for again; None for never: it showed no article, is gone or has moved.

    `published` makes an article older than the first look at it, where that is known.
    """
    known = sorted(looks, key=lambda one: one.fetched)
    telling = [one for one in known if one.told]
    shown = [one for one in telling if one.text]
    if not shown or known[-1].moved:
        return None
    last = known[-1]
    validators = next((one for one in reversed(telling) if one.etag or one.last_modified), None)
    if telling[-1].gone:
        return _gone(url, telling)
    etag, modified = (validators.etag, validators.last_modified) if validators else ("", "")
    born = min(shown[0].fetched, published) if published is not None else shown[0].fetched
    changed = _last_change(shown)
    since = max(born, changed) if changed is not None else born
    seen = telling[-1].fetched
    wait = min(max(seen - since, SOONEST), RAREST)
    why = (
        f"{_words(seen - since)} old at the last look"
        if changed is None
        else f"changed {_words(seen - changed)} before"
    )
    if not last.told:
        again = last.fetched + min(max(last.fetched - seen, AFTER_FAILURE), RAREST)
        return DueFetch(url, max(seen + wait, again), "the last look told nothing", etag, modified)
    return DueFetch(url, seen + wait, why, etag, modified)


def in_turn(due: Iterable[DueFetch], now: datetime) -> list[DueFetch]:
    """Return what is due, that which has been for longest first."""
    return sorted((one for one in due if one.at <= now), key=lambda one: (one.at, one.url))


def _gone(url: str, telling: list[PastFetch]) -> DueFetch | None:
    times = 0
    while times < len(telling) and telling[-1 - times].gone:
        times += 1
    if times > len(AFTER_GONE):
        return None
    return DueFetch(url, telling[-1].fetched + AFTER_GONE[times - 1], f"gone, seen so {times} times")


def _last_change(shown: list[PastFetch]) -> datetime | None:
    return max((after.fetched for before, after in pairwise(shown) if before.text != after.text), default=None)


def _words(span: timedelta) -> str:
    return f"{span.days} days" if span.days else f"{span.seconds // 3600} hours"


@dataclass(frozen=True, slots=True)
class PageBudget:
    """Pages of one run."""

    whole: int  # 0: no limit
    why: str

    @property
    def again(self) -> int:
        """Pages of it that may be asked for again; 0: no limit."""
        return max(1, int(self.whole * AGAIN)) if self.whole else 0


def budget(country: str, by_day: int, by_night: int, asked: int, now: datetime) -> PageBudget:
    """Return the budget of a run that begins `now`: what the user asked for (0: nothing), or what the outlet allows."""
    if asked:
        return PageBudget(asked, "as asked for")
    hour = now.astimezone(ZoneInfo(ZONES.get(country, "UTC"))).hour
    if hour in NIGHT:
        return PageBudget(by_night, f"by night: it is {hour} o'clock there")
    return PageBudget(by_day, f"by day: it is {hour} o'clock there")
