"""The public face in Python: its members, its results, its documentation."""

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import irtysh
from articles.errors import UsageError
from articles.explain import Explanation
from articles.url import article_id
from storage.objects.directory import DirectoryStore
from tests.flows.making import article
from tests.storage import corpus, samples
from tests.storage.history import log_of

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
URL = "https://steppe.example/with-history"
HEAVY = ("pyarrow", "lxml", "scrapy", "prefect", "boto3", "numpy", "polars", "trafilatura")


@pytest.fixture
def store(tmp_path):
    found = DirectoryStore(tmp_path / "irtysh-store")
    log = log_of(found)
    corpus.build(log)
    document = partial(samples.document, 9, article_id=article_id(URL), url=URL, canonical_url=URL)
    for hour, text in enumerate(("A first text.", "A second text.")):
        corpus.add(log, [corpus.Sighting(9, document(text), hour=hour)])
    return found


def test_the_members_of_the_public_face():
    """Whoever removes or renames one breaks programs of others: say so in the changelog."""
    assert sorted(irtysh.__all__) == [
        "Article", "Corpus", "CorpusView", "Documents", "ExtractedPage", "IrtyshError", "UsageError", "extract", "open",
    ]  # fmt: skip
    members = {
        name: [member for member in vars(getattr(irtysh, name)) if not member.startswith("_")]
        for name in ("Corpus", "CorpusView", "Documents")
    }
    assert members == {
        "Corpus": ["snapshots", "snapshot"],
        "CorpusView": ["documents", "links", "history", "rejections", "explain"],
        "Documents": ["count", "batches", "to_arrow", "to_polars", "to_pandas"],
    }


def test_the_examples_of_the_documentation_run(store, monkeypatch, capsys):
    monkeypatch.chdir(store.root.parent)
    names: dict[str, Any] = {}
    for block in BLOCK.findall((ROOT / "docs" / "python.md").read_text("utf-8")):
        exec(compile(block, "docs/python.md", "exec"), names)  # noqa: S102  our own page
    out = capsys.readouterr().out
    assert "The bridge at kilometre 3" in out
    assert "duplicate_of https://steppe.example/1" in out
    assert "A bridge The bridge at the border is closed again, and nobody" in out
    assert "names no snapshot" in out


def test_the_notebook_runs(tmp_path, monkeypatch):
    """Its cells are run as Python: the tests need no Jupyter for that. The articles have their URLs, as crawled ones do."""
    log = log_of(DirectoryStore(tmp_path / "irtysh-store"))
    urls = [f"https://steppe.example/{number}" for number in (1, 2)]
    for number, url in enumerate(urls):
        document = samples.document(number, "A text.", article_id=article_id(url), url=url, canonical_url=url)
        corpus.add(log, [corpus.Sighting(number, document)])
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((ROOT / "docs" / "tour.ipynb").read_text("utf-8"))
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], "a notebook is committed without outputs"
            exec(compile("".join(cell["source"]), "docs/tour.ipynb", "exec"), names)  # noqa: S102  our own page
    assert names["by_month"].height >= 1


def test_documents_in_every_form(store):
    found = irtysh.open(store.url).snapshot(2).documents(published="2026", with_duplicates=True)
    articles = list(found)
    frame = found.to_polars()
    assert len(articles) == found.count() == frame.height == found.to_arrow().num_rows == 5
    assert {one.published_date for one in articles} == set(frame["published_date"].to_list())
    assert frame.schema["published_at"] == pl.Datetime("us", "UTC")
    assert all(isinstance(one.authors, tuple) for one in articles)
    assert [field.name for field in fields(irtysh.Article) if field.name not in frame.columns] == []
    newest = irtysh.open(store.url).snapshot()
    assert [one.lang for one in newest.documents(lang="kk")] == ["kk"]
    assert newest.documents(lang=["kk", "en"], outlet="dala.example").count() == 1
    assert newest.documents(query="no such words").count() == 0
    assert newest.documents(lang="KK").count() == 1
    with pytest.raises(UsageError, match="lang 'kazakh': give a code of ISO 639-1"):
        newest.documents(lang="kazakh")
    assert newest.documents(lang="kk").to_polars()["published_date"].to_list() == [date(2026, 1, 4)]
    assert len(newest.history(URL)) == 1


def test_documents_as_a_pandas_frame(store):
    # not in the test extra: where it is installed, pyarrow imports it in each process that makes a table, for half a second
    pytest.importorskip("pandas")
    found = irtysh.open(store.url).snapshot(2).documents(published="2026", with_duplicates=True)
    frame = found.to_polars()
    table = found.to_pandas()
    assert list(table.columns) == frame.columns
    assert str(table["published_at"].dtype) == "datetime64[us, UTC]"
    assert table.set_index("document_id")["title"].to_dict() == dict(frame.select("document_id", "title").iter_rows())


def test_wrong_arguments_are_usage_errors(store, tmp_path):
    snapshot = irtysh.open(store.url).snapshot()
    for wrong in ({"published": "March"}, {"topic_min": 2}, {"purpose": "fun"}):
        with pytest.raises(UsageError, match=next(iter(wrong))):
            snapshot.documents(**wrong)
    with pytest.raises(UsageError, match="no store"):
        irtysh.open(str(tmp_path / "mistyped"))
    with pytest.raises(UsageError, match="no capture"):
        snapshot.explain("https://steppe.example/never-fetched")


def test_a_page_is_extracted_without_a_store():
    page = irtysh.extract(article("A title of the page"), "https://steppe.example/a")
    assert page.title == "A title of the page"
    assert page.text.startswith("Kazakhstan and Russia agreed")
    assert irtysh.extract(article("Тақырып").decode(), "https://steppe.example/a").title == "Тақырып"
    empty = irtysh.extract("<title>Home</title>", "https://steppe.example/")
    assert (empty.documents, empty.text, bool(empty.reason)) == ((), "", True)


def test_importing_it_loads_no_library():
    code = f"import sys, irtysh; print([name for name in {HEAVY} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"
    assert Explanation.__module__ == "articles.explain"


def test_it_is_the_command_line_too():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "irtysh", "show", "--store", "no-such-store"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, "there is no store" in done.stderr) == (2, True)
