"""`irtysh crawl`: fetch a list of URLs, process the pages and make a snapshot."""

import os.path
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from articles.errors import InputError, UsageError
from flows.crawl import crawl as fetch
from flows.deployment.prefect_api import run
from flows.display.console import Console
from flows.display.run_outcome import report_outcome
from flows.list_files import check_has_lines, check_is_text, check_list_path
from flows.monitoring.monitored import monitored
from flows.options import (
    CommonOptions,
    CrawlOptions,
    MonitoringOptions,
    ProcessOptions,
    RunOptions,
    now,
    processing_context,
)
from flows.processing.topics import load, specify
from flows.url_tables import url_column, write_list
from flows.while_crawling import process_after

STANDARD_INPUT = "-"


def crawl(
    *urls: str,
    from_: Annotated[str, Parameter(name="--from", allow_leading_hyphen=True)] = "",
    column: str = "",
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
    running: RunOptions = RunOptions(),
    monitoring: MonitoringOptions = MonitoringOptions(),
) -> int:
    """Fetch a list of URLs, process the pages and make a snapshot.

    A list has one URL per line; quotes around it and `# a note` behind it are ignored, and https is assumed for
    www.example.org/page. Lines without a valid URL are reported and skipped. After an interruption, the same command
    continues where it stopped.

    Examples: `irtysh crawl --from urls.txt --topic any`
    and `irtysh crawl --from articles.xlsx --column link`

    Parameters
    ----------
    urls
        URLs to fetch, or `-` to read a list from standard input.
    from_
        File with one URL per line, or a table: CSV, TSV or XLSX. `-`: standard input. Blank lines and lines that start with #
        are ignored.
    column
        Heading or number of the table's column with the URLs. Default: the column named url, link or the like.
    dry_run
        Only say what would be fetched, and which lines hold no URL. Nothing is fetched or stored.
    """
    console = common.console()
    if dry_run:
        from flows.dry_run import preview_list  # noqa: PLC0415  loads what finds articles of outlets

        load(crawling.topic)  # refuses what the crawl would refuse
        with _listed(urls, from_, column, console) as requested:
            path, name = requested.get("list_path", ""), requested.get("list_name", "")
            return preview_list(console, requested.get("urls", ()), path, name, crawling.max_pages)
    store = common.open()
    with (
        _listed(urls, from_, column, console) as requested,
        console.live(),
        monitored("crawl", store, monitoring, console),
    ):
        parameters = {**requested, "store": common.store, "crawling": crawling, "processing": processing}
        outcome = run("crawl", console, parameters, directly=running.no_prefect)
        if outcome is None:
            spec = replace(crawling.spec(common.store, specify(store, crawling.topic)), **requested)
            fetched = fetch(spec, clock=now, listener=console)
            context = processing_context(store, console, processing, fetched.run, outlets=crawling.outlets)
            outcome = process_after(context, (fetched,), clock=now)
    return report_outcome(console, store, outcome)


@contextmanager
def _listed(urls: tuple[str, ...], path: str, column: str, console: Console) -> Iterator[dict[str, Any]]:
    """Yield the URLs or the list as parameters of a crawl. What is no plain file is copied to one for the child process."""
    if bool(urls) == bool(path):
        raise UsageError("crawl takes URLs, or --from FILE, or - for standard input, and only one of them")
    piped = urls == (STANDARD_INPUT,) or path == STANDARD_INPUT
    if urls and not piped:
        if column:
            raise UsageError("--column names a column of the table that --from gives; it has no meaning for URLs")
        yield {"urls": _addresses(urls)}
        return
    check_list_path(path)
    name = "standard input" if piped else path
    with tempfile.TemporaryDirectory(prefix="irtysh-list-") as folder:
        source = Path(path)
        if piped or (source.exists() and not source.is_file()):  # also a pipe that the shell names: --from <(command)
            source = Path(folder) / "list.txt"
            _copy(path, source, piped=piped)
        check_is_text(source, name)
        found, which = url_column(source, name, column, Path(path).suffix), ""
        if found:
            table, source = source, Path(folder) / "column.txt"
            write_list(table, name, found, source)
            which = repr(found.name) if found.name else f"number {found.at + 1}"
            console.note("column", f"{name}: reading the URLs from column {which}", column=found.name or found.at + 1)
        check_has_lines(source, name, which)
        yield {"list_path": str(source.absolute()), "list_name": name}


def _copy(path: str, to: Path, *, piped: bool) -> None:
    try:
        with to.open("wb") as copy:
            if piped:
                shutil.copyfileobj(sys.stdin.buffer, copy)
            else:
                with Path(path).open("rb") as source:
                    shutil.copyfileobj(source, copy)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error


def _addresses(urls: tuple[str, ...]) -> tuple[str, ...]:
    """Return the URLs. UsageError for the name of a file, which --from takes."""
    for url in urls:
        if "://" not in url and os.path.isdir(url):  # noqa: PTH112  any text may be asked about: names no path may have, too
            raise UsageError(
                f"{url} is a folder, not a URL; to fetch the URLs of a list in it: irtysh crawl --from FILE"
            )
        if "://" not in url and os.path.exists(url):  # noqa: PTH110  as above; also a pipe that the shell names
            raise UsageError(f"{url} is a file, not a URL; to fetch the URLs in it: irtysh crawl --from {url}")
    return urls
