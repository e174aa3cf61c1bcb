"""Attacks by a store that somebody else wrote, and by what leaves it: entries of the log, indexes, takedowns, cards, citations."""

import contextlib
import gzip
import io
import json
import logging
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from articles.errors import IrtyshError
from benchmarks.attacks.measure import Attack
from flows import cli
from flows.browsing.csv_answers import harmless_rows
from storage.export.citation import Citation, bibtex
from storage.objects.directory import DirectoryStore
from storage.tables.log_reader import LogReader, entry_key, state_key
from tests.flows.tables import log_of
from tests.storage import corpus

COMMANDS = (
    "snapshots", "show latest", "verify latest", "history https://steppe.example/1", "diff 0 2", "stats latest", "documents", "rejections", "gc",
)  # fmt: skip
ODD: tuple[Any, ...] = (None, True, -1, 10**30, "../../x", [], {}, [[]], {"a": {"b": []}})
CHANGES = 60  # of values, at random
SEED = 1


def _store(folder: Path) -> DirectoryStore:
    store = DirectoryStore(folder / "store")
    log = log_of(store)
    corpus.build(log)
    log.reindex()
    return store


def _ask(store: DirectoryStore, command: str) -> str:
    """Run a command, and return what it says. Other errors than our own go on."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        cli.run([*command.split(), "--store", store.url])
    return said.getvalue()


def _far_entry(folder: Path) -> str:
    store = _store(folder)
    store.put(entry_key(10**15), b"{}")
    said = [_ask(store, command) for command in COMMANDS]
    return f"refused: {said[0].splitlines()[0].removeprefix('irtysh: ')}; verify names {said[2].count('_delta_log/')} entries"


def _circle(folder: Path) -> str:
    store = _store(folder)
    (first, *_) = LogReader(store).state().live("documents")
    other = "1" * 64
    files = {"documents": {first.sha256: [other, 1, 1], other: [first.sha256, 1, 1]}}
    record = {"when": "2026-11-01T00:00:00+00:00", "why": "x", "rows": 1, "files": files, "segments": {}}
    store.put("redactions/0000000000.json", json.dumps(record).encode())
    try:
        LogReader(store).state()
    except IrtyshError as error:
        return f"refused: {error}".replace(first.sha256, "…")
    raise AssertionError("it was read")


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if at:
        yield at
    for key, one in inner:
        yield from _places(one, (*at, key))


def _odd_values(folder: Path) -> str:
    """Change values of the last entry and of its index, one by one, and run all commands on each."""
    logging.disable(logging.CRITICAL)
    store = _store(folder)
    rng = random.Random(SEED)  # noqa: S311  a choice of places
    head = LogReader(store).head()
    entry, index = store.get(entry_key(head)), store.get(state_key(head))
    failed = 0
    for _ in range(CHANGES):
        actions = [json.loads(line) for line in entry.splitlines()]
        content = json.loads(gzip.decompress(index))
        value: Any = rng.choice([actions, content])
        *way, last = rng.choice(list(_places(value)))
        inside = value
        for step in way:
            inside = inside[step]
        inside[last] = rng.choice(ODD)
        store.put(entry_key(head), "\n".join(map(json.dumps, actions)).encode())
        store.put(state_key(head), gzip.compress(json.dumps(content).encode()))
        failed += sum(_raises(store, command) for command in COMMANDS)
    assert not failed, f"{failed} tracebacks"
    return f"held: {CHANGES} changes, {len(COMMANDS)} commands each, no traceback"


def _raises(store: DirectoryStore, command: str) -> bool:
    try:
        _ask(store, command)
    except Exception:  # noqa: BLE001  a traceback is what is looked for
        return True
    return False


def _citation(_: Path) -> str:
    hostile = "2026},\n x = {y"
    made = bibtex(
        Citation(
            "key", "article-newspaper", hostile, (hostile,), hostile, hostile, "http://a/\\input{x}", hostile, "", ""
        )
    )
    assert not any(line.lstrip().startswith("x =") for line in made.splitlines()), made
    assert "\\input" not in made
    return "held: one entry, no field of its own"


def _csv(_: Path) -> str:
    made = harmless_rows(b'"=HYPERLINK(""http://a"")",-3,+1 wagon\r\n').decode()
    assert made.startswith("\"'=HYPERLINK"), made
    assert ",-3," in made, made
    return "held: the cells begin with an apostrophe, numbers stay"


ATTACKS = (
    Attack("store of others: an entry numbered 10^15", "over 100 s, no end", _far_entry),
    Attack("store of others: takedowns in a circle", "over 100 s, no end", _circle),
    Attack("store of others: odd values in entry and index", "tracebacks", _odd_values),
    Attack("cite: a date or an address that ends its field", "fields and commands of LaTeX", _citation),
    Attack("browse: CSV of titles that begin with = + - @", "formulas", _csv),
)
