"""`irtysh wacz`: write the captures of a snapshot as a WACZ file."""

from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from articles.errors import UsageError
from flows.exit_codes import DONE
from flows.options import CommonOptions, now, ref_and_destination
from storage.captures.records import parse_key
from storage.export.wacz import write_wacz
from storage.snapshots.catalog import names_snapshot, resolve
from storage.tables.log_reader import LogReader


def wacz(
    *words: str,
    outlet: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    common: CommonOptions = CommonOptions(),
) -> int:
    """Write the captures of a snapshot as a WACZ file.

    ReplayWeb.page and other tools open it, and `irtysh import` reads it. It holds the pages as they were fetched, with an
    index and a list of pages. It is for archives of one's own: publishers keep their rights.

    Examples: `irtysh wacz steppe.wacz --outlet tengrinews`
    and `irtysh wacz paper-1 paper-1.wacz`

    Parameters
    ----------
    words
        `[REF] FILE.wacz`: the snapshot (default: latest) and the file to write.
    outlet
        Only captures of this outlet. Can be repeated.
    """
    console, log = common.console(), LogReader(common.open_existing())
    ref, word = ref_and_destination(words, "wacz", "file", partial(names_snapshot, log))
    dest = Path(word)
    if dest.suffix.lower() != ".wacz":
        raise UsageError(f"{dest}: the file must be named .wacz, so that other tools know it")
    number = resolve(log, ref)
    keys = [key for key in log.state(number).captures if not outlet or parse_key(key)[0] in outlet]
    if not keys:
        raise UsageError(f"snapshot {number} has no captures" + (f" of {', '.join(outlet)}" if outlet else ""))
    with console.live():
        done = write_wacz(
            log.store,
            keys,
            dest,
            title=f"Captures of snapshot {number}",
            created=now(),
            progress=lambda count: console.progress("writing", count, len(keys)),
        )
    if console.as_json:
        console.json({"path": str(dest), "snapshot": number, "segments": done.segments, "pages": done.pages})
    else:
        console.text(f"wrote {dest}: {done.pages:,} pages in {done.segments:,} WARC files, of snapshot {number}")
    return DONE
