"""How much of a long run is done, and how long the rest will take."""

from dataclasses import dataclass
from datetime import datetime

MEGABYTE = 1_000_000
MIN_SHARE = 0.01  # of the bytes, before the rest can be judged by them
SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600


@dataclass(slots=True)
class Pace:
    """Bytes that are read, of all that there are to read, since a time."""

    whole: int
    began: datetime
    done: int = 0

    def says(self, now: datetime) -> str:
        """Return the progress in words: "12 of 90 MB, about 5 min left"."""
        text = f"{self.done / MEGABYTE:,.0f} of {self.whole / MEGABYTE:,.0f} MB"
        if not self.whole or self.done < MIN_SHARE * self.whole:
            return text
        left = (now - self.began).total_seconds() * (self.whole - self.done) / self.done
        return f"{text}, {_duration(left)} left"


def _duration(seconds: float) -> str:
    if seconds < SECONDS_PER_MINUTE:
        return f"about {seconds:.0f} s"
    if seconds < SECONDS_PER_HOUR:
        return f"about {seconds / SECONDS_PER_MINUTE:.0f} min"
    return f"about {seconds / SECONDS_PER_HOUR:.1f} h"
