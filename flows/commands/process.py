"""`irtysh process`, `rebuild` and `import`: captures that are there, or come from elsewhere, into snapshots."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter

from articles.errors import InputError
from flows import process as stages
from flows import relink as relinking
from flows import reports
from flows.deployment.prefect_api import run
from flows.display.run_outcome import tell
from flows.exit_codes import FAILED
from flows.options import DEFAULT_TOPIC, CommonOptions, OutletOptions, ProcessOptions, RunOptions, means
from flows.processing.topics import specify
from flows.reports import RunOutcome
from spiders.outlets import outlet_name
from storage.captures.importing import import_warc


def process(
    *,
    relink: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    knowing: OutletOptions = OutletOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Take captures that no snapshot has consumed into new snapshots.

    Pages are read by the outlets' selectors and the profiles in force now, see `irtysh learn`.

    Parameters
    ----------
    relink
        Afterwards look for translations and rewrites among all that is there: for a corpus that was processed without
        the extra `irtysh[translation]`, or with another version of it.
    """
    if relink:
        directly = RunOptions(no_prefect=True)
        return _run("process", _and_relink, common=common, processing=processing, knowing=knowing, running=directly)
    return _run("process", stages.process, common=common, processing=processing, knowing=knowing, running=running)


def rebuild(
    *,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    knowing: OutletOptions = OutletOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Make fresh tables from all captures, in one snapshot that replaces what was there.

    Every page is read by our code, the outlets' selectors and the profiles in force now, whatever read it before.
    """
    return _run("rebuild", stages.rebuild, common=common, processing=processing, knowing=knowing, running=running)


def import_(
    *files: Path,
    topic: str = DEFAULT_TOPIC,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    knowing: OutletOptions = OutletOptions(),
) -> int:
    """Take captures made elsewhere (CC-NEWS, Browsertrix, wget), process them and make a snapshot.

    A file that was imported before adds nothing.

    Parameters
    ----------
    files
        WARC files: .warc, .warc.gz or .warc.zst.
    topic
        What is kept: the name of a built-in topic, a YAML file, or `any`.
    """
    if not files:
        raise InputError("import takes at least one WARC file")
    store, console = common.open(), common.console()
    spec = specify(store, topic)
    whole = True
    with console.live():
        for path in files:
            size = path.stat().st_size if path.is_file() else None
            taken = import_warc(
                path,
                store,
                outlet_of=partial(_outlet, knowing.outlets),
                topic=spec,
                software=stages.CODE.replace(" ", "/"),
                progress=lambda offset, size=size, path=path: console.progress(  # type: ignore[misc]  # bound at once
                    f"importing {path.name}", offset, size
                ),
            )
            console.note(
                "imported",
                f"{path}: {taken.captures} captures of {len(taken.outlets)} outlets"
                + ("" if taken.segments else "; all were there already"),
                path=str(path),
                captures=taken.captures,
                segments=taken.segments,
            )
            for url, why in taken.refused:
                console.note("failed", f"{url}: {why}", url=url, detail=why)
            if taken.damage:
                console.note("damaged", taken.damage, path=str(path))
            whole = whole and not taken.refused and not taken.damage
        outcome = RunOutcome(processed=stages.process(means(store, console, processing, outlets=knowing.outlets)))
    code = tell(console, store, outcome)
    return code if whole else FAILED


def _run(
    name: str,
    stage: Callable[[stages.ProcessingContext], reports.ProcessReport],
    *,
    common: CommonOptions,
    processing: ProcessOptions,
    knowing: OutletOptions,
    running: RunOptions,
) -> int:
    store, console = common.open(), common.console()
    with console.live():
        parameters = {"store": common.store, "processing": processing, "outlets": knowing.outlets}
        outcome = run(name, console, parameters, directly=running.no_prefect)
        if outcome is None:
            outcome = RunOutcome(processed=stage(means(store, console, processing, outlets=knowing.outlets)))
    return tell(console, store, outcome)


def _and_relink(means: stages.ProcessingContext) -> reports.ProcessReport:
    return stages.process(means) + relinking.relink(means)


def _outlet(extra_outlets: str, url: str) -> str:
    """Return a URL's outlet. InputError for one that carries a user's name or password, which no corpus should hold."""
    if "@" in urlsplit(url).netloc:
        raise InputError("it names a user")
    return outlet_name(url, extra_outlets)
