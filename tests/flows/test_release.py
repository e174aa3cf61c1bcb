"""Releases: what is published is never replaced, and an interrupted release is completed."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
import yaml

from articles.errors import CorruptError, DeniedError, ExistsError, StoreError, UsageError
from flows import release as release_module
from flows.listener import SilentListener
from flows.release import release
from storage.objects.directory import DirectoryStore
from storage.snapshots.gc import gc
from storage.snapshots.verify_named import check_releases
from tests.flows.tables import Heard
from tests.storage import corpus
from tests.storage.history import START, log_of

NOW = START + timedelta(days=30)


class CreateOnly(DirectoryStore):
    """Like a bucket under infra/bucket-policy.json; fails at a given create."""

    left = 10**6

    def put(self, key, data):
        raise DeniedError(f"a policy forbids to overwrite {key}")

    def put_new(self, key, data):
        self._count()
        super().put_new(key, data)

    def put_new_file(self, key, path):
        self._count()
        super().put_new_file(key, path)

    def _count(self):
        self.left -= 1
        if self.left < 0:
            raise StoreError("the power is gone")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "store"
    corpus.build(log_of(DirectoryStore(folder)))
    return folder


@pytest.fixture
def log(built, tmp_path):
    shutil.copytree(built, tmp_path / "store")
    return log_of(CreateOnly(tmp_path / "store"))


def publish(log, number=2, name="one", note="", now=NOW):
    return release(log, number, name, note=note, now=now, listener=SilentListener())


def published(log, name="one"):
    return {found.key: log.store.get(found.key) for found in log.store.list(f"releases/{name}/")}


def folder_of(log, name="one"):
    """The folder that the index of a release names."""
    (folder,) = {line.split("  ")[1].split("/")[0] for line in text(log, name, "SHA256SUMS").splitlines()}
    return folder


def text(log, name, *path):
    return log.store.get("/".join(["releases", name, *path])).decode()


def files(log, name="one"):
    """The files of a release by the names that they have in its folder."""
    folder = folder_of(log, name)
    prefix = f"releases/{name}/{folder}/"
    return {key.removeprefix(prefix): data for key, data in published(log, name).items() if key.startswith(prefix)}


def whole(log):
    """Whether every release is what its index lists; and the notes of the check."""
    findings, notes = check_releases(log.store)
    assert findings == []
    return notes


def test_a_release_is_written_without_replacing_anything(log):
    report = publish(log)
    assert sorted(published(log)) == [f"releases/one/{file}" for file in sorted(report.files)]
    assert {"SHA256SUMS", "README.md", "croissant.json"} < set(files(log))
    assert report.folder == folder_of(log)
    assert report.folder == hashlib.sha256(files(log)["SHA256SUMS"]).hexdigest()
    assert whole(log) == []


def test_a_release_has_links_versions_and_coverage_of_its_own_documents(log):
    report = publish(log)
    tables = {name: pq.read_table(io.BytesIO(data)) for name, data in files(log).items() if name.endswith(".parquet")}
    documents = tables["documents-00000.parquet"]
    ids = set(documents["document_id"].to_pylist())
    assert report.documents == documents.num_rows == sum(tables["coverage.parquet"]["documents"].to_pylist())
    history = tables["history.parquet"].to_pylist()
    assert {row["document_id"] for row in history} == ids
    assert len(history) > len(ids)  # one of them has changed
    newest = {row["document_id"]: row["row_id"] for row in history if not row["gone"]}
    assert newest == {
        row["document_id"]: row["row_id"] for row in documents.select(["document_id", "row_id"]).to_pylist()
    }
    links = tables["links.parquet"]
    assert {*links["a_document_id"].to_pylist(), *links["b_document_id"].to_pylist()} <= ids
    again = publish(log, name="again")
    assert report.documents == again.documents
    other = files(log, "again")
    assert [name for name, data in files(log).items() if name.endswith(".parquet") and other[name] != data] == []


def test_the_descriptions_of_a_release_name_its_files_and_its_own_figures(log):
    publish(log, note="Made for a paper.")
    found = files(log)
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in found.items() if name.endswith(".parquet")}
    package, crate, croissant = (
        json.loads(found[name]) for name in ("datapackage.json", "ro-crate-metadata.json", "croissant.json")
    )
    assert {one["path"]: one["hash"] for one in package["resources"]} == {k: f"sha256:{v}" for k, v in sums.items()}
    assert {one["@id"]: one["sha256"] for one in crate["@graph"] if one["@type"] == "File"} == sums
    assert {one["name"]: one["sha256"] for one in croissant["distribution"] if "sha256" in one} == sums
    assert {one["name"] for one in croissant["recordSet"]} == {"documents", "links", "history", "coverage"}
    head = yaml.safe_load(found["README.md"].decode().split("---")[1])
    assert [one["config_name"] for one in head["configs"]] == ["documents", "links", "history", "coverage"]
    assert "Made for a paper." in json.loads(found["datacite.json"])["descriptions"][0]["description"]
    assert yaml.safe_load(found["CITATION.cff"])["date-released"] == "2026-01-31"
    assert found["citation.bib"].startswith(b"@misc{news-corpus-one,")
    outlets = Counter(pq.read_table(io.BytesIO(found["documents-00000.parquet"]))["outlet"].to_pylist())
    assert outlets
    for outlet, number in outlets.items():
        assert f"| {outlet} | {number} |" in found["README.md"].decode()


def test_the_sums_of_a_release_are_checked_by_other_tools(log):
    publish(log)
    for folder in ("releases/one", f"releases/one/{folder_of(log)}"):
        where = log.store.root / folder
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=where, check=True)


def test_the_croissant_description_is_valid(log, tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant", reason="the package that defines the format is not installed")
    publish(log)
    path = tmp_path / "croissant.json"
    path.write_bytes(files(log)["croissant.json"])
    assert list(mlcroissant.Dataset(jsonld=str(path)).metadata.ctx.issues.errors) == []


def test_the_context_of_croissant_explains_every_term_of_the_description(log):
    publish(log)
    described = json.loads(files(log)["croissant.json"])
    known = described["@context"].keys()
    assert {"includes", "extract", "column", "fileSet", "source", "field", "recordSet"} <= known


def test_an_interrupted_release_is_completed_on_another_day(log):
    expected = sorted(publish(log, name="whole").files)
    later = NOW
    for steps in range(1, len(expected)):
        log.store.left = steps
        with pytest.raises(StoreError, match="power"):
            publish(log, now=later)
        later += timedelta(days=1)
        assert whole(log) == ["release one is unfinished: the same `irtysh release` command completes it"]
    log.store.left = 99
    report = publish(log, now=later)
    assert sorted(published(log)) == [f"releases/one/{file}" for file in sorted(report.files)]  # nothing is left over
    assert b"Published: 2026-01-31" in files(log)["README.md"]
    with pytest.raises(UsageError, match="exists already, published on 2026-01-31"):
        publish(log)


@pytest.mark.parametrize("other", [{"number": 1}, {"note": "another"}, {"now": NOW + timedelta(days=15)}])
def test_an_interrupted_release_is_not_mixed_with_another(log, other):
    log.store.left = 3
    with pytest.raises(StoreError, match="power"):
        publish(log)
    log.store.left = 99
    begun = published(log)
    report = publish(log, **other)
    assert published(log).keys() == begun.keys() | {f"releases/one/{file}" for file in report.files}
    (note,) = whole(log)
    assert note.startswith("3 files below releases/one/ belong to no release")


@pytest.mark.parametrize("second", [{"note": "another"}, {}])
def test_two_commands_at_once_make_one_release(log, monkeypatch, second):
    """The second begins and ends after the first has written all but its index."""
    writing = release_module._write_index
    other = []

    def overtaken(*arguments):
        monkeypatch.setattr(release_module, "_write_index", writing)
        other.append(publish(log, **second))
        writing(*arguments)

    monkeypatch.setattr(release_module, "_write_index", overtaken)
    if second:
        with pytest.raises(UsageError, match="another process has just published release one"):
            publish(log)
    else:  # the same bytes: both have published them
        assert publish(log) == other[0]
    assert folder_of(log) == other[0].folder
    assert whole(log) == [] if not second else len(whole(log)) == 1
    assert files(log).keys() == {file.rpartition("/")[2] for file in other[0].files}


def test_two_commands_at_the_same_moment_mix_nothing(log):
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(publish, log, note=f"note {n % 2}") for n in range(4)]
        done = [future.exception() or future.result() for future in futures]
    won = {one.folder for one in done if not isinstance(one, UsageError)}
    assert won == {folder_of(log)}
    whole(log)


def test_a_lost_answer_is_recognised_as_ones_own(log, monkeypatch):
    """A client that tries again finds that its first try was stored."""
    create, create_file = CreateOnly.put_new, CreateOnly.put_new_file

    def lost(write):
        def twice(store, key, what):
            write(store, key, what)
            raise ExistsError(key)

        return twice

    monkeypatch.setattr(CreateOnly, "put_new", lost(create))
    monkeypatch.setattr(CreateOnly, "put_new_file", lost(create_file))
    report = publish(log)
    assert sorted(published(log)) == [f"releases/one/{file}" for file in sorted(report.files)]
    assert whole(log) == []


def test_a_damaged_index_is_named(log):
    publish(log)
    (key,) = [info.key for info in log.store.list("releases/") if info.key.count("/") == 2]
    index = log.store.get(key)
    for damaged in (index[: index.index(b"\n") + 1], bytes([index[0] ^ 1]) + index[1:]):
        DirectoryStore.put(log.store, key, damaged)
        assert key in {one.key for one in check_releases(log.store)[0]}
    DirectoryStore.put(log.store, key, index)
    assert check_releases(log.store) == ([], [])


def test_a_planted_file_is_told(log):
    folder = publish(log, name="one").folder
    log.store.delete("releases/one/SHA256SUMS")
    (name,) = (name for name in files_in(log, folder) if name.startswith("documents-"))
    DirectoryStore.put(log.store, f"releases/one/{folder}/{name}", b"planted")
    with pytest.raises(CorruptError, match=rf"releases/one/{folder}/{name} is damaged"):
        publish(log)
    assert log.store.get(f"releases/one/{folder}/{name}") == b"planted"
    assert "releases/one/SHA256SUMS" not in published(log)


def files_in(log, folder):
    return [key.rpartition("/")[2] for key in published(log) if f"/{folder}/" in key]


def test_older_releases_with_files_beside_the_index_are_checked_and_keep_their_names(log):
    made = publish(log)
    old = {f"releases/old/{name}": data for name, data in files(log).items()}
    for key, data in old.items():
        DirectoryStore.put(log.store, key, data)
    assert whole(log) == []
    with pytest.raises(UsageError, match="release old exists already, published on 2026-01-31"):
        publish(log, name="old")
    DirectoryStore.put(log.store, "releases/old/README.md", b"altered")
    ((damage,), _) = check_releases(log.store)
    assert damage.key == "releases/old/README.md"
    assert made.folder == folder_of(log)


def test_gc_deletes_what_belongs_to_no_release_after_a_month(log):
    log.store.left = 3
    with pytest.raises(StoreError, match="power"):
        publish(log)
    with pytest.raises(StoreError, match="power"):
        publish(log, name="two")
    log.store.left = 99
    publish(log, note="another")
    begun = {key for key in published(log) if folder_of(log) not in key} - {"releases/one/SHA256SUMS"}
    now = max(info.modified for info in log.store.list("releases/"))
    assert not [key for key in gc(log, now + timedelta(days=29), dry_run=True).keys if key.startswith("releases/")]
    found = gc(log, now + timedelta(days=31), dry_run=False).keys
    assert {key for key in found if key.startswith("releases/")} == begun
    assert whole(log) == []


def test_a_release_has_the_report_of_its_snapshot_which_names_no_document(log):
    publish(log)
    page = files(log)["report.html"].decode()
    assert "Report of snapshot 2" in page
    assert "<svg" in page
    assert "http://steppe.example/" not in page  # so that a takedown need not change it
    assert log.store.url not in page
    assert "report.html" in text(log, "one", "SHA256SUMS")


def test_without_the_library_a_release_has_no_report_and_says_so(log, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    heard = Heard()
    report = release(log, 2, "one", note="", now=NOW, listener=heard)
    assert not [file for file in report.files if "report.html" in file]
    ((kind, said),) = heard.notes
    assert kind == "no_report"
    assert "irtysh[report]" in said
