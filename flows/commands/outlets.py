"""`irtysh outlets`: which outlets there are and how they do; settle what is held."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from articles.errors import InputError
from flows.exit_codes import DONE, FAILED
from flows.options import OUTLETS, CommonOptions, CrawlOptions, now
from flows.outlets import check as outlet_check
from flows.outlets import new as outlet_draft
from flows.outlets.health import OutletCondition, OutletHealth, read
from spiders import outlets as known
from spiders.outlet import Outlet
from storage import quarantine
from storage.tables.log_reader import LogReader

FACTS = (
    "name", "domains", "languages", "country", "kind", "article", "javascript", "delay", "daily", "legal", "guessed",
)  # fmt: skip
FACT_COLUMNS = ("name", "domains", "languages", "country", "kind", "sources", "guessed", "legal")
SHOWN = ("asked", "kept", "off_topic", "refused", "failed", "held")  # of a week, by column of `articles.accounting`


def list_outlets(
    *names: str,
    outlets: Annotated[str, Parameter(env_var=OUTLETS)] = "",
    ill: Annotated[bool, Parameter(negative="")] = False,
    facts: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """List the outlets and how they do: their last week, what share of their articles has what, what is wrong.

    An outlet is `held` when a run of it does not look like those before and waits to be settled, `silent` when none of
    its sources answers, `quiet` when its sources name nothing new for longer than chance explains, `new` when nothing was
    asked of it yet.

    Parameters
    ----------
    names
        Outlets; all of them if none is named.
    outlets
        A file or folder of outlets beside the built-in ones.
    ill
        Only those that are held, silent or quiet; exit code 1 if there are any.
    facts
        What the outlets' files say, instead of how they do.
    """
    console, stated = common.console(), known.load(outlets)
    for name in names:
        known.find(name, outlets)
    store = common.open()
    state = LogReader(store).state()
    healths = [one for one in read(store, state, stated, now().date()) if _wanted(one, names, ill=ill)]
    if console.as_json:
        console.json([{**_facts(stated.get(one.name)), **_told(one)} for one in healths])
    elif facts:
        console.table("Outlets", FACT_COLUMNS, [_fact_row(stated[one.name]) for one in healths if one.name in stated])
    else:
        columns = ("outlet", "", "looked", "last", *SHOWN, "title", "date", "author", "length", "what is wrong")
        console.table("Outlets, their last seven days and their last articles", columns, map(_row, healths))
    return FAILED if ill and healths else DONE


def check(
    name: str, *, common: CommonOptions = CommonOptions(), crawling: CrawlOptions = CrawlOptions(topic="any")
) -> int:
    """Probe an outlet live: ask its sources and a few of its articles, and say what does not fit its file.

    Nothing is stored. Exit code 1 if something is wrong.

    Parameters
    ----------
    name
        The outlet.
    """
    console, outlet = common.console(), known.find(name, crawling.outlets)
    with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch, console.live():
        base = crawling.spec("", "any")
        found = outlet_check.check(outlet, base, Path(scratch), clock=now, listener=console)
    if console.as_json:
        console.json({"name": name, "good": all(one.good for one in found), "findings": [asdict(one) for one in found]})
    else:
        rows = [("" if one.good else "wrong", one.what, one.url, one.text) for one in found]
        console.table(f"{name}, as it answered", ("", "what", "URL", "found"), rows)
        if outlet.legal:
            console.text(f"note: {outlet.legal}", style="dim")
    return DONE if all(one.good for one in found) else FAILED


def new(
    name: str,
    *,
    url: str,
    into: Path = Path("outlets"),
    fixtures: Path = Path("tests/outlets"),
    common: CommonOptions = CommonOptions(),
    crawling: CrawlOptions = CrawlOptions(topic="any"),
) -> int:
    """Write the file of an outlet that Irtysh does not know, from what its site shows: feeds, sitemaps, article addresses.

    All of it is a guess for you to look through. Some of its articles are kept beside, with what was read from them: the
    first pages that the file can be held to. `irtysh ingest NAME --outlets outlets` then uses it.

    Parameters
    ----------
    name
        What to call the outlet: a-z, 0-9 and `_`.
    url
        The site's first page.
    into
        The folder of the file.
    fixtures
        The folder of the folder of pages.
    """
    console = common.console()
    outlet_draft.places(name, into, fixtures)
    with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch, console.live():
        draft = outlet_draft.found(name, url, crawling.spec("", "any"), Path(scratch), clock=now, listener=console)
    path, pages = outlet_draft.write(draft, into, fixtures)
    if console.as_json:
        told = {"name": name, "file": str(path), "fixtures": str(pages), "article": draft.article}
        console.json({**told, "feeds": draft.feeds, "sitemaps": draft.sitemaps, "problems": draft.problems})
    else:
        console.text(
            f"{path}: {len(draft.feeds)} feeds, {len(draft.sitemaps)} sitemaps; articles look like {draft.article}"
        )
        console.text(f"{pages}: {len(draft.pages)} articles; look them through before you rely on them")
        for problem in draft.problems:
            console.text(problem, style="yellow")
        console.text(f"next: irtysh outlets check {name} --outlets {into}")
    return FAILED if draft.problems else DONE


def release(name: str, *runs: str, common: CommonOptions = CommonOptions()) -> int:
    """Let runs of an outlet into the corpus that are held because they do not look like those before.

    The next `irtysh process`, or any other command that processes, reads their captures again and takes them in.

    Parameters
    ----------
    name
        The outlet.
    runs
        Runs of it; all that are held if none is named.
    """
    console, store = common.console(), common.open()
    held = {key: mark for key, mark in quarantine.marks(store).items() if key[0] == name}
    if not held:
        raise InputError(f"no run of {name!r} is held; `irtysh outlets --ill` lists what is")
    if unknown := [run for run in runs if (name, run) not in held]:
        raise InputError(f"run {unknown[0]!r} of {name} is not held; held are {', '.join(run for _, run in held)}")
    freed = {key for key in held if not runs or key[1] in runs}
    quarantine.change(store, lambda before: {key: mark for key, mark in before.items() if key not in freed})
    for key in sorted(freed):
        console.note("released", f"{key[0]}: run {key[1]} comes in with the next processing", outlet=key[0], run=key[1])
    return DONE


def _wanted(health: OutletHealth, names: tuple[str, ...], *, ill: bool) -> bool:
    if names and health.name not in names:
        return False
    return not ill or health.condition in {OutletCondition.HELD, OutletCondition.SILENT, OutletCondition.QUIET}


def _row(health: OutletHealth) -> tuple[object, ...]:
    shares = [_percent(health.share(name)) for name in ("titled", "dated", "signed")]
    week = [health.week.get(column, 0) for column in SHOWN]
    dates = (health.looked or "", health.last or "")
    return health.name, health.condition, *dates, *week, *shares, health.length or "", health.why


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _told(health: OutletHealth) -> dict[str, Any]:
    return {
        "name": health.name,
        "condition": health.condition,
        "why": health.why,
        "looked": health.looked,
        "last": health.last,
        "week": {column: health.week.get(column, 0) for column in SHOWN},
        "titled": health.share("titled"),
        "dated": health.share("dated"),
        "signed": health.share("signed"),
        "length": health.length,
        "held": [asdict(mark) for mark in health.held],
    }


def _facts(outlet: Outlet | None) -> dict[str, Any]:
    """Return what an outlet's file says; nothing for a site that has none."""
    if outlet is None:
        return {"domains": []}
    sources = [{"kind": type(one).__name__, "address": one.address, "guessed": one.guessed} for one in outlet.sources]
    return {name: getattr(outlet, name) for name in FACTS} | {"sources": sources}


def _fact_row(outlet: Outlet) -> tuple[object, ...]:
    domains, languages = " ".join(outlet.domains), " ".join(outlet.languages)
    told = (outlet.country, outlet.kind, len(outlet.sources), " ".join(outlet.guessed), outlet.legal)
    return outlet.name, domains, languages, *told
