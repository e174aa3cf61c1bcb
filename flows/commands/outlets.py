"""`irtysh outlets`: list outlets and their health, check, draft and release them."""

import tempfile
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from articles.counting import many
from articles.errors import InputError, UsageError
from flows.display.console import COUNT_HEADINGS, Console
from flows.exit_codes import DONE, FAILED
from flows.options import OUTLETS_VARIABLE, CommonOptions, CrawlOptions, is_empty, now
from flows.outlets.health import OutletCondition, OutletHealth, read
from spiders import outlets as known
from spiders.outlet import Outlet
from storage import quarantine
from storage.tables.log_reader import LogReader

FACTS = (
    "name", "domains", "languages", "country", "kind", "article", "javascript", "delay", "daily", "legal", "guessed",
)  # fmt: skip
FACT_COLUMNS = ("name", "domains", "languages", "country", "kind", "sources", "guessed", "legal")
ILL = frozenset({OutletCondition.HELD, OutletCondition.SILENT, OutletCondition.FAILING, OutletCondition.QUIET})
FIRST_COLUMNS = 2  # name and state, which are shown also where no outlet has more
MAX_MINUTES = 60  # of a check of all outlets; the rest is left to the next one
WEEK_COLUMNS = ("asked", "kept", "off_topic", "refused", "failed", "held")  # of `articles.accounting`


