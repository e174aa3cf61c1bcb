"""`irtysh ingest` and `irtysh outlets`: find what known outlets have published; say which are known."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from flows.commands.outcome import tell
from flows.ingest import fetch_outlets
from flows.options import Common, Crawling, Processing, Running, means, now
from flows.orchestration import run
from flows.outcome import Outcome
from flows.process import process
from flows.topics import specify
from spiders import outlets as known
from spiders.outlet import Outlet


def ingest(
    *names: str,
    since: str = "",
    common: Common = Common(),
    crawling: Crawling = Crawling(),
    processing: Processing = Processing(),
    running: Running = Running(),
) -> int:
    """Find new articles of known outlets by feed and sitemap, fetch and process them, make a snapshot.

    Parameters
    ----------
    names
        Outlets, as `irtysh outlets` lists them; all of them if none is named.
    since
        A date: articles that a source dates before it are not asked for.
    """
    store, console = common.open(), common.console()
    wanted = names or tuple(sorted(known.load(crawling.outlets)))
    for name in wanted:
        known.find(name, crawling.outlets)
    with console.live():
        parameters = {
            "names": wanted, "since": since, "store": common.store, "crawling": crawling, "processing": processing,
        }  # fmt: skip
        outcome = run("ingest", console, parameters, directly=running.no_prefect)
        if outcome is None:
            base = replace(crawling.spec(common.store, specify(store, crawling.topic)), since=since)
            with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
                fetched = fetch_outlets(base, wanted, store, Path(scratch), clock=now, listener=console)
            outcome = Outcome(
                fetched, process(means(store, console, processing, fetched[0].run, outlets=crawling.outlets))
            )
    return tell(console, store, outcome)


def list_outlets(*, outlets: str = "", common: Common = Common()) -> int:
    """List the outlets that Irtysh knows.

    Parameters
    ----------
    outlets
        A file or folder of outlets beside the built-in ones.
    """
    found = [_facts(outlet) for outlet in known.load(outlets).values()]
    console = common.console()
    if console.as_json:
        console.json(found)
        return 0
    console.table(
        "Outlets",
        ["name", "domains", "languages", "country", "kind", "sources"],
        [
            [
                one["name"],
                " ".join(one["domains"]),
                " ".join(one["languages"]),
                one["country"],
                one["kind"],
                len(one["sources"]),
            ]
            for one in found
        ],
    )
    return 0


def _facts(outlet: Outlet) -> dict[str, Any]:
    names = (
        "name",
        "domains",
        "languages",
        "country",
        "kind",
        "article",
        "delay",
        "legal",
        "guessed",
    )
    sources = [{"kind": type(one).__name__, "address": one.address, "guessed": one.guessed} for one in outlet.sources]
    return {name: getattr(outlet, name) for name in names} | {"sources": sources}
