"""Every object of a store that somebody else wrote is read or refused with our own error, in time linear in its size.

The parsers of what sites send are in `tests/spiders/discovery/test_costs.py`; those of a user's files in
`tests/flows/test_settings.py`, `test_url_tables.py` and `tests/articles/topics/test_topic.py`.
"""

import copy
import gzip
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from articles import profile
from articles.errors import IrtyshError, MissingError
from flows.outlets import last_run
from flows.processing import last_commit
from flows.processing.topics import Topics
from spiders.process.runs import read_run
from storage import leases, profiles, quarantine
from storage.captures import sums
from storage.objects.base import ObjectInfo
from storage.objects.json_objects import read_json
from storage.snapshots import catalog, layers, rebuilds
from storage.snapshots.verify_log import check_log
from storage.tables import delta, packs, redactions
from storage.tables import state as states
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import LogReader, entry_key
from tests.flows.tables import log_of
from tests.spiders.discovery.test_costs import assert_linear, repeated
from tests.storage import corpus, samples

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SHA256 = "ab" * 32


class OneObject:
    """A store with one object, or a few."""

    url = "one object"

    def __init__(self, key: str, data: bytes, **others: bytes) -> None:
        self.objects = {key: data, **others}

    def get(self, key: str) -> bytes:
        if key not in self.objects:
            raise MissingError(key)
        return self.objects[key]

    def get_range(self, key: str, start: int, length: int) -> bytes:
        return self.get(key)[start : start + length]

    def list(self, prefix: str, after: str = "") -> list[ObjectInfo]:
        return [
            ObjectInfo(key, len(data), NOW)
            for key, data in sorted(self.objects.items())
            if key.startswith(prefix) and key > after
        ]


def stored(key: str, read: Callable[[Any], object]) -> Callable[[bytes], object]:
    return lambda body: read(OneObject(key, body))


def lease(store: Any) -> object:
    held = leases.current(store, "a", NOW)
    return held and held.in_force(NOW)


def status(store: Any) -> object:
    found = last_run.read(store, "a")
    return found and (found.runs + 1, found.trouble + found.why)


def run(store: Any) -> object:
    found = read_run(store, "runs/a/b.json")
    return found.left + found.counts.get("whole", 0), found.started < found.ended, "".join(found.resumes)


def commit(store: Any) -> object:
    found = last_commit.read(store)
    return found and (found.captures + found.reading + found.writing, found.ended + "")


def marks(store: Any) -> object:
    return ["".join((*mark.why, mark.rules)) for mark in quarantine.marks(store).values()]


def tags(store: Any) -> object:
    return [(tag.snapshot + 1, tag.note + tag.digest) for tag in catalog.tags(store)]


def entry(body: bytes) -> object:
    commit = delta.decode(0, body)
    return "".join((commit.run, commit.code, *commit.captures)), states.advance(states.State(), [commit])


def index(body: bytes) -> object:
    found = states.decode(gzip.compress(body, 1))
    return found.number + len(found.history), sorted(found.captures), states.encode(found)


def taken_down(store: Any) -> object:
    return redactions.load(store).file(FileRef("documents", SHA256, 1, 1))


def learned(body: bytes) -> object:
    return sums.learned(OneObject(f"index/sums/{hashlib.sha256(body).hexdigest()}.json", body))  # type: ignore[arg-type]


def topic(body: bytes) -> object:
    sha256 = hashlib.sha256(body).hexdigest()
    return Topics(OneObject(f"topics/{sha256}.yaml", body)).text(f"sha256:{sha256}")  # type: ignore[arg-type]


def pack(body: bytes) -> object:
    ref = FileRef("links", hashlib.sha256(body).hexdigest(), 1, len(body))
    return packs.read(OneObject(ref.key, body), ref)  # type: ignore[arg-type]


def head(store: Any) -> object:
    with suppress(IrtyshError):
        LogReader(store).state()
    return LogReader(store).head()


