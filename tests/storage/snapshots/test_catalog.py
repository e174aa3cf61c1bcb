"""Snapshots are resolved, listed, tagged, compared, verified and cleaned by garbage collection."""

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from articles.errors import CorruptError, DeniedError, RefError, UsageError
from storage.objects.directory import DirectoryStore
from storage.snapshots.catalog import diff, digest, read_tag, resolve, snapshots, tag, tags
from storage.snapshots.gc import gc
from storage.snapshots.verify import verify
from storage.tables import log, packs
from storage.tables import state as states
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import entry_key, head_key, state_key
from tests.storage import corpus, samples
from tests.storage.history import START, commit, draft, log_of


@pytest.fixture
def history_log(directory_store):
    """A log with three snapshots, of 1:00, 2:00 and 3:00 on 2026-01-01."""
    found = log_of(directory_store)
    corpus.build(found)
    return found


def no_progress(_done, _whole):
    pass


def test_references_resolve(history_log):
    assert resolve(history_log, "latest") == 2
    assert [resolve(history_log, str(number)) for number in range(3)] == [0, 1, 2]
    tag(history_log, "1", "v1.0", "", START)
    assert resolve(history_log, "v1.0") == 1


@pytest.mark.parametrize(
    ("ref", "number"),
    [
        ("2026-01-01", 2),
        ("2026-01-01T01:00:00", 0),
        ("2026-01-01T02:59:59Z", 1),
        ("2026-01-01T07:30:00+05:00", 1),
        ("2026-01-01T01:00:00.999", 0),
        ("2027-01-01", 2),
    ],
)
def test_dates_resolve(history_log, ref, number):
    assert resolve(history_log, ref) == number


def test_a_date_means_the_end_of_that_day(directory_store):
    history_log = log_of(directory_store)
    for number in range(48):
        commit(history_log, [number], tables=["documents"])
    assert resolve(history_log, "2026-01-01") == 22  # made at 23:00
    assert resolve(history_log, "2026-01-02") == 46


@pytest.mark.parametrize(
    "ref",
    [
        "3",
        "99999999999999999999999",
        "2025-12-31",
        "2026-13-01",
        "2026-01-01T25:00",
        "none",
        "",
        "../x",
        "-1",
        "9999-12-31T",
    ],
)
def test_a_reference_that_names_no_snapshot_is_an_error(history_log, ref):
    with pytest.raises(RefError):
        resolve(history_log, ref)


def test_an_empty_store_has_no_snapshot(directory_store):
    for ref in ("latest", "0", "2026-01-01", "x"):
        with pytest.raises(RefError, match="no snapshot yet"):
            resolve(log_of(directory_store), ref)
    assert snapshots(log_of(directory_store)) == []


def test_snapshots_are_listed_with_their_tags(history_log):
    tag(history_log, "0", "a", "", START)
    tag(history_log, "latest", "b", "", START)
    tag(history_log, "2", "c", "", START)
    found = snapshots(log_of(history_log.store))
    assert [(one.number, one.run, one.tags) for one in found] == [
        (0, "one", ("a",)),
        (1, "two", ()),
        (2, "three", ("b", "c")),
    ]
    assert found[0].timestamp == START + timedelta(hours=1)
    assert found[2].counts == {"pages": {"steppe.example": {"asked": 2}}}


def test_a_tag_never_moves(store):
    history_log = log_of(store)
    commit(history_log, [1])
    commit(history_log, [2])
    tag(history_log, "0", "odd", "from a shell: \udcff, қазақша", datetime(2026, 5, 5, tzinfo=UTC))
    assert read_tag(store, "odd").note == "from a shell: \udcff, қазақша"
    store.delete("tags/odd.json")
    created = tag(history_log, "0", "paper", "as printed", datetime(2026, 5, 5, tzinfo=UTC))
    again = tag(history_log, "0", "paper", "as printed", datetime(2026, 5, 5, tzinfo=UTC))
    assert again == created  # repeating it is no error
    with pytest.raises(UsageError, match="paper already names snapshot 0"):
        tag(history_log, "1", "paper", "", datetime(2026, 5, 6, tzinfo=UTC))
    assert read_tag(store, "paper") == created
    assert tags(store) == [created]
    assert json.loads(store.get("tags/paper.json")) == {
        "name": "paper",
        "snapshot": 0,
        "digest": digest(history_log.state(0)),
        "created": "2026-05-05T00:00:00+00:00",
        "note": "as printed",
    }
    assert resolve(log_of(store), "paper") == 0


@pytest.mark.parametrize(
    "name", ["", "7", "latest", "2026-01-01", "2026-01-01x", "a/b", "../x", ".hidden", "x" * 101, "ü"]
)
def test_ambiguous_and_invalid_tag_names_are_refused(history_log, name):
    with pytest.raises(UsageError, match="not a valid tag name"):
        tag(history_log, "latest", name, "", START)
    assert tags(history_log.store) == []


