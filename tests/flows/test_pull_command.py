"""`irtysh pull`: what the arguments mean, and what is refused because it could mean two things."""

import json
from pathlib import Path

import pytest

from articles.errors import UsageError
from flows import cli
from storage.export.destination import parse
from storage.export.formats import PullFormat
from storage.objects.directory import DirectoryStore
from tests.flows.processing.test_quarantine import OLD, crawl, page
from tests.flows.tables import Direct


@pytest.fixture
def store_option(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    monkeypatch.chdir(tmp_path)
    store = DirectoryStore(tmp_path / "store")
    crawl(store, tmp_path, "one", page("steppe.example", 1, OLD, 0))
    return ["--store", store.url]


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.name not in {"store", "spool"})


def test_one_word_is_never_taken_for_another(store_option, tmp_path, capfd, monkeypatch):
    """One test, since each needs the same store: the message of every refusal names both ways to say it."""
    assert cli.run(["tag", "latest", "paper-1", *store_option]) == 0
    before = files(tmp_path)
    refused = {
        ("paper-1",): ("names a snapshot", "irtysh pull paper-1 DEST", "irtysh pull latest ./paper-1"),
        ("latest",): ("names a snapshot", "irtysh pull latest DEST"),
        ("0",): ("names a snapshot",),
        ("2026-11-01",): ("names a snapshot",),
        ("corpus", "paper-1"): ("irtysh pull paper-1 corpus",),
        ("latest", "out.json"): ("no format of pull ends in .json", ".jsonl", "out.json/"),
        ("latest", "out.csv", "--format", "parquet"): ("out.parquet", "leave --format out", "out.csv/"),
        ("latest", "s3:corpus"): ("s3://bucket/prefix", "./s3:corpus"),
        ("latest", "gs://corpus/x"): ("not to gs://",),
        ("latest", "out", "--since", "0"): ("--changed-since 0", "--published 0.."),
        ("latest", "out", "--text-header"): ("--format text",),
        ("latest", "out", "--lang", "kk,ru"): ("repeat --lang",),
        ("latest", "out", "--published", "March"): ("2026-03",),
        ("latest", "-", "--json"): ("standard output",),
        ("latest", "-", "--format", "hf"): ("folder",),
    }
    for words, parts in refused.items():
        assert cli.run(["pull", *words, *store_option]) == 2, words
        error = " ".join(capfd.readouterr().err.split())
        assert [part for part in parts if part not in error] == [], error
    assert cli.run(["bitext", "paper-1", "--pair", "ru-en", *store_option]) == 2
    assert "irtysh bitext paper-1 DEST" in capfd.readouterr().err
    assert cli.run(["bitext", "latest", "s3://a/b.tmx", "--pair", "ru-en", *store_option]) == 2
    assert files(tmp_path) == before
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cli.run(["pull", "-", "--format", "xlsx", *store_option]) == 2
    assert "a terminal cannot show xlsx" in capfd.readouterr().err
    monkeypatch.undo()
    assert cli.run(["pull", str(tmp_path / "none.csv"), "--outlet", "steppe", *store_option]) == 0
    assert "--outlet steppe: the snapshot has none; did you mean steppe.example" in capfd.readouterr().err


def test_the_ending_decides_and_a_slash_makes_a_folder(store_option, tmp_path, capfd):
    assert cli.run(["pull", "all.jsonl", *store_option]) == 0
    (line,) = Path("all.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["lang"] == "en"
    assert cli.run(["pull", "latest", "all.csv", *store_option]) == 0
    assert Path("all.csv").read_bytes().startswith(b"\xef\xbb\xbftitle,")
    assert cli.run(["pull", "latest", "named.jsonl/", "--format", "parquet", *store_option]) == 0
    assert Path("named.jsonl/documents-00000.parquet").is_file()
    capfd.readouterr()
    assert cli.run(["pull", "latest", "named.jsonl", *store_option]) == 2
    assert "say named.jsonl/ to write into the folder" in " ".join(capfd.readouterr().err.split())
    assert cli.run(["pull", "latest", "-", *store_option]) == 0
    answer = capfd.readouterr()
    assert json.loads(answer.out)["lang"] == "en"
    assert "1 document of snapshot 0" in answer.err
    assert files(tmp_path) == ["all.csv", "all.jsonl", "named.jsonl"]


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("out", None, (PullFormat.PARQUET, False)),
        ("v1.2", None, (PullFormat.PARQUET, False)),
        ("2026.03", PullFormat.CSV, (PullFormat.CSV, False)),
        ("OUT.JSONL", None, (PullFormat.JSONL, True)),
        ("a/b.db", None, (PullFormat.SQLITE, True)),
        ("b.json/", PullFormat.HF, (PullFormat.HF, False)),
        ("s3://bucket/a.csv", None, (PullFormat.CSV, True)),
        ("s3://bucket/a", None, (PullFormat.PARQUET, False)),
        ("file:///tmp/x.parquet", None, (PullFormat.PARQUET, True)),
        ("-", PullFormat.CSV, (PullFormat.CSV, True)),
    ],
)
def test_destinations(text, form, expected):
    found = parse(text, form)
    assert (found.form, found.one_file) == expected


