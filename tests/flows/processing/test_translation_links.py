"""Translations across outlets: linked in any order, with and without an encoder, and exported as a parallel corpus."""

import json
import random
import re
from typing import Any

import pytest
from lxml import etree

from articles.errors import UsageError
from articles.links.best_links import BY_ANCHORS
from articles.links.pair_budget import PairBudget
from flows import cli, relink
from flows import process as stages
from flows.processing import sites, snapshot_index, translation_links
from flows.processing.translation_links import TranslationLinker
from flows.rebuild import rebuild
from storage.export.bitext import INVALID_XML_CHARACTER, BitextFormat, export
from storage.objects.directory import DirectoryStore
from storage.snapshots.contents import load
from tests.articles.links.compared_texts import Concepts, row, story
from tests.flows.making import Seen, article, put, site_page
from tests.flows.tables import Direct, Heard, contents, context, log_of, no_progress, rows
from tests.parallel.making import event, other_report, write_report
from tests.site import manifest

ENGLISH = ("http://steppe.example/bridge/", "http://lookout.example/other/")
RUSSIAN = ("http://kurier.example/most/", "http://kurier.example/drugoe/")
KAZAKH = "http://orda.example/kopir/"


def page(text, lang):
    body = article(text.split(".")[0][:60], *text.split("\n\n"), head='<meta name="x" content="y">')
    return body.replace(b'lang="en"', f'lang="{lang}"'.encode())


@pytest.fixture(scope="module")
def texts():
    """One event in three languages, and another report of it in two."""
    dice = random.Random(5)  # noqa: S311  synthetic texts
    first = event(dice)
    second = other_report(dice, first)
    english, russian = (dict(zip(urls, (first, second), strict=True)) for urls in (ENGLISH, RUSSIAN))
    return {
        **{url: (write_report(one, "en", dice), "en") for url, one in english.items()},
        **{url: (write_report(one, "ru", dice), "ru") for url, one in russian.items()},
        KAZAKH: (write_report(first, "kk", dice), "kk"),
    }


@pytest.fixture
def processed(texts, directory_store, tmp_path, monkeypatch):
    """Process the pages in the given order, each in its own run."""
    monkeypatch.setattr("flows.processing.table.Workers", Direct)

    def run(order, listener=None):
        for number, url in enumerate(order):
            put(directory_store, tmp_path / "spool", f"r{number}", [Seen(url, page(*texts[url]))])
            stages.process(context(directory_store, listener=listener or Heard()))
        return directory_store

    return run


def translations(store):
    view = load(store, log_of(store).state()).view
    return {frozenset((link.a_url, link.b_url)) for link in view.links if link.kind == "translation_of"}


EXPECTED = {
    frozenset((ENGLISH[0], RUSSIAN[0])),
    frozenset((ENGLISH[1], RUSSIAN[1])),
    frozenset((KAZAKH, ENGLISH[0])),
    frozenset((KAZAKH, RUSSIAN[0])),
}


@pytest.mark.parametrize("seed", [1, 2])
def test_runs_in_any_order_link_what_a_rebuild_links(processed, tmp_path, seed):
    order = [*ENGLISH, *RUSSIAN, KAZAKH]
    random.Random(seed).shuffle(order)  # noqa: S311  an order
    store = processed(order)
    assert translations(store) == EXPECTED
    before = (
        contents(store, tmp_path),
        sorted(map(repr, rows(store, "alignments"))),
        sorted(map(repr, rows(store, "vectors"))),
    )
    rebuild(context(store))
    assert before[0] == contents(store, tmp_path)
    assert before[1] == sorted(map(repr, rows(store, "alignments")))
    assert before[2] == sorted(map(repr, rows(store, "vectors")))
    names = [{ref.sha256 for ref in log_of(store).state().live(table)} for table in ("links", "alignments", "vectors")]
    relink.relink(context(store))
    assert names[:2] == [{ref.sha256 for ref in log_of(store).state().live(table)} for table in ("links", "alignments")]
    assert names[2] == {ref.sha256 for ref in log_of(store).state().live("vectors")}


