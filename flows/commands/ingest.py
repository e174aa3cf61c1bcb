"""`irtysh ingest`: find new articles of outlets, fetch and process them."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from articles.errors import InputError
from flows.deployment.prefect_api import run
from flows.display.run_outcome import report_outcome
from flows.dry_run import preview_outlets
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
from flows.outlets.revisit import Revisit
from flows.processing.topics import specify
from flows.scratch import sweep
from flows.side_by_side import DEFAULT_AT_ONCE, ingest_outlets
from spiders import outlets as known
from spiders.date_window import parse_option


def ingest(
    *names: str,
    since: str = "",
    until: str = "",
    from_archive: str = "",
    revisit: Revisit = Revisit.DUE,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    at_once: int = DEFAULT_AT_ONCE,
    common: CommonOptions = CommonOptions(),
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
    running: RunOptions = RunOptions(),
    monitoring: MonitoringOptions = MonitoringOptions(),
) -> int:
    """Find new articles of outlets, fetch and process them, make a snapshot.

    Articles are found in the outlets' feeds, sitemaps, archives and listings. Without --since, only articles that these
    sources list now, and that the store does not have, are fetched.

    Examples: `irtysh ingest tengrinews --since 2024-01`
    and `irtysh ingest --dry-run`

    Parameters
    ----------
    names
        Outlets to ingest; `irtysh outlets` lists them. Default: all.
    since
        First day, month or year to fetch: 2024-09-03, 2024-09 or 2024. With --from-archive: time of capture.
    until
        Last day, month or year to fetch, included. With --from-archive: time of capture.
    from_archive
        Fetch from a web archive, not from the outlet: `wayback`, `commoncrawl` or the URL of a CDX server.
    revisit
        Known articles to fetch again, to detect edits and deletions. `irtysh plan OUTLET` lists those that are due.
    dry_run
        Only say which sources would be asked and how many known articles are due. Nothing is fetched or stored.
    at_once
        Maximum number of outlets to ask at the same time; each host gets one connection in any case.
    """
    if at_once < 1:
        raise InputError(f"--at-once {at_once}: the value must be at least 1")
    for option in filter(None, (since, until)):
        parse_option(option)  # what is wrong with it is named before anything is asked
    store, console = common.open(), common.console()
    wanted = names or tuple(sorted(known.load(crawling.outlets)))
    for name in wanted:
        known.find(name, crawling.outlets)
    if dry_run:
        base = replace(crawling.spec(common.store, crawling.topic), revisit=revisit.value)
        return preview_outlets(console, base, wanted, store, now)
    sweep(now())
    with console.live(), monitored("ingest", store, monitoring, console):
        parameters = {
            "names": wanted, "since": since, "until": until, "from_archive": from_archive,
            "revisit": revisit.value, "at_once": at_once, "store": common.store, "crawling": crawling, "processing": processing,
        }  # fmt: skip
        outcome = run("ingest", console, parameters, directly=running.no_prefect)
        if outcome is None:
            base = crawling.spec(common.store, specify(store, crawling.topic))
            base = replace(base, since=since, until=until, from_archive=from_archive, revisit=revisit.value)
            context = processing_context(store, console, processing, outlets=crawling.outlets)
            with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
                outcome = ingest_outlets(base, wanted, context, Path(scratch), clock=now, at_once=at_once)
    return report_outcome(console, store, outcome)
