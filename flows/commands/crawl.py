"""`irtysh crawl`: fetch a list of URLs, process the pages and make a snapshot."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from articles.errors import UsageError
from flows.crawl import crawl as fetch
from flows.deployment.prefect_api import run
from flows.display.run_outcome import report_outcome
from flows.options import CommonOptions, CrawlOptions, ProcessOptions, RunOptions, now, processing_context
from flows.processing.topics import specify
from flows.while_crawling import process_after

STANDARD_INPUT = "-"


def crawl(
    *urls: str,
    from_: Annotated[str, Parameter(name="--from", allow_leading_hyphen=True)] = "",
    common: CommonOptions = CommonOptions(),
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Fetch a list of URLs, process the pages and make a snapshot.

    Lines without a valid URL are reported and skipped. After an interruption, the same command continues where it stopped.

    Example: `irtysh crawl --from urls.txt --topic any`

    Parameters
    ----------
    urls
        URLs to fetch, or `-` to read a list from standard input.
    from_
        File with one URL per line. Blank lines and lines that start with # are ignored.
    """
    store, console = common.open(), common.console()
    with _listed(urls, from_) as requested, console.live():
        parameters = {**requested, "store": common.store, "crawling": crawling, "processing": processing}
        outcome = run("crawl", console, parameters, directly=running.no_prefect)
        if outcome is None:
            spec = replace(crawling.spec(common.store, specify(store, crawling.topic)), **requested)
            fetched = fetch(spec, clock=now, listener=console)
            context = processing_context(store, console, processing, fetched.run, outlets=crawling.outlets)
            outcome = process_after(context, (fetched,), clock=now)
    return report_outcome(console, store, outcome)


@contextmanager
def _listed(urls: tuple[str, ...], path: str) -> Iterator[dict[str, Any]]:
    """Yield the URLs or the list as parameters of a crawl. Standard input is copied to a file for the child process."""
    if bool(urls) == bool(path):
        raise UsageError("crawl takes URLs, or --from FILE, or - for standard input, and only one of them")
    if urls != (STANDARD_INPUT,) and path != STANDARD_INPUT:
        yield {"urls": urls} if urls else {"list_path": str(Path(path).absolute()), "list_name": path}
        return
    with tempfile.NamedTemporaryFile(prefix="irtysh-", suffix=".txt") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield {"list_path": copy.name, "list_name": "standard input"}
