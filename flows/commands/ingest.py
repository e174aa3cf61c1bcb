"""`irtysh ingest`: find what known outlets have published."""

import tempfile
from dataclasses import replace
from pathlib import Path

from flows.crawl import settle
from flows.deployment.prefect_api import run
from flows.display.run_outcome import tell
from flows.ingest import fetch_outlets
from flows.options import CommonOptions, CrawlOptions, ProcessOptions, RunOptions, means, now
from flows.outlets.revisit import Revisit
from flows.process import process
from flows.processing.topics import specify
from flows.reports import RunOutcome
from spiders import outlets as known


def ingest(
    *names: str,
    since: str = "",
    until: str = "",
    from_archive: str = "",
    revisit: Revisit = Revisit.DUE,
    common: CommonOptions = CommonOptions(),
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Find new articles of known outlets by their feeds, sitemaps and listings, fetch and process them, make a snapshot.

    Parameters
    ----------
    names
        Outlets, as `irtysh outlets` lists them; all of them if none is named.
    since
        A day, month or year (2024-09-03, 2024-09, 2024): reach back to it through archives, listings and sitemaps;
        articles dated before it are not asked for.
        Without it only what is new is.
    until
        A day, month or year, itself included: articles dated after it are not asked for.
    from_archive
        Ask an archive of the web instead of the outlets themselves: `wayback`, `commoncrawl`, or the address of a CDX
        server. `--since` and `--until` then say when the archive captured an article.
    revisit
        Which known articles are asked for again, so that edits and deletions are seen: those that are `due` by their age,
        `all`, or `none`. `irtysh plan OUTLET` says which are due.
    """
    store, console = common.open(), common.console()
    wanted = names or tuple(sorted(known.load(crawling.outlets)))
    for name in wanted:
        known.find(name, crawling.outlets)
    with console.live():
        parameters = {
            "names": wanted, "since": since, "until": until, "from_archive": from_archive,
            "revisit": revisit.value, "store": common.store, "crawling": crawling, "processing": processing,
        }  # fmt: skip
        outcome = run("ingest", console, parameters, directly=running.no_prefect)
        if outcome is None:
            base = crawling.spec(common.store, specify(store, crawling.topic))
            base = replace(base, since=since, until=until, from_archive=from_archive, revisit=revisit.value)
            with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
                fetched = fetch_outlets(base, wanted, store, Path(scratch), clock=now, listener=console)
            outcome = RunOutcome(
                fetched, process(means(store, console, processing, fetched[0].run, outlets=crawling.outlets))
            )
            settle(store, fetched, now)
    return tell(console, store, outcome)
