"""A circuit breaker for each host: one that refuses or does not answer again and again is left alone for a while.

Closed, open, half open, as M. T. Nygard describes it (Release It!, 2nd edition 2018, "Circuit Breaker").
"""

from dataclasses import dataclass, field
from http import HTTPStatus

REFUSALS_TO_OPEN = 10  # answers that say no, or none at all: one or two are the page, ten are the host
COOL_DOWN_SECONDS = 120.0  # seconds before one more is tried; doubled each time that it is refused too
MAX_COOL_DOWN_SECONDS = 3600.0
REFUSAL_STATUSES = frozenset((HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE))


@dataclass(slots=True)
class _Host:
    refusals: int = 0  # in a row
    why: str = ""  # the last
    until: float = 0.0  # when it may be tried again
    cool_down: float = COOL_DOWN_SECONDS


@dataclass(slots=True)
class Breaker:
    """The hosts of one crawl. Times are the loop's, in seconds."""

    _hosts: dict[str, _Host] = field(default_factory=dict)

    def bars(self, host: str, now: float) -> str:
        """Return why a host is not to be asked now; empty if it may be. One request at a time may try an open one again."""
        known = self._hosts.get(host)
        if known is None or known.refusals < REFUSALS_TO_OPEN:
            return ""
        if now >= known.until:
            known.until = now + known.cool_down  # whoever asks first tries for all
            return ""
        return f"not asked: {host} refused {known.refusals} in a row, the last with {known.why}"

    def answered(self, host: str, status: int, now: float) -> None:
        """Note an answer."""
        if status in REFUSAL_STATUSES:
            self._refused(host, str(status), now)
        else:
            self._hosts.pop(host, None)

    def silent(self, host: str, why: str, now: float) -> None:
        """Note that there was no answer."""
        self._refused(host, why, now)

    def _refused(self, host: str, why: str, now: float) -> None:
        known = self._hosts.setdefault(host, _Host())
        was_open = known.refusals >= REFUSALS_TO_OPEN
        known.refusals += 1
        known.why = why
        if known.refusals >= REFUSALS_TO_OPEN:
            known.cool_down = min(MAX_COOL_DOWN_SECONDS, known.cool_down * 2) if was_open else COOL_DOWN_SECONDS
            known.until = now + known.cool_down
