"""Compare Irtysh with other extractors, and with an earlier version of itself, on folders of pages with references.

    python -m benchmarks.extraction FOLDER [FOLDER …] [--only NAME …] [--peers CACHE] [--out DIR] [--before DIR]

A FOLDER holds `truth.jsonl` (one line per page: id, url, text, title, date), perhaps `truth_partial.jsonl` (snippets that
the text must hold or not hold, title, date, authors) and `pages/<id>.html.gz`. Install the other extractors with
`pip install -c constraints.txt -e ".[benchmarks]"`; those that are not installed are named and left out. A page that an
extractor cannot read counts as empty; the number of such pages is printed below the table.

Pages in Chinese, Japanese, Thai and other scripts without spaces between words are left out, unless `--all-scripts`: there
a word is a clause, and one different letter costs a whole clause. Definitions:

P, R, F1    4-gram shingles of words: P and R are counted per page and averaged over pages, F1 is that of the means
exact       share of pages with the same words
lost %      of the reference's paragraphs of 40 characters or more, those of which under half the 3-grams were extracted
extra       extracted lines of three words or more of which under half the 3-grams are in the reference, per page
title, date share of correct values, of the pages whose reference has one (title: letters and digits; date: the day)
poor        pages with F1 below .5
docs/s      pages per second of CPU, one process, metadata included
with        share of snippets that must be in the text and are (letters and digits)
without     share of snippets that must not be in the text and are not
authors     share of pages with exactly the right authors, of the pages whose reference has some

Folders named by `--sealed` (score2) are only scored: no page of them is ever printed.
"""

import argparse
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.scoring import baseline, extractors, predictions, rules, sets, tables
from benchmarks.scoring.inventory import print_inventory
from benchmarks.scoring.measures import summary
from benchmarks.scoring.predictions import Results
from benchmarks.scoring.sets import BenchmarkSet
from benchmarks.scoring.where import where

COMPARED_PEERS = ("trafilatura", "trafilatura precision")
BY = {"source": lambda page: page.source, "convention": lambda page: page.convention, "lang": lambda page: page.lang}


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.extraction",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("folders", type=Path, nargs="+", metavar="FOLDER")
    add(
        "--only",
        nargs="*",
        default=list(extractors.NAMES),
        choices=list(extractors.NAMES),
        metavar="NAME",
        help="extractors to run",
    )
    add("--limit", type=int, help="extract only so many pages of each folder")
    add("--all-scripts", action="store_true", help="include scripts without spaces between words")
    add("--full-only", action="store_true", help="leave out the pages with partial references")
    add("--out", type=Path, metavar="DIR", help="write predictions to DIR/SET/NAME.jsonl (one folder: DIR/NAME.jsonl)")
    add(
        "--peers", type=Path, metavar="DIR", help="read the peers' predictions from DIR; what is missing is added to it"
    )
    add("--ours", type=Path, metavar="DIR", help="read Irtysh's predictions from DIR in place of extracting")
    add("--before", type=Path, metavar="DIR", help="compare with Irtysh's predictions in DIR, as `--out` wrote them")
    add(
        "--against",
        nargs="*",
        default=[],
        metavar="NAME[=DIR]",
        help="compare with an extractor, or with Irtysh's predictions in DIR under a name",
    )
    add("--by", nargs="*", default=[], choices=list(BY), help="print F1 and lost paragraphs by a property of the pages")
    add(
        "--rules",
        action="store_true",
        help="print what each rule removes, and the number of rules, phrases, thresholds",
    )
    add(
        "--gains",
        action="store_true",
        help="the same, and extract without each rule in turn: what it gains",
    )
    add(
        "--without",
        nargs="*",
        default=[],
        metavar="RULE",
        help='disable rules of Irtysh: by name ("links:cards") or by beginning ("markup:")',
    )
    add("--pages", type=int, metavar="N", help="list the N pages on which Irtysh is worst; refused for sealed folders")
    add("--sealed", nargs="*", default=["score2"], metavar="NAME", help="folders of which no page is printed")
    add("--where", action="store_true", help="show where Irtysh spends its time")
    return parser


def main() -> None:
    """Run the extractors and print tables of their figures."""
    parser = arguments()
    options = parser.parse_args()
    sealed = {folder.resolve().name for folder in options.folders} & set(options.sealed)
    if options.ours and (options.rules or options.gains or options.without):
        parser.error("--ours: written predictions do not say what the rules removed; extract again")
    if options.pages and sealed:
        parser.error(f"--pages: {', '.join(sorted(sealed))} is only scored: no page of it may be shown")
    earlier = dict(one.split("=", 1) for one in options.against if "=" in one)
    if options.before:
        earlier["before"] = str(options.before)
    named = [one for one in options.against if "=" not in one]
    if unknown := set(named) - set(extractors.NAMES):
        parser.error(
            f"--against: unknown extractors {', '.join(sorted(unknown))}; known: {', '.join(extractors.NAMES)}"
        )
    names = list(dict.fromkeys([*options.only, *named]))
    with rules.without(options.without):
        compare(parser, options, names, {name: Path(place) for name, place in earlier.items()}, sealed)


