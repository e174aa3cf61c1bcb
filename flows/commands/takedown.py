"""`irtysh takedown`: take articles out of a store for good."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from articles.counting import many
from articles.errors import InputError
from flows.exit_codes import DONE, FAILED
from flows.options import CommonOptions, now, randomness
from flows.takedown import TakedownReport
from flows.takedown import takedown as take_down
from storage.clock import check_clock


def takedown(
    *urls: str,
    reason: str,
    confirm: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Take articles out of the store for good, on a legal request.

    The articles leave captures, tables, indexes and releases: the files are written again, and the old bytes are deleted.
    A record says when and why, but not what. Older snapshots stay readable without the articles, and their digests stay
    valid. If the command is interrupted, run it again. It needs the credentials of the store's owner. Copies in backups,
    in the bucket's own versions and at readers are not reached. The exit code is 1 if something could not be searched or
    deleted yet, or if nothing of a URL was found; the output says which.

    Example: `irtysh takedown URL --reason "order 12" --confirm`

    Example: `irtysh takedown URL --reason "order 12"`

    Parameters
    ----------
    urls
        URLs of the articles.
    reason
        Why: it is recorded, and `irtysh verify` shows it. Do not name the article in it.
    confirm
        Do it. This cannot be undone.
    """
    if not urls:
        raise InputError("takedown takes at least one URL")
    if not confirm:
        raise InputError("a takedown cannot be undone: add --confirm to do it")
    console, store = common.console(), common.open()
    check_clock(store, now())
    with console.live():
        found = take_down(store, urls, reason, clock=now, rng=randomness(), listener=console)
    if console.as_json:
        console.json(asdict(found))
        return _code(found)
    console.text(
        f"{found.documents:,} documents and {found.records:,} records of captures are gone; {found.files:,} files were "
        f"written again, {found.deleted:,} old ones deleted",
        style="bold",
    )
    for url in found.copies:
        console.text(
            f"a part of the text, a copy or a translation stays at {url}; name it too if the request covers it"
        )
    for url in found.unknown:
        console.text(f"nothing of {url} was found")
    for key in found.unread:
        console.text(f"{key} is damaged and could not be searched: restore or delete it, and run the command again")
    if not found.complete:
        console.text("other commands kept adding to the store, and the newest was not searched: run the command again")
    if found.unfinished:
        console.text(
            f"{many(len(found.unfinished), 'file')} with the text that no snapshot lists, such as {found.unfinished[0]}, "
            "may be in use by a command that runs now: run the same command again in a day, or after `irtysh gc --delete`"
        )
    return _code(found)


def _code(found: TakedownReport) -> int:
    return FAILED if found.unknown or found.unread or found.unfinished or not found.complete else DONE
