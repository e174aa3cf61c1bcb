"""Decide when a crawl that other outlets wait for has to end: a host that answers, but next to nothing, must not hold them up."""

import time
from collections.abc import Callable
from http import HTTPStatus

from spiders.spec import Event

MAX_IDLE_SECONDS = 300.0  # without a whole page or a read source; five times the longest Crawl-delay that is obeyed
MAX_TURN_SECONDS = 7_200.0  # of one outlet; 2,000 pages, a large day's budget, take an hour
PROGRESS = frozenset({"fetched", "source"})


class Patience:
    """How long the crawl of one outlet may hold up others. `turn` is whether its whole time is limited as well."""

    def __init__(self, *, turn: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._progress = clock()
        self._turn = turn
        self.ended = ""  # why the crawl has to end, once it has

    def exhausted(self, event: Event) -> str:
        """Return why the crawl has to end, once; otherwise nothing. `event` is what it sent last, at least each second."""
        now = self._clock()
        if event.kind == "started":  # before, its process imports modules and reads its files
            self._began = now
            self._progress = now
        if event.kind in PROGRESS and event.status < HTTPStatus.BAD_REQUEST and not event.detail:
            self._progress = now
        if self.ended:
            return ""
        if now - self._progress > MAX_IDLE_SECONDS:
            self.ended = f"no whole page for {MAX_IDLE_SECONDS:.0f} s; the other outlets go on"
        elif self._turn and now - self._began > MAX_TURN_SECONDS:
            self.ended = f"its turn of {MAX_TURN_SECONDS / 3600:.0f} hours is over; the other outlets go on"
        return self.ended
