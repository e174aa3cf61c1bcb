"""Snapshots: naming, listing, tagging, comparing, checking, and what garbage collection leaves."""

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from articles.errors import CorruptError, DeniedError, RefError, UsageError
from storage.objects.directory import DirectoryStore
from storage.snapshots.catalog import diff, digest, read_tag, resolve, snapshots, tag, tags
from storage.snapshots.gc import gc
from storage.snapshots.verify import verify
from storage.tables import log, packs
from storage.tables.log_reader import entry_key, state_key
from tests.storage import corpus, samples
from tests.storage.history import START, commit, draft, log_of


@pytest.fixture
def book(directory_store):
    """A log with three snapshots, of 1:00, 2:00 and 3:00 on 2026-01-01."""
    found = log_of(directory_store)
    corpus.build(found)
    return found


def quiet(_done, _whole):
    pass


def test_references_resolve(book):
    assert resolve(book, "latest") == 2
    assert [resolve(book, str(number)) for number in range(3)] == [0, 1, 2]
    tag(book, "1", "v1.0", "", START)
    assert resolve(book, "v1.0") == 1


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
def test_dates_resolve(book, ref, number):
    assert resolve(book, ref) == number


def test_a_date_means_the_end_of_that_day(directory_store):
    book = log_of(directory_store)
    for number in range(48):
        commit(book, [number], tables=["documents"])
    assert resolve(book, "2026-01-01") == 22  # made at 23:00
    assert resolve(book, "2026-01-02") == 46


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
def test_what_names_nothing_is_told(book, ref):
    with pytest.raises(RefError):
        resolve(book, ref)


def test_an_empty_store_has_no_snapshot(directory_store):
    for ref in ("latest", "0", "2026-01-01", "x"):
        with pytest.raises(RefError, match="no snapshot yet"):
            resolve(log_of(directory_store), ref)
    assert snapshots(log_of(directory_store)) == []


def test_snapshots_are_listed_with_their_tags(book):
    tag(book, "0", "a", "", START)
    tag(book, "latest", "b", "", START)
    tag(book, "2", "c", "", START)
    found = snapshots(log_of(book.store))
    assert [(one.number, one.run, one.tags) for one in found] == [
        (0, "one", ("a",)),
        (1, "two", ()),
        (2, "three", ("b", "c")),
    ]
    assert found[0].timestamp == START + timedelta(hours=1)
    assert found[2].counts == {"pages": {"steppe.example": {"asked": 2}}}


def test_a_tag_never_moves(store):
    book = log_of(store)
    commit(book, [1])
    commit(book, [2])
    tag(book, "0", "odd", "from a shell: \udcff, қазақша", datetime(2026, 5, 5, tzinfo=UTC))
    assert read_tag(store, "odd").note == "from a shell: \udcff, қазақша"
    store.delete("tags/odd.json")
    made = tag(book, "0", "paper", "as printed", datetime(2026, 5, 5, tzinfo=UTC))
    assert tag(book, "0", "paper", "as printed", datetime(2026, 5, 5, tzinfo=UTC)) == made  # the same PUT again
    with pytest.raises(UsageError, match="paper names snapshot 0 already"):
        tag(book, "1", "paper", "", datetime(2026, 5, 6, tzinfo=UTC))
    assert read_tag(store, "paper") == made
    assert tags(store) == [made]
    assert json.loads(store.get("tags/paper.json")) == {
        "name": "paper",
        "snapshot": 0,
        "digest": digest(book.state(0)),
        "created": "2026-05-05T00:00:00+00:00",
        "note": "as printed",
    }
    assert resolve(log_of(store), "paper") == 0


@pytest.mark.parametrize(
    "name", ["", "7", "latest", "2026-01-01", "2026-01-01x", "a/b", "../x", ".hidden", "x" * 101, "ü"]
)
def test_names_that_could_be_mistaken_are_refused(book, name):
    with pytest.raises(UsageError, match="not a tag"):
        tag(book, "latest", name, "", START)
    assert tags(book.store) == []


