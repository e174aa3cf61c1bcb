"""`irtysh browse`: search and read a snapshot in a browser."""

import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.browsing.server import check_file, serve
from flows.commands.snapshots import open_log
from flows.display.console import Console
from flows.exit_codes import DONE
from flows.options import CommonOptions
from storage.export.formats import ENDINGS, PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from storage.snapshots import catalog
from storage.snapshots.refs import LATEST
from storage.tables.log_reader import LogReader

EVERYTHING = Selection(with_duplicates=True, with_review=True)
DEFAULT_PORT = 8001  # Datasette's own


def browse(
    ref: str = LATEST,
    *,
    port: int = DEFAULT_PORT,
    host: str = "127.0.0.1",
    open_browser: Annotated[bool, Parameter(name="--open", negative="")] = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Search and read a snapshot in a browser.

    Full-text search, and filters by outlet, language, year and kind of link. The page of an article has its text, the
    evidence for title and date, its versions side by side, its duplicates and where the text comes from, translations
    sentence beside sentence, what was removed and why, and its capture. Every list can be had as CSV and JSON.

    It runs on this machine, and the pages load nothing from elsewhere. Ctrl-C ends it. Needs `pip install irtysh[browse]`.

    Example: `irtysh browse latest --open`

    Example: `irtysh pull latest corpus.sqlite --lang kk` and then `irtysh browse corpus.sqlite`

    Parameters
    ----------
    ref
        The snapshot (`latest`, a number, a tag or a date), or an .sqlite file that `irtysh pull` wrote, which needs no store.
    port
        Port to listen on; 0 takes a free one.
    host
        Address to listen on. Others can read along if it is not the default; 0.0.0.0 is every address of this machine.
    open_browser
        Open the page in the browser.
    """
    console = common.console()

    def started(url: str) -> None:
        if console.as_json:
            console.json({"event": "browsing", "url": url})
        else:
            console.text(f"{url} shows {ref}; Ctrl-C ends it")
            sys.stdout.flush()  # also into a pipe
        if open_browser:
            webbrowser.open(url)

    path = Path(ref)
    if ENDINGS.get(path.suffix.lower()) is PullFormat.SQLITE:
        check_file(path)
        serve(path, host, port, None, started)
        return DONE
    with tempfile.TemporaryDirectory(prefix="irtysh-browse-") as folder:
        path = Path(folder) / "corpus.sqlite"
        log = open_log(common)
        _pull(log, console, ref, path)
        serve(path, host, port, log.store, started)
    return DONE


def _pull(log: LogReader, console: Console, ref: str, path: Path) -> None:
    """Write a snapshot into a database for the time of browsing."""
    with console.live():
        pull(
            log,
            catalog.resolve(log, ref),
            path,
            form=PullFormat.SQLITE,
            selection=EVERYTHING,
            since=None,
            progress=lambda done, size: console.progress("reading, bytes", done, size),
        )