def compare(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    names: list[str],
    earlier: Mapping[str, Path],
    sealed: set[str],
) -> None:
    """Run the extractors on each folder, and print the tables."""
    all_sets, all_results = [], []
    shown = {*COMPARED_PEERS, *(one for one in options.against if "=" not in one), *earlier}
    for folder in options.folders:
        pages = sets.load(folder, every_script=options.all_scripts, partial=not options.full_only, limit=options.limit)
        results = run(parser, pages, names, options)
        results |= {name: read_earlier(parser, pages, name, place) for name, place in earlier.items()}
        report(pages, results, options, shown, sealed=pages.name in sealed)
        all_sets.append(pages)
        all_results.append(results)
    if len(all_sets) > 1 and all_results[0]:
        tables.side_by_side(all_sets, all_results)
    if "irtysh" not in all_results[0]:
        return
    if options.rules or options.gains:
        report_rules(all_sets, [found["irtysh"] for found in all_results], with_gains=options.gains, sealed=sealed)
    if not options.limit:
        f1 = {
            pages.name: float(summary(found["irtysh"].scores(pages))["F1"] or 0)
            for pages, found in zip(all_sets, all_results, strict=True)
        }
        if warning := baseline.tuned(f1, every_script=options.all_scripts):
            print(f"\n{warning}")


def report_rules(
    all_sets: Sequence[BenchmarkSet], ours: Sequence[Results], *, with_gains: bool, sealed: set[str]
) -> None:
    """Print what each rule removes and perhaps gains, and the number of rules, phrases and thresholds."""
    pairs = list(zip(all_sets, ours, strict=True))
    figures = [rules.figures(pages, found) for pages, found in pairs]
    gains = [rules.gains(*pair, of_rules) for pair, of_rules in zip(pairs, figures, strict=True)] if with_gains else []
    rules.print_figures(all_sets, figures, gains, sealed)
    print_inventory()


def run(
    parser: argparse.ArgumentParser, pages: BenchmarkSet, names: list[str], options: argparse.Namespace
) -> dict[str, Results]:
    """Return the results of extractors on a folder, and name those that are not installed."""
    results: dict[str, Results] = {}
    for name in names:
        if name == "irtysh" and options.ours:
            results[name] = read_earlier(parser, pages, name, options.ours)
            continue
        cache = None if name == "irtysh" else options.peers
        try:
            results[name] = predictions.cached(cache, pages, name, partial(extractors.load, name))
        except ImportError as error:
            print(f"{name}: not installed ({error})")
            continue
        if options.out:
            path = predictions.place(options.out, pages, name, alone=len(options.folders) == 1)
            predictions.write(path, results[name])
    return results


def read_earlier(parser: argparse.ArgumentParser, pages: BenchmarkSet, name: str, folder: Path) -> Results:
    """Return the predictions of an earlier version of Irtysh. There must be one for each page."""
    path = predictions.find(folder, pages, "irtysh")
    if not path:
        parser.error(f"{name}: {folder} holds no predictions for {pages.name}; write them with --out")
    found = predictions.read(path, pages)
    if found.missing:
        parser.error(
            f"{name}: {path} lacks {len(found.missing)} of the pages of {pages.name}; "
            "write it with the same --all-scripts and --full-only"
        )
    return found


def report(
    pages: BenchmarkSet,
    results: Mapping[str, Results],
    options: argparse.Namespace,
    compared: set[str],
    *,
    sealed: bool,
) -> None:
    """Print the tables of a folder."""
    left_out = len(sets.load(pages.folder, every_script=True, partial=False).full) - len(pages.full)
    tables.overview(pages, results, 0 if options.limit else left_out)
    for name, found in results.items():
        if found.unreadable:
            print(f"{name}: {found.unreadable} pages not read")
    ours = results.get("irtysh")
    theirs = results.get("trafilatura")
    if ours and theirs and ours.pages_per_second and theirs.pages_per_second:
        ratio = ours.pages_per_second / theirs.pages_per_second
        print(f"irtysh reads {ratio:.2f} × as many documents a second as trafilatura")
    if pages.partial:
        tables.partial_overview(pages, results)
    others = {name: found for name, found in results.items() if name in compared and name != "irtysh"}
    if ours and others:
        tables.comparison(pages, ours, others)
    for what in options.by:
        tables.groups(pages, results, BY[what], what=what, sealed=sealed)
    if options.pages:
        tables.worst_pages(pages, results, options.pages)
    if options.where:
        where(pages)


if __name__ == "__main__":
    main()
