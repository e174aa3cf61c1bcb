"""`irtysh history`: show the versions of an article and what each edit changed."""

from pathlib import Path

from flows.commands.snapshots import open_log
from flows.display import history_text
from flows.display.files import check_html, write_html
from flows.display.history_page import render
from flows.exit_codes import DONE
from flows.options import CommonOptions
from storage.snapshots import article_history
from storage.snapshots import catalog as stored
from storage.snapshots.refs import LATEST


def history(url: str, *, html: Path | None = None, ref: str = LATEST, common: CommonOptions = CommonOptions()) -> int:
    """Show the versions of an article and what each edit changed.

    Each version is shown as a diff with the kinds of its edits. The article's links to other documents follow.

    Example: `irtysh history https://example.org/news/article-1 --html history.html`

    Example: `irtysh history https://example.org/news/article-1 --ref paper-1`

    Parameters
    ----------
    url
        URL of the article. Variants of the canonical URL are accepted.
    html
        Write a self-contained HTML page to this file, old and new text side by side, and print only its path.
    ref
        Snapshot to read: `latest`, a number, a tag or a date.
    """
    check_html(html)
    console, log = common.console(), open_log(common)
    state = log.state(stored.resolve(log, ref))
    there = article_history.read_at(log.store, state, url)
    found = article_history.versions_of(log.store, there)
    if html is not None:
        write_html(html, render(url, found))
    if console.as_json:
        console.json(history_text.for_programs(found))
    elif html is not None:
        console.text(f"{html}: {sum(map(len, found.values()))} versions of {len(found)} documents")
    else:
        history_text.show(console, found)
        if links := article_history.links_of(there.contents, found):
            rows = [[link.kind.value, link.a_url, link.b_url, link.score, link.evidence] for link in links]
            console.table("Links", ["kind", "a", "b", "score", "evidence"], rows)
    return DONE
