"""`irtysh optimize`, `irtysh gc` and `irtysh relink`."""

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from articles.errors import UsageError
from flows import process as stages
from flows.cli import run
from flows.optimize import optimize
from flows.processing.batch import DUPLICATE_KINDS
from flows.relink_duplicates import Engine, relink_duplicates
from storage.objects.directory import DirectoryStore
from storage.snapshots.expiry import instant_of
from storage.tables import rows as table_rows
from storage.tables.log import Log
from storage.tables.log_reader import entry_key
from tests.flows.making import put, site_page
from tests.flows.tables import Direct, contents, context, log_of, problems, rows
from tests.site import manifest


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("processed")
    store = DirectoryStore(folder / "store")
    pages = [page for page in manifest.pages() if page.documents][:40]
    put(store, folder / "spool", "run", (site_page(one.outlet, one.path) for one in pages), records=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        stages.process(context(store, batch_captures=10))
    return folder / "store"


@pytest.fixture
def store(processed, tmp_path, monkeypatch):
    """A copy of that store for one test."""
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    shutil.copytree(processed, tmp_path / "store")
    return DirectoryStore(tmp_path / "store")


def links(store):
    return sorted(map(table_rows.link_of, rows(store, "links")), key=lambda link: (link.kind, link.a, link.b))


@pytest.mark.parametrize("engine", [Engine.BLOCKS, Engine.DUCKDB])
def test_links_computed_anew_are_those_that_processing_made(store, engine):
    before = links(store)
    assert sum(link.kind in DUPLICATE_KINDS for link in before) > 1
    report = relink_duplicates(context(store), engine)
    assert links(store) == before
    assert report.snapshots == (log_of(store).head(),)


def test_relink_on_the_command_line(store, capsys):
    before = links(store)
    assert run(["relink", "--no-translations", "--store", store.url]) == 0
    assert links(store) == before
    assert "duplicate_of" in capsys.readouterr().err


def test_relink_of_a_store_without_a_snapshot_makes_none(tmp_path, capsys):
    DirectoryStore(tmp_path / "empty").put("index/conditional-writes", b"")
    assert run(["relink", "--store", str(tmp_path / "empty")]) == 0
    assert "no snapshot" in capsys.readouterr().err


def test_gc_lists_first_and_removes_on_request(store, tmp_path, capsys):
    orphan = tmp_path / "store" / "documents" / f"{'0' * 64}.parquet"
    orphan.write_bytes(b"left behind by a writer that was killed")
    old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(orphan, (old, old))
    assert run(["gc", "--store", store.url]) == 0
    assert orphan.exists()
    assert orphan.name in capsys.readouterr().out
    assert run(["gc", "--delete", "--store", store.url]) == 0
    assert not orphan.exists()
    assert run(["verify", "latest", "--store", store.url]) == 0


def test_gc_deletes_nothing_by_a_wrong_clock_or_where_the_end_of_the_log_is_lost(store, monkeypatch, capsys):
    before = {info.key for info in store.list("")}
    with monkeypatch.context() as patch:
        patch.setattr("flows.commands.maintenance.now", lambda: datetime.now(UTC) + timedelta(days=2))
        assert run(["gc", "--delete", "--store", store.url]) == 2
        assert "2 d ahead of" in capsys.readouterr().err
        older = ["expire-snapshots", "--older-than", "1d", "--delete", "--store", store.url]
        assert run(older) == 2
    assert {info.key for info in store.list("")} == before
    head = log_of(store).head()
    last = {ref.key for ref in log_of(store).read(head).add}
    for info in list(store.list("")):
        os.utime(store.root / info.key, (0, 0))
    store.delete(entry_key(head))
    assert run(["gc", "--delete", "--store", store.url]) == 1
    assert "irtysh repair" in capsys.readouterr().err
    assert last <= {info.key for info in store.list("")}  # they belong to the lost entry, which a backup may have
    assert run(older) == 1


def test_optimize_joins_files_and_changes_no_row(store, tmp_path, capsys):
    before, number = contents(store, tmp_path), log_of(store).head()
    files = len(log_of(store).state().live("documents"))
    assert files > 1
    assert run(["tag", "latest", "paper", "--store", store.url]) == 0
    assert run(["optimize", "--dry-run", "--store", store.url]) == 0
    assert f"documents: {files} files to 1" in capsys.readouterr().out
    assert log_of(store).head() == number
    assert run(["optimize", "--store", store.url]) == 0
    (joined,) = log_of(store).state().live("documents")
    assert contents(store, tmp_path) == before
    assert run(["optimize", "--store", store.url]) == 0  # nothing is left to do
    assert log_of(store).head() == number + 1
    assert run(["pull", "paper", str(tmp_path / "paper"), "--store", store.url]) == 0
    store.delete(joined.key)
    assert run(["repair", "--store", store.url]) == 0
    assert run(["verify", "latest", "--store", store.url]) == 0
    put(store, tmp_path / "spool", "later", [site_page("steppe", manifest.page("steppe", "wagons").path, 2, hour=24)])
    stages.process(context(store))
    assert len(log_of(store).state().live("documents")) == 2
    assert run(["verify", str(number), "--store", store.url]) == 0


def test_optimize_gives_way_to_another_writer(store):
    log = log_of(store)
    first = log.state()

    waiting = [True]

    def optimized():
        one = context(store)
        return optimize(store, one.clock, one.rng, one.listener, "code", dry_run=False)

    class Meanwhile(Log):
        """A log to which another process commits before this one."""

        def append(self, draft, rebase):
            if waiting:
                waiting.clear()
                assert optimized().snapshot == first.number + 1
            return super().append(draft, rebase)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.optimize.Log", Meanwhile)
        found = optimized()
    assert found.snapshot is None  # the other one has joined all
    assert problems(store) == []
    assert len(log_of(store).state().live("documents")) == 1


def test_old_snapshots_expire_and_tagged_ones_stay(store, tmp_path, capsys):
    before = contents(store, tmp_path)
    assert run(["tag", "1", "paper", "--store", store.url]) == 0
    assert run(["optimize", "--store", store.url]) == 0
    head = log_of(store).head()
    older = ["expire-snapshots", "--older-than", "2100-01-01", "--store", store.url]
    assert run(older) == 0
    assert f"{head - 1} snapshots are older, 2 stay" in capsys.readouterr().out
    assert run(["verify", "0", "--store", store.url]) == 0  # nothing was deleted yet
    assert run([*older, "--delete"]) == 0
    assert contents(store, tmp_path) == before
    for ref in ("latest", "paper"):
        assert run(["verify", ref, "--store", store.url]) == 0
        assert run(["pull", ref, str(tmp_path / ref), "--store", store.url]) == 0
    capsys.readouterr()
    assert run(["show", "0", "--store", store.url]) == 2
    assert "expired" in capsys.readouterr().err
    assert run(["snapshots", "--store", store.url, "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run(["repair", "--dry-run", "--store", store.url]) == 0  # what has expired is not damaged
    assert run([*older, "--delete"]) == 0  # nothing is left to do
    assert run([*older, "--no-keep-tags", "--delete"]) == 0
    assert run(["verify", "latest", "--store", store.url]) == 0
    put(store, tmp_path / "spool", "later", [site_page("steppe", manifest.page("steppe", "wagons").path, 2, hour=24)])
    stages.process(context(store))
    assert run(["verify", "latest", "--store", store.url]) == 0


@pytest.mark.parametrize("word", ["soon", "90", "12h", "99999y"])
def test_an_age_that_cannot_be_read_is_refused(word):
    with pytest.raises(UsageError, match="90d"):
        instant_of(word, datetime.now(UTC))


def test_an_age_or_a_date_names_an_instant():
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert instant_of("2w", now) == now - timedelta(days=14)
    assert instant_of("2026-03-31", now) == datetime(2026, 3, 31, tzinfo=UTC)