def test_without_an_encoder_anchors_make_links_and_relink_adds_the_others_later(processed, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(snapshot_index, "default_encoders", lambda: ())
        patch.setattr(sites, "encoder_names", lambda: "")
        store = processed([*ENGLISH, *RUSSIAN, KAZAKH])
        assert {row["method"] for row in rows(store, "links", "method")} == {BY_ANCHORS}
        assert not rows(store, "vectors")
    relink.relink(context(store))
    assert translations(store) == EXPECTED
    assert BY_ANCHORS not in {row["method"] for row in rows(store, "links", "method")}
    relinked = contents(store, tmp_path)
    rebuild(context(store))
    assert contents(store, tmp_path) == relinked


SITE = [
    ("lookout", "visit"), ("kurier", "standing-guest"), ("steppe", "consulate"), ("spinwire", "consulate-spun"),
    ("azat", "gaz"), ("azat", "gaz-kk"), ("ridge", "teachers"),
]  # fmt: skip


def test_links_on_pages_of_the_local_web(directory_store, tmp_path, monkeypatch):
    """A page in two languages, pages that name their other version, and a spun text."""
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    put(
        directory_store,
        tmp_path / "spool",
        "r",
        [site_page(outlet, manifest.page(outlet, slug).path) for outlet, slug in SITE],
    )
    stages.process(context(directory_store))
    found: dict[Any, Any] = {}
    for link in load(directory_store, log_of(directory_store).state()).view.links:
        hosts = tuple(url.split("/")[2].split(".")[0] for url in (link.a_url, link.b_url))
        found.setdefault((link.kind.value, *hosts), link.evidence)
    assert "names it as its source; full: " in found["translation_of", "lookout", "kurier"]
    assert "the page names a translator" in found["translation_of", "lookout", "lookout"]
    assert "named as the same in another language; full: " in found["translation_of", "azat", "azat"]
    assert "of the shingles shared" in found["rewrite_of", "spinwire", "steppe"]
    assert {kind for kind, *_ in found} == {"translation_of", "rewrite_of", "duplicate_of"}
    made = exported(directory_store, tmp_path, "site.jsonl")
    assert made.documents == 1  # the original on the page and its reprint are one cluster
    assert made.units >= 15
    assert exported(directory_store, tmp_path, "kk.jsonl", langs=("kk", "ru")).units >= 10


def exported(store, folder, name, **wish):
    log = log_of(store)
    form = BitextFormat(name.rpartition(".")[2])
    usual = {"langs": ("ru", "en"), "form": form, "min_likeness": 0.0, "progress": no_progress}
    return export(log, log.state().number, folder / name, **{**usual, **wish})


def test_export_of_a_parallel_corpus(processed, texts, tmp_path):
    store = processed([*ENGLISH, *RUSSIAN, KAZAKH])
    made = exported(store, tmp_path, "a.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert (made.documents, made.units) == (2, len(lines))
    assert len(lines) > 10
    for line in lines:
        source, target = line["source"], line["target"]
        assert (source["lang"], target["lang"]) == ("ru", "en")
        assert re.sub(r"\s+", " ", texts[source["url"]][0][source["start"] : source["end"]]) == source["text"]
        assert target["text"] in texts[target["url"]][0]
        assert frozenset((source["url"], target["url"])) in EXPECTED
        assert line["snapshot"] == 4
    numbers = [
        [
            set(re.findall(r"\d{2,}", line[side]["text"].replace(",", "").replace(" ", "")))
            for side in ("source", "target")
        ]
        for line in lines
    ]
    agreeing = sum(one == other for one, other in numbers if one or other)
    assert agreeing >= 0.7 * sum(bool(one or other) for one, other in numbers)
    few = exported(store, tmp_path, "few.jsonl", min_likeness=0.8)
    assert 0 < few.units < made.units


def test_a_translation_with_a_faked_early_date_is_not_shown_as_the_original(
    texts, directory_store, tmp_path, monkeypatch
):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    for number, (url, day) in enumerate(((ENGLISH[0], "2026-11-01"), (RUSSIAN[0], "2026-09-20"))):
        head = f'<meta property="article:published_time" content="{day}T08:00:00+05:00">'.encode()
        body = page(*texts[url]).replace(b'<meta name="x" content="y">', head)
        put(directory_store, tmp_path / "spool", f"r{number}", [Seen(url, body, hour=48 * number)])
        stages.process(context(directory_store))
    (found,) = load(directory_store, log_of(directory_store).state()).view.links
    assert (found.kind, found.a_url, found.b_url) == ("translation_of", RUSSIAN[0], ENGLISH[0])
    assert found.evidence.endswith("is not borne out")
    exported(directory_store, tmp_path, "a.jsonl")
    lines = list(map(json.loads, (tmp_path / "a.jsonl").read_text("utf-8").splitlines()))
    assert {(line["source"]["lang"], line["direction"]) for line in lines} == {("ru", "source")}


def test_tmx_is_xml_and_the_same_every_time(processed, tmp_path):
    store = processed([ENGLISH[0], RUSSIAN[0]])
    exported(store, tmp_path, "a.tmx")
    exported(store, tmp_path, "b.tmx")
    data = (tmp_path / "a.tmx").read_bytes()
    assert data == (tmp_path / "b.tmx").read_bytes()
    root = etree.fromstring(data)
    assert root.get("version") == "1.4"
    assert root.find("header").get("srclang") == "ru"
    xml = "{http://www.w3.org/XML/1998/namespace}lang"
    assert {tuple(tuv.get(xml) for tuv in tu.findall("tuv")) for tu in root.iter("tu")} == {("ru", "en")}
    assert {prop.text for prop in root.iter("prop") if prop.get("type") == "x-url"} == {ENGLISH[0], RUSSIAN[0]}


def test_a_language_without_documents_gives_an_empty_corpus(processed, tmp_path):
    store = processed([ENGLISH[0], RUSSIAN[0]])
    assert exported(store, tmp_path, "none.tmx", langs=("de", "pl")).units == 0
    assert etree.fromstring((tmp_path / "none.tmx").read_bytes()).find("body") is not None


def test_an_unwritable_path_is_wrong_usage(processed, tmp_path):
    store = processed([ENGLISH[0]])
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write"):
        exported(store, tmp_path / "file", "corpus.tmx")


def test_characters_that_xml_forbids_are_found():
    assert INVALID_XML_CHARACTER.sub("?", "a\x00b\x0cc\ud800d\ufffee\tf\n\U0001f600") == "a?b?c?d?e\tf\n\U0001f600"


@pytest.mark.parametrize(
    "arguments",
    [
        ["x.tmx", "--pair", "ru"],
        ["x.tmx", "--pair", "ru-ru"],
        ["x.doc", "--pair", "ru-en"],
        ["--pair", "ru-en"],
        ["x.tmx"],
    ],
)
def test_wrong_arguments_are_wrong_usage(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.run(["bitext", *arguments]) == 2


def test_the_bitext_command_reports_what_it_wrote(processed, tmp_path, capsys):
    store = processed([ENGLISH[0], RUSSIAN[0]])
    assert cli.run(["bitext", str(tmp_path / "c.jsonl"), "--pair", "en-ru", "--store", store.url, "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "exported"
    assert line["units"] == len((tmp_path / "c.jsonl").read_text("utf-8").splitlines())
    assert line["documents"] == 1


def test_relink_links_rows_that_have_no_stored_anchors(processed, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(translation_links.TranslationLinker, "follow", lambda *_: None)
        store = processed([ENGLISH[0], RUSSIAN[0]])
    assert not translations(store)
    relink.relink(context(store))
    assert translations(store) == {frozenset((ENGLISH[0], RUSSIAN[0]))}


def test_history_and_show_list_the_links_of_an_article(processed, capsys):
    store = processed([ENGLISH[0], RUSSIAN[0]])
    for url in (ENGLISH[0], RUSSIAN[0]):
        assert cli.run(["history", url, "--store", store.url]) == 0
        shown = capsys.readouterr().out
        assert "translation_of" in shown
        assert "full: " in shown
    assert cli.run(["show", "--links", "--store", store.url]) == 0
    assert "full: " in capsys.readouterr().out


def test_copies_are_encoded_once(tmp_path):
    encoded = []

    class Counting(Concepts):
        def encode(self, sentences, lang):
            encoded.append(lang)
            return super().encode(sentences, lang)

    written = {name: row(name, name[0] * 2, story(1, name[0] * 2)) for name in ("x1", "x2", "y1")}
    entries = [one for one, _ in written.values()]
    contents = {one.row_id: text.text for one, text in written.values()}
    linker = TranslationLinker([Counting()])
    linked = linker.link(
        DirectoryStore(tmp_path / "store"),
        entries,
        (),
        lambda wanted: {name: contents[name] for name in wanted},
        PairBudget(),
    )
    assert sorted(encoded) == ["xx", "yy"]
    assert [link.kind.value for link in linked.links] == ["translation_of"] * 2


def test_a_slow_encoder_encodes_four_sentences_of_a_text_before_it_encodes_the_others(tmp_path):
    encoded: list[str] = []

    class Slow(Concepts):
        is_slow = True

        def encode(self, sentences, lang):
            encoded.extend(sentences)
            return super().encode(sentences, lang)

    def link(*found):
        texts = {entry.row_id: text.text for entry, text in found}
        entries = [entry for entry, _ in found]
        read = lambda wanted: {name: texts[name] for name in wanted}  # noqa: E731
        store = DirectoryStore(tmp_path / f"store{len(encoded)}")
        return TranslationLinker([Slow()]).link(store, entries, (), read, PairBudget()).links

    one, same = row("a", "xx", story(1, "xx")), row("b", "yy", story(1, "yy"))
    names = [" ".join(sentence.split()[-2:]) for sentence in story(1, "yy")]
    others = [" ".join(sentence.split()[:-2]) for sentence in story(2, "yy")]
    report = row("c", "yy", [f"{words} {name}" for words, name in zip(others, names, strict=True)])
    assert [found.kind for found in link(one, same)] == ["translation_of"]
    assert len(encoded) == len(set(encoded)) == 24
    encoded.clear()
    assert link(one, report) == ()
    assert len(encoded) == 8
