"""`irtysh process`, `rebuild` and `import`: turn captures of the store, or imported ones, into snapshots."""

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
from flows.display.run_outcome import report_outcome
from flows.exit_codes import FAILED
from flows.options import DEFAULT_TOPIC, CommonOptions, OutletOptions, ProcessOptions, RunOptions, processing_context
from flows.processing.topics import specify
from flows.reports import RunOutcome
from spiders.outlets import outlet_name
from storage.captures.importing import import_warc


def process(
    *,
    relink: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    extracting: OutletOptions = OutletOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Process captures that no snapshot contains yet.

    Pages are extracted with the outlets' selectors and the profiles (`irtysh learn`) that are in force now. The result is one
    or more new snapshots.

    Example: `irtysh process --workers 4`

    Parameters
    ----------
    relink
        Then recompute translations and rewrites of all documents: after an encoder was added or updated.
    """
    if relink:
        directly = RunOptions(no_prefect=True)
        return _run(
            "process",
            _process_and_relink,
            common=common,
            processing=processing,
            extracting=extracting,
            running=directly,
        )
    return _run("process", stages.process, common=common, processing=processing, extracting=extracting, running=running)


def rebuild(
    *,
    leave_out: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    extracting: OutletOptions = OutletOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Process all captures again and replace all tables in one snapshot.

    Every page is extracted with the code, the outlets' selectors and the profiles that are in force now. Earlier snapshots
    stay readable. First each segment of captures is compared with its checksum. If one was damaged since it was
    processed, nothing is changed and it is named.

    Example: `irtysh rebuild --workers 4`

    Parameters
    ----------
    leave_out
        Key of a damaged segment (`captures/…`) to leave out, with all its pages; `damaged` leaves out whatever is damaged.
        Can be repeated.
    """
    if leave_out:
        running = RunOptions(no_prefect=True)
    stage = partial(stages.rebuild, leave_out=leave_out)
    return _run("rebuild", stage, common=common, processing=processing, extracting=extracting, running=running)


def import_(
    *files: Path,
    topic: str = DEFAULT_TOPIC,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    extracting: OutletOptions = OutletOptions(),
) -> int:
    """Import WARC files, process their pages and make a snapshot.

    The files may come from CC-NEWS, Browsertrix, wget and others. Importing a file twice adds nothing.

    Example: `irtysh import crawl.warc.gz --topic any`

    Parameters
    ----------
    files
        WARC files: .warc, .warc.gz or .warc.zst.
    topic
        Topic of the articles to keep: a built-in topic (`irtysh topic list`), a YAML file, or `any`.
    """
    if not files:
        raise InputError("import takes at least one WARC file: .warc, .warc.gz or .warc.zst")
    store, console = common.open(), common.console()
    spec = specify(store, topic)
    whole = True
    unusable: list[InputError] = []
    with console.live():
        for path in files:
            size = path.stat().st_size if path.is_file() else None
            try:
                imported = import_warc(
                    path,
                    store,
                    outlet_of=partial(_outlet, extracting.outlets),
                    topic=spec,
                    software=stages.CODE_VERSION.replace(" ", "/"),
                    progress=lambda offset, size=size, path=path: console.progress(  # type: ignore[misc]  # bound at once
                        f"importing {path.name}", offset, size
                    ),
                )
            except InputError as error:
                unusable.append(error)
                if len(unusable) == len(files):
                    raise
                console.note("failed", str(error), path=str(path), detail=str(error))
                whole = False
                continue
            console.note(
                "imported",
                f"{path}: {imported.captures} captures of {len(imported.outlets)} outlets"
                + ("" if imported.segments else "; all were imported before"),
                path=str(path),
                captures=imported.captures,
                segments=imported.segments,
            )
            for url, why in imported.refused:
                console.note("failed", f"{url}: {why}", url=url, detail=why)
            if imported.damage:
                console.note("damaged", imported.damage, path=str(path))
            whole = whole and not imported.refused and not imported.damage
        outcome = RunOutcome(
            processed=stages.process(processing_context(store, console, processing, outlets=extracting.outlets))
        )
    code = report_outcome(console, store, outcome)
    return code if whole else FAILED


def _run(
    name: str,
    stage: Callable[[stages.ProcessingContext], reports.ProcessReport],
    *,
    common: CommonOptions,
    processing: ProcessOptions,
    extracting: OutletOptions,
    running: RunOptions,
) -> int:
    store, console = common.open(), common.console()
    with console.live():
        parameters = {"store": common.store, "processing": processing, "outlets": extracting.outlets}
        outcome = run(name, console, parameters, directly=running.no_prefect)
        if outcome is None:
            outcome = RunOutcome(
                processed=stage(processing_context(store, console, processing, outlets=extracting.outlets))
            )
    return report_outcome(console, store, outcome)


def _process_and_relink(context: stages.ProcessingContext) -> reports.ProcessReport:
    return stages.process(context) + relinking.relink(context)


def _outlet(extra_outlets: str, url: str) -> str:
    """Return the outlet of a URL. InputError for a URL with a user name or password, which no corpus should contain."""
    if "@" in urlsplit(url).netloc:
        raise InputError("the URL contains a user name")
    return outlet_name(url, extra_outlets)
