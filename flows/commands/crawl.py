"""`irtysh crawl`: a list of URLs, fetched, processed and made a snapshot of."""

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
from flows.crawl import settle
from flows.deployment.prefect_api import run
from flows.display.run_outcome import tell
from flows.options import CommonOptions, CrawlOptions, ProcessOptions, RunOptions, means, now
from flows.process import process
from flows.processing.topics import specify
from flows.reports import RunOutcome

STANDARD_INPUT = "-"


def crawl(
    *urls: str,
    from_: Annotated[str, Parameter(name="--from", allow_leading_hyphen=True)] = "",
    common: CommonOptions = CommonOptions(),
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Fetch a list of URLs, process them and make a snapshot.

    Lines that hold no URL are named and skipped. The same command given again after an interruption goes on where it
    stopped.

    Parameters
    ----------
    urls
        URLs to fetch, or `-` for a list on standard input.
    from_
        A file with one URL a line; blank lines and lines that begin with # are passed over.
    """
    store, console = common.open(), common.console()
    with _listed(urls, from_) as asked, console.live():
        parameters = {**asked, "store": common.store, "crawling": crawling, "processing": processing}
        outcome = run("crawl", console, parameters, directly=running.no_prefect)
        if outcome is None:
            spec = replace(crawling.spec(common.store, specify(store, crawling.topic)), **asked)
            fetched = fetch(spec, clock=now, listener=console)
            outcome = RunOutcome(
                (fetched,), process(means(store, console, processing, fetched.run, outlets=crawling.outlets))
            )
            settle(store, outcome.fetched, now)
    return tell(console, store, outcome)


@contextmanager
def _listed(urls: tuple[str, ...], path: str) -> Iterator[dict[str, Any]]:
    """Yield what is to be fetched, as a crawl is told; a list on standard input is set down in a file for the child."""
    if bool(urls) == bool(path):
        raise UsageError("crawl takes URLs, or --from FILE, or - for standard input")
    if urls != (STANDARD_INPUT,) and path != STANDARD_INPUT:
        yield {"urls": urls} if urls else {"list_path": str(Path(path).absolute()), "list_name": path}
        return
    with tempfile.NamedTemporaryFile(prefix="irtysh-", suffix=".txt") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield {"list_path": copy.name, "list_name": "standard input"}
