"""Compare this machine's clock with the store's: a commit of a wrong date cannot be taken back."""

from datetime import datetime, timedelta

from articles.errors import ClockError
from storage.objects import ObjectStore

MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)  # NTP keeps machines within a second; S3 itself refuses 15 minutes


def check_clock(store: ObjectStore, now: datetime) -> None:
    """Raise ClockError if this machine's time is far from that of the store's server or file system."""
    there = store.time()
    if there is None or abs(now - there) <= MAX_CLOCK_DIFFERENCE:
        return
    where = "ahead of" if now > there else "behind"
    raise ClockError(
        f"this machine's clock is {_duration(abs(now - there))} {where} that of {store.url} ({now:%Y-%m-%d %H:%M:%S} here, "
        f"{there:%Y-%m-%d %H:%M:%S} UTC there), so snapshots would get wrong dates; set the clock, then run the command again"
    )


def future_head(head: datetime | None, now: datetime) -> str:
    """Return a sentence if the newest snapshot lies in the future, otherwise an empty text."""
    if head is None or head - now <= MAX_CLOCK_DIFFERENCE:
        return ""
    return (
        f"the newest snapshot is dated {head:%Y-%m-%d %H:%M:%S} UTC, {_duration(head - now)} in the future: a machine with a "
        "wrong clock wrote it. New snapshots say when they were really written, and dates name snapshots by that"
    )


def _duration(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    words = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (left, "min")) if number]
    return " ".join(words) or "0 min"
