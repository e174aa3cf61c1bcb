"""Report pages that became no document, and selectors that match nothing, to the listener."""

from collections.abc import Iterable

from articles.accounting import missed_selectors
from articles.model import Reason
from articles.pipeline import PageResult
from flows.listener import Listener

UNREPORTED_REASONS = frozenset((Reason.REDIRECTED, Reason.NOT_MODIFIED))  # another record of the same page is reported


def report_rejected(results: Iterable[PageResult], listener: Listener) -> None:
    """Report every fetched page that became no document. The crawl has already reported failed fetches."""
    for result in results:
        fetch = result.fetch
        if result.purpose.article and fetch.status and fetch.reason and fetch.reason not in UNREPORTED_REASONS:
            text = f"{fetch.url}: {fetch.reason}" + (f" ({fetch.detail})" if fetch.detail else "")
            listener.note("rejected", text, url=fetch.url, reason=fetch.reason, detail=fetch.detail)


def report_missed(results: Iterable[PageResult], listener: Listener) -> None:
    """Report selectors of outlets that matched nothing on pages of articles: the site may have been redesigned."""
    for (outlet, attribute), pages in sorted(missed_selectors(results).items()):
        listener.note(
            "missed",
            f"{outlet}: the selectors `{attribute}` matched nothing on {pages} articles; run `irtysh outlets check {outlet}`",
            outlet=outlet,
            attribute=attribute,
            pages=pages,
        )