def test_a_tag_fixes_the_digest_of_its_snapshot(history_log):
    tag(history_log, "0", "paper", "", START)
    fields = json.loads(history_log.store.get("tags/paper.json"))
    history_log.store.put("tags/paper.json", json.dumps(fields | {"digest": "0" * 64}).encode())
    with pytest.raises(CorruptError, match="does not match snapshot 0"):
        resolve(history_log, "paper")
    assert any("paper" in problem for problem in verify(history_log, 0, no_progress).problems)
    history_log.store.put("tags/paper.json", b"{")
    with pytest.raises(CorruptError, match="paper"):
        resolve(history_log, "paper")


def test_equal_contents_have_equal_digests(history_log, tmp_path):
    other = log_of(type(history_log.store)(tmp_path / "other"), seed=99)
    corpus.build(other)
    assert [digest(other.state(n)) for n in range(3)] == [digest(history_log.state(n)) for n in range(3)]
    assert len({digest(history_log.state(n)) for n in range(3)}) == 3
    assert other.read(0).sha256 != history_log.read(0).sha256


def ids(found):
    return [int(one.document_id.split("-")[0], 16) for one in found]


def test_snapshots_are_compared(history_log):
    first = diff(history_log, 0, 1)
    assert (ids(first.new), ids(first.changed), ids(first.gone)) == ([], [1], [4])
    second = diff(history_log, 1, 2)
    assert (ids(second.new), ids(second.changed), ids(second.gone)) == ([5], [1], [])
    both = diff(history_log, 0, 2)
    assert (ids(both.new), ids(both.changed), ids(both.gone)) == ([5], [], [4])
    back = diff(history_log, 2, 0)
    assert (ids(back.new), ids(back.changed), ids(back.gone)) == ([], [], [5])
    same = diff(history_log, 2, 2)
    assert (same.new, same.changed, same.gone) == ((), (), ())
    (new,) = second.new
    assert (new.url, new.outlet, new.lang) == ("https://steppe.example/5", "steppe.example", "en")
    assert new.title == "The bridge at kilometre 5"


def test_a_sound_snapshot_verifies(store):
    history_log = log_of(store)
    corpus.build(history_log)
    steps = []
    found = verify(log_of(store), 2, lambda done, whole: steps.append((done, whole)))
    assert found.problems == ()
    assert (found.entries, found.captures, found.files) == (
        3,
        3,
        sum(len(v) for v in history_log.state().files.values()),
    )
    assert found.digest == digest(history_log.state(2))
    segments = 3 * len(b"a segment")  # captures are read too
    assert steps[-1] == (found.size + segments, found.size + segments)
    assert steps == sorted(steps)
    assert verify(history_log, 0, no_progress).files == 3
    with pytest.raises(RefError):
        verify(history_log, 3, no_progress)


def test_verify_reports_damaged_and_missing_files(history_log):
    store = history_log.store
    pack = history_log.state(0).live("documents")[0]
    sound = store.get(pack.key)

    def problems(number=2):
        return verify(log_of(store), number, no_progress).problems

    store.put(pack.key, sound[:-1] + b"?")
    assert [pack.key in problem for problem in problems()] == [True]
    store.delete(pack.key)
    assert problems() == (f"{pack.key} is missing",)
    store.put(pack.key, sound)
    links = history_log.state(0).live("links")[0]
    kept = store.get(links.key)
    store.delete(links.key)
    assert problems(1) == (f"{links.key} is missing",)
    store.put(links.key, kept)
    store.delete(corpus.KEY.format(1))
    assert problems(0) == ()
    assert problems(1) == (f"{corpus.KEY.format(1)} is missing, although a commit has consumed it",)
    store.put(corpus.KEY.format(1), b"a segment")
    assert problems() == ()


def test_verify_reads_the_log_and_does_not_trust_the_index(history_log, monkeypatch):
    monkeypatch.setattr(log, "INDEX_INTERVAL_COMMITS", 1)
    corpus.add(history_log, [corpus.Sighting(6, samples.document(6))])
    entry = history_log.store.get(entry_key(1))
    history_log.store.put(entry_key(1), entry.replace(b'"run":"two"', b'"run":"xxx"'))
    assert log_of(history_log.store).state().number == 3  # the index hides the change
    assert any("entry 2" in problem for problem in verify(log_of(history_log.store), 3, no_progress).problems)
    history_log.store.put(entry_key(1), entry)
    assert verify(log_of(history_log.store), 3, no_progress).problems == ()
    history_log.store.delete(entry_key(0))
    assert any("gap" in problem for problem in verify(log_of(history_log.store), 3, no_progress).problems)


