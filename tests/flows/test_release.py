"""Releases: what is published is never replaced, and an interrupted release is completed."""

import json
import sys
from datetime import timedelta

import pytest

from articles.errors import DeniedError, StoreError, UsageError
from flows.listener import SilentListener
from flows.release import release
from storage.objects.directory import DirectoryStore
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


@pytest.fixture
def log(tmp_path):
    corpus.build(log_of(DirectoryStore(tmp_path / "store")))
    return log_of(CreateOnly(tmp_path / "store"))


def publish(log, number=2, name="one", note="", now=NOW):
    return release(log, number, name, note=note, now=now, listener=SilentListener())


def published(log, name="one"):
    return {found.key: log.store.get(found.key) for found in log.store.list(f"releases/{name}/")}


def test_a_release_is_written_without_replacing_anything(log):
    report = publish(log)
    assert sorted(published(log)) == [f"releases/one/{file}" for file in report.files]
    assert {"SHA256SUMS", "README.md", "croissant.json"} < set(report.files)


def test_the_croissant_description_is_valid(log, tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant", reason="the package that defines the format is not installed")
    publish(log)
    path = tmp_path / "croissant.json"
    path.write_bytes(published(log)["releases/one/croissant.json"])
    assert list(mlcroissant.Dataset(jsonld=str(path)).metadata.ctx.issues.errors) == []


def test_the_context_of_croissant_explains_every_term_of_the_description(log):
    publish(log)
    described = json.loads(published(log)["releases/one/croissant.json"])
    known = described["@context"].keys()
    assert {"includes", "extract", "column", "fileSet", "source", "field", "recordSet"} <= known


def test_an_interrupted_release_is_completed_on_another_day(log):
    publish(log, name="whole")
    expected = {key.replace("whole", "one"): data for key, data in published(log, "whole").items()}
    later = NOW
    for steps in range(len(expected)):
        log.store.left = steps
        with pytest.raises(StoreError, match="power"):
            publish(log, now=later)
        later += timedelta(days=1)
    log.store.left = 99
    publish(log, now=later)
    found = published(log)
    assert found.keys() == expected.keys()
    assert all(found[key] == data for key, data in expected.items() if key.endswith(".parquet"))
    assert b"Published: 2026-02-01" in found["releases/one/README.md"]
    with pytest.raises(UsageError, match="exists already"):
        publish(log)


@pytest.mark.parametrize("other", [{"number": 1}, {"note": "another"}])
def test_an_interrupted_release_is_not_mixed_with_another(log, other):
    log.store.left = 3
    with pytest.raises(StoreError, match="power"):
        publish(log)
    log.store.left = 99
    before = published(log)
    with pytest.raises(UsageError, match=r"unfinished release one has another croissant\.json"):
        publish(log, **other)
    assert published(log) == before


def test_a_planted_file_is_told(log):
    publish(log, name="whole")
    (name,) = (key.rpartition("/")[2] for key in published(log, "whole") if key.endswith(".parquet"))
    log.store.put_new(f"releases/one/{name}", b"planted")
    with pytest.raises(UsageError, match=r"another .*\.parquet"):
        publish(log)
    assert published(log)[f"releases/one/{name}"] == b"planted"


def test_a_release_has_the_report_of_its_snapshot_which_names_no_document(log):
    publish(log)
    page = log.store.get("releases/one/report.html").decode()
    assert "Report of snapshot 2" in page
    assert "<svg" in page
    assert "http://steppe.example/" not in page  # so that a takedown need not change it
    assert log.store.url not in page
    assert b"report.html" in log.store.get("releases/one/SHA256SUMS")


def test_without_the_library_a_release_has_no_report_and_says_so(log, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    heard = Heard()
    report = release(log, 2, "one", note="", now=NOW, listener=heard)
    assert "report.html" not in report.files
    ((kind, text),) = heard.notes
    assert kind == "no_report"
    assert "irtysh[report]" in text
