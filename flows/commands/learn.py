"""`irtysh learn`: what a site's pages repeat is no text of theirs."""

from typing import Annotated, Any

from cyclopts import Parameter

from articles.profile import LEAST_ARTICLES
from flows import learn as learning
from flows.display.console import Console
from flows.exit_codes import DONE
from flows.learn import LearnResult
from flows.options import CommonOptions, OutletOptions
from flows.processing.sites import Sites
from storage.snapshots import catalog
from storage.tables.log_reader import LogReader

TOO_FEW = f"too few articles: {LEAST_ARTICLES} are needed"
DIGITS = 12  # of a profile's hash that are shown


def learn(
    *names: str,
    ref: str = catalog.LATEST,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    show: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    knowing: OutletOptions = OutletOptions(),
) -> int:
    """Learn what a site's pages repeat, and which articles it has, into the profile by which its pages are read.

    Lines that stand on many of a site's articles, and lists of its other articles, are no part of a text. What is learned
    is the same in whatever order pages came. It counts for what is processed from now on; `irtysh rebuild` reads all
    captures anew with it. A profile stays as it is until the next `irtysh learn`.

    Parameters
    ----------
    names
        Outlets, or domains of sites without an outlet's file; all of them if none is named.
    ref
        The snapshot whose pages are read.
    dry_run
        Say what would be learned and leave the profiles as they are.
    show
        List the lines.
    """
    console, store = common.console(), common.open()
    log = LogReader(store)
    state = log.state(catalog.resolve(log, ref))
    with console.live():
        found = list(learning.lessons(store, state, Sites(store, knowing.outlets), names, console))
    if not dry_run:
        learning.enforce(store, found)
    for lesson in found:
        if console.as_json:
            console.json(_told(lesson, dry_run=dry_run, show=show))
        elif show:
            _list(console, lesson)
    if not console.as_json:
        columns = ("site", "articles", "lines", "in texts", "known", "profile", "")
        console.table("Would be learned" if dry_run else "Learned", columns, map(_row, found))
    return DONE


def _row(lesson: LearnResult) -> tuple[object, ...]:
    if lesson.learned is None:
        return lesson.site, lesson.articles, 0, 0, 0, lesson.before.sha256[:DIGITS], TOO_FEW
    profile = lesson.learned.profile
    leaking = sum(1 for pages in lesson.learned.leaked.values() if pages)
    numbers = (lesson.articles, len(profile.lines), leaking, len(profile.known))
    return lesson.site, *numbers, profile.sha256[:DIGITS], "" if lesson.changed else "as before"


def _told(lesson: LearnResult, *, dry_run: bool, show: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"site": lesson.site, "articles": lesson.articles, "in_force": lesson.before.sha256}
    if lesson.learned is None:
        return told | {"learned": False, "why": TOO_FEW}
    profile, leaked = lesson.learned.profile, lesson.learned.leaked
    told |= {
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
        told["show"] = [{"line": line, "articles": count, "in_texts": leaked[line]} for line, count in lines]
    return told


def _list(console: Console, lesson: LearnResult) -> None:
    if lesson.learned is None:
        return
    lines = sorted(lesson.learned.profile.lines.items(), key=lambda entry: (-entry[1], entry[0]))
    rows = [(count, lesson.learned.leaked[line], line) for line, count in lines]
    console.table(f"{lesson.site}: lines of {lesson.articles} articles", ("articles", "in texts", "line"), rows)