def test_a_tag_pins_the_content(book):
    tag(book, "0", "paper", "", START)
    told = json.loads(book.store.get("tags/paper.json"))
    book.store.put("tags/paper.json", json.dumps(told | {"digest": "0" * 64}).encode())
    with pytest.raises(CorruptError, match="another content"):
        resolve(book, "paper")
    assert any("paper" in problem for problem in verify(book, 0, quiet).problems)
    book.store.put("tags/paper.json", b"{")
    with pytest.raises(CorruptError, match="paper"):
        resolve(book, "paper")


def test_the_digest_follows_the_content(book, tmp_path):
    other = log_of(type(book.store)(tmp_path / "other"), seed=99)
    corpus.build(other)
    assert [digest(other.state(n)) for n in range(3)] == [digest(book.state(n)) for n in range(3)]
    assert len({digest(book.state(n)) for n in range(3)}) == 3
    assert other.read(0).sha256 != book.read(0).sha256


def ids(found):
    return [int(one.document_id.split("-")[0], 16) for one in found]


def test_differences(book):
    first = diff(book, 0, 1)
    assert (ids(first.new), ids(first.changed), ids(first.gone)) == ([], [1], [4])
    second = diff(book, 1, 2)
    assert (ids(second.new), ids(second.changed), ids(second.gone)) == ([5], [1], [])
    both = diff(book, 0, 2)
    assert (ids(both.new), ids(both.changed), ids(both.gone)) == ([5], [], [4])
    back = diff(book, 2, 0)
    assert (ids(back.new), ids(back.changed), ids(back.gone)) == ([], [], [5])
    same = diff(book, 2, 2)
    assert (same.new, same.changed, same.gone) == ((), (), ())
    (new,) = second.new
    assert (new.url, new.outlet, new.lang) == ("https://steppe.example/5", "steppe.example", "en")
    assert new.title == "The bridge at kilometre 5"


def test_a_sound_snapshot_verifies(store):
    book = log_of(store)
    corpus.build(book)
    steps = []
    found = verify(log_of(store), 2, lambda done, whole: steps.append((done, whole)))
    assert found.problems == ()
    assert (found.entries, found.captures, found.files) == (3, 3, sum(len(v) for v in book.state().files.values()))
    assert found.digest == digest(book.state(2))
    assert steps[-1] == (found.size, found.size)
    assert steps == sorted(steps)
    assert verify(book, 0, quiet).files == 3
    with pytest.raises(RefError):
        verify(book, 3, quiet)


def test_verify_says_what_is_wrong(book):
    store = book.store
    pack = book.state(0).live("documents")[0]
    sound = store.get(pack.key)

    def problems(number=2):
        return verify(log_of(store), number, quiet).problems

    store.put(pack.key, sound[:-1] + b"?")
    assert [pack.key in problem for problem in problems()] == [True]
    store.delete(pack.key)
    assert problems() == (f"{pack.key} is missing",)
    store.put(pack.key, sound)
    links = book.state(0).live("links")[0]
    kept = store.get(links.key)
    store.delete(links.key)
    assert problems(1) == (f"{links.key} is missing",)
    store.put(links.key, kept)
    store.delete(corpus.KEY.format(1))
    assert problems(0) == ()
    assert problems(1) == (f"{corpus.KEY.format(1)} was consumed and is missing",)
    store.put(corpus.KEY.format(1), b"a segment")
    assert problems() == ()


def test_verify_sees_through_the_index(book, monkeypatch):
    monkeypatch.setattr(log, "INDEX_INTERVAL", 1)
    corpus.add(book, [corpus.Sighting(6, samples.document(6))])
    entry = book.store.get(entry_key(1))
    book.store.put(entry_key(1), entry.replace(b'"run":"two"', b'"run":"xxx"'))
    assert log_of(book.store).state().number == 3  # by the index alone nothing is amiss
    assert any("entry 2" in problem for problem in verify(log_of(book.store), 3, quiet).problems)
    book.store.put(entry_key(1), entry)
    assert verify(log_of(book.store), 3, quiet).problems == ()
    book.store.delete(entry_key(0))
    assert any("gap" in problem for problem in verify(log_of(book.store), 3, quiet).problems)


