"""`irtysh process`, `rebuild` and `import`: turn captures of the store, or imported ones, into snapshots."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from articles.errors import InputError
from flows.deployment.prefect_api import run
from flows.display.run_outcome import report_outcome
from flows.exit_codes import FAILED, WRONG_USAGE
from flows.monitoring.monitored import monitored
from flows.options import (
    DEFAULT_TOPIC,
    TOPIC_VARIABLE,
    CommonOptions,
    MonitoringOptions,
    OutletOptions,
    ProcessOptions,
    RunOptions,
    now,
    processing_context,
)
from flows.pending import nothing_waits
from flows.reports import ProcessReport, RunOutcome
from flows.settings import COMMON_CRAWL

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.processing.table import ProcessingContext
    from storage.objects import ObjectStore

    Stage = Callable[[Callable[[], ProcessingContext], ObjectStore], ProcessReport]


def process(
    *,
    relink: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    extracting: OutletOptions = OutletOptions(),
    running: RunOptions = RunOptions(),
    monitoring: MonitoringOptions = MonitoringOptions(),
) -> int:
    """Process captures that no snapshot contains yet.

    Pages are extracted with the outlets' selectors and the profiles (`irtysh learn`) that are in force now. The result is one
    or more new snapshots.

    Example: `irtysh process --workers 4`

    Example: `irtysh process --store s3://corpus/kz-ru`

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
            monitoring=monitoring,
        )
    return _run(
        "process",
        _process_if_any,
        common=common,
        processing=processing,
        extracting=extracting,
        running=running,
        monitoring=monitoring,
    )


def rebuild(
    *,
    compare: Annotated[bool, Parameter(negative="")] = False,
    topic: str = "",
    page: Path | None = None,
    approve: str = "",
    leave_out: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    from_release: Path | None = None,
    to: Path | None = None,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    extracting: OutletOptions = OutletOptions(),
    running: RunOptions = RunOptions(),
    monitoring: MonitoringOptions = MonitoringOptions(),
) -> int:
    """Process all captures again and replace all tables in one snapshot.

    Every page is extracted with the code, the outlets' selectors and the profiles that are in force now. Earlier snapshots
    stay readable. First each segment of captures is compared with its checksum. If one was damaged since it was
    processed, nothing is changed and it is named.

    With --compare nothing is published: the archive is read by the rules in force, and the documents, lines and fields that
    would come, go or change are shown by outlet and by rule. --approve then publishes it. A comparison that was interrupted
    continues where it stopped.

    Example: `irtysh rebuild --compare --page changes.html`

    Example: `irtysh rebuild --approve 3f9c2a1b7d40 --store s3://corpus/kz-ru`

    Example: `irtysh rebuild --from-release paper-1-words --to paper-1-texts`

    Parameters
    ----------
    compare
        Only show what a rebuild would change, and give the comparison a name for --approve.
    topic
        With --compare: judge all captures by this topic instead of the one that their crawl was given: a built-in topic, a YAML
        file, or `any`.
    page
        With --compare: also write an HTML page with samples of each change to this file.
    approve
        Publish the comparison of this name. What was captured since is read too.
    leave_out
        Key of a damaged segment (`captures/…`) to leave out, with all its pages; `damaged` leaves out whatever is damaged.
        Can be repeated.
    from_release
        Change nothing in the store: put the texts back into this release without texts (the folder that
        `irtysh release --non-consumptive` filled), as far as the store's captures give the same texts. Needs --to.
    to
        With --from-release: new folder for the documents with their texts.
    """
    if from_release is not None or to is not None:
        from flows.commands import texts_back  # noqa: PLC0415  most rebuilds are of a corpus

        others = bool(compare or topic or page or approve or leave_out)
        return texts_back.run(from_release, to, common, processing, extracting, others=others)
    if (topic or page) and not compare:
        raise InputError("--topic and --page need --compare: look at what would change first, then --approve it")
    if compare and approve:
        raise InputError("give either --compare or --approve, not both")
    if approve and leave_out:
        raise InputError("--approve publishes what --compare has read; give --leave-out there")
    if compare or approve:
        from flows.commands import comparison  # noqa: PLC0415  most rebuilds compare nothing

        if approve:
            return comparison.approve(common, processing, approve)
        return comparison.compare(common, processing, extracting, topic=topic, page=page, leave_out=leave_out)
    if leave_out:
        running = RunOptions(no_prefect=True)

    def stage(context: "Callable[[], ProcessingContext]", _: "ObjectStore") -> ProcessReport:
        from flows import rebuild as stages  # noqa: PLC0415  loads all of extraction

        return stages.rebuild(context(), leave_out=leave_out)

    return _run(
        "rebuild",
        stage,
        common=common,
        processing=processing,
        extracting=extracting,
        running=running,
        monitoring=monitoring,
    )


