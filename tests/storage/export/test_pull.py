"""Pulls: formats for programs, selections, atomic writes, resuming, checksums."""

import csv
import json
import subprocess
from datetime import timedelta

import polars as pl
import pyarrow.parquet as pq
import pytest

from articles.errors import RefError, UsageError
from articles.links.fingerprint import row_id
from storage.export import formats
from storage.export.hub import CONFIGURATION_FILE
from storage.export.pull import CHECKSUMS_FILE, LINKS_FILE, MANIFEST_FILE
from storage.objects.directory import DirectoryStore
from storage.snapshots.catalog import digest
from storage.tables import packs
from storage.tables.rows import document_of
from tests.storage import corpus, samples
from tests.storage.export.pulling import by_number, lines, names, pull_to
from tests.storage.history import commit, log_of

DOCUMENTED_FIELDS = [
    "document_id", "article_id", "url", "canonical_url", "outlet", "lang", "role", "title", "authors", "published", "text",
    "version", "first_seen", "last_seen", "cluster_id",
]  # fmt: skip


def check_sums(path):
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", CHECKSUMS_FILE], cwd=path, check=True)


def test_lines_have_one_order_however_rows_are_split_into_packs(tmp_path):
    order = []
    documents = [
        samples.document(number, outlet=f"{'ba'[number % 2]}.example", published=published)
        for number, published in enumerate(["2026-03-01", "", "2026-01-01", "2026-02-01", "2026-02-01", "2025-01-01"])
    ]
    for name, cut in (("one", [6]), ("each", [1] * 6), ("backwards", [-2, -4])):
        found = log_of(DirectoryStore(tmp_path / name))
        left = documents if cut[0] > 0 else documents[::-1]
        for count in map(abs, cut):
            batch, left = left[:count], left[count:]
            corpus.add(found, [corpus.Sighting(int(one.article_id, 16), one) for one in batch])
        pull_to(found, tmp_path / f"out-{name}", number=found.head(), with_duplicates=True)
        order.append([line["document_id"] for line in lines(tmp_path / f"out-{name}")])
        assert names(tmp_path / f"out-{name}") == sorted(
            [CONFIGURATION_FILE, CHECKSUMS_FILE, MANIFEST_FILE, "documents.jsonl"]
        )
    keys = [(document.outlet, document.published, document.document_id) for document in documents]
    assert order == [[document_id for _, _, document_id in sorted(keys)]] * 3


def test_a_second_pull_to_the_same_folder_is_refused(log, tmp_path):
    dest = tmp_path / "out"
    refused = []

    def second_pull(_done, _whole):
        with pytest.raises(UsageError, match=f"another process is writing {dest}"):
            pull_to(log, dest)
        refused.append(1)

    pull_to(log, dest, progress=second_pull)
    assert refused
    check_sums(dest)
    pull_to(log, dest)  # the lock is released
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_killed_pull_leaves_no_lock(log, tmp_path):
    (tmp_path / ".out.lock").touch()  # a killed pull leaves this file; the system has released its lock
    pull_to(log, tmp_path / "out")
    assert not (tmp_path / ".out.lock").exists()


