"""`irtysh documents` and `irtysh rejections`: tables, CSV, JSON Lines; and failures that are grouped."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from articles.harmless import json_line
from flows import cli
from flows.display.console import Console
from flows.display.failures import grouped
from storage.objects.directory import DirectoryStore
from tests.storage import corpus
from tests.storage.history import log_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    found = DirectoryStore(tmp_path / "store")
    corpus.build(log_of(found))
    return found


def test_documents_as_a_table_as_csv_and_as_json(store, capsys):
    assert cli.run(["documents", "--store", store.url]) == 0
    out = capsys.readouterr().out
    assert "The bridge at kilometre 2 [duplicate]\n    https://steppe.example/2\n" in out
    assert "5 of 5 documents of snapshot 2: 4 kept, 1 duplicate" in out
    assert cli.run(["documents", "--store", store.url, "--format", "csv", "--lang", "kk"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff")))
    assert (row["outlet"], row["reason"], row["published"]) == ("dala.example", "kept", "2026-01-04")
    assert cli.run(["documents", "--store", store.url, "--json", "--reason", "duplicate"]) == 0
    assert '"reason": "duplicate"' in capsys.readouterr().out
    assert cli.run(["documents", "--store", store.url, "--reason", "dupe"]) == 2
    assert "use one of kept, duplicate, review" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("documents", "--json"), ("documents", "--format=csv"), ("snapshots",)])
def test_a_reader_that_wants_no_more_is_no_error(store, words):
    command = [sys.executable, "-m", "flows.cli", *words, "--store", store.url]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_rejections_end_with_their_sum(store, capsys):
    assert cli.run(["rejections", "--store", store.url]) == 0
    assert capsys.readouterr().out == "0 rejections of snapshot 2\n"
    nothing = "None matches. `irtysh show` lists the outlets, languages and reasons there are."
    for command, option, says in (
        ("rejections", "--outlet=steppe", nothing),
        ("documents", "--query=nowhere", nothing),
        ("documents", "--outlet=Steppe", "--outlet Steppe: the snapshot has none; did you mean steppe.example?"),
        ("documents", "--lang=lt", "--lang lt: the snapshot has none; it has en, kk"),
    ):
        assert cli.run([command, option, "--store", store.url]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == says


def test_show_says_how_its_counts_lead_to_those_of_a_pull(store, capsys):
    assert cli.run(["show", "--store", store.url]) == 0
    out = capsys.readouterr().out
    assert "A pull without options has 4 documents: 5 less 1 duplicate and 0 whose topic needs review." in out
    assert cli.run(["snapshots", "--store", store.url]) == 0
    assert "texts in all" in capsys.readouterr().out


def test_failures_of_one_reason_are_grouped_with_advice():
    loopback = [("address_refused", f"127.0.0.{number}: loopback") for number in range(53)]
    assert grouped([*loopback, ("timeout", "20 s"), ("http_error", "500")]) == [
        "53 address_refused: loopback addresses; --allow-private-hosts asks them",
        "1 http_error: 500",
        "1 timeout: the same command asks them again; --timeout waits longer",
    ]
    (metadata,) = grouped([("address_refused", "169.254.169.254: metadata service")])
    assert "--allow-private-hosts" not in metadata


def test_a_reason_is_printed_a_few_times_and_all_are_events_for_programs(capsys):
    for as_json in (False, True):
        console = Console(as_json=as_json)
        for number in range(6):
            console.note("failed", f"https://a.example/{number}: timeout", reason="timeout")
        console.note("failed", "the crawl of b failed")
    answer = capsys.readouterr()
    assert answer.err.count("https://a.example/") == 3
    assert answer.err.count("more URLs: timeout") == 1
    assert "the crawl of b failed" in answer.err
    assert answer.out.count(json_line("timeout")) == 6
