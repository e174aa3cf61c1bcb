"""Pages of a commit by outlet: in its log entry if the outlets are few, or else in a file that the entry names.

    index/accounts/<sha256>.json       {outlet: {column: pages}} of one commit
    index/accounts/<n:020>.json        rebuildable: the same summed up to snapshot n, since the last rebuild

So entries do not grow with the outlets, and who wants the sums (metrics) reads one file and those of a few commits since.
"""

import hashlib
import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from articles.errors import CorruptError, DeniedError, MissingError
from storage.objects import ObjectStore, put_once
from storage.objects.json_objects import get_bounded, parse_json, read_json
from storage.tables.delta import Commit
from storage.tables.prefetch import prefetch
from storage.tables.state import State

ACCOUNTS_PREFIX = "index/accounts/"
ACCOUNTS_PATTERN = re.compile(re.escape(ACCOUNTS_PREFIX) + "[0-9a-f]{64}.json")
SUMS_PATTERN = re.compile(re.escape(ACCOUNTS_PREFIX) + r"(\d{20})\.json")
MAX_NAMED_OUTLETS = 10  # in an entry: some 2 kB, as much as the rest of a small one
ALL_OUTLETS = ""  # stands for all outlets together
MAX_ACCOUNTS_BYTES = 16 << 20  # 10,000 outlets take 2 MB
KEPT_SUMS = 2  # the newest ones: a reader may just have listed the one before
READ_THREADS = 8

Pages = Mapping[str, Mapping[str, int]]  # by outlet and column
Sums = Counter[tuple[str, str]]  # likewise

logger = logging.getLogger(__name__)


def kept(store: ObjectStore, pages: Pages) -> tuple[Pages, str]:
    """Return the pages that an entry is to hold, and the SHA-256 of the file with those by outlet; empty if it holds all."""
    if len(pages) <= MAX_NAMED_OUTLETS:
        return pages, ""
    data = json.dumps(pages, sort_keys=True, separators=(",", ":")).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    put_once(store, accounts_key(sha256), data)
    total: Counter[str] = Counter()
    for columns in pages.values():
        total.update(columns)
    return {ALL_OUTLETS: dict(total)}, sha256


def read(store: ObjectStore, commit: Commit) -> Pages:
    """Return the pages of a commit by outlet. Raises CorruptError or MissingError."""
    if not commit.accounts:
        return _checked(commit.counts.get("pages", {}), f"log entry {commit.number}")
    key = accounts_key(commit.accounts)
    data = get_bounded(store, key, MAX_ACCOUNTS_BYTES)
    if hashlib.sha256(data).hexdigest() != commit.accounts:
        raise CorruptError(f"{key} is damaged: its bytes do not have the SHA-256 of its name")
    return _checked(parse_json(data, key), key)


def sums(store: ObjectStore, state: State) -> Sums:
    """Return the pages of all commits since the last rebuild: from the newest stored sums, and the commits since."""
    found, number = _newest_sums(store, state)
    return added(store, found, state.history[number + 1 :])


def added(store: ObjectStore, before: Sums, commits: Iterable[Commit]) -> Sums:
    """Return sums with those of further commits. Where a file is lost, its pages count for no named outlet."""
    found = before
    for _, found, _ in running(store, before, commits):  # noqa: B007  the last one
        pass
    return Counter(found)


def running(store: ObjectStore, before: Sums, commits: Iterable[Commit]) -> Iterator[tuple[Commit, Sums, bool]]:
    """Yield each commit in order with the sums up to it, and whether all files that they need could be read.

    The sums are one object, which the next step changes.
    """
    found, whole = Counter(before), True
    for commit, pages in prefetch(lambda one: (one, _read_or_none(store, one)), list(commits), READ_THREADS):
        if commit.replaces:
            found.clear()
            whole = True
        whole = whole and pages is not None
        for outlet, columns in (_total(commit) if pages is None else pages).items():
            for column, number in columns.items():
                found[outlet, column] += number
        yield commit, found, whole


def _newest_sums(store: ObjectStore, state: State) -> tuple[Sums, int]:
    """Return the newest stored sums up to a state that can be used, and their snapshot; -1 and no pages without any."""
    for number in sorted(stored(store), reverse=True):
        if number > state.number:
            continue
        try:
            return stored_sums(store, number, state.history[number].sha256), number
        except (CorruptError, MissingError) as error:
            logger.warning("%s cannot be used (%s); the commits are read instead.", sums_key(number), error)
    return Counter(), -1


def stored_sums(store: ObjectStore, number: int, entry_sha256: str) -> Sums:
    """Return the sums that are stored of a snapshot, whose log entry has this SHA-256. Raises CorruptError or MissingError."""
    key = sums_key(number)
    about = read_json(store, key)
    if not isinstance(about, dict) or about.get("entry") != entry_sha256:
        raise CorruptError(f"{key} does not match log entry {number}")
    pages = _checked(about.get("pages"), key)
    return Counter({(outlet, column): n for outlet, columns in pages.items() for column, n in columns.items()})


def keep_sums(store: ObjectStore, state: State) -> None:
    """Store the sums of a snapshot, and delete older ones where the policy allows it.

    Nothing is stored if a file that they need is lost or damaged: they would stay wrong after it is there again.
    """
    before, known = _newest_sums(store, state)
    found, whole = before, True
    for _, found, whole in running(store, before, state.history[known + 1 :]):  # noqa: B007  the last ones
        pass
    if not whole:
        return
    pages: dict[str, dict[str, int]] = {}
    for (outlet, column), number in sorted(found.items()):
        pages.setdefault(outlet, {})[column] = number
    about = {"entry": state.sha256, "pages": pages}
    put_once(store, sums_key(state.number), json.dumps(about, separators=(",", ":")).encode())
    with suppress(DeniedError):
        for number in sorted(stored(store))[:-KEPT_SUMS]:
            store.delete(sums_key(number))


def accounts_key(sha256: str) -> str:
    """Return the key of the file with a commit's pages."""
    return f"{ACCOUNTS_PREFIX}{sha256}.json"


def sums_key(number: int) -> str:
    """Return the key of the sums up to a snapshot."""
    return f"{ACCOUNTS_PREFIX}{number:020}.json"


def stored(store: ObjectStore) -> list[int]:
    """Return the numbers of the snapshots whose sums are stored."""
    return [int(match[1]) for info in store.list(ACCOUNTS_PREFIX) if (match := SUMS_PATTERN.fullmatch(info.key))]


def _read_or_none(store: ObjectStore, commit: Commit) -> Pages | None:
    try:
        return read(store, commit)
    except (CorruptError, MissingError) as error:
        logger.warning("The pages of snapshot %d by outlet cannot be read: %s", commit.number, error)
        return None


def _total(commit: Commit) -> Pages:
    """Return the pages that an entry itself holds, of all outlets together; none if they are damaged too."""
    try:
        return _checked(commit.counts.get("pages", {}), f"log entry {commit.number}")
    except CorruptError:
        return {}


def _checked(pages: Any, key: str) -> Pages:
    if not isinstance(pages, dict) or not all(
        isinstance(columns, dict) and all(isinstance(number, int) for number in columns.values())
        for columns in pages.values()
    ):
        raise CorruptError(f"{key} does not hold pages by outlet")
    return pages
