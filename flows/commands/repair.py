"""`irtysh repair`: mend a damaged store."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from flows.exit_codes import DONE, FAILED
from flows.options import CommonOptions, OutletOptions, ProcessOptions, processing_context
from flows.repair import repair as mend


def repair(
    *,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    extracting: OutletOptions = OutletOptions(),
) -> int:
    """Mend a damaged store with what its captures can give back.

    Lost files of tables are made again from the captures. With the code that made them, they get the same bytes, and every
    snapshot is whole again; what differs is said. Captures, tags, profiles and releases can only come from a backup. The
    exit code is 1 if something stays damaged. It needs the credentials of the store's owner.

    Example: `irtysh repair --dry-run`

    Example: `irtysh repair`

    Parameters
    ----------
    dry_run
        Only list what is damaged.
    """
    console, store = common.console(), common.open()
    with console.live():
        found = mend(processing_context(store, console, processing, outlets=extracting.outlets), dry_run=dry_run)
    if console.as_json:
        console.json({**asdict(found), "ok": not found.left})
        return FAILED if found.left else DONE
    for line in found.mended:
        console.text(f"mended: {line}")
    for damage in found.left:
        console.text(str(damage))
        console.text(f"    -> {damage.next}")
    if found.snapshot is not None:
        console.text(f"snapshot {found.snapshot} holds what is left; older snapshots keep the gap")
    console.text(
        f"{len(found.lost):,} damaged before, {len(found.left):,} still damaged"
        if found.lost
        else "nothing is damaged",
        style="bold",
    )
    return FAILED if found.left else DONE
