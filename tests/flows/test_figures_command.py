"""`irtysh stats`, `irtysh cite` and `irtysh report`: figures, citations, and a page that loads nothing."""

import csv
import io
import json
import re
import sys

import pytest

from flows import cli
from storage.objects.directory import DirectoryStore
from tests.storage import corpus, samples
from tests.storage.history import log_of

EVIL = "</svg><script>alert(1)</script>\x1b[31m"


@pytest.fixture
def store(tmp_path):
    found = DirectoryStore(tmp_path / "store")
    log = log_of(found)
    corpus.build(log)
    corpus.add(
        log, [corpus.Sighting(6, samples.document(6, title=EVIL, outlet="evil.example", published="2026-05-09T10:00Z"))]
    )
    return found


def test_statistics_as_a_table_and_as_csv(store, capsys):
    assert cli.run(["stats", "--store", store.url, "--by", "outlet"]) == 0
    out = capsys.readouterr().out
    assert "6 documents: 16.7 % duplicates" in out
    assert "2026-01" not in out
    assert cli.run(["stats", "--store", store.url, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff"))))
    assert sum(int(row["documents"]) for row in rows) == 6
    assert cli.run(["stats", "--store", store.url, "--by", "year"]) == 2
    assert "use month, outlet or lang" in capsys.readouterr().err


def test_a_snapshot_is_cited_by_its_tag_and_digest(store, capsys):
    assert cli.run(["tag", "latest", "paper-1", "--store", store.url]) == 0
    capsys.readouterr()
    assert cli.run(["cite", "paper-1", "--store", store.url, "--title", "The river", "--author", "A. B."]) == 0
    text = capsys.readouterr().out
    assert text.startswith("A. B. (2026-01-01). The river. snapshot 3, tag paper-1. Irtysh corpus, digest sha256:")
    assert cli.run(["cite", "--store", store.url, "--document", "0000000000000003-kk", "--format", "csl"]) == 0
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["container-title"], item["language"]) == ("dala.example", "kk")
    assert cli.run(["cite", "--store", store.url, "--document", "https://steppe.example/none"]) == 2
    assert "no article at" in capsys.readouterr().err
    assert cli.run(["cite", "--store", store.url, "--document", "x", "--title", "y"]) == 2


def test_a_report_is_one_file_that_loads_nothing(store, tmp_path, capsys):
    pytest.importorskip("vl_convert")
    page = tmp_path / "report.html"
    assert cli.run(["report", "--store", store.url, "--html", str(page)]) == 0
    text = page.read_text("utf-8")
    for title in (
        "Coverage",
        "Gaps",
        "Languages",
        "Growth",
        "Delay",
        "Refusals",
        "Silent edits",
        "clusters",
        "Outlets",
    ):
        assert f"{title}" in text
    assert text.count("<svg") >= 4
    assert "irtysh stats 3 --by month --by outlet" in text
    assert "<script" not in text
    assert "\x1b" not in text
    assert not re.search(r"""\b(?:src|href)=["']?(?:https?:)?//""", text)
    first = page.read_bytes()
    assert cli.run(["report", "--store", store.url, "--html", str(page)]) == 0
    assert page.read_bytes() == first
    assert cli.run(["stats", "--store", store.url, "--picture", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert cli.run(["stats", "--store", store.url, "--picture", str(tmp_path / "a.gif")]) == 2
    assert ".svg or .png" in capsys.readouterr().err


def test_without_the_extra_the_error_says_how_to_install_it(store, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert cli.run(["report", "--store", store.url, "--html", str(tmp_path / "a.html")]) == 2
    assert "irtysh[report]" in capsys.readouterr().err
