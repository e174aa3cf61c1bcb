"""`irtysh documents` and `irtysh rejections`: list what a snapshot kept and what it rejected."""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Annotated, Any

from cyclopts import Parameter

from articles.counting import are, many
from articles.harmless import harmless_line, spreadsheet_cell
from flows.commands.snapshots import open_log
from flows.display.console import Console
from flows.display.failures import hint
from flows.display.none_found import NO_DOCUMENTS, unknown
from flows.exit_codes import DONE
from flows.options import CommonOptions, languages
from storage.export import listing
from storage.export.listing import ListedDocument, ListedRejection, ListFilter
from storage.export.published import DateRange
from storage.snapshots import catalog
from storage.snapshots.refs import LATEST
from storage.snapshots.summary import KEPT, number_of_documents

UTF8_MARK = "\ufeff"  # by which Excel recognises UTF-8
Words = Annotated[tuple[str, ...], Parameter(negative="")]
NONE_FOUND = "None matches. `irtysh show` lists the outlets, languages and reasons there are."


class ListFormat(StrEnum):
    """Forms of a list."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


def documents(
    ref: str = LATEST,
    *,
    outlet: Words = (),
    lang: Words = (),
    published: str = "",
    reason: Words = (),
    run: Words = (),
    query: str = "",
    format: ListFormat | None = None,  # noqa: A002  the option's name
    common: CommonOptions = CommonOptions(),
) -> int:
    """List the documents of a snapshot.

    Each document has its date, language, outlet, title and URL, and whether a pull without options holds it: `kept`,
    `duplicate` of another document, or `review` because its topic is in doubt.

    Example: `irtysh documents --outlet tengrinews --published 2026-03`

    Example: `irtysh documents --reason duplicate --format csv > duplicates.csv`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag or a date.
    outlet
        Only documents of this outlet. Can be repeated.
    lang
        Only documents in this language, as an ISO 639-1 code: `kk`. Can be repeated.
    published
        Only documents published then: a year, a month, a day, or FROM..TO.
    reason
        Only `kept`, `duplicate` or `review`. Can be repeated.
    run
        Only documents that this run saw; `irtysh snapshots --json` names the runs. Can be repeated.
    query
        Only documents whose title or text has all of these words, also inside longer words.
    format
        Form of the list: a table, CSV for a spreadsheet, or JSON Lines. Default: table, with --json JSON Lines.
    """
    chosen = ListFilter(
        frozenset(outlet),
        languages(lang),
        DateRange.parse(published) if published else None,
        frozenset(reason),
        frozenset(run),
        query,
    )
    log = open_log(common)
    state = log.state(catalog.resolve(log, ref))
    contents = listing.contents_for(log.store, state, chosen)
    found = listing.documents(log.store, state, contents, chosen)
    console = common.console()
    if for_programs(console, ListedDocument, found, _form(format, common)):
        return DONE
    for one in found:
        mark = "" if one.reason == KEPT else f" [{one.reason}]"
        gone = " [gone]" if one.gone else ""
        _entry(
            console,
            (one.published[:10] or "no date", one.lang, one.outlet),
            f"{one.title or 'no title'}{mark}{gone}",
            one.url,
        )
    whole = number_of_documents(log.store, state)
    tally = Counter(one.reason for one in found)
    parts = ", ".join(f"{tally[name]:,} {name}" for name in listing.DOCUMENT_REASONS if tally[name])
    console.text(
        f"{len(found):,} of {whole:,} documents of snapshot {state.number}" + (f": {parts}" if parts else ""),
        style="bold",
    )
    if not whole:
        console.text(NO_DOCUMENTS)
    elif not found:
        every = listing.contents_for(log.store, state, ListFilter())
        labels = [every.labels[one.head.row_id] for one in every.view.documents.values()]
        said = unknown("--outlet", outlet, {one.outlet for one in labels})
        said += unknown("--lang", chosen.langs, {one.lang for one in labels})
        for sentence in said or [NONE_FOUND]:
            console.text(sentence)
    return DONE


def rejections(
    ref: str = LATEST,
    *,
    outlet: Words = (),
    reason: Words = (),
    run: Words = (),
    fetched: str = "",
    query: str = "",
    format: ListFormat | None = None,  # noqa: A002  the option's name
    common: CommonOptions = CommonOptions(),
) -> int:
    """List the URLs that became no document, and why.

    A URL that was rejected several times for one reason is listed once. The sums by reason follow. URLs that became
    documents later, also under another address, are only counted, unless `--run` asks for the rejections of one run; the
    other formats mark them.

    Example: `irtysh rejections --reason off_topic --outlet tengrinews`

    Example: `irtysh rejections 2026-03-31 --format csv > rejected.csv`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag or a date.
    outlet
        Only URLs of this outlet. Can be repeated.
    reason
        Only this reason, such as `off_topic` or `robots_refused`; `irtysh show` lists them. Can be repeated.
    run
        Only rejections of this run. Can be repeated.
    fetched
        Only what was fetched then, UTC: a year, a month, a day, or FROM..TO.
    query
        Only rejections whose URL or detail has all of these words.
    format
        Form of the list: a table, CSV for a spreadsheet, or JSON Lines. Default: table, with --json JSON Lines.
    """
    chosen = ListFilter(
        outlets=frozenset(outlet),
        dates=DateRange.parse(fetched, "--fetched") if fetched else None,
        reasons=frozenset(reason),
        runs=frozenset(run),
        query=query,
    )
    log = open_log(common)
    state = log.state(catalog.resolve(log, ref))
    found = listing.rejections(log.store, state, chosen, listing.last_kept(log.store, state))
    console = common.console()
    if for_programs(console, ListedRejection, found, _form(format, common)):
        return DONE
    left_out = [] if run else [one for one in found if one.kept_later]
    found = found if run else [one for one in found if not one.kept_later]
    for one in found:
        often = f", {one.times} times" if one.times > 1 else ""
        detail = f" ({one.detail})" if one.detail else ""
        _entry(console, (f"{one.fetched:%Y-%m-%d}", one.outlet), f"{one.reason}{detail}{often}", one.url)
    by_reason = Counter(one.reason for one in found)
    for name, number in sorted(by_reason.items(), key=lambda item: (-item[1], item[0])):
        advice = hint(name, [one.detail for one in found if one.reason == name])
        console.text(f"{number:,} {name}" + (f": {advice}" if advice else ""))
    console.text(f"{many(len(found), 'rejection')} of snapshot {state.number}", style="bold")
    if not (found or left_out) and chosen != ListFilter():
        console.text(NONE_FOUND)
    if left_out:
        console.text(
            f"{many(len(left_out), 'earlier rejection')} {are(len(left_out))} not listed, since what is at these URLs became "
            "documents later; --format csv has them, marked as kept_later"
        )
    times = sum(one.times for one in [*found, *left_out])
    if chosen == ListFilter() and times != len(found):
        console.text(f"`irtysh show` counts {times:,}: a page each time it was rejected, also if it was kept later")
    return DONE


def _form(asked: ListFormat | None, common: CommonOptions) -> ListFormat:
    return asked or (ListFormat.JSONL if common.json else ListFormat.TABLE)


def for_programs(console: Console, kind: type[Any], found: Sequence[Any], form: ListFormat) -> bool:
    """Print a list as CSV or JSON Lines. Return whether it was one of them."""
    if form is ListFormat.JSONL:
        for one in found:
            console.json(asdict(one))
    elif form is ListFormat.CSV:
        sys.stdout.write(UTF8_MARK)
        target = csv.writer(sys.stdout, lineterminator="\n")
        target.writerow(field.name for field in fields(kind))
        target.writerows(map(_cells, found))
        sys.stdout.flush()
    return form is not ListFormat.TABLE


def _cells(one: Any) -> Iterator[object]:
    for value in asdict(one).values():
        yield value.isoformat() if hasattr(value, "isoformat") else spreadsheet_cell(value)


def _entry(console: Console, facts: Sequence[str], title: str, url: str) -> None:
    """Print one entry on two lines, so that no URL is broken, however narrow the terminal."""
    console.text(f"{'  '.join(facts)}  {harmless_line(title)}")
    console.text(f"    {harmless_line(url)}")
