"""The tables that a run prints. A folder that is sealed shows no page, and no group of few pages."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.scoring.bootstrap import differences
from benchmarks.scoring.extractors import DATES_ONLY, WITHOUT_DATES
from benchmarks.scoring.measures import partial_summary, score_partial, summary
from benchmarks.scoring.predictions import Results
from benchmarks.scoring.sets import BenchmarkPage, BenchmarkSet

MIN_SEALED_GROUP_PAGES = 10  # of a group in a table of a sealed folder: a smaller one would show single pages
COMPARED = ("F1", "P", "R", "lost %", "exact", "extra")
NAME_WIDTH = 25


def row(name: str, values: Sequence[float | None]) -> str:
    """Return a line of a table."""
    return f"{name:<{NAME_WIDTH}}" + "".join(map(cell, values))


def cell(value: float | None) -> str:
    """Return a cell of a table. Whole numbers are counts."""
    if value is None:
        return f"{'–':>8}"
    if isinstance(value, int):
        return f"{value:>8}"
    return f"{value:>8.3f}" if value < 10 else f"{value:>8.1f}"


def header(names: Sequence[str]) -> str:
    """Return the first line of a table."""
    return f"{'':<{NAME_WIDTH}}" + "".join(f"{name:>8}" for name in names)


def overview(pages: BenchmarkSet, results: Mapping[str, Results], left_out: int) -> None:
    """Print the figures of each extractor on a folder."""
    hosts = len({page.host for page in pages.full})
    apart = f"; {left_out} pages in scripts without spaces between words left out" if left_out else ""
    print(f"\n{pages.name}: {len(pages.full)} pages of {hosts} hosts{apart}")
    for number, (name, found) in enumerate(results.items()):
        figures = summary(found.scores(pages)) | {"docs/s": found.pages_per_second}
        if number == 0:
            print(header(list(figures)))
        print(row(name, _claimed(name, figures)))


def partial_overview(pages: BenchmarkSet, results: Mapping[str, Results]) -> None:
    """Print the figures of each extractor on the pages with partial references."""
    print(f"\n{pages.name}: {len(pages.partial)} pages with partial references")
    for number, (name, found) in enumerate(results.items()):
        pairs = zip(pages.partial, found.of(pages.partial), strict=True)
        figures = partial_summary([score_partial(page, one) for page, one in pairs])
        if number == 0:
            print(header(list(figures)))
        print(row(name, _claimed(name, figures)))


def _claimed(name: str, figures: Mapping[str, float | None]) -> list[float | None]:
    hidden = {"date"} if name in WITHOUT_DATES else set()
    hidden |= set(figures) - {"date", "docs/s"} if name in DATES_ONLY else set()
    return [None if measure in hidden else value for measure, value in figures.items()]


def comparison(pages: BenchmarkSet, ours: Results, others: Mapping[str, Results]) -> None:
    """Print the differences between Irtysh and others, with their 95% intervals."""
    print(f"\n{pages.name}: irtysh minus another, with 95% intervals by bootstrap over hosts (*: excludes 0)")
    print(f"{'':<{NAME_WIDTH}}" + "".join(f"{name:>26}" for name in COMPARED))
    mine = ours.scores(pages)
    for name, results in others.items():
        found = differences(mine, results.scores(pages))
        cells = (
            f"{one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}]{'*' if one.certain else ' '}"
            for one in (found[measure] for measure in COMPARED)
        )
        print(f"{name:<{NAME_WIDTH}}" + "".join(f"{one:>26}" for one in cells))


def side_by_side(sets: Sequence[BenchmarkSet], results: Sequence[Mapping[str, Results]]) -> None:
    """Print F1, lost paragraphs and poor pages of all folders beside each other."""
    names = [f"{measure} {pages.name}" for measure in ("F1", "lost %", "poor") for pages in sets]
    width = max(map(len, names)) + 2
    print("\n" + f"{'all folders':<{NAME_WIDTH}}" + "".join(f"{name:>{width}}" for name in names))
    for name in results[0]:
        if name in DATES_ONLY:
            continue
        figures = [summary(found[name].scores(pages)) for pages, found in zip(sets, results, strict=True)]
        cells = [cell(one[measure]).strip() for measure in ("F1", "lost %", "poor") for one in figures]
        print(f"{name:<{NAME_WIDTH}}" + "".join(f"{one:>{width}}" for one in cells))


def groups(
    pages: BenchmarkSet,
    results: Mapping[str, Results],
    of: Callable[[BenchmarkPage], str],
    *,
    what: str,
    sealed: bool,
) -> None:
    """Print F1 and lost paragraphs of each extractor by a property of the pages."""
    members: dict[str, list[int]] = {}
    for index, page in enumerate(pages.full):
        members.setdefault(of(page) or "?", []).append(index)
    if sealed:
        members = merge_small(members)
    shown = {name: found.scores(pages) for name, found in results.items() if name not in DATES_ONLY}
    print(f"\n{pages.name} by {what}: F1 / lost %")
    print(f"{'':<{NAME_WIDTH}}{'pages':>8}" + "".join(f"{name:>25}" for name in shown))
    for group, indices in sorted(members.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        line = f"{group[: NAME_WIDTH - 1]:<{NAME_WIDTH}}{len(indices):>8}"
        for of_pages in shown.values():
            figures = summary([of_pages[index] for index in indices])
            line += f"{figures['F1']:>18.3f} {figures['lost %']:>6.2f}"
        print(line)


def merge_small(members: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Merge groups of few pages into one, and leave that out too if it has few pages."""
    kept = {group: indices for group, indices in members.items() if len(indices) >= MIN_SEALED_GROUP_PAGES}
    rest = sorted(index for group, indices in members.items() if group not in kept for index in indices)
    return kept | ({"others": rest} if len(rest) >= MIN_SEALED_GROUP_PAGES else {})


def worst_pages(pages: BenchmarkSet, results: Mapping[str, Results], count: int) -> None:
    """Print the pages on which Irtysh is worst, with the F1 of each extractor."""
    shown = {name: found.scores(pages) for name, found in results.items() if name not in DATES_ONLY}
    print(f"\n{pages.name}: the {count} pages on which irtysh is worst; F1")
    print("".join(f"{name:>25}" for name in shown) + f"{'lost':>8}{'extra':>8}  page")
    order = sorted(range(len(pages.full)), key=lambda index: (shown["irtysh"][index].f1, pages.full[index].id))
    for index in order[:count]:
        mine = shown["irtysh"][index]
        figures = "".join(f"{of_pages[index].f1:>25.3f}" for of_pages in shown.values())
        print(f"{figures}{mine.lost:>8}{mine.extra:>8}  {pages.full[index].id} {pages.full[index].url}")
