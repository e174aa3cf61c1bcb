"""Read single pages and sources in a child process with limits, for commands that read a few of them.

`flows.processing.workers` extracts the pages of a store. This does the same work for `outlets new`, `outlets check`,
`learn` and `explain`, whose pages come from outside too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Self

from articles import explain as explaining
from articles.containers import Containers, containers
from articles.explain import Explanation
from articles.extract import extract
from articles.model import Capture, Outcome, Reason
from articles.page import intake, structured
from articles.pipeline import warm_up
from articles.profile import PageLines, page_lines
from articles.site import PLAIN, Selectors, Site
from spiders.discovery.answers import BATCH_ENTRIES
from spiders.discovery.entries import SourceEntry
from spiders.discovery.feeds import read_source
from storage.captures.limited_process import EndedError, LimitedProcess, Send
from storage.user_cache import use_cached_model

MAX_LINKS = 10_000  # of a page; a home page has 500
MAX_LINK_CHARS = 2_000  # a longer one is no URL of an article


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The links of a page, as it writes them."""

    links: tuple[str, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()  # of `link` elements: the address and its media type


class PageReader:
    """Reads pages in a child process, which starts when needed. A context manager; not thread-safe.

    A page or source that reaches a limit ends only that process. EndedError says which limit, unless a method says
    otherwise.
    """

    def __init__(self) -> None:
        self._process = LimitedProcess()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.close()

    def outcome(self, page: Capture, site: Site = PLAIN) -> Outcome:
        """Extract a page. One that reaches a limit is rejected as too costly."""
        try:
            outcome: Outcome = self._value(send_outcome, page, site)
        except EndedError as error:
            return Outcome.rejected(Reason.TOO_COSTLY, str(error))
        return outcome

    def explanation(self, page: Capture, site: Site) -> Explanation:
        """Explain the extraction of a page. One that reaches a limit is rejected as too costly."""
        try:
            explanation: Explanation = self._value(send_explanation, page, site)
        except EndedError as error:
            return Explanation(page, Outcome.rejected(Reason.TOO_COSTLY, str(error)))
        return explanation

    def containers(self, page: Capture, site: Site) -> Containers | None:
        """Return the elements that hold a page's article by the general rules, or None without an article."""
        found: Containers | None = self._value(send_containers, page, site)
        return found

    def lines(self, page: Capture, selectors: Selectors) -> PageLines | None:
        """Return the lines of a page's column, or None if the page is refused."""
        lines: PageLines | None = self._value(send_lines, page, selectors)
        return lines

    def links(self, page: Capture) -> PageLinks:
        """Return the first links of a page; none if the page is refused."""
        links: PageLinks = self._value(send_links, page)
        return links

    def stated_addresses(self, page: Capture) -> tuple[str, ...]:
        """Return what a page states as its own URL: `rel=canonical`, then `og:url`. Nothing if the page is refused."""
        stated: tuple[str, ...] = self._value(send_stated_addresses, page)
        return stated

    def entries(self, source: Capture, most: int) -> list[SourceEntry]:
        """Return the first entries of a feed or sitemap."""
        return [entry for batch in self._process.stream(send_entries, source, most) for entry in batch]

    def _value(self, function: Callable[..., None], *arguments: object) -> Any:
        (value,) = [found for (found,) in self._process.stream(function, *arguments)]
        return value


def send_outcome(page: Capture, site: Site, send: Send) -> None:
    """Extract a page, in the child process."""
    _prepare(send)
    send((extract(page, site),))


def send_explanation(page: Capture, site: Site, send: Send) -> None:
    """Explain the extraction of a page, in the child process."""
    _prepare(send)
    send((explaining.explain(page, site),))


def send_containers(page: Capture, site: Site, send: Send) -> None:
    """Send the elements that hold a page's article, in the child process."""
    _prepare(send)
    send((containers(page, site),))


def send_lines(page: Capture, selectors: Selectors, send: Send) -> None:
    """Send the lines of a page, in the child process."""
    _prepare(send)
    send((page_lines(page, selectors),))


def send_links(page: Capture, send: Send) -> None:
    """Send the links of a page, in the child process."""
    try:
        intake.check(page)
        root, _ = intake.parse(intake.to_utf8(page.body, page.header("content-type")))
    except intake.PageRefusedError:
        return send((PageLinks(),))
    links = (str(link.get("href")) for link in root.iterfind(".//a[@href]"))
    typed = ((str(link.get("href")), str(link.get("type", ""))) for link in root.iterfind(".//link[@href]"))
    return send(
        (
            PageLinks(
                tuple(islice((link for link in links if len(link) <= MAX_LINK_CHARS), MAX_LINKS)),
                tuple(islice((link for link in typed if len(link[0]) <= MAX_LINK_CHARS), MAX_LINKS)),
            ),
        )
    )


def send_stated_addresses(page: Capture, send: Send) -> None:
    """Send what a page states as its own URL, in the child process."""
    try:
        intake.check(page)
        root, _ = intake.parse(intake.to_utf8(page.body, page.header("content-type")))
    except intake.PageRefusedError:
        return send(((),))
    stated = structured.read(root)
    return send(((stated.canonical, stated.first("og:url")),))


def send_entries(source: Capture, most: int, send: Send) -> None:
    """Send the entries of a feed or sitemap, in the child process."""
    entries = islice(read_source(source.body, source.url), most)
    while batch := list(islice(entries, BATCH_ENTRIES)):
        send(batch)


def _prepare(send: Send) -> None:
    """Load what the first page would otherwise wait for, and let its time begin after that."""
    _warm_up_once()
    send(None)


@cache
def _warm_up_once() -> None:
    use_cached_model()
    warm_up()