def test_verify_finds_a_wrong_row_count_and_a_wrong_index(history_log, monkeypatch):
    monkeypatch.setattr(log, "INDEX_INTERVAL_COMMITS", 1)
    (good,) = packs.write(history_log.store, "links", samples.any_rows("links", 2))
    wrong_rows = FileRef("links", good.sha256, 7, good.size)
    made = draft(history_log.store, 2, [9], tables=[])
    history_log.append(
        type(made)(**{f: getattr(made, f) for f in made.__dataclass_fields__} | {"add": (wrong_rows,)}), None
    )
    history_log.store.put("captures/steppe.example/00009", b"")
    found = verify(log_of(history_log.store), 3, no_progress).problems
    assert any("has 2 rows, but its commit says 7" in problem for problem in found)
    data = b"no Parquet at all"
    bad = FileRef("links", hashlib.sha256(data).hexdigest(), 1, len(data))
    history_log.store.put(bad.key, data)
    history_log.append(
        type(made)(
            **{f: getattr(made, f) for f in made.__dataclass_fields__}
            | {"base": 3, "add": (bad,), "captures": frozenset()}
        ),
        None,
    )
    assert any(
        "is not a Parquet file" in problem for problem in verify(log_of(history_log.store), 4, no_progress).problems
    )
    other = log_of(history_log.store)
    wrong = states.encode(replace(other.state(), captures=frozenset({"captures/invented"})))
    history_log.store.put(state_key(4), wrong)
    assert any("index" in problem for problem in verify(log_of(history_log.store), 4, no_progress).problems)


def test_gc_removes_old_orphans_and_nothing_else(store):
    history_log = log_of(store)
    corpus.build(history_log)
    (orphan,) = packs.write(store, "documents", [samples.row(77)])
    before = {found.key for found in store.list("")}
    later = datetime.now(UTC) + timedelta(hours=25)
    assert gc(log_of(store), datetime.now(UTC), dry_run=False).keys == ()  # it is too young
    listed = gc(log_of(store), later, dry_run=True)
    assert (listed.keys, listed.size) == ((orphan.key,), orphan.size)
    assert {found.key for found in store.list("")} == before
    assert gc(log_of(store), later, dry_run=False).keys == (orphan.key,)
    assert {found.key for found in store.list("")} == before - {orphan.key}
    for number in range(3):
        assert verify(log_of(store), number, no_progress).problems == ()


def test_gc_keeps_the_files_of_old_snapshots(directory_store):
    history_log = log_of(directory_store)
    commit(history_log, [1, 2])
    commit(history_log, [3], operation="rebuild", replaces=True, key="captures/all")
    later = datetime.now(UTC) + timedelta(days=9)
    assert gc(history_log, later, dry_run=False).keys == ()
    (directory_store.root / ".tmp" / "half").write_bytes(b"ha")
    assert gc(history_log, later, dry_run=False).unfinished == 1


def test_gc_keeps_a_file_that_is_written_again_meanwhile(directory_store, monkeypatch):
    history_log = log_of(directory_store)
    commit(history_log, [1])
    (orphan,) = packs.write(directory_store, "documents", [samples.row(77)])
    read_many = history_log.read_many

    def write_again(numbers):
        packs.write(directory_store, "documents", [samples.row(77)])
        return read_many(numbers)

    monkeypatch.setattr(history_log, "read_many", write_again)
    later = datetime.now(UTC) + timedelta(hours=25)
    assert gc(history_log, later, dry_run=False).keys == ()
    assert [found.key for found in directory_store.list(orphan.key)] == [orphan.key]


class Protected(DirectoryStore):
    """Like a bucket under infra/bucket-policy.json."""

    def put(self, key, data):
        raise DeniedError(f"a policy forbids to overwrite {key}")


def test_where_nothing_is_replaced_a_file_that_is_garbage_is_not_relied_on(tmp_path, monkeypatch):
    store = Protected(tmp_path)
    book = log_of(store)
    commit(book, [1])
    (orphan,) = packs.write(store, "documents", [samples.row(77)])
    then = (datetime.now(UTC) - timedelta(hours=25)).timestamp()
    os.utime(store.root / orphan.key, (then, then))
    read_many = book.read_many
    meanwhile: list[Any] = []

    def write_meanwhile(numbers):
        meanwhile.extend(packs.write(store, "documents", [samples.row(77)]))
        return read_many(numbers)

    monkeypatch.setattr(book, "read_many", write_meanwhile)
    assert gc(book, datetime.now(UTC), dry_run=False).keys == (orphan.key,)
    assert packs.read(store, meanwhile[0]).num_rows == 1


def test_gc_removes_nothing_if_the_log_is_lost(directory_store):
    history_log = log_of(directory_store)
    commit(history_log, [1])
    directory_store.delete(entry_key(0))
    before = [info.key for info in directory_store.list("")]
    with pytest.raises(CorruptError, match="entry 0 was there"):
        gc(log_of(directory_store), datetime.now(UTC) + timedelta(days=9), dry_run=False)
    directory_store.delete(head_key(0))
    assert gc(log_of(directory_store), datetime.now(UTC) + timedelta(days=9), dry_run=False).keys == ()
    assert [info.key for info in directory_store.list("")] == [key for key in before if key != head_key(0)]
