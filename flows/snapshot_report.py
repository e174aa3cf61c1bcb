"""The report of a snapshot: a page of charts and tables."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from articles.model import LinkKind
from flows.display import charts
from flows.display.report_page import ReportSection, render
from storage.export import listing
from storage.export.listing import ListFilter
from storage.export.published import instant
from storage.export.statistics import SnapshotStatistics, month_of, statistics, summed
from storage.snapshots import catalog
from storage.snapshots.contents import SnapshotContents, load
from storage.tables.log_reader import LogReader
from storage.tables.state import State

NAMING_COLUMNS = frozenset({"title", "URL"})  # name documents, which may have to be taken down one day
MAX_CLUSTERS = 20  # the largest ones
DELAY_HOURS = (0, 1, 6, 24, 7 * 24, 30 * 24, 365 * 24)  # limits of the classes of delay
DELAY_CLASSES = (
    "before it was published", "within 1 hour", "within 6 hours", "within a day", "within a week", "within 30 days",
    "within a year", "later",
)  # fmt: skip
SECONDS_PER_HOUR = 3600


def snapshot_report(log: LogReader, state: State, *, naming: bool) -> str:
    """Return the page. With `naming` it names the store, and documents by title and URL.

    Raises UsageError if the extra `report` is not installed.
    """
    contents = load(log.store, state)
    found = statistics(log.store, state, contents)
    made = state.history[-1].timestamp
    place = f" of {log.store.url}" if naming else ""
    facts = [
        f"Snapshot {state.number}{place}, made on {made:%Y-%m-%d %H:%M} UTC; digest {catalog.digest(state)}",
        (
            f"{found.total.documents:,} documents; {found.total.duplicates:,} are duplicates of others, "
            f"{found.total.translations:,} are translations, {found.total.silent:,} edits were silent"
        ),
    ]
    return render(f"Report of snapshot {state.number}", facts, _sections(log, state, contents, found, naming=naming))


def _sections(
    log: LogReader, state: State, contents: SnapshotContents, found: SnapshotStatistics, *, naming: bool
) -> Iterator[ReportSection]:
    number = state.number
    by_outlet = summed(found.counts, ("month", "outlet"))
    yield ReportSection(
        "Coverage",
        "Documents by month of publication and outlet. A red cross marks a month without any, between others.",
        f"irtysh stats {number} --by month --by outlet",
        ("month", "outlet", "documents"),
        [(one.month, one.outlet, one.documents) for one in by_outlet],
        charts.coverage(found),
    )
    yield ReportSection(
        "Gaps",
        "Months in a row without a document of an outlet that has documents before and after.",
        f"irtysh stats {number}",
        ("outlet", "first month", "last month", "months"),
        [(gap.outlet, gap.first, gap.last, gap.months) for gap in found.gaps],
    )
    langs = [
        {"month": one.month, "documents": one.documents, "language": one.lang}
        for one in summed(found.counts, ("month", "lang"))
    ]
    yield ReportSection(
        "Languages",
        "Documents by month of publication and language.",
        f"irtysh stats {number} --by month --by lang",
        ("month", "language", "documents"),
        [(row["month"], row["language"], row["documents"]) for row in langs],
        charts.bars(langs, "month", "documents", "language"),
    )
    yield _growth(log, state)
    yield _delay(contents, number)
    yield _refusals(log, state)
    silent = [
        {"month": one.month, "silent edits": one.silent} for one in summed(found.counts, ("month",)) if one.silent
    ]
    yield ReportSection(
        "Silent edits",
        "Changes of a text at which the page's date of modification stayed the same, by month of publication.",
        f"irtysh stats {number} --by month",
        ("month", "silent edits"),
        [(row["month"], row["silent edits"]) for row in silent],
        charts.bars(silent, "month", "silent edits"),
    )
    clusters = _clusters(contents, number)
    yield clusters if naming else _without_names(clusters)
    yield _translations(contents, number)
    yield _outlets(contents, found, number)


def _growth(log: LogReader, state: State) -> ReportSection:
    sizes = catalog.sizes(log)
    rows = [
        {
            "snapshot": commit.number,
            "time": commit.timestamp.isoformat(timespec="seconds"),
            "texts": sizes[commit.number],
        }
        for commit in state.history
    ]
    return ReportSection(
        "Growth",
        "Texts in the corpus at each snapshot, with earlier versions and duplicates.",
        "irtysh snapshots",
        ("snapshot", "time (UTC)", "texts"),
        [(row["snapshot"], row["time"], row["texts"]) for row in rows],
        charts.line(rows, "time", "texts"),
    )


def _delay(contents: SnapshotContents, number: int) -> ReportSection:
    classes: Counter[str] = Counter()
    for document in contents.view.documents.values():
        published = instant(document.head.published)
        if published is not None:
            hours = (document.first_seen - published).total_seconds() / SECONDS_PER_HOUR
            classes[DELAY_CLASSES[bisect_left(DELAY_HOURS, hours)]] += 1
    rows = [(name, classes[name]) for name in DELAY_CLASSES if classes[name]]
    return ReportSection(
        "Delay",
        "Time from publication to the first capture, of the documents whose pages state a time with its zone.",
        f"irtysh pull {number} all.parquet --with-duplicates --with-review, and first_seen - published_at",
        ("first captured", "documents"),
        rows,
        charts.lying_bars(
            [{"first captured": name, "documents": count} for name, count in rows], "documents", "first captured"
        ),
    )


def _refusals(log: LogReader, state: State) -> ReportSection:
    found = Counter(one.reason for one in listing.rejections(log.store, state, ListFilter()))
    rows = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return ReportSection(
        "Refusals and failures",
        "URLs that became no document, by reason; each URL once for each reason.",
        f"irtysh rejections {state.number}",
        ("reason", "URLs"),
        rows,
        charts.lying_bars([{"reason": name, "URLs": count} for name, count in rows], "URLs", "reason"),
    )


def _clusters(contents: SnapshotContents, number: int) -> ReportSection:
    sizes = Counter(document.cluster_id for document in contents.view.documents.values())
    largest = sorted((item for item in sizes.items() if item[1] > 1), key=lambda item: (-item[1], item[0]))[
        :MAX_CLUSTERS
    ]
    rows = []
    for name, count in largest:
        document = contents.view.documents[name]
        label = contents.labels[document.head.row_id]
        rows.append(
            (
                count,
                label.title,
                document.origin.source or "not named",
                label.outlet,
                contents.url_of(document.head.row_id),
            )
        )
    return ReportSection(
        "Largest clusters",
        "Texts that several documents hold, and the agency or outlet that they come from, if a document names it.",
        f"irtysh documents {number} --reason duplicate",
        ("documents", "title", "text comes from", "represented by", "URL"),
        rows,
    )


def _without_names(section: ReportSection) -> ReportSection:
    kept = [at for at, column in enumerate(section.columns) if column not in NAMING_COLUMNS]
    columns = [section.columns[at] for at in kept]
    return replace(section, columns=columns, rows=[[row[at] for at in kept] for row in section.rows])


def _translations(contents: SnapshotContents, number: int) -> ReportSection:
    def side(document_id: str) -> tuple[str, str]:
        label = contents.labels[contents.view.documents[document_id].head.row_id]
        return label.outlet, label.lang

    pairs = Counter(
        (*side(link.b_document_id), *side(link.a_document_id))
        for link in contents.view.links
        if link.kind is LinkKind.TRANSLATION
    )
    return ReportSection(
        "Translations between outlets",
        "Pairs of documents of which the later one translates the earlier one, in whole or in part.",
        f"irtysh show {number} --links",
        ("original in", "language", "translated in", "language", "documents"),
        [(*pair, count) for pair, count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))],
    )


def _outlets(contents: SnapshotContents, found: SnapshotStatistics, number: int) -> ReportSection:
    facts: dict[str, dict[str, Any]] = {}
    for document in contents.view.documents.values():
        outlet = contents.labels[document.head.row_id].outlet
        one = facts.setdefault(outlet, {"published": "", "seen": document.last_seen, "gone": 0})
        one["published"] = max(one["published"], document.head.published[:10])
        one["seen"] = max(one["seen"], document.last_seen)
        one["gone"] += document.gone
    sums = {one.outlet: one for one in summed(found.counts, ("outlet",))}
    missing: Counter[str] = Counter()
    for gap in found.gaps:
        missing[gap.outlet] += gap.months
    undated = Counter(
        {one.outlet: one.documents for one in summed(found.counts, ("outlet", "month")) if one.month == month_of("")}
    )
    return ReportSection(
        "Outlets",
        "The state of each outlet in the corpus. `irtysh outlets` shows the health of the crawl.",
        f"irtysh stats {number} --by outlet",
        (
            "outlet",
            "documents",
            "newest article",
            "last seen",
            "without a date",
            "gone",
            "silent edits",
            "months missing",
        ),
        [
            (
                name,
                sums[name].documents if name in sums else 0,
                one["published"] or "no date",
                f"{one['seen']:%Y-%m-%d}",
                undated[name],
                one["gone"],
                sums[name].silent if name in sums else 0,
                missing[name],
            )
            for name, one in sorted(facts.items())
        ],
    )
