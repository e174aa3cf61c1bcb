"""Say what a crawl or an ingest would request, without a request and without writing to the store."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from articles.counting import many
from flows.crawl import Clock
from flows.display.console import Console
from flows.exit_codes import DONE, FAILED
from flows.ingest import plan
from flows.outlets.past_fetches import PastFetches
from spiders import outlets
from spiders.fetching.url_lines import BadLine, UrlLine, read_lines, read_list
from spiders.spec import CrawlSpec
from storage.objects import ObjectStore

MAX_SHOWN_HOSTS = 20
NOTHING_DONE = "Nothing was fetched or stored (--dry-run)."


def preview_list(console: Console, urls: Iterable[str], list_path: str, name: str, max_pages: int) -> int:
    """Print which URLs of a list a crawl would fetch, by host, and each line that holds none. Return an exit code."""
    hosts: Counter[str] = Counter()
    repeated = bad = 0
    for found in read_list(read_lines(Path(list_path)) if list_path else urls):
        match found:
            case BadLine(number, text, reason):
                bad += 1
                where = f"{name} line {number}: " if list_path else ""
                console.note("bad_line", f"{where}{text!r}: {reason}", url=text, line=number, detail=reason)
            case UrlLine():
                hosts[urlsplit(found.url).netloc] += 1
                if found.assumed:
                    where = f"{name} line {found.number}: " if list_path else ""
                    text = f"{where}no scheme; read as {found.url}"
                    console.note("assumed", text, url=found.url, line=found.number)
                if console.as_json:
                    console.json({"event": "would_fetch", "url": found.url, "line": found.number})
            case _:
                repeated += 1
    would = min(hosts.total(), max_pages) if max_pages else hosts.total()
    if console.as_json:
        console.json({"event": "dry_run", "would_fetch": would, "repeated": repeated, "bad_lines": bad})
    else:
        if hosts:
            console.table("Would fetch", ("host", "URLs"), hosts.most_common(MAX_SHOWN_HOSTS))
        limit = f" (the limit --max-pages; the list has {hosts.total():,})" if would < hosts.total() else ""
        console.text(
            f"{many(would, 'URL')} of {many(len(hosts), 'host')}{limit}; {repeated:,} repeated, "
            f"{many(bad, 'line')} without a URL."
        )
        console.text(NOTHING_DONE)
    return FAILED if bad else DONE


def preview_outlets(console: Console, spec: CrawlSpec, names: Iterable[str], store: ObjectStore, clock: Clock) -> int:
    """Print the sources, the known articles that are due and the budget of each outlet. Return an exit code."""
    rows, past = [], PastFetches(store)
    for name in names:
        found = plan(CrawlSpec("", store.url, outlet=name, outlets=spec.outlets, revisit=spec.revisit), past, clock)
        sources = len(outlets.find(name, spec.outlets).sources)
        pages = spec.max_pages or found.budget.pages
        rows.append((name, sources, found.known, found.due, f"{pages:,}" if pages else "no limit"))
        if console.as_json:
            facts = {"sources": sources, "known": found.known, "due": found.due, "max_pages": pages}
            console.json({"event": "would_ingest", "outlet": name, **facts})
    if not console.as_json:
        console.table("Would ask", ("outlet", "sources", "known articles", "due again", "pages at most"), rows)
        console.text("How many new articles there are shows only when the sources are asked.")
        console.text(NOTHING_DONE)
    return DONE
