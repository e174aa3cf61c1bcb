"""Circuit breaker per host: a host that refuses or fails many requests in a row gets none for a while.

A host that asks for payment (402) gets no further request in this run.

Closed, open and half open, as M. T. Nygard describes it (Release It!, 2nd edition 2018, "Circuit Breaker").
"""

from dataclasses import dataclass, field
from http import HTTPStatus

REFUSALS_TO_OPEN = 10  # refused or unanswered requests in a row; one or two concern the page, ten the host
COOL_DOWN_SECONDS = 120.0  # before the next attempt; doubled each time that it fails too
MAX_COOL_DOWN_SECONDS = 3600.0
REFUSAL_STATUSES = frozenset((HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE))


@dataclass(slots=True)
class _Host:
    refusals: int = 0  # in a row
    why: str = ""  # of the last refusal
    until: float = 0.0  # when the next attempt is due
    cool_down: float = COOL_DOWN_SECONDS


@dataclass(slots=True)
class Breaker:
    """The circuit breakers of one crawl's hosts. Times are those of the event loop, in seconds."""

    _hosts: dict[str, _Host] = field(default_factory=dict)
    _prices: dict[str, str] = field(default_factory=dict)  # host -> what it asks for

    def refusal(self, host: str, now: float) -> str:
        """Return why a host gets no request now; empty if it may. An open breaker lets one attempt pass at a time."""
        if host in self._prices:
            return f"not asked: {host} asks for payment (402{self._prices[host]})"
        known = self._hosts.get(host)
        if known is None or known.refusals < REFUSALS_TO_OPEN:
            return ""
        if now >= known.until:
            known.until = now + known.cool_down  # this request is the attempt
            return ""
        return f"not asked: {host} refused {known.refusals} in a row, the last with {known.why}"

    def answered(self, host: str, status: int, now: float) -> None:
        """Record a response."""
        if status in REFUSAL_STATUSES:
            self._refused(host, str(status), now)
        else:
            self._hosts.pop(host, None)

    def payment_asked(self, host: str, price: str) -> None:
        """Record that a host asks for payment; `price` is what its header says, or empty."""
        self._prices.setdefault(host, f", {price}" if price else "")

    def no_answer(self, host: str, why: str, now: float) -> None:
        """Record a request without a response."""
        self._refused(host, why, now)

    def _refused(self, host: str, why: str, now: float) -> None:
        known = self._hosts.setdefault(host, _Host())
        was_open = known.refusals >= REFUSALS_TO_OPEN
        known.refusals += 1
        known.why = why
        if known.refusals >= REFUSALS_TO_OPEN:
            known.cool_down = min(MAX_COOL_DOWN_SECONDS, known.cool_down * 2) if was_open else COOL_DOWN_SECONDS
            known.until = now + known.cool_down