def import_(
    *files: str,
    topic: Annotated[str, Parameter(env_var=TOPIC_VARIABLE)] = DEFAULT_TOPIC,
    outlet: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    common_crawl: str = COMMON_CRAWL,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    extracting: OutletOptions = OutletOptions(),
    monitoring: MonitoringOptions = MonitoringOptions(),
) -> int:
    """Import web archives (WARC, WACZ), process their pages and make a snapshot.

    The archives may come from CC-NEWS, Browsertrix, ArchiveWeb.page, wget and others. Importing a file twice adds nothing. A
    file that cannot be used is reported, and the others are imported.

    Examples: `irtysh import crawl.warc.gz session.wacz --topic any`
    and `irtysh import crawl-data/CC-NEWS/2024/03/warc.paths.gz --outlet tengrinews`

    Parameters
    ----------
    files
        Archives: files named .warc, .warc.gz, .warc.zst or .wacz, folders of them, their URLs, paths of Common Crawl
        (crawl-data/…), or lists of these (.paths, .paths.gz).
    topic
        Topic of the articles to keep: a built-in topic (`irtysh topic list`), a YAML file, or `any`.
    outlet
        Import pages of this outlet only (`irtysh outlets`, or a domain). Can be repeated.
    common_crawl
        Address from which paths of Common Crawl are downloaded.
    """
    if not files:
        raise InputError("import takes at least one WARC file: .warc, .warc.gz, .warc.zst or .wacz")
    from flows import process as stages  # noqa: PLC0415  loads all of extraction
    from flows.importing import WebArchives  # noqa: PLC0415  as above
    from flows.processing.table import CODE_VERSION  # noqa: PLC0415  as above
    from flows.processing.topics import specify  # noqa: PLC0415  as above

    store, console = common.open(), common.console()
    archives = WebArchives(
        store,
        console,
        specify(store, topic),
        CODE_VERSION.replace(" ", "/"),
        now(),
        extra_outlets=extracting.outlets,
        only=frozenset(outlet),
        common_crawl=common_crawl,
    )
    with console.live(), monitored("import", store, monitoring, console):
        for name in files:
            archives.add(name)
        if archives.unusable and not archives.used:
            return WRONG_USAGE  # the notes say why
        outcome = RunOutcome(
            processed=stages.process(processing_context(store, console, processing, outlets=extracting.outlets))
        )
    code = report_outcome(console, store, outcome)
    return code if archives.whole else FAILED


def _run(
    name: str,
    stage: "Stage",
    *,
    common: CommonOptions,
    processing: ProcessOptions,
    extracting: OutletOptions,
    running: RunOptions,
    monitoring: MonitoringOptions,
) -> int:
    store, console = common.open_existing(), common.console()

    def context() -> "ProcessingContext":
        return processing_context(store, console, processing, outlets=extracting.outlets)

    with console.live(), monitored(name, store, monitoring, console):
        parameters = {"store": common.store, "processing": processing, "outlets": extracting.outlets}
        outcome = run(name, console, parameters, directly=running.no_prefect)
        if outcome is None:
            outcome = RunOutcome(processed=stage(context, store))
    return report_outcome(console, store, outcome)


def _process_if_any(context: "Callable[[], ProcessingContext]", store: "ObjectStore") -> ProcessReport:
    """Process pending captures. If there are none, load nothing of what extracts pages: that takes seconds."""
    if nothing_waits(store):
        return ProcessReport()
    from flows import process as stages  # noqa: PLC0415  loads all of extraction

    return stages.process(context())


def _process_and_relink(context: "Callable[[], ProcessingContext]", store: "ObjectStore") -> ProcessReport:
    from flows import relink as relinking  # noqa: PLC0415  loads all of extraction

    return _process_if_any(context, store) + relinking.relink(context())
