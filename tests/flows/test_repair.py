"""`irtysh repair`, `verify --deep` and a rebuild of a damaged store, from the command line."""

import hashlib
import json
from array import array

import pytest

from articles.profile import encode
from articles.site import Profile
from flows import process as stages
from flows import verifying
from flows.cli import run
from flows.processing.sites import Sites
from storage import profiles
from storage.objects.directory import DirectoryStore
from storage.tables import accounts
from storage.tables.log_reader import entry_key
from tests.flows.making import put, site_page
from tests.flows.tables import Direct, context, log_of, problems, rows
from tests.site import manifest


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store of three snapshots, and the bytes of all its objects."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        patch.setattr(accounts, "MAX_NAMED_OUTLETS", 0)
        folder = tmp_path_factory.mktemp("made")
        store = DirectoryStore(folder / "store")
        pages = [page for page in manifest.pages() if page.documents][:24]
        put(store, folder / "spool", "run", (site_page(one.outlet, one.path) for one in pages), records=8)
        stages.process(context(store, batch_captures=8))
    return {info.key: store.get(info.key) for info in store.list("")}


@pytest.fixture
def store(made, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    monkeypatch.setattr(verifying, "Workers", Direct)
    monkeypatch.setattr(accounts, "MAX_NAMED_OUTLETS", 0)
    store = DirectoryStore(tmp_path / "store")
    for key, data in made.items():
        store.put(key, data)
    return store


def objects(store, prefix=""):
    return {info.key: store.get(info.key) for info in store.list(prefix)}


def test_lost_and_damaged_files_of_all_tables_come_back_byte_for_byte(store, made, capsys):
    state = log_of(store).state()
    tables = [table for table in sorted(state.files) if state.live(table)]
    assert len(tables) >= 7
    for number, table in enumerate(tables):
        ref = state.live(table)[0]
        store.delete(ref.key) if number % 2 else store.put(ref.key, made[ref.key][:-9])
    store.put(max(key for key in made if key.startswith("configurations/")), b"")
    assert run(["verify", "--json", "--store", store.url]) == 1
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    assert {state.live(table)[0].key for table in tables} <= {one["key"] for one in report["findings"]}
    assert run(["repair", "--dry-run", "--store", store.url]) == 1
    assert run(["repair", "--store", store.url]) == 0
    assert "byte for byte" in capsys.readouterr().out
    assert problems(store) == []
    for key, data in made.items():
        assert store.get(key) == data or key.startswith("index/")
    assert log_of(store).head() == log_of(store).state().number == max(log_of(store).entries())


@pytest.mark.parametrize("sums", ["none", "false", "misshapen"])
def test_a_lost_file_with_pages_is_made_again_and_sums_that_lack_it_are_too(store, made, sums, capsys):
    log = log_of(store)
    head, whole = log.head(), accounts.sums(store, log.state())
    key = accounts.accounts_key(log.read(1).accounts)
    store.delete(key)
    if sums == "false":  # as older code stored them while the file was lost
        found = {"entry": log.read(head).sha256, "pages": {"steppe.example": {"asked": 1}}}
        store.put(accounts.sums_key(head), json.dumps(found).encode())
    elif sums == "misshapen":
        store.put(accounts.sums_key(head), b"[]")
    assert run(["repair", "--store", store.url]) == 0
    assert f"{key} was made again" in capsys.readouterr().out
    assert store.get(key) == made[key]
    assert problems(store) == []
    assert accounts.stored(store) == [head]
    assert accounts.stored_sums(store, head, log.read(head).sha256) == whole


def test_a_lost_newest_entry_is_processed_again(store, made):
    head = log_of(store).head()
    before = sorted(row["row_id"] for row in rows(store, "documents", "row_id"))
    for harm in (None, b"{"):
        store.put(entry_key(head), harm) if harm else store.delete(entry_key(head))
        assert run(["process", "--no-prefect", "--workers", "1", "--store", store.url]) == 1
        assert run(["repair", "--store", store.url]) == 0
        stages.process(context(store))
        assert log_of(store).head() == head
        assert sorted(row["row_id"] for row in rows(store, "documents", "row_id")) == before
        assert problems(store) == []


def test_files_come_back_with_the_profiles_that_they_were_made_with(store, made, capsys):
    for site in ("steppe", "steppe.example", "azat.example", "orda.example", "kurier.example"):
        profiles.put(store, {site: b"{}"})  # learned since
    packs = [ref.key for ref in log_of(store).state().live("documents")]
    for key in packs:
        store.delete(key)
    assert run(["repair", "--store", store.url]) == 0, capsys.readouterr().out
    assert {key: store.get(key) for key in packs} == {key: made[key] for key in packs}


def test_a_damaged_entry_is_named_in_a_store_with_stored_views(store, made, capsys):
    assert any(key.startswith("index/views/") for key in made)
    store.put(entry_key(1), made[entry_key(2)])
    assert run(["verify", "--json", "--store", store.url]) == 1
    assert entry_key(1) in {one["key"] for one in json.loads(capsys.readouterr().out)["findings"]}


def test_a_deep_check_proves_documents_from_their_captures(store, made, capsys):
    assert run(["verify", "--deep", "--json", "--store", store.url]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["deep"] == {"proved": len(rows(store, "documents", "row_id")), "older": 0}


def test_a_rebuild_of_damaged_segments_is_refused_until_told_what_to_leave_out(store, made, capsys):
    key = min(key for key in made if key.startswith("captures/"))
    store.put(key, made[key][: len(made[key]) // 2])
    head = log_of(store).head()
    assert run(["rebuild", "--no-prefect", "--workers", "1", "--store", store.url]) == 1
    assert key in capsys.readouterr().err
    assert log_of(store).head() == head
    assert run(["rebuild", "--leave-out", key, "--workers", "1", "--store", store.url]) == 0
    assert key not in {row["capture_key"] for row in rows(store, "documents", "capture_key")}
    capsys.readouterr()
    assert run(["verify", "--store", store.url]) == 0
    assert "leave it out" in capsys.readouterr().out
    assert stages.process(context(store)).snapshots == ()
    store.put(key, made[key])  # restored from a backup
    assert run(["rebuild", "--no-prefect", "--workers", "1", "--store", store.url]) == 0
    assert key in {row["capture_key"] for row in rows(store, "documents", "capture_key")}


def test_profiles_of_one_commit_are_not_used_for_the_next(tmp_path):
    store = DirectoryStore(tmp_path)
    old, new = (encode(Profile(pages, {"a": pages}, array("Q", [1]), "")) for pages in (3, 4))
    profiles.put(store, {"steppe.example": old})
    sites = Sites(store)
    used = sites.profile("steppe.example").sha256
    profiles.put(store, {"steppe.example": new})
    named = {"sites": {"steppe.example": {"profile": used}}}
    for configuration, expected in ((json.dumps(named).encode(), old), (None, new)):
        sites.use_profiles_of(configuration)
        assert sites.profile("steppe.example").sha256 == hashlib.sha256(expected).hexdigest()