def test_verify_finds_a_wrong_row_count_and_a_wrong_index(book, monkeypatch):
    monkeypatch.setattr(log, "INDEX_INTERVAL", 1)
    (good,) = packs.write(book.store, "links", samples.any_rows("links", 2))
    told = packs.FileRef("links", good.sha256, 7, good.size)
    made = draft(book.store, 2, [9], tables=[])
    book.append(type(made)(**{f: getattr(made, f) for f in made.__dataclass_fields__} | {"add": (told,)}), None)
    book.store.put("captures/steppe.example/00009", b"")
    found = verify(log_of(book.store), 3, quiet).problems
    assert any("has 2 rows where its commit says 7" in problem for problem in found)
    data = b"no Parquet at all"
    bad = packs.FileRef("links", hashlib.sha256(data).hexdigest(), 1, len(data))
    book.store.put(bad.key, data)
    book.append(
        type(made)(
            **{f: getattr(made, f) for f in made.__dataclass_fields__}
            | {"base": 3, "add": (bad,), "captures": frozenset()}
        ),
        None,
    )
    assert any("is no Parquet" in problem for problem in verify(log_of(book.store), 4, quiet).problems)
    other = log_of(book.store)
    wrong = log.states.encode(log.states.replace(other.state(), captures=frozenset({"captures/invented"})))
    book.store.put(state_key(4), wrong)
    assert any("index" in problem for problem in verify(log_of(book.store), 4, quiet).problems)


def test_garbage_is_collected_and_nothing_else(store):
    book = log_of(store)
    corpus.build(book)
    (orphan,) = packs.write(store, "documents", [samples.row(77)])
    before = {found.key for found in store.list("")}
    later = datetime.now(UTC) + timedelta(hours=25)
    assert gc(log_of(store), datetime.now(UTC), dry_run=False).keys == ()  # it is young
    told = gc(log_of(store), later, dry_run=True)
    assert (told.keys, told.size) == ((orphan.key,), orphan.size)
    assert {found.key for found in store.list("")} == before
    assert gc(log_of(store), later, dry_run=False).keys == (orphan.key,)
    assert {found.key for found in store.list("")} == before - {orphan.key}
    for number in range(3):
        assert verify(log_of(store), number, quiet).problems == ()


def test_garbage_collection_keeps_what_old_snapshots_need(directory_store):
    book = log_of(directory_store)
    commit(book, [1, 2])
    commit(book, [3], operation="rebuild", replaces=True, key="captures/all")
    later = datetime.now(UTC) + timedelta(days=9)
    assert gc(book, later, dry_run=False).keys == ()
    (directory_store.root / ".tmp" / "half").write_bytes(b"ha")
    assert gc(book, later, dry_run=False).unfinished == 1


def test_a_file_that_is_put_anew_meanwhile_is_not_garbage(directory_store, monkeypatch):
    book = log_of(directory_store)
    commit(book, [1])
    (orphan,) = packs.write(directory_store, "documents", [samples.row(77)])
    read_many = book.read_many

    def meanwhile(numbers):
        packs.write(directory_store, "documents", [samples.row(77)])
        return read_many(numbers)

    monkeypatch.setattr(book, "read_many", meanwhile)
    later = datetime.now(UTC) + timedelta(hours=25)
    assert gc(book, later, dry_run=False).keys == ()
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
    read_many, meanwhile = book.read_many, []

    def write_meanwhile(numbers):
        meanwhile.extend(packs.write(store, "documents", [samples.row(77)]))
        return read_many(numbers)

    monkeypatch.setattr(book, "read_many", write_meanwhile)
    assert gc(book, datetime.now(UTC), dry_run=False).keys == (orphan.key,)
    assert packs.read(store, meanwhile[0]).num_rows == 1


def test_a_lost_log_does_not_cost_the_files(directory_store):
    book = log_of(directory_store)
    commit(book, [1])
    directory_store.delete(entry_key(0))
    assert gc(log_of(directory_store), datetime.now(UTC) + timedelta(days=9), dry_run=False).keys == ()