def test_a_folder_that_cannot_be_written_is_a_usage_error(log, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write"):
        pull_to(log, tmp_path / "file" / "out")


def test_lines_hold_the_documented_fields(store, tmp_path):
    log = log_of(store)
    corpus.build(log)
    result = pull_to(log, tmp_path / "out")
    assert names(tmp_path / "out") == [CONFIGURATION_FILE, CHECKSUMS_FILE, MANIFEST_FILE, "documents.jsonl"]
    assert list(tmp_path.iterdir()) == [tmp_path / "out"] or {p.name for p in tmp_path.iterdir()} == {"out", "store"}
    found = by_number(lines(tmp_path / "out"))
    assert result.documents == len(found) == 4
    # 2 is a copy of 1; 1 was edited, then returned to its first text
    assert set(found) == {(1, 3), (3, 1), (4, 1), (5, 1)}
    for one in found.values():
        assert set(DOCUMENTED_FIELDS) <= set(one)
    one = found[1, 3]
    assert one["text"] == corpus.FIRST.text
    assert one["authors"] == ["A. Bekova"]
    assert one["evidence"] == [{"field": "title", "source": "visible", "value": "The bridge", "chosen": True}]
    assert one["first_seen"] == samples.NOON.isoformat()
    assert one["last_seen"] == (samples.NOON + timedelta(hours=48)).isoformat()
    assert one["cluster_id"] == one["document_id"]
    assert one["representative"] is True
    assert set(one["capture"]) == {"key", "offset", "record_id"}
    assert found[3, 1]["last_seen"] == (samples.NOON + timedelta(hours=24)).isoformat()
    assert (found[4, 1]["gone"], found[5, 1]["gone"]) == (True, False)
    manifest = json.loads((tmp_path / "out" / MANIFEST_FILE).read_text())
    assert (manifest["snapshot"], manifest["digest"], manifest["documents"]) == (2, digest(log.state(2)), 4)
    check_sums(tmp_path / "out")


def test_older_snapshots_are_pulled_unchanged(log, tmp_path):
    pull_to(log, tmp_path / "out", number=0)
    assert set(by_number(lines(tmp_path / "out"))) == {(1, 1), (3, 1), (4, 1)}
    pull_to(log, tmp_path / "out", number=1)
    found = by_number(lines(tmp_path / "out"))
    assert set(found) == {(1, 2), (3, 1), (4, 1)}
    assert found[1, 2]["text"] == corpus.FIRST_EDITED.text


def test_selections(log, tmp_path):
    out = tmp_path / "out"
    pull_to(log, out, with_duplicates=True)
    found = by_number(lines(out))
    assert set(found) == {(1, 3), (2, 1), (3, 1), (4, 1), (5, 1)}
    assert found[2, 1]["cluster_id"] == found[1, 3]["document_id"]
    assert found[2, 1]["representative"] is False
    pull_to(log, out, langs={"kk"})
    assert set(by_number(lines(out))) == {(3, 1)}
    pull_to(log, out, langs={"kk", "en"})
    assert len(lines(out)) == 4
    pull_to(log, out, langs={"de"})
    assert lines(out) == []
    pull_to(log, out, all_versions=True)
    found = by_number(lines(out))
    assert set(found) == {(1, 1), (1, 2), (1, 3), (3, 1), (4, 1), (5, 1)}
    assert found[1, 1]["text"] == found[1, 3]["text"] != found[1, 2]["text"]
    assert found[1, 1]["last_seen"] == samples.NOON.isoformat()
    assert found[1, 2]["first_seen"] == (samples.NOON + timedelta(hours=24)).isoformat()


def test_what_is_left_out_adds_up(log, tmp_path):
    for chosen in (
        {},
        {"langs": {"kk"}},
        {"topic_min": 1.0},
        {"query": "corrected"},
        {"since": 1},
        {"with_duplicates": True},
    ):
        report = pull_to(log, tmp_path / "out", **chosen)
        assert report.whole == report.documents + sum(report.left_out.values()) == 5, chosen
    assert pull_to(log, tmp_path / "out", langs={"kk"}).left_out == {"langs": 4}
    report = pull_to(log, tmp_path / "out", topic_min=1.0)
    assert report.left_out == {"topic_min": 5}
    assert 0 <= report.highest_score < 1


def test_only_documents_that_are_new_since_a_snapshot_are_pulled(log, tmp_path):
    out = tmp_path / "out"
    pull_to(log, out, since=1)
    assert set(by_number(lines(out))) == {(1, 3), (5, 1)}
    pull_to(log, out, since=0)
    assert set(by_number(lines(out))) == {(5, 1)}  # 1 has the same text as at snapshot 0
    pull_to(log, out, number=1, since=0)
    assert set(by_number(lines(out))) == {(1, 2)}
    pull_to(log, out, since=2)
    assert lines(out) == []
    assert json.loads((out / MANIFEST_FILE).read_text())["since"] == 2
    with pytest.raises(RefError):
        pull_to(log, out, since=7)


def test_json_lines_are_pulled_into_one_file(log, tmp_path):
    result = pull_to(log, tmp_path / "deep" / "corpus.jsonl")
    assert result.documents == len((tmp_path / "deep" / "corpus.jsonl").read_text().splitlines()) == 4
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["corpus.jsonl"]
    pull_to(log, tmp_path / "deep" / "corpus.jsonl", number=0)
    assert len((tmp_path / "deep" / "corpus.jsonl").read_text().splitlines()) == 3
    (tmp_path / "d.jsonl").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        pull_to(log, tmp_path / "d.jsonl")


def test_other_tools_read_the_parquet_files(log, tmp_path):
    out = tmp_path / "out"
    pull_to(log, out, form="parquet", with_duplicates=True)
    assert names(out) == [
        CONFIGURATION_FILE,
        CHECKSUMS_FILE,
        LINKS_FILE,
        MANIFEST_FILE,
        "documents-00000.parquet",
    ]
    check_sums(out)
    rows = pq.read_table(out).to_pylist()
    assert {(int(row["article_id"], 16), row["version"]) for row in rows} == {(1, 3), (2, 1), (3, 1), (4, 1), (5, 1)}
    first = next(row for row in rows if row["article_id"].endswith("1"))
    assert document_of(first) == corpus.FIRST
    assert first["first_seen"] == samples.NOON
    assert pl.read_parquet(out / "*.parquet").height == 5
    (link,) = pl.read_parquet(out / LINKS_FILE).to_dicts()
    assert (link["kind"], link["score"], link["evidence"]) == ("duplicate_of", 0.95, "C3=.95")
    assert {link["a_url"], link["b_url"]} == {"https://steppe.example/1", "https://steppe.example/2"}
    pull_to(log, out, form="parquet", langs={"de"})
    assert pq.read_table(out).num_rows == 0
    assert "version" in pq.read_table(out).column_names


def test_parquet_is_written_in_parts(log, tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "MAX_PARQUET_PART_BYTES", 1)
    pull_to(log, tmp_path / "out", form="parquet")
    assert "documents-00001.parquet" in names(tmp_path / "out")
    assert pq.read_table(tmp_path / "out").num_rows == 4


def test_text_is_one_file_per_document(log, tmp_path):
    out = tmp_path / "out"
    pull_to(log, out, form="text")
    with (out / "index.csv").open(newline="", encoding="utf-8") as file:
        index = {row["article_id"][-1]: row for row in csv.DictReader(file)}
    assert set(index) == {"1", "3", "4", "5"}
    assert (out / index["1"]["file"]).read_text() == f"{corpus.FIRST.title}\n\n{corpus.FIRST.text}\n"
    assert index["3"]["file"] == "dala.example/2026-01-04-dala.example-the-bridge-at-kilometre-3-00000003-kk.txt"
    assert (index["1"]["authors"], index["1"]["version"], index["4"]["gone"]) == ("A. Bekova", "3", "True")
    check_sums(out)
    pull_to(log, out, form="text", all_versions=True)
    assert [name for name in names(out) if "0000001-en" in name] == [
        f"steppe.example/2026-01-02-steppe.example-the-bridge-at-kilometre-1-00000001-en.v{number}.txt"
        for number in (1, 2, 3)
    ]
    check_sums(out)


def test_names_of_text_files_stay_below_the_folder(directory_store, tmp_path):
    log = log_of(directory_store)
    odd = samples.document(1, outlet="../../etc", article_id="../../passwd")
    corpus.add(log, [corpus.Sighting(1, odd), corpus.Sighting(2, samples.document(2, outlet=".."))])
    pull_to(log, tmp_path / "a" / "b" / "out", form="text", number=0)
    assert names(tmp_path / "a") == [
        "b/out/_.._etc/2026-01-02-_.._etc-the-bridge-at-kilometre-1-_passwd-en.txt",
        "b/out/_/2026-01-03-_-the-bridge-at-kilometre-2-00000002-en.txt",
        f"b/out/{CHECKSUMS_FILE}",
        f"b/out/{MANIFEST_FILE}",
        "b/out/index.csv",
    ]


def test_no_cell_of_the_index_is_a_formula(directory_store, tmp_path):
    log = log_of(directory_store)
    titles = [
        '=HYPERLINK("http://evil.example")',
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        " =1",
        "\uff1d1",
        "\u202e=1",
        "fine",
    ]
    sightings = [
        corpus.Sighting(number, samples.document(number, title=title, authors=("=1+1",)))
        for number, title in enumerate(titles, start=1)
    ]
    corpus.add(log, sightings)
    pull_to(log, tmp_path / "out", form="text", number=0)
    with (tmp_path / "out" / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(titles)
    assert all(row["authors"] == "'=1+1" for row in rows)
    assert sum(row["title"].startswith("'") for row in rows) == len(titles) - 1
    assert "fine" in {row["title"] for row in rows}
    assert not any("\u202e" in row["title"] for row in rows)


def test_an_outlet_named_index_csv_does_not_overwrite_the_index(directory_store, tmp_path):
    log = log_of(directory_store)
    corpus.add(log, [corpus.Sighting(1, samples.document(1, outlet="index.csv"))])
    pull_to(log, tmp_path / "out", form="text", number=0)
    assert "index.csv_/2026-01-02-index.csv-the-bridge-at-kilometre-1-00000001-en.txt" in names(tmp_path / "out")
    assert len((tmp_path / "out" / "index.csv").read_text("utf-8").splitlines()) == 2


def test_packs_without_wanted_rows_are_not_fetched(log, tmp_path):
    assert pull_to(log, tmp_path / "out", langs={"kk"}).fetched == 1
    assert pull_to(log, tmp_path / "out", since=1, langs={"kk"}).fetched == 0


def test_progress_ends_at_the_total(log, tmp_path):
    steps = []
    pull_to(log, tmp_path / "out", progress=lambda done, whole: steps.append((done, whole)))
    assert steps == sorted(steps)
    assert len({whole for _, whole in steps}) == 1
    assert steps[-1][0] == steps[-1][1] > 0


def test_rows_of_several_row_groups_are_written_once(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "ROW_GROUP_ROWS", 7)
    monkeypatch.setattr(formats, "BATCH_ROWS", 3)
    log = log_of(directory_store)
    documents = [samples.document(number) for number in range(40)]
    corpus.add(log, [corpus.Sighting(number, one) for number, one in enumerate(documents)])
    pull_to(log, tmp_path / "out", number=0)
    assert sorted(one["row_id"] for one in lines(tmp_path / "out")) == sorted(map(row_id, documents))


def test_a_snapshot_without_fetches_has_no_documents(directory_store, tmp_path):
    log = log_of(directory_store)
    commit(log, [1], tables=["documents"])
    assert pull_to(log, tmp_path / "out", number=0).documents == 0
