"""Schedule of fetching known articles again, to see edits and deletions. Pure: time is an argument.

An article is fetched again when it is twice as old as at the last fetch: most edits come in the first hours, and the
number of fetches grows only with the logarithm of the age. After an edit the age counts from the edit. An article that is
gone is requested twice more. The schedule ignores how often a page has changed: fetching in proportion to changes keeps
fewer pages fresh than fetching evenly (J. Cho, H. Garcia-Molina: Effective Page Refresh Policies for Web Crawlers, ACM
TODS 28, 2003).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

NIGHT_HOURS = range(6)  # in the outlet's time zone
REVISIT_SHARE = 0.5  # of a run's pages, at most, are known articles; the rest is for new ones
COUNTRY_ZONES = {  # an outlet's country -> its time zone; in a large country, that of the capital
    "BY": "Europe/Minsk", "CZ": "Europe/Prague", "GB": "Europe/London", "KG": "Asia/Bishkek", "KZ": "Asia/Almaty",
    "LT": "Europe/Vilnius", "LV": "Europe/Riga", "NL": "Europe/Amsterdam", "RU": "Europe/Moscow", "UA": "Europe/Kyiv",
    "US": "America/New_York", "UZ": "Asia/Tashkent",
}  # fmt: skip

MIN_INTERVAL = timedelta(hours=6)  # between two fetches of one article
MAX_INTERVAL = timedelta(days=180)
GONE_INTERVALS = (timedelta(days=1), timedelta(days=7))  # after the first and the second 404 or 410
MIN_FAILURE_INTERVAL = timedelta(days=1)  # after a fetch without a result; then doubled


@dataclass(frozen=True, slots=True)
class PastFetch:
    """One past fetch of a page."""

    fetched: datetime
    status: int  # 0: there was no response
    text: tuple[str, ...] = ()  # ids of its document rows; empty for 304, 404, 410 and fetches without a document
    etag: str = ""
    last_modified: str = ""

    @property
    def gone(self) -> bool:
        """Whether the server answered 404 or 410."""
        return self.status in {404, 410}

    @property
    def same(self) -> bool:
        """Whether the server answered 304, not modified."""
        return self.status == 304  # noqa: PLR2004  HTTP's own number

    @property
    def moved(self) -> bool:
        """Whether the server redirected permanently."""
        return self.status in {301, 308}

    @property
    def has_result(self) -> bool:
        """Whether the state of the article is known from it."""
        return self.gone or self.same or bool(self.text)


@dataclass(frozen=True, slots=True)
class DueFetch:
    """When a page is due to be fetched again, and why."""

    url: str
    at: datetime
    why: str
    etag: str = ""
    last_modified: str = ""

    def overdue(self, now: datetime) -> timedelta:
        """Return for how long it has been due; negative if it is not due yet."""
        return now - self.at


def next_fetch(url: str, fetches: Iterable[PastFetch], published: datetime | None = None) -> DueFetch | None:
    """Return when to fetch a page again; None for never: it had no article, is gone or has moved.

    `published`, if known and earlier than the first fetch, is when the article's age begins.
    """
    known = sorted(fetches, key=lambda fetch: fetch.fetched)
    conclusive = [fetch for fetch in known if fetch.has_result]
    shown = [fetch for fetch in conclusive if fetch.text]
    if not shown or known[-1].moved:
        return None
    last = known[-1]
    validators = next((fetch for fetch in reversed(conclusive) if fetch.etag or fetch.last_modified), None)
    if conclusive[-1].gone:
        return _gone(url, conclusive)
    etag, modified = (validators.etag, validators.last_modified) if validators else ("", "")
    born = min(shown[0].fetched, published) if published is not None else shown[0].fetched
    changed = _last_change(shown)
    since = max(born, changed) if changed is not None else born
    seen = conclusive[-1].fetched
    wait = min(max(seen - since, MIN_INTERVAL), MAX_INTERVAL)
    why = (
        f"{_words(seen - since)} old at the last fetch"
        if changed is None
        else f"changed {_words(seen - changed)} before the last fetch"
    )
    if not last.has_result:
        again = last.fetched + min(max(last.fetched - seen, MIN_FAILURE_INTERVAL), MAX_INTERVAL)
        return DueFetch(url, max(seen + wait, again), "the last fetch failed", etag, modified)
    return DueFetch(url, seen + wait, why, etag, modified)


def select_due(due: Iterable[DueFetch], now: datetime) -> list[DueFetch]:
    """Return the pages that are due, longest overdue first."""
    return sorted((page for page in due if page.at <= now), key=lambda page: (page.at, page.url))


def _gone(url: str, conclusive: list[PastFetch]) -> DueFetch | None:
    times = 0
    while times < len(conclusive) and conclusive[-1 - times].gone:
        times += 1
    if times > len(GONE_INTERVALS):
        return None
    return DueFetch(
        url, conclusive[-1].fetched + GONE_INTERVALS[times - 1], f"gone at the last fetch ({times} in a row)"
    )


def _last_change(shown: list[PastFetch]) -> datetime | None:
    return max((after.fetched for before, after in pairwise(shown) if before.text != after.text), default=None)


def _words(span: timedelta) -> str:
    return f"{span.days} days" if span.days else f"{span.seconds // 3600} hours"


@dataclass(frozen=True, slots=True)
class PageBudget:
    """Maximum number of pages of one run."""

    pages: int  # 0: no limit
    why: str

    @property
    def revisits(self) -> int:
        """Maximum number of known articles among them; 0: no limit."""
        return max(1, int(self.pages * REVISIT_SHARE)) if self.pages else 0


def budget(country: str, by_day: int, by_night: int, asked: int, now: datetime) -> PageBudget:
    """Return the page budget of a run that begins `now`: `asked` if it is not 0, or else that of the outlet."""
    if asked:
        return PageBudget(asked, "set by --max-pages")
    zone = COUNTRY_ZONES.get(country, "UTC")
    hour = now.astimezone(ZoneInfo(zone)).hour
    place = zone.rpartition("/")[2].replace("_", " ")  # Asia/Almaty: Almaty
    if hour in NIGHT_HOURS:
        return PageBudget(by_night, f"night, {hour:02}:00 in {place}")
    return PageBudget(by_day, f"daytime, {hour:02}:00 in {place}")
