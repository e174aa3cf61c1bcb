"""`irtysh plan`: what a run would ask of an outlet, told from the store alone."""

from datetime import datetime
from typing import Annotated, Any

from cyclopts import Parameter

from flows.exit_codes import DONE
from flows.ingest import plan as made
from flows.options import OUTLETS, CommonOptions, now
from flows.outlets.revisit import Revisit
from spiders import outlets as known
from spiders.schedule import DueFetch
from spiders.spec import CrawlSpec

SHOWN = 20  # articles, where not all are asked for


def plan(
    name: str,
    *,
    revisit: Revisit = Revisit.DUE,
    max_pages: int = 0,
    outlets: Annotated[str, Parameter(env_var=OUTLETS)] = "",
    whole: bool = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Say what `irtysh ingest` would ask of an outlet now: its sources, its known articles that are due, and its budget.

    Nothing is fetched. What its sources name that is new comes before known articles.

    Parameters
    ----------
    name
        The outlet.
    revisit
        Which known articles are asked for again: those that are `due` by their age, `all`, or `none`.
    max_pages
        Pages that the run may ask for; 0 is what the outlet's file says.
    outlets
        A file or folder of outlets beside the built-in ones.
    whole
        List all known articles that are due, not the first of them.
    """
    console, store, outlet, time = common.console(), common.open(), known.find(name, outlets), now()
    spec = CrawlSpec("", store.url, outlet=name, outlets=outlets, revisit=revisit, max_pages=max_pages)
    found = made(spec, store, lambda: time)
    sources = [(type(one).__name__, one.address, "guessed" if one.guessed else "") for one in outlet.sources]
    if console.as_json:
        console.json(
            {
                "name": name,
                "sources": [{"kind": kind, "address": address} for kind, address, _ in sources],
                "delay": outlet.delay,
                "budget": {"pages": found.budget.whole, "again": found.budget.again, "why": found.budget.why},
                "known": found.known,
                "due": found.due,
                "again": [_told(one, time) for one in found.again],
            }
        )
        return DONE
    console.table(f"Sources of {name}", ("kind", "address", ""), sources)
    shown = found.again if whole else found.again[:SHOWN]
    if shown:
        rows = [(one.url, f"{one.at:%Y-%m-%d %H:%M}", one.why, "" if one.etag else "whole") for one in shown]
        console.table("Known articles that are due", ("URL", "since", "why", "asked"), rows)
    if len(shown) < found.due:
        console.text(
            f"… and {found.due - len(shown)} more are due, {len(found.again) - len(shown)} of them in this run"
        )
    limit = f"{found.budget.whole} pages" if found.budget.whole else "no limit of pages"
    console.text(
        f"{found.known} pages are known, {found.due} are due; {limit}, {found.budget.why}; a page each {outlet.delay:g} s"
    )
    return DONE


def _told(one: DueFetch, time: datetime) -> dict[str, Any]:
    hours = one.overdue(time).total_seconds() / 3600
    return {
        "url": one.url,
        "due": one.at,
        "hours_overdue": round(hours, 1),
        "why": one.why,
        "conditional": bool(one.etag or one.last_modified),
    }
