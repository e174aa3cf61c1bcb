"""`irtysh gc` and `relink`: care for a store that has grown."""

from flows.exit_codes import DONE
from flows.options import CommonOptions, OutletOptions, ProcessOptions, now, processing_context
from flows.relink import relink as relink_translations
from flows.relink_duplicates import Engine, relink_duplicates
from storage.snapshots.gc import gc as collect
from storage.tables.log_reader import LogReader

MEGABYTE = 10**6


def gc(*, delete: bool = False, common: CommonOptions = CommonOptions()) -> int:
    """List the files that no snapshot refers to and that are older than a day; with --delete remove them.

    Writers that were killed leave such files behind. Every snapshot stays readable.

    Parameters
    ----------
    delete
        Remove the files. Without it they are only listed.
    """
    console, store = common.console(), common.open()
    found = collect(LogReader(store), now(), dry_run=not delete)
    if console.as_json:
        console.json(
            {"deleted": delete, "keys": list(found.keys), "bytes": found.size, "unfinished_uploads": found.unfinished}
        )
        return DONE
    for key in found.keys:
        console.text(key)
    done = "removed" if delete else "can be removed; `irtysh gc --delete` removes them"
    console.text(f"{len(found.keys)} files, {found.size / MEGABYTE:.1f} MB: {done}")
    return DONE


def relink(
    *,
    engine: Engine = Engine.BLOCKS,
    translations: bool = True,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    knowing: OutletOptions = OutletOptions(),
) -> int:
    """Compute the links between all documents anew: duplicates out of core, then translations and rewrites.

    Documents and captures are not read again. Use it after an upgrade that links differently.

    Parameters
    ----------
    engine
        What joins the fingerprints of all documents: `blocks` in this process, `duckdb` or `dask` for a large store.
    translations
        Compute translations and rewrites anew too.
    """
    console, store = common.console(), common.open()
    with console.live():
        context = processing_context(store, console, processing, outlets=knowing.outlets)
        report = relink_duplicates(context, engine)
        if translations:
            report += relink_translations(context)
    if not report.snapshots:
        console.note("nothing", f"{store.url} has no snapshot: there is nothing to link")
        return DONE
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(report.links.items())) or "no links"
    console.note(
        "snapshot", f"snapshot {report.snapshots[-1]}: {counts}", number=report.snapshots[-1], links=dict(report.links)
    )
    return DONE
