"""`irtysh optimize`, `irtysh expire-snapshots`, `irtysh gc` and `irtysh relink`: maintain a large store."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from articles.counting import many
from articles.errors import InputError
from flows.exit_codes import DONE
from flows.optimize import optimize as join_packs
from flows.options import CommonOptions, OutletOptions, ProcessOptions, now, processing_context, randomness
from flows.processing.table import CODE_VERSION
from flows.relink import relink as relink_translations
from flows.relink_duplicates import Engine, relink_duplicates
from storage.clock import check_clock
from storage.snapshots.catalog import tags
from storage.snapshots.expiry import expire, instant_of
from storage.snapshots.gc import gc as collect
from storage.tables.log_reader import LogReader

BYTES_PER_MB = 10**6


def gc(*, delete: Annotated[bool, Parameter(negative="")] = False, common: CommonOptions = CommonOptions()) -> int:
    """List files that belong to no snapshot, or remove them.

    Killed writers leave such files behind, and upgrades and takedowns leave stored views of older code. Only files older than a day are listed. Every snapshot stays readable.

    Example: `irtysh gc --delete`

    Example: `irtysh gc`

    Parameters
    ----------
    delete
        Remove the files. Without this option they are only listed.
    """
    console, store = common.console(), common.open_existing()
    if delete:
        check_clock(store, now())  # by a clock that is a day ahead, a writer's newest files would be old
    found = collect(LogReader(store), now(), dry_run=not delete)
    if console.as_json:
        console.json(
            {"deleted": delete, "keys": list(found.keys), "bytes": found.size, "unfinished_uploads": found.unfinished}
        )
        return DONE
    for key in found.keys:
        console.text(key)
    done = "removed" if delete else "can be removed; `irtysh gc --delete` removes them"
    console.text(f"{many(len(found.keys), 'file')}, {found.size / BYTES_PER_MB:.1f} MB: {done}")
    return DONE


def optimize(
    *, dry_run: Annotated[bool, Parameter(negative="")] = False, common: CommonOptions = CommonOptions()
) -> int:
    """Join small files of the newest snapshot into large ones.

    Every run writes a few small files of each table; after years there are thousands, and reading slows down. The result is
    a new snapshot with the same rows. Earlier snapshots and tags stay readable, and keep their files. Other commands may run
    at the same time.

    Example: `irtysh optimize --dry-run`

    Example: `irtysh optimize --store s3://corpus/kz-ru`

    Parameters
    ----------
    dry_run
        Only list what would be joined.
    """
    console, store = common.console(), common.open_existing()
    if not dry_run:
        check_clock(store, now())
    with console.live():
        found = join_packs(store, now, randomness(), console, CODE_VERSION, dry_run=dry_run)
    if console.as_json:
        console.json({"snapshot": found.snapshot, "tables": [asdict(one) for one in found.tables]})
        return DONE
    for one in found.tables:
        console.text(f"{one.table}: {many(one.before, 'file')} to {one.after:,}, {one.size / BYTES_PER_MB:.1f} MB")
    if found.snapshot is not None:
        console.text(f"snapshot {found.snapshot} has the same rows in larger files; earlier snapshots keep theirs")
    elif found.tables:
        console.text("nothing was changed; without --dry-run these files are joined in a new snapshot")
    else:
        console.text("nothing to join: no table has two small files")
    return DONE


def expire_snapshots(
    *,
    older_than: str,
    keep_tags: bool = True,
    delete: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """List the files that only old snapshots need, or delete them.

    A snapshot that has expired cannot be read any more. The newest snapshot stays, and so do tagged ones. After
    `irtysh optimize`, this is what frees the space of the small files. Captures, releases and the log stay. Do not run it
    while a rebuild runs.

    Example: `irtysh expire-snapshots --older-than 1y`

    Example: `irtysh expire-snapshots --older-than 2026-01-01 --delete`

    Parameters
    ----------
    older_than
        An age (90d, 8w, 6m, 2y), or a date: snapshots from before it expire.
    keep_tags
        Keep snapshots that a tag names.
    delete
        Delete the files. Without this option they are only listed.
    """
    console, store = common.console(), common.open_existing()
    if delete:
        check_clock(store, now())
    log = LogReader(store)
    tagged = {tag.snapshot for tag in tags(store)} if keep_tags else set()
    found = expire(log, instant_of(older_than, now()), now(), tagged=tagged, delete=delete)
    if console.as_json:
        console.json({"deleted": delete, "snapshots": found.snapshots, "keys": found.keys, "bytes": found.size})
        return DONE
    for key in found.keys:
        console.text(key)
    done = "deleted" if delete else "can be deleted; the same command with --delete does it"
    console.text(
        f"{len(found.snapshots):,} snapshots {'have expired' if delete else 'are older'}, {len(found.kept):,} stay; "
        f"{len(found.keys):,} files, {found.size / BYTES_PER_MB:.1f} MB: {done}"
    )
    return DONE


def relink(
    *,
    engine: Engine = Engine.BLOCKS,
    scheduler: str = "",
    translations: bool = True,
    common: CommonOptions = CommonOptions(),
    extracting: OutletOptions = OutletOptions(),
) -> int:
    """Recompute the links between all documents.

    Near duplicates are computed first, then translations and rewrites. Pages are not extracted again. Use this command after
    an upgrade that changes how documents are linked.

    Example: `irtysh relink --engine duckdb`

    Example: `irtysh relink --engine dask --scheduler tcp://10.0.0.5:8786`

    Example: `irtysh relink --store s3://corpus/kz-ru`

    Parameters
    ----------
    engine
        Engine that finds near duplicates: `blocks` in this process; `duckdb` or `dask` for a large store. With --scheduler, `dask`
        compares texts for translations and rewrites too.
    scheduler
        With `--engine dask`: address of the scheduler of a cluster, such as tcp://10.0.0.5:8786. Default: processes of this machine.
    translations
        Recompute translations and rewrites too.
    """
    if scheduler and engine is not Engine.DASK:
        raise InputError(f"--scheduler {scheduler} is for --engine dask")
    processing = ProcessOptions(engine="dask", scheduler=scheduler) if scheduler else ProcessOptions()
    console, store = common.console(), common.open_existing()
    with console.live():
        context = processing_context(store, console, processing, outlets=extracting.outlets)
        report = relink_duplicates(context, engine)
        if translations:
            report += relink_translations(context)
    if not report.snapshots:
        console.note("nothing", f"{store.url} has no snapshot, so there is nothing to link; `irtysh process` makes one")
        return DONE
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(report.links.items())) or "no links"
    console.note(
        "snapshot", f"snapshot {report.snapshots[-1]}: {counts}", number=report.snapshots[-1], links=dict(report.links)
    )
    return DONE
