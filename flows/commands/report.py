"""`irtysh report`: a page of charts and tables about a snapshot."""

from pathlib import Path

from flows.commands.snapshots import open_log
from flows.display.files import check_html, write_html
from flows.exit_codes import DONE
from flows.options import CommonOptions
from flows.snapshot_report import snapshot_report
from storage.snapshots import catalog
from storage.snapshots.refs import LATEST


def report(ref: str = LATEST, *, html: Path, common: CommonOptions = CommonOptions()) -> int:
    """Write a page of charts and tables about a snapshot.

    Coverage with gaps, languages, growth, delay, refusals, silent edits, clusters, translations, outlets. Each chart has its
    numbers as a table, and the command that gives them. The file is self-contained: it loads nothing. Needs
    `pip install irtysh[report]`.

    Example: `irtysh report paper-1 --html report.html`

    Example: `irtysh report --html report.html`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag or a date.
    html
        File to write.
    """
    check_html(html)
    log = open_log(common)
    state = log.state(catalog.resolve(log, ref))
    write_html(html, snapshot_report(log, state, naming=True))
    common.console().note(
        "written", f"{html}: report of snapshot {state.number}", path=str(html), snapshot=state.number
    )
    return DONE