def test_an_empty_destination_is_refused():
    with pytest.raises(UsageError, match="is empty"):
        parse(" ", None)


def test_an_empty_result_names_the_option_that_emptied_it(store_option, capfd):
    assert cli.run(["pull", "latest", "none.jsonl", "--lang", "xx", *store_option]) == 0
    assert "1 in other languages than --lang" in capfd.readouterr().err
    assert cli.run(["pull", "latest", "none.jsonl", "--query", "nothing-of-the-kind", *store_option]) == 0
    assert "1 without the words of --query" in capfd.readouterr().err
    assert cli.run(["bitext", "none.tmx", "--pair", "xx-yy", *store_option]) == 0
    assert "the snapshot links no translation between xx and yy" in capfd.readouterr().err


READING = (
    ["snapshots"], ["show"], ["diff", "0"], ["tag", "latest", "a"], ["verify"], ["gc"], ["pull", "latest", "out"],
    ["bitext", "x.tmx", "--pair", "ru-en"], ["history", "https://a.example/b"], ["explain", "https://a.example/b"],
    ["topic", "review"], ["process"], ["rebuild"], ["relink"], ["learn"], ["release", "latest", "a"],
)  # fmt: skip


@pytest.mark.parametrize("words", READING, ids=lambda words: words[0])
def test_a_mistyped_store_is_refused(words, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert cli.run([*words, "--store", "irtysh-stroe"]) == 2
    assert f"there is no store at {tmp_path / 'irtysh-stroe'}" in " ".join(capfd.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("urls.txt", "# mine\nhttps://steppe.example/1\n", 2),
        ("urls.csv", "id,url\n1,https://steppe.example/1\n", 2),
        ("urls2.txt", "tengrinews.kz/a/1\ntengrinews.kz/a/2\n", 2),
        ("urls3.txt", "url\nhttps://steppe.example/1\n", 2),
        ("urls4.txt", '"https://steppe.example/1"\n\n', 2),
        ("urls5.txt", "<https://steppe.example/1>\n\n", 2),
        ("urls6.txt", "https://steppe.example/1 # note\n\nhttps://steppe.example/2\n", 2),
        ("urls7.txt", "\ufeffзаметка\n\nhttps://steppe.example/2\n", 2),
        ("notes.txt", "Call the editor\nand the archive\n", 2),
        ("labels.jsonl", '{"label": 1}\n', 2),
        ("coded.csv", "url,outlet,my_code\nhttps://steppe.example/1,steppe.example,3\n", 2),
        ("coded.jsonl", '{"url": "https://steppe.example/1", "outlet": "steppe.example", "code": 1}\n', 2),
        ("list.jsonl", "[1]\n", 2),
        ("any.parquet", "PAR1 and more", 2),
        ("any.sqlite", "SQLite format 3\0 and more", 2),
        ("any.xlsx", "PK\3\4 and more", 2),
        ("empty.csv", "", 0),
        ("empty.txt", "", 0),
        ("empty.xlsx", "", 0),
        ("empty.parquet", "", 0),
        ("empty.sqlite", "", 0),
        ("empty.jsonl", "", 0),
    ],
)
def test_a_file_that_no_pull_wrote_is_not_replaced(store_option, capfd, name, text, code):
    path = Path(name)  # in the current folder
    path.write_bytes(text.encode())
    for _ in range(2):  # what a pull wrote is replaced
        assert cli.run(["pull", "latest", name, *store_option]) == code
    error = capfd.readouterr().err
    assert (path.read_bytes() == text.encode()) is bool(code)
    assert (f"{name} exists, and was not written by a pull" in error) is bool(code)
