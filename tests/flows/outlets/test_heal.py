"""`irtysh outlets heal`: a redesign is quarantined, its pages give the new selectors, and the run enters the corpus."""

import json
from pathlib import Path

import pytest

from articles.errors import InputError
from articles.model import Discovery
from flows import cli
from flows import process as stages
from flows.outlets.proposals import patched
from spiders.outlets import load
from storage import quarantine
from storage.objects.directory import DirectoryStore
from tests.flows.making import SENTENCES, Seen, put
from tests.flows.tables import Direct, context, rows

SOURCE = Discovery("Feed:http://steppe.example/rss", "http://steppe.example/rss")
OLD = "<main><article class='story'>{}</article></main>"
NEW = "<section class='react-root'><div class='article-text-block'>{}</div></section>"
FILE = '''
from spiders.outlet import Outlet


class Steppe(Outlet):
    """An outlet that was redesigned."""

    domains = ("steppe.example",)
    languages = ("en",)
    article = r"http://steppe\\.example/\\d+"
    body = ("article.story",)
'''


def page(number: int, template: str, day: int) -> Seen:
    text = "".join(f"<p>{sentence} It was day {number} of the count.</p>" for sentence in SENTENCES)
    head = '<meta charset="utf-8"><meta property="article:published_time" content="2026-11-01T08:00:00+05:00">'
    title = f"Wagons on their way to the border, day {number}"
    body = f"<h1 class='headline-of-story'>{title}</h1>{template.format(text)}"
    html = f"<!doctype html><html lang=en><head>{head}<title>{title}</title></head><body>{body}</body></html>"
    return Seen(f"http://steppe.example/{number}", html.encode(), hour=24 * day, discovery=SOURCE)


def heal(capfd, store: DirectoryStore, outlets: Path, *words: str) -> tuple[int, dict]:
    code = cli.run(
        ["outlets", "heal", "steppe.example", "--store", store.url, "--outlets", str(outlets), "--json", *words]
    )
    return code, json.loads(capfd.readouterr().out.splitlines()[-1])


@pytest.fixture
def outlets(tmp_path) -> Path:
    path = tmp_path / "outlets" / "steppe.example.py"
    path.parent.mkdir()
    path.write_text(FILE)
    return path.parent


def test_a_redesign_heals_when_its_selectors_are_adopted(tmp_path, outlets, monkeypatch, capfd):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store = DirectoryStore(tmp_path / "store")
    put(store, tmp_path / "spool", "one", [page(n, OLD, 0) for n in range(30)])
    stages.process(context(store, outlets=str(outlets)))
    new = [page(n, NEW, 1) for n in range(26, 36)]  # four of them were seen before the redesign
    put(store, tmp_path / "spool", "two", new)
    stages.process(context(store, outlets=str(outlets)))
    assert [*quarantine.marks(store)] == [("steppe.example", "two")]

    code, shown = heal(capfd, store, outlets)
    assert (code, shown["adopted"], shown["runs"]) == (0, False, ["two"])
    (proposal,) = shown["proposals"]
    assert (proposal["attribute"], proposal["selector"]) == ("body", "div.article-text-block")
    assert proposal["pages"] == len(new)
    assert proposal["old_lines"] == 1.0
    assert '+    body = ("div.article-text-block", "article.story",)' in shown["patch"]
    assert "div.article" not in (outlets / "steppe.example.py").read_text()

    code, shown = heal(capfd, store, outlets, "--adopt")
    assert (code, shown["adopted"]) == (0, True)
    load.cache_clear()
    stages.process(context(store, outlets=str(outlets)))
    assert quarantine.marks(store) == {}
    assert {one.url for one in new} <= {row["url"] for row in rows(store, "documents")}


def test_pages_that_do_not_agree_propose_nothing(tmp_path, outlets, monkeypatch, capfd):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store = DirectoryStore(tmp_path / "store")
    put(store, tmp_path / "spool", "one", [page(n, OLD, 0) for n in range(30)])
    stages.process(context(store, outlets=str(outlets)))
    mixed = [page(n, NEW.replace("article-text", f"kind-{'abcdefghij'[n % 10] * 4}").replace("react", "root" * (n % 5 + 1)), 1) for n in range(30, 40)]  # fmt: skip
    put(store, tmp_path / "spool", "two", mixed)
    stages.process(context(store, outlets=str(outlets)))
    code, shown = heal(capfd, store, outlets)
    assert (code, shown["proposals"], shown["patch"]) == (1, [], "")
    assert (outlets / "steppe.example.py").read_text() == FILE


def test_an_outlet_without_quarantined_runs_is_wrong_usage(tmp_path, outlets, capfd):
    store = tmp_path / "store"
    assert cli.run(["outlets", "heal", "steppe.example", "--store", str(store), "--outlets", str(outlets)]) == 2
    assert "no run of 'steppe.example' is in quarantine" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("before", "attribute", "after"),
    [
        ('class A(B):\n    body = (".b",)\n', "body", 'class A(B):\n    body = (".a", ".b",)\n'),
        ('class A(B):\n    kind = "x"\n', "body", 'class A(B):\n    kind = "x"\n    body = (".a",)\n'),
        ('class A(B):\n    body: T = (\n        "ы",\n    )\n', "body", 'class A(B):\n    body: T = (".a", \n        "ы",\n    )\n'),
        ("class A(B):\n    body = ()\n", "body", 'class A(B):\n    body = (".a", )\n'),
    ],
)  # fmt: skip
def test_a_selector_is_written_before_the_others(before, attribute, after):
    assert patched(before, attribute, ".a") == after


def test_a_file_that_computes_its_selectors_is_left_alone():
    with pytest.raises(InputError, match="by hand"):
        patched("class A(B):\n    body = PARTS\n", "body", ".a")
