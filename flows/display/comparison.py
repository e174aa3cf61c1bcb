"""Show what a rebuild would change: as tables, and as one HTML page."""

from collections.abc import Iterable, Sequence

from articles.counting import many
from articles.harmless import harmless
from flows.comparing import RebuildComparison
from flows.display.console import Console
from flows.display.report_page import ReportSection, render

OUTLET_COLUMNS = (
    "outlet", "before", "after", "gained", "lost", "edited", "lines +", "lines −", "fields",
)  # fmt: skip
RULE_COLUMNS = ("outlet", "change", "rule", "number")
SAMPLE_COLUMNS = ("outlet", "change", "rule", "url", "before", "after")
MAX_PRINTED_RULES = 30  # the page and --json have all of them


def show(console: Console, comparison: RebuildComparison) -> None:
    """Print the comparison."""
    if console.as_json:
        console.json({"event": "compared", **comparison.as_json()})
        return
    changed = outlet_rows(comparison)
    if not changed:
        console.text("Nothing would change.")
    else:
        console.table("What would change, in documents", OUTLET_COLUMNS, changed)
        rows = rule_rows(comparison)
        console.table("By rule", RULE_COLUMNS, rows[:MAX_PRINTED_RULES])
        if len(rows) > MAX_PRINTED_RULES:
            console.text(f"and {len(rows) - MAX_PRINTED_RULES:,} more; --page FILE shows all of them, with samples")
    console.text(f"comparison {comparison.name} with snapshot {comparison.snapshot}", style="bold")


def page(comparison: RebuildComparison, command: str) -> str:
    """Return the comparison as a page."""
    return render(
        "What a rebuild would change",
        (
            f"Comparison {comparison.name} of {many(comparison.segments, 'segment')} with snapshot {comparison.snapshot}.",
            f"To publish it: irtysh rebuild --approve {comparison.name}",
        ),
        (
            ReportSection("Outlets", "Documents, lines and fields that differ.", command, OUTLET_COLUMNS, outlet_rows(comparison)),
            ReportSection(
                "Rules",
                "Why documents and lines come and go: the reason of a rejection, or the rule that removes a line.",
                command,
                RULE_COLUMNS,
                rule_rows(comparison),
            ),
            ReportSection("Samples", "Examples of each change.", command, SAMPLE_COLUMNS, sample_rows(comparison)),
        ),
    )  # fmt: skip


def outlet_rows(comparison: RebuildComparison) -> list[Sequence[object]]:
    """Return a row for each outlet in which something would change."""
    return [
        (
            name,
            one.before,
            one.after,
            one.gained,
            one.lost,
            one.edited,
            one.lines_gained,
            one.lines_lost,
            _list(f"{part} {number:,}" for part, number in sorted(one.fields.items())),
        )
        for name, one in sorted(comparison.outlets.items())
        if one.differs
    ]


def rule_rows(comparison: RebuildComparison) -> list[Sequence[object]]:
    """Return a row for each change by a rule, the most frequent first."""
    return [(outlet, kind, harmless(rule), number) for (outlet, kind, rule), number in ranked(comparison)]


def sample_rows(comparison: RebuildComparison) -> list[Sequence[object]]:
    """Return a row for each sample, those of the most frequent changes first."""
    return [
        (outlet, kind, rule, one.url, one.before, one.after)
        for (outlet, kind, rule), _ in ranked(comparison)
        for one in comparison.samples[outlet, kind, rule]
    ]


def ranked(comparison: RebuildComparison) -> list[tuple[tuple[str, str, str], int]]:
    """Return the changes by rule, the most frequent first."""
    return sorted(comparison.rules.items(), key=lambda entry: (-entry[1], entry[0]))


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
