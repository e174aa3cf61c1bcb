"""`irtysh explain`: show for each block of a page whether it was kept, and why."""

from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from articles.errors import InputError, RefError, UsageError
from articles.explain import Explanation
from articles.harmless import harmless_line
from articles.model import Capture, CaptureRef, Purpose
from articles.page import intake
from articles.site import Site
from articles.url import canonicalize, outlet_of
from flows.display import explanation_text
from flows.display.console import HASH_DIGITS
from flows.display.explanation_page import render
from flows.display.files import check_html, write_html
from flows.exit_codes import DONE
from flows.options import CommonOptions, OutletOptions, now
from flows.processing.limited_pages import PageReader
from flows.processing.sites import Sites
from storage.captures.limited_process import EndedError
from storage.snapshots import catalog as stored
from storage.snapshots import find_capture
from storage.snapshots.refs import LATEST
from storage.tables.log_reader import LogReader

UNKNOWN_URL = "http://page.invalid/page"  # URL of a file that states none; RFC 2606 reserves .invalid


def explain(
    page: str,
    *,
    url: str = "",
    html: Path | None = None,
    ref: str = LATEST,
    common: CommonOptions = CommonOptions(),
    extracting: OutletOptions = OutletOptions(),
) -> int:
    """Show for each block of a page whether it was kept, and why.

    Also show the metadata with every candidate, and whether the page became a document or a rejection. The page is extracted
    again, with the selectors of its outlet and the profile that are in force now.

    Example: `irtysh explain https://example.org/news/article-1 --html why.html`

    Example: `irtysh explain page.html --url https://example.org/news/article-1`

    Parameters
    ----------
    page
        URL of a page in the store (its newest capture is explained), or a local HTML file.
    url
        URL of a local file. Default: the canonical URL that the file states.
    html
        Write a self-contained HTML page to this file, with removed blocks in place, and print only the outcome.
    ref
        Snapshot in which the URL is looked up: `latest`, a number, a tag or a date.
    """
    console = common.console()
    check_html(html)
    if html is not None and html.exists() and Path(page).exists() and html.samefile(page):
        raise UsageError(f"--html {html} would replace the page that is explained; name another file")
    if "://" in page:
        if url:
            raise InputError("--url is for local files only; this page is given by its URL")
        capture, about = _from_store(common, page, ref)
    else:
        capture, about = _from_file(Path(page), url)
    sites = Sites(common.open(), extracting.outlets)
    with PageReader() as reader:
        explanation = reader.explanation(capture, sites.of(capture.url))
    about += _knowledge(sites.name(capture.url), sites.of(capture.url), explanation)
    if html is not None:
        write_html(html, render(explanation, about))
    if console.as_json:
        console.json(explanation_text.for_programs(explanation, about))
    elif html is not None:
        console.text(f"{html}: {harmless_line(explanation.verdict)}; {explanation_text.tally(explanation)}")
    else:
        explanation_text.show(console, explanation, about)
    return DONE


def _knowledge(name: str, site: Site, explanation: Explanation) -> list[str]:
    """Describe the selectors and the profile that were used, and the selectors that no longer match."""
    about = [f"extracted with the selectors of the outlet {name}"] if site.selectors else []
    if site.profile.sha256:
        learned = f"{len(site.profile.lines)} lines learned from {site.profile.articles} articles"
        about.append(f"extracted with the profile {site.profile.sha256[:HASH_DIGITS]} of {name}: {learned}")
    missed = ", ".join(explanation.outcome.missed)
    return [*about, f"selectors that found nothing: {missed}"] if missed else about


def _from_store(common: CommonOptions, url: str, ref: str) -> tuple[Capture, list[str]]:
    try:
        log = LogReader(common.open_existing())
        number = stored.resolve(log, ref)
    except (RefError, InputError) as error:
        raise RefError(f"{error}; `irtysh crawl {url}` makes one with this page") from error
    found = find_capture.newest_capture(log.store, log.state(number), url)
    if found is None:
        raise InputError(
            f"no capture of {url} in snapshot {number} of {common.store}; `irtysh crawl {url}` fetches the page"
        )
    return found.capture, [
        f"fetched {found.capture.fetched:%Y-%m-%d %H:%M:%S} UTC, HTTP status {found.capture.status}",
        f"capture {found.capture.ref.record_id} in {found.capture.ref.key}",
        *_origin(found.capture),
        f"in snapshot {number}: {found.became}",
    ]


def _origin(capture: Capture) -> list[str]:
    """Describe where the URL was found, and what was captured if it is not the page as the server sent it."""
    about = []
    if (found := capture.discovery) is not None:
        about.append(f"found by {found.source} in {found.url}" + (f", dated {found.date}" if found.date else ""))
    if capture.purpose is Purpose.ENTRY:
        about.append("text from a feed; the page itself was not fetched")
    if capture.rendered:
        about.append("rendered by a browser that ran the page's scripts")
    return about


def _from_file(path: Path, url: str) -> tuple[Capture, list[str]]:
    try:
        with path.open("rb") as file:
            body = file.read(intake.MAX_BYTES + 1)  # one byte more than the limit, so that the page is refused
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror} (a URL starts with http:// or https://)") from error
    capture = Capture(
        CaptureRef(str(path), 0, ""), UNKNOWN_URL, outlet_of(UNKNOWN_URL), now(), HTTPStatus.OK, (), body, ""
    )
    address = canonicalize(url) if url else _stated_url(capture) or UNKNOWN_URL
    unknown = [] if address != UNKNOWN_URL else ["the file states no canonical URL; give it with --url"]
    return replace(capture, url=address, outlet=outlet_of(address)), [f"local file {path}", *unknown]


def _stated_url(capture: Capture) -> str:
    """Return the canonical URL that a page states, or "" if it states none or cannot be parsed."""
    try:
        with PageReader() as reader:
            stated = reader.stated_addresses(capture)
    except EndedError:
        return ""
    for candidate in stated:
        try:
            return canonicalize(candidate)
        except InputError:  # relative or not a URL
            continue
    return ""
