"""Damage every kind of object of a store, and print whether `verify` finds and names it, and what `repair` mends.

    python -m benchmarks.damage [KIND…]

Each object is emptied, cut short, altered by a bit, lost, and swapped with another of its kind. "Found" counts the kinds of
damage that `irtysh verify` finds, "named" those of which it names the object with what to do, and "mended" those after
which `irtysh repair` leaves nothing to find, and the tables as they were. A bit in the middle of a file that no reader looks
at is no damage; what `verify` does not find must then be readable as before.
"""

import contextlib
import io
import json
import re
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from flows import process as stages
from flows.cli import run
from storage import profiles, quarantine
from storage.objects.directory import DirectoryStore
from storage.snapshots import catalog
from storage.snapshots.current_table import files_in_use
from storage.snapshots.verify import verify
from storage.tables import accounts, packs
from storage.tables import log as logs
from tests.flows.making import NOON, put, site_page
from tests.flows.tables import Direct, context, log_of, no_progress
from tests.site import manifest

PAGES = 24
Altered = bytes | None  # None: the object is lost
ALTERATIONS: dict[str, Callable[[bytes], Altered]] = {
    "emptied": lambda data: data[:0],
    "cut short": lambda data: data[: len(data) // 2],
    "a bit": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
    "lost": lambda _: None,
}
SWAPPED = "swapped"
KINDS = {  # pattern of keys: kind, as the table names it
    r"captures/.*": "segment of captures",
    r"documents/[0-9a-f]{64}\.parquet": "pack of documents",
    r"(?P<table>links|removals|rejections|fetches|sketches|health|anchors|vectors|alignments)/.*": "file of {table}",
    r"documents/_delta_log/\d{20}\.json": "log entry",
    r"documents/_delta_log/\d{20}\.checkpoint\.parquet": "checkpoint",
    r"documents/_delta_log/_last_checkpoint": "`_last_checkpoint`",
    r"tags/.*": "tag",
    r"topics/.*": "topic",
    r"profiles/[0-9a-f]{64}\.json": "profile",
    r"profiles/in-force/.*": "list of profiles",
    r"configurations/.*": "configuration",
    r"quarantine/.*": "list of runs in quarantine",
    r"releases/[^/]*/SHA256SUMS": "index of a release",
    r"releases/.*": "file of a release",
    r"index/states/.*": "index",
    r"index/heads/.*": "note on a log entry",
    r"index/accounts/.*": "pages by outlet",
    r"index/views/.*\.json": "stored view",
    r"index/views/.*\.parquet": "file of a stored view",
    r"index/lookups/.*\.json": "look-ups",
    r"index/lookups/.*\.parquet": "file of look-ups",
    r"index/current/_delta_log/.*": "log of the current view",
    r"index/current/[^_].*": "file of the current view",
}


def main(kinds: list[str]) -> None:
    """Print the table, of all kinds or of some."""
    vars(stages)["Workers"] = Direct
    vars(accounts)["MAX_NAMED_OUTLETS"] = 2
    vars(logs)["INDEX_INTERVAL_COMMITS"] = 2
    with tempfile.TemporaryDirectory(prefix="irtysh-damage-") as scratch:
        store = DirectoryStore(Path(scratch) / "store")
        build(store, Path(scratch))
        unused = {info.key for info in store.list("index/current/") if info.key.endswith(".parquet")} - files_in_use(
            store
        )
        for key in unused:
            store.delete(key)
        whole = {info.key: store.get(info.key) for info in store.list("")}
        expected = contents(store)
        assert problems(store) == []
        wanted = set(kinds or map(kind_of, whole))
        counts = {kind: Counter[str]() for kind in dict.fromkeys(map(kind_of, sorted(whole))) if kind in wanted - {""}}
        left: dict[str, set[str]] = {}
        for kind, key, how in (case for case in cases(whole) if case[0] in wanted):
            print(kind, key, how, file=sys.stderr, flush=True)
            found, named, mended = tried(store, whole, key, how, expected)
            counts[kind].update(tried=1, found=found, named=named, mended=mended)
            if not mended:
                left.setdefault(kind, set()).add(how)
    print("| object | damages | found | named | mended | not mended |\n|---|--:|--:|--:|--:|---|")
    for kind, count in counts.items():
        print(
            f"| {kind} | {count['tried']} | {count['found']} | {count['named']} | {count['mended']} | {', '.join(sorted(left.get(kind, ())))} |"
        )


def build(store: DirectoryStore, folder: Path) -> None:
    """Make a store with every kind of object."""
    for number in range(2):  # of sites without pages: no page is extracted with them
        profiles.put(store, {f"{number}.example": b'{"a": %d}' % number})
    pages = [page for page in manifest.pages() if page.documents][:PAGES]
    put(store, folder / "spool", "run", (site_page(one.outlet, one.path) for one in pages), records=8)
    stages.process(context(store, batch_captures=8))
    log = log_of(store)
    for ref, name in (("0", "paper"), ("1", "draft")):
        catalog.tag(log, ref, name, "", NOON)
    quarantine.change(store, lambda _: {("a", "b"): quarantine.QuarantineMark("a", "b", ("why",), "rules")})
    command("release", "latest", "data", "--no-prefect", "--store", store.url)


def cases(whole: dict[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """Yield kinds, keys and alterations: of one object of each kind, and of the first and the newest log entry."""
    by_kind: dict[str, list[str]] = {}
    for key in sorted(whole):
        if kind := kind_of(key):
            by_kind.setdefault(kind, []).append(key)
    for kind, keys in by_kind.items():
        for key in (
            [keys[0], keys[-1]] if kind == "log entry" else [keys[-1]]
        ):  # what is numbered counts with its highest
            for how in (*ALTERATIONS, *([SWAPPED] if len({whole[one] for one in keys}) > 1 else [])):
                yield kind, key, how


def kind_of(key: str) -> str:
    """Return the kind of an object; empty for what holds no data: requests of crawls, leases, markers."""
    for pattern, kind in KINDS.items():
        if match := re.fullmatch(pattern, key):
            return kind.format(**match.groupdict())
    return ""


def tried(
    store: DirectoryStore, whole: dict[str, bytes], key: str, how: str, expected: object
) -> tuple[bool, bool, bool]:
    """Damage an object, and return whether that is found, named and mended; then restore the store."""
    data = whole[key]
    changed = {key: data}
    if how == SWAPPED:
        other = next(one for one in sorted(whole) if kind_of(one) == kind_of(key) and whole[one] != data)
        changed = {key: whole[other], other: data}
        for name, content in changed.items():
            store.put(name, content)
    elif (altered := ALTERATIONS[how](data)) is None:
        store.delete(key)
    else:
        store.put(key, altered)
    findings = json.loads(command("verify", "--json", "--store", store.url) or "{}").get("findings", [])
    named = any(set(changed) & {one["key"]} and one["next"] for one in findings) or any(
        one["key"].endswith("/") and key.startswith(one["key"]) for one in findings
    )
    command("repair", "--store", store.url)
    mended = problems(store) == [] and contents(store) == expected
    for info in list(store.list("")):
        if info.key not in whole:
            store.delete(info.key)
    for name, content in whole.items():
        store.put(name, content)
    return bool(findings), named, mended


def command(*words: str) -> str:
    """Run a command in silence, and return its output."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        try:
            run(list(words))
        except Exception:  # noqa: BLE001  a defect, which the table shows: nothing is found
            traceback.print_exc(file=sys.__stderr__)
            return ""
    return said.getvalue()


def problems(store: DirectoryStore) -> list[str]:
    """Return what is wrong with the newest snapshot."""
    log = log_of(store)
    return list(verify(log, log.head(), no_progress).problems)


def contents(store: DirectoryStore) -> object:
    """Return the rows of all tables, the tags, and the profiles in force; what cannot be read differs from everything."""
    try:
        state = log_of(store).state()
        tables = {table: packs.read_all(store, state.live(table), table).to_pylist() for table in sorted(state.files)}
        return json.dumps([tables, sorted(map(str, catalog.tags(store))), profiles.in_force(store)], default=str)
    except Exception:  # noqa: BLE001  whatever damage does to a reader
        return object()


if __name__ == "__main__":
    main(sys.argv[1:])
