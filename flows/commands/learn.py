"""`irtysh learn`: learn the lines that a site's pages repeat."""

from typing import Annotated, Any

from cyclopts import Parameter

from articles.profile import MIN_ARTICLES
from flows import learn as learning
from flows.display.console import HASH_DIGITS, Console
from flows.exit_codes import DONE
from flows.learn import LearnResult
from flows.options import CommonOptions, OutletOptions
from flows.processing.sites import Sites
from storage.snapshots import catalog
from storage.snapshots.refs import LATEST
from storage.tables.log_reader import LogReader

TOO_FEW = f"too few articles (minimum {MIN_ARTICLES})"


def learn(
    *names: str,
    ref: str = LATEST,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    show: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    extracting: OutletOptions = OutletOptions(),
) -> int:
    """Learn the lines that a site's pages repeat, so that processing removes them.

    Lines that many articles of a site share, and lists of its other articles, are not part of a text. They are stored in the
    site's profile, and removed from pages that are processed from now on. `irtysh rebuild` applies the profile to all
    captures. The result does not depend on the order of the pages.

    Example: `irtysh learn tengrinews --dry-run --show`

    Example: `irtysh learn tengrinews`

    Parameters
    ----------
    names
        Outlets, or domains of sites without an outlet's file. Default: all.
    ref
        Snapshot to learn from: `latest`, a number, a tag or a date.
    dry_run
        Show what would be learned; do not change the profiles.
    show
        List the learned lines.
    """
    console, store = common.console(), common.open_existing()
    log = LogReader(store)
    state = log.state(catalog.resolve(log, ref))
    with console.live():
        found = list(learning.learn_sites(store, state, Sites(store, extracting.outlets), names, console))
    if not dry_run:
        learning.activate(store, found)
    for lesson in found:
        if console.as_json:
            console.json(_for_programs(lesson, dry_run=dry_run, show=show))
        elif show:
            _list(console, lesson)
    if not console.as_json:
        columns = ("site", "articles", "lines", "lines in texts", "titles and URLs", "profile", "note")
        console.table("Profiles that would be learned" if dry_run else "Learned profiles", columns, map(_row, found))
    return DONE


def _row(lesson: LearnResult) -> tuple[object, ...]:
    if lesson.learned is None:
        return lesson.site, lesson.articles, 0, 0, 0, lesson.before.sha256[:HASH_DIGITS], TOO_FEW
    profile = lesson.learned.profile
    leaking = sum(1 for pages in lesson.learned.leaked.values() if pages)
    numbers = (lesson.articles, len(profile.lines), leaking, len(profile.known))
    return lesson.site, *numbers, profile.sha256[:HASH_DIGITS], "" if lesson.changed else "unchanged"


def _for_programs(lesson: LearnResult, *, dry_run: bool, show: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"site": lesson.site, "articles": lesson.articles, "in_force": lesson.before.sha256}
    if lesson.learned is None:
        return result | {"learned": False, "why": TOO_FEW}
    profile, leaked = lesson.learned.profile, lesson.learned.leaked
    result |= {
        "learned": True,
        "profile": profile.sha256,
        "changed": lesson.changed,
        "dry_run": dry_run,
        "pages": lesson.learned.pages,
        "lines": len(profile.lines),
        "in_texts": sum(1 for pages in leaked.values() if pages),
        "known": len(profile.known),
    }
    if show:
        lines = sorted(profile.lines.items(), key=lambda entry: (-entry[1], entry[0]))
        result["show"] = [{"line": line, "articles": count, "in_texts": leaked[line]} for line, count in lines]
    return result


def _list(console: Console, lesson: LearnResult) -> None:
    if lesson.learned is None:
        return
    lines = sorted(lesson.learned.profile.lines.items(), key=lambda entry: (-entry[1], entry[0]))
    rows = [(count, lesson.learned.leaked[line], line) for line, count in lines]
    console.table(
        f"{lesson.site}: lines learned from {lesson.articles} articles", ("articles", "in texts", "line"), rows
    )
