"""`irtysh explain`: what each block of one page became, and why."""

from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from articles import explain as explaining
from articles.errors import InputError, RefError
from articles.explain import Explanation
from articles.model import Capture, CaptureRef, Purpose
from articles.page import intake, structured
from articles.site import Site
from articles.url import canonicalize, outlet_of
from flows.display import explanation_text
from flows.display.explanation_page import render
from flows.display.files import write_html
from flows.exit_codes import DONE
from flows.options import CommonOptions, OutletOptions, now
from flows.processing.sites import Sites
from storage.snapshots import catalog as stored
from storage.snapshots import find_capture
from storage.tables.log_reader import LogReader

DIGITS = 12  # of a profile's hash that are shown
UNNAMED = "http://page.invalid/page"  # the address of a file that names none; RFC 2606 keeps .invalid free


def explain(
    page: str,
    *,
    url: str = "",
    html: Path | None = None,
    ref: str = stored.LATEST,
    common: CommonOptions = CommonOptions(),
    knowing: OutletOptions = OutletOptions(),
) -> int:
    """Show what each block of a page became and why, its metadata with every candidate, and what became of the page.

    The page is read with what is known of its site now: its outlet's selectors, and the profile that the store has of it.

    Parameters
    ----------
    page
        A URL that the store holds a capture of (the newest is explained), or a local HTML file.
    url
        The address under which a file is read; by default the one that it states itself.
    html
        Write a self-contained HTML page to this file, with what was struck in its place, and print only the outcome.
    ref
        The snapshot in which a URL is looked up.
    """
    console = common.console()
    if "://" in page:
        if url:
            raise InputError("--url names the address of a file; a URL is its own")
        capture, about = _from_store(common, page, ref)
    else:
        capture, about = _from_file(Path(page), url)
    sites = Sites(common.open(), knowing.outlets)
    explanation = explaining.explain(capture, sites.of(capture.url))
    about += _knowledge(sites.name(capture.url), sites.of(capture.url), explanation)
    if html is not None:
        write_html(html, render(explanation, about))
    if console.as_json:
        console.json(explanation_text.for_programs(explanation, about))
    elif html is not None:
        console.text(f"{html}: {explanation_text.plain(explanation.verdict)}; {explanation_text.tally(explanation)}")
    else:
        explanation_text.show(console, explanation, about)
    return DONE


def _knowledge(name: str, site: Site, explanation: Explanation) -> list[str]:
    """Say what of its site's knowledge a page was read with, and what of it does not fit the page any more."""
    about = [f"read with the selectors of the outlet {name}"] if site.selectors else []
    if site.profile.sha256:
        learned = f"{len(site.profile.lines)} lines learned from {site.profile.articles} articles"
        about.append(f"read with the profile {site.profile.sha256[:DIGITS]} of {name}: {learned}")
    missed = ", ".join(explanation.outcome.missed)
    return [*about, f"selectors that found nothing: {missed}"] if missed else about


def _from_store(common: CommonOptions, url: str, ref: str) -> tuple[Capture, list[str]]:
    log = LogReader(common.open())
    try:
        number = stored.resolve(log, ref)
    except RefError as error:
        raise RefError(f"{error}; `irtysh crawl {url}` takes the page into one") from error
    found = find_capture.newest_capture(log.store, log.state(number), url)
    if found is None:
        raise InputError(f"no capture of {url} in snapshot {number} of {common.store}: `irtysh crawl {url}` makes one")
    return found.capture, [
        f"fetched {found.capture.fetched:%Y-%m-%d %H:%M:%S} UTC, HTTP status {found.capture.status}",
        f"capture {found.capture.ref.record_id} in {found.capture.ref.key}",
        *_origin(found.capture),
        f"in snapshot {number}: {found.became}",
    ]


def _origin(capture: Capture) -> list[str]:
    """Say where a page was found, and what was captured of it where that is not what came over the wire."""
    about = []
    if (found := capture.discovery) is not None:
        about.append(f"found by {found.source} in {found.url}" + (f", dated {found.date}" if found.date else ""))
    if capture.purpose is Purpose.ENTRY:
        about.append("as a feed held it: its page was not read")
    if capture.rendered:
        about.append("as a browser made it by running its scripts")
    return about


def _from_file(path: Path, url: str) -> tuple[Capture, list[str]]:
    try:
        with path.open("rb") as file:
            body = file.read(intake.MAX_BYTES + 1)  # a byte more than is read at all
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror} (a URL starts with http:// or https://)") from error
    capture = Capture(CaptureRef(str(path), 0, ""), UNNAMED, outlet_of(UNNAMED), now(), HTTPStatus.OK, (), body, "")
    address = canonicalize(url) if url else _stated_url(capture) or UNNAMED
    unnamed = [] if address != UNNAMED else ["it does not say under which URL it stood; --url does"]
    return replace(capture, url=address, outlet=outlet_of(address)), [f"read from {path}", *unnamed]


def _stated_url(capture: Capture) -> str:
    """Return the address that a page gives itself, empty where it gives none or can't be read."""
    try:
        intake.check(capture)
        root, _ = intake.parse(intake.to_utf8(capture.body, ""))
    except intake.PageRefusedError:
        return ""
    stated = structured.read(root)
    for candidate in (stated.canonical, stated.first("og:url")):
        try:
            return canonicalize(candidate)
        except InputError:  # relative, or no URL at all: the page does not name its address
            continue
    return ""
