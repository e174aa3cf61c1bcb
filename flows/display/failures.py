"""Group the failures of a run: the same reason once, with what can be done about it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from articles.reasons import Reason

PRIVATE = ("loopback", "private")  # kinds of addresses that --allow-private-hosts allows
HINTS: Mapping[str, str] = {
    Reason.TIMEOUT.value: "the same command asks them again; --timeout waits longer",
    Reason.DNS_ERROR.value: "check the names and the network; the same command asks them again",
    Reason.CONNECT_ERROR.value: "the same command asks them again",
    Reason.TAKEN_DOWN.value: "articles that were taken out of the store on a request",
    Reason.ROBOTS_REFUSED.value: "the sites' robots.txt disallows them",
    Reason.HOST_SUSPENDED.value: "a later run asks the hosts again",
    Reason.BAD_URL.value: "correct them, each begins with http:// or https://",
    Reason.GONE.value: "the sites have no such pages",
    Reason.OFF_TOPIC.value: "--topic any keeps every article",
    Reason.PAYWALLED.value: "paywalls are recorded, never bypassed",
}


def hint(reason: str, details: Iterable[str]) -> str:
    """Return what can be done about failures of one reason; empty if nothing is known."""
    if reason == Reason.ADDRESS_REFUSED:
        kinds = sorted({kind for detail in details for kind in [detail.rpartition(": ")[2]] if kind})
        ask = "; --allow-private-hosts asks them" if kinds and set(kinds) <= {*PRIVATE} else ""
        return f"{', '.join(kinds)} addresses{ask}" if kinds else ""
    return HINTS.get(reason, "")


def grouped(failures: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for each reason of some failures, which are pairs of reason and detail: the most frequent first."""
    details: defaultdict[str, list[str]] = defaultdict(list)
    for reason, detail in failures:
        details[reason].append(detail)
    return [
        _line(reason, found) for reason, found in sorted(details.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _line(reason: str, details: Sequence[str]) -> str:
    about = hint(reason, details) or (details[0] if len(set(details)) == 1 else "")
    return f"{len(details):,} {reason}" + (f": {about}" if about else "")