def list_outlets(
    *names: str,
    outlets: Annotated[str, Parameter(env_var=OUTLETS_VARIABLE)] = "",
    ill: Annotated[bool, Parameter(negative="")] = False,
    facts: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """List outlets and their health.

    The list shows the pages of the last seven days, and the share of the last articles that have a title, date and author.
    The condition of an outlet is `held` if a run of it is in quarantine, `silent` if none of its sources answered in the last
    run, `failing` if the last run failed, was too slow or lost most of its pages, `quiet` if its sources have named no new
    article for unusually long, `new` if it was never fetched, else `good`. The column `waiting` counts new articles that the
    sources name, and that are not fetched yet.

    Example: `irtysh outlets --ill`

    Example: `irtysh outlets list --json`

    Parameters
    ----------
    names
        Outlets to list. Default: all.
    outlets
        File or folder with outlets of your own, in addition to the built-in ones.
    ill
        List only outlets that are held, silent, failing or quiet. The exit code is 1 if there are any.
    facts
        Show the contents of the outlets' files, not their health.
    """
    console, stated = common.console(), known.load(outlets)
    store = common.open()
    state = LogReader(store).state()
    found = list(read(store, state, stated, now().date()))
    for name in {*names} - {one.name for one in found}:  # sites without a file are found too
        known.find(name, outlets)
    if is_empty(store):  # the outlets are known without a store, only not their health
        Console().note("empty", f"nothing is stored at {store.url}, so no outlet has a state yet; check --store")
    healths = [one for one in found if _wanted(one, names, ill=ill)]
    if console.as_json:
        console.json([{**_facts(stated.get(one.name)), **_health(one)} for one in healths])
    elif ill and not healths:
        console.text("No outlet is held, silent, failing or quiet.")
    elif facts:
        console.table("Outlets", FACT_COLUMNS, [_fact_row(stated[one.name]) for one in healths if one.name in stated])
    else:
        week = [COUNT_HEADINGS.get(column, column) for column in WEEK_COLUMNS]
        columns = (
            "outlet",
            "state",
            "last check",
            "last article",
            *week,
            "title",
            "date",
            "author",
            "length",
            "waiting",
            "problem",
        )
        rows = [_row(one) for one in healths]
        told = [at for at in range(len(columns)) if at < FIRST_COLUMNS or any(row[at] not in {"", 0} for row in rows)]
        console.table(
            "Outlets: pages of the last seven days, and the last articles",
            [columns[at] for at in told],
            [[row[at] for at in told] for row in rows],
        )
    return FAILED if ill and healths else DONE


def check(
    name: str = "",
    *,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    report: Path | None = None,
    minutes: int = MAX_MINUTES,
    common: CommonOptions = CommonOptions(),
    crawling: CrawlOptions = CrawlOptions(topic="any"),
) -> int:
    """Compare an outlet's live site with the outlet's file.

    Its sources and a few of its articles are fetched; nothing is stored. The exit code is 1 if something does not fit.
    `--all` checks all outlets, one after the other, and keeps pages, findings and proposed patches in the folder `--report`.
    It goes on where an earlier check stopped. Then `irtysh outlets adopt` takes pages and patches over.

    Example: `irtysh outlets check tengrinews`

    Example: `irtysh outlets check --all --report live`

    Parameters
    ----------
    name
        Name of the outlet.
    all_
        Check all outlets.
    report
        With `--all`: the folder for the report. Default: `outlets-check`.
    minutes
        With `--all`: the time after which no further outlet is begun.
    """
    from flows.outlets import check as outlet_check  # noqa: PLC0415  loads a crawl, which the list of outlets does not need

    if all_ == bool(name):
        raise InputError("give the name of one outlet, or --all")
    if all_:
        return _check_all(report or Path("outlets-check"), minutes, common, crawling)
    if report is not None:
        raise InputError("--report is for a check of all outlets; add --all and leave out the name")
    console, outlet = common.console(), known.find(name, crawling.outlets)
    with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch, console.live():
        base = crawling.spec("", "any")
        found = outlet_check.check(outlet, base, Path(scratch), clock=now, listener=console)
    if console.as_json:
        console.json({"name": name, "good": all(one.good for one in found), "findings": [asdict(one) for one in found]})
    else:
        rows = [("ok" if one.good else "wrong", one.what, one.url, one.text) for one in found]
        console.table(f"{name}: live check", ("result", "check", "URL", "finding"), rows)
        if outlet.legal:
            console.text(f"note: {outlet.legal}", style="dim")
    return DONE if all(one.good for one in found) else FAILED


def _check_all(folder: Path, minutes: int, common: CommonOptions, crawling: CrawlOptions) -> int:
    from flows.outlets import check_all  # noqa: PLC0415  needed here only

    console = common.console()
    folder.mkdir(parents=True, exist_ok=True)
    outlets = [outlet for _, outlet in sorted(known.load(crawling.outlets).items())]
    until = now() + timedelta(minutes=minutes)
    with console.live():
        found = check_all.check_all(outlets, crawling.spec("", "any"), folder, until=until, clock=now, listener=console)
    if console.as_json:
        reports = [{"good": one.good, **asdict(one)} for one in found.reports]
        console.json({"reports": reports, "left": found.left, "folder": str(folder)})
    else:
        rows = [
            (one.name, "ok" if one.good else "wrong", f"{one.matching} of {one.named}", len(one.proposals))
            for one in found.reports
        ]
        console.table("Live check of outlets", ("outlet", "result", "addresses that match", "proposals"), rows)
        console.text(f"{folder / 'report.md'}: what does not fit, and the proposed patches")
        if found.left:
            console.text(f"{many(len(found.left), 'outlet')} left; run the command again to go on", style="yellow")
    return FAILED if found.left or not all(one.good for one in found.reports) else DONE


def new(
    name: str,
    *,
    url: str = "",
    into: Path | None = None,
    fixtures: Path = Path("tests/outlets"),
    common: CommonOptions = CommonOptions(),
    crawling: CrawlOptions = CrawlOptions(topic="any"),
) -> int:
    """Draft the file of a new outlet from its live site.

    The draft names the feeds, sitemaps and a pattern of article URLs. All of it is guessed: check it. Some articles and
    what was extracted from them are written as test pages. Then run `irtysh ingest NAME --outlets outlets`.

    Example: `irtysh outlets new steppe --url https://steppe.example/`

    Example: `irtysh outlets new steppe --url https://steppe.example/ --outlets my-outlets`

    Parameters
    ----------
    name
        Name of the outlet: a-z, 0-9 and `_`.
    url
        URL of the site's home page. It must be given.
    into
        Folder for the outlet's file. Default: the folder of --outlets, else `outlets`.
    fixtures
        Folder in which a folder of test pages is made.
    """
    from flows.outlets import new as outlet_draft  # noqa: PLC0415  as in `check`

    if "/" in name or not url:
        raise UsageError(
            "outlets new needs a name and the URL of the site's home page: "
            f"irtysh outlets new {'NAME' if '/' in name else name} --url {url or (name if '/' in name else 'URL')}"
        )
    console = common.console()
    if into is None:
        into = Path(crawling.outlets or "outlets")
        if into.is_file():
            raise UsageError(f"--outlets names the file {into}; --into names the folder for the file of {name}")
        crawling = replace(crawling, outlets=crawling.outlets if into.is_dir() else "")
    outlet_draft.target_paths(name, into, fixtures)
    with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch, console.live():
        draft = outlet_draft.explore(name, url, crawling.spec("", "any"), Path(scratch), clock=now, listener=console)
    path, pages = outlet_draft.write(draft, into, fixtures)
    if console.as_json:
        written = {"name": name, "file": str(path), "fixtures": str(pages), "article": draft.article}
        found = {"feeds": draft.feeds, "sitemaps": draft.sitemaps, "problems": draft.problems}
        console.json({**written, **found, "refused": draft.refused})
    else:
        console.text(
            f"{path}: {many(len(draft.feeds), 'feed')}, {many(len(draft.sitemaps), 'sitemap')}; "
            f"pattern of article URLs: {draft.article}"
        )
        console.text(f"{pages}: {many(len(draft.pages), 'test page')}; check what was extracted before you rely on it")
        for refused, why in draft.refused.items():
            console.text(f"left out: {refused}: {why}", style="yellow")
        for problem in draft.problems:
            console.text(problem, style="yellow")
        console.text(f"Next: irtysh outlets check {name} --outlets {into}")
    return FAILED if draft.problems else DONE


def release(name: str, *runs: str, common: CommonOptions = CommonOptions()) -> int:
    """Release a quarantined run into the corpus.

    A run is put in quarantine if its pages differ from those of earlier runs. `irtysh outlets --ill` lists such runs. The next
    command that processes, for example `irtysh process`, extracts the pages of a released run again and adds them.

    Example: `irtysh outlets release tengrinews`

    Example: `irtysh outlets release tengrinews --json`

    Parameters
    ----------
    name
        Name of the outlet.
    runs
        Runs to release. Default: all runs of the outlet that are in quarantine.
    """
    console, store = common.console(), common.open_existing()
    quarantined = {key: mark for key, mark in quarantine.marks(store).items() if key[0] == name}
    if not quarantined:
        raise InputError(f"no run of {name!r} is in quarantine; `irtysh outlets --ill` lists outlets with such runs")
    if unknown := [run for run in runs if (name, run) not in quarantined]:
        raise InputError(
            f"run {unknown[0]!r} of {name} is not in quarantine; in quarantine: {', '.join(run for _, run in quarantined)}"
        )
    released = {key for key in quarantined if not runs or key[1] in runs}
    quarantine.change(store, lambda before: {key: mark for key, mark in before.items() if key not in released})
    for key in sorted(released):
        console.note(
            "released",
            f"{key[0]}: run {key[1]} released; the next `irtysh process` adds it to the corpus",
            outlet=key[0],
            run=key[1],
        )
    return DONE


def _wanted(health: OutletHealth, names: tuple[str, ...], *, ill: bool) -> bool:
    if names and health.name not in names:
        return False
    return not ill or health.condition in ILL


def _row(health: OutletHealth) -> tuple[object, ...]:
    shares = [_percent(health.share(name)) for name in ("titled", "dated", "signed")]
    week = [health.week.get(column, 0) for column in WEEK_COLUMNS]
    dates = (health.looked or "", health.last or "")
    return health.name, health.condition, *dates, *week, *shares, health.length or "", health.backlog or "", health.why


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _health(health: OutletHealth) -> dict[str, Any]:
    return {
        "name": health.name,
        "condition": health.condition,
        "why": health.why,
        "looked": health.looked,
        "last": health.last,
        "week": {column: health.week.get(column, 0) for column in WEEK_COLUMNS},
        "titled": health.share("titled"),
        "dated": health.share("dated"),
        "signed": health.share("signed"),
        "length": health.length,
        "waiting": health.backlog,
        "last_run": asdict(health.run) if health.run is not None else None,
        "held": [asdict(mark) for mark in health.held],
    }


def _facts(outlet: Outlet | None) -> dict[str, Any]:
    """Return the contents of an outlet's file, or no domains for a site without a file."""
    if outlet is None:
        return {"domains": []}
    sources = [{"kind": type(one).__name__, "address": one.address, "guessed": one.guessed} for one in outlet.sources]
    return {name: getattr(outlet, name) for name in FACTS} | {"sources": sources}


def _fact_row(outlet: Outlet) -> tuple[object, ...]:
    domains, languages = " ".join(outlet.domains), " ".join(outlet.languages)
    others = (outlet.country, outlet.kind, len(outlet.sources), " ".join(outlet.guessed), outlet.legal)
    return outlet.name, domains, languages, *others
