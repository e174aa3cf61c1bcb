"""`irtysh plan`: show what a run would request from an outlet, without fetching anything."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from cyclopts import Parameter

from flows.exit_codes import DONE
from flows.ingest import plan as make_plan
from flows.options import OUTLETS_VARIABLE, CommonOptions, now
from flows.outlets import last_run
from flows.outlets.past_fetches import PastFetches
from flows.outlets.revisit import Revisit
from spiders import outlets as known
from spiders.schedule import DueFetch
from spiders.spec import CrawlSpec

MAX_LISTED = 20  # articles, without --whole


def plan(
    name: str,
    *,
    revisit: Revisit = Revisit.DUE,
    max_pages: int = 0,
    outlets: Annotated[str, Parameter(env_var=OUTLETS_VARIABLE)] = "",
    whole: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Show what `irtysh ingest` would request from an outlet now.

    The plan lists the outlet's sources, the known articles that are due again, and the page budget. Nothing is fetched. A run
    fetches new articles before known ones.

    Example: `irtysh plan tengrinews --revisit all`

    Example: `irtysh plan tengrinews --json`

    Parameters
    ----------
    name
        Name of the outlet.
    revisit
        Known articles to fetch again: those that are due because of their age, all, or none.
    max_pages
        Maximum number of pages to fetch. 0: the budget in the outlet's file.
    outlets
        File or folder with outlets of your own, in addition to the built-in ones.
    whole
        List all known articles that are due, not only the first 20.
    """
    console, store, outlet, time = common.console(), common.open(), known.find(name, outlets), now()
    spec = CrawlSpec("", store.url, outlet=name, outlets=outlets, revisit=revisit, max_pages=max_pages)
    found = make_plan(spec, PastFetches(store), lambda: time)
    last = last_run.read(store, name)
    sources = [(type(one).__name__, one.address, "guessed" if one.guessed else "") for one in outlet.sources]
    if console.as_json:
        console.json(
            {
                "name": name,
                "sources": [{"kind": kind, "address": address} for kind, address, _ in sources],
                "delay": outlet.delay,
                "budget": {"pages": found.budget.pages, "again": found.budget.revisits, "why": found.budget.why},
                "known": found.known,
                "last_run": asdict(last) if last is not None else None,
                "due": found.due,
                "again": [_for_programs(one, time) for one in found.again],
            }
        )
        return DONE
    console.table(f"Sources of {name}", ("kind", "URL", "note"), sources)
    listed = found.again if whole else found.again[:MAX_LISTED]
    if listed:
        rows = [(one.url, f"{one.at:%Y-%m-%d %H:%M}", one.why, "conditional" if one.etag else "full") for one in listed]
        console.table("Known articles that are due", ("URL", "due since", "reason", "request"), rows)
    if len(listed) < found.due:
        console.text(
            f"{found.due - len(listed):,} more are due; {len(found.again) - len(listed):,} of them would be fetched in this run"
        )
    limit = f"{found.budget.pages:,} pages" if found.budget.pages else "no limit"
    console.text(f"Known pages: {found.known:,}. Due: {found.due:,}.")
    if last is not None and last.backlog:
        console.text(f"Waiting since the last run: {last.backlog:,} new articles that its sources name.")
    if last is not None and last.trouble:
        again = f", {last.runs} runs in a row" if last.runs > 1 else ""
        console.text(f"Last run ({last.ended}): {last.trouble}: {last.why}{again}.", style="yellow")
    console.text(f"Budget: {limit} ({found.budget.why}). Delay: {outlet.delay:g} s.")
    return DONE


def _for_programs(one: DueFetch, time: datetime) -> dict[str, Any]:
    hours = one.overdue(time).total_seconds() / 3600
    return {
        "url": one.url,
        "due": one.at,
        "hours_overdue": round(hours, 1),
        "why": one.why,
        "conditional": bool(one.etag or one.last_modified),
    }