LAST = "documents/_delta_log/_last_checkpoint"
PARSERS: dict[str, Callable[[bytes], object]] = {
    "log entry": entry,
    "index": index,
    "last checkpoint": stored(LAST, head),
    "takedown": stored("redactions/0000000000.json", taken_down),
    "tag": stored("tags/a.json", tags),
    "quarantine": stored("quarantine/0000000000.json", marks),
    "profiles in force": stored("profiles/in-force/0000000000.json", profiles.in_force),
    "profile": profile.decode,
    "run": stored("runs/a/b.json", run),
    "lease": stored("leases/a/0000000001.json", lease),
    "status": stored("status/a.json", status),
    "sums": learned,
    "layer": stored("a", lambda store: layers.listed_files(store, "a")),
    "footers of a layer": stored("a", lambda store: layers.listed_footers(read_json(store, "a"), "a")),
    "last commit": stored(last_commit.LAST_COMMIT_KEY, commit),
    "portion of a rebuild": stored(rebuilds._key("a", 0), lambda store: rebuilds._portion(store, "a", 0)),
    "topic": topic,
    "pack": pack,
}  # fmt: skip
RUN = {
    "run": "b",
    "request_sha256": "c",
    "started": "d",
    "topic": "any",
    "resumes": ["e"],
    "counts": {"left": 1},
    "refused": {"f": ["g", "h"]},
}
LEASE = {"holder": "a", "host": "b", "process": "", "since": "2026-11-01", "expires": "2026-11-01T00:00:00+00:00"}
FORMS: dict[str, Any] = {  # a sound value for each kind of JSON
    "last checkpoint": {"version": 3},
    "takedown": {
        "when": "2026-11-01", "why": "a", "rows": 1, "files": {"documents": {SHA256: ["cd" * 32, 1, 1]}}, "segments": {"a": [1, SHA256]},
        "articles": ["a"],
    },
    "tag": {"name": "a", "snapshot": 1, "digest": "b", "created": "2026-11-01", "note": ""},
    "quarantine": [{"outlet": "a", "run": "b", "why": ["c"], "rules": "d"}],
    "profiles in force": {"a": SHA256},
    "profile": {"version": 1, "articles": 3, "lines": {"a": 3}, "known": "AAAAAAAAAAA="},
    "run": RUN,
    "lease": LEASE,
    "status": {"outlet": "a", "run": "b", "ended": "c", "trouble": "", "why": "", "runs": 1, "backlog": 0, "pages": 1, "pages_failed": 0},
    "sums": {"a": [1, SHA256]},
    "last commit": {"snapshot": 1, "ended": "a", "captures": 1, "reading": 1.5, "writing": 1},
    "portion of a rebuild": {
        "keys": ["a"], "sums": {"a": [1, SHA256]}, "files": [{"table": "links", "sha256": SHA256, "rows": 1, "size": 1, "origin": ""}],
        "counts": {}, "links": {}, "cut": [], "damaged": [], "unread": [], "readers": [],
    },
    "layer": {"entry": SHA256, "files": {"a": [SHA256, 1]}},
    "footers of a layer": {"footers": {"a": [1, SHA256]}},
}  # fmt: skip
ODD: list[Any] = [None, True, -1, 10**400, 1.5, float("nan"), float("inf"), "", "../x", "\x1b\u202e", "9999-99-99", "0001-01-01T00:00+23:59", [], {}, [[]], {"a": {"b": []}}]  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, one in inner for place in places(one, (*at, key)))]


def changed(value: Any, at: tuple[Any, ...], odd: Any) -> Any:
    if not at:
        return odd
    made = copy.deepcopy(value)
    inside = made
    for step in at[:-1]:
        inside = inside[step]
    inside[at[-1]] = odd
    return made


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    """A sound value for each kind, those of a real log included."""
    from storage.objects.directory import DirectoryStore  # noqa: PLC0415  only here

    store = DirectoryStore(tmp_path_factory.mktemp("store"))
    log = log_of(store)
    corpus.add(log, [corpus.Sighting(1, samples.document(1, title="A title"))])
    actions = [json.loads(line) for line in store.get(entry_key(0)).splitlines()]
    return {**FORMS, "log entry": actions, "index": json.loads(gzip.decompress(states.encode(log.state())))}


def encoded(name: str, value: Any) -> bytes:
    if name == "log entry" and isinstance(value, list):
        return "\n".join(map(json.dumps, value)).encode()
    return json.dumps(value).encode()


@pytest.mark.parametrize("name", [*FORMS, "log entry", "index"])
def test_no_value_in_any_place_raises_anything_but_our_own_errors(forms, name):
    PARSERS[name](encoded(name, forms[name]))  # a sound one is read
    for place in places(forms[name])[::3]:
        for odd in ODD:
            with suppress(IrtyshError):
                PARSERS[name](encoded(name, changed(forms[name], place, odd)))


PUMPS = (
    b"[",
    b'{"a":',
    b'"',
    b"\\",
    b"1",
    b"1,",
    b" ",
    b"\n",
    b"[]\n",
    b"\0",
    b"\xff",
    b'{"commitInfo":{}}\n',
    b"PAR1",
)
HEADS = (b"", b"[", b'{"version":', b"PAR1")


@pytest.mark.parametrize("name", PARSERS)
@examples(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([*PUMPS, *HEADS]) | st.binary(max_size=20), max_size=20).map(b"".join))
def test_no_bytes_raise_anything_but_our_own_errors(name, body):
    with suppress(IrtyshError):
        PARSERS[name](body)


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.parametrize("name", PARSERS)
def test_parsers_are_linear(name):
    for start in HEADS:
        for pump in PUMPS:
            assert_linear(quiet(PARSERS[name]), repeated(start, pump))


def quiet(parse: Callable[[bytes], object]) -> Callable[[bytes], object]:
    def parsed(body: bytes) -> None:
        with suppress(IrtyshError):
            parse(body)

    return parsed


@pytest.mark.parametrize("key", [entry_key(10**20 - 1), entry_key(10**15), LAST])
def test_a_number_in_a_name_or_a_pointer_costs_nothing(key):
    store: Any = OneObject(key, b'{"version": 900000000000000}')
    log = LogReader(store)
    with pytest.raises(IrtyshError):
        log.state()
    assert len(check_log(log, 0, ()).findings) <= 1_100
