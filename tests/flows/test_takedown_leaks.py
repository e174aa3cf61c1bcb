"""Where the text of an article can hide from a takedown: charsets, escapes, other URLs, files that no snapshot lists."""

import gzip
import io
import json
import os
import time
import unicodedata
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

import flows.release
from articles.errors import ContendedError, DeniedError, InputError
from articles.model import Purpose
from flows import process as stages
from flows.cli import run
from flows.exit_codes import FAILED
from flows.listener import SilentListener
from flows.processing import batch
from flows.processing.segments import SegmentReader
from flows.rebuild import Rebuilding, rebuild
from flows.takedown_search import find_rows, wanted_at
from storage.captures.quotes import Quotes
from storage.objects import put_once
from storage.objects.directory import DirectoryStore
from storage.snapshots import lookup_layers
from storage.snapshots.contents import keep_lookups, keep_view
from storage.snapshots.gc import gc
from storage.snapshots.layer_names import FETCHES_INDEX_PREFIX
from storage.snapshots.lookup_layers import LOOKUPS
from storage.snapshots.view_layers import VIEWS
from storage.tables import packs
from tests.flows.making import NOON, SENTENCES, Seen, article, put
from tests.flows.searching import places
from tests.flows.tables import Direct, context, log_of, problems, rows
from tests.flows.test_takedown import do
from tests.storage.history import START

GONE = "http://steppe.example/2026/gone"
SECRET = "Её имя назвал газете писарь, у которого не было права читать дело, лежавшее в запертом ящике стола."
MORE = "Архивариус рассказал об этом в понедельник, когда здание было закрыто для посетителей из-за отопления."
TEASER = "Чужое имя в запертом ящике: что рассказал писарь."
OTHER = "http://steppe.example/2026/other"
CLAIMING = "http://steppe.example/2026/claiming"
XML = "<?xml version='1.0' encoding='{}'?><rss><channel><item><link>{}</link><description>{}</description></item></channel></rss>"


def feed(name, body, *headers, purpose=Purpose.FEED):
    return Seen(f"http://steppe.example/{name}", body, headers=headers, purpose=purpose)


def pages():
    canonical = f'<link rel="canonical" href="{GONE}">'
    quoting = f"<aside class='related'><h3>Читайте также</h3><p>{SECRET}</p></aside>"
    body = article("The wagons of the week", *SENTENCES).replace(b"</article>", b"</article>" + quoting.encode())
    return [
        Seen(GONE, article("Читали дело", SECRET, SECRET.replace("писарь", "сосед"), MORE)),
        # another form of it, first seen without a claim: known only once a later capture has made it
        Seen(f"{GONE}/amp", article("Читали дело", SECRET.replace("газете", "журналу"), "Это первая строка. " * 9)),
        Seen(f"{GONE}/amp", article("Читали дело", SECRET, MORE, head=canonical), hour=1),
        Seen(OTHER, body),
        Seen(CLAIMING, article("Another text", *(one.replace("wagons", "cranes") for one in SENTENCES), head=canonical)),
        feed("windows.xml", XML.format("windows-1251", "http://steppe.example/1", SECRET).encode("cp1251"), ("Content-Type", "text/xml")),
        feed(
            "escaped.json",
            gzip.compress(json.dumps([{"link": "x", "content": f"<p>{SECRET}</p>"}]).encode()),
            ("Content-Type", "application/json"),
            ("Content-Encoding", "gzip"),
            purpose=Purpose.LISTING,
        ),
        feed(
            "news",
            f'<html><body><a href="/2026/gone?from=list">{TEASER}</a></body></html>'.encode(),
            ("Content-Type", "text/html; charset=utf-8"),
            purpose=Purpose.LISTING,
        ),
        feed("sound.xml", XML.format("utf-8", GONE + "-2", "Это другая статья.").encode(), ("Content-Type", "text/xml")),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        folder = tmp_path_factory.mktemp("made")
        store = DirectoryStore(folder / "store")
        put(store, folder / "spool", "one", pages(), records=20)
        stages.process(context(store))
    return {info.key: store.get(info.key) for info in store.list("")}


@pytest.fixture
def store(made, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store = DirectoryStore(tmp_path / "store")
    for key, data in made.items():
        store.put(key, data)
    return store


def elsewhere(store):
    """Return where the text stands, but for the capture of the page that quotes it, and what was removed from that page."""
    return [key for key in places(store, SECRET[:50]) if not key.startswith(("captures/", "removals/"))]


def make_old(store, key):
    old = (NOON - timedelta(days=2)).timestamp()
    os.utime(store.root / key, (old, old))


def test_no_charset_escape_or_other_url_hides_the_text(store):
    assert places(store, SECRET[:50])
    assert places(store, TEASER)
    found = do(store)
    assert elsewhere(store) == []  # but where a page quotes it, which the report names
    assert found.copies == (OTHER,)
    assert not places(store, TEASER)
    assert places(store, "Это другая статья.")
    assert {row["url"] for row in rows(store, "documents", "url")} == {OTHER, CLAIMING}  # a claim alone deletes nothing
    assert problems(store) == []
    do(store, OTHER)
    assert places(store, SECRET[:50]) == []


def test_files_that_no_snapshot_lists_are_searched_too(store):
    (pack,) = log_of(store).state().live("documents")
    about = packs.read(store, pack).select(["row_id", "url", "article_id", "text"])
    old, young = (f"documents/{digit * 64}.parquet" for digit in "ab")
    for key in (old, young):
        store.put(key, packs._parquet(about, {}))
    make_old(store, old)
    store.put(f"{FETCHES_INDEX_PREFIX}steppe.example/{0:020}.parquet", SECRET.encode())
    (store.root / ".tmp").mkdir(exist_ok=True)
    (store.root / ".tmp" / "left").write_bytes(SECRET.encode())
    make_old(store, ".tmp/left")
    (store.root / ".tmp" / "running").write_bytes(b"of a command that runs now")
    with pytest.raises(InputError, match="holds nothing"):
        do(store, f"{GONE}-mistyped")
    found = do(store)
    assert [path.name for path in (store.root / ".tmp").iterdir()] == ["running"]
    assert found.unfinished == (young,)
    assert elsewhere(store) == [young]
    make_old(store, young)
    assert do(store).unfinished == ()
    assert elsewhere(store) == []


def test_damage_does_not_stop_a_takedown_and_is_named(store):
    key = "captures/steppe.example/2026/11/01/bad-00000.warc.gz"
    store.put(
        key, gzip.compress(b"WARC/1.1\r\nWARC-Target-URI: dns:steppe.example\r\n\r\nx\r\n\r\n") + b"\x1f\x8b damaged"
    )
    found = do(store, GONE, "http://steppe.example/never")
    assert found.unread == (key,)
    assert found.unknown == ("http://steppe.example/never",)
    assert found.documents == 3


def test_a_page_that_only_claims_to_be_an_unknown_article_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store = DirectoryStore(tmp_path / "store")
    put(store, tmp_path / "spool", "one", [pages()[4]])
    stages.process(context(store))
    found = do(store)
    assert (found.copies, found.documents) == ((CLAIMING,), 0)
    assert {row["url"] for row in rows(store, "documents", "url")} == {CLAIMING}


def test_a_takedown_that_writers_outrun_says_so(store, monkeypatch, capsys):
    monkeypatch.setattr("flows.takedown.MAX_PASSES", 1)
    assert run(["takedown", GONE, "--reason", "an order", "--confirm", "--store", store.url]) == FAILED
    assert "the newest was not searched" in capsys.readouterr().out


def test_a_release_that_has_read_the_article_is_not_published(store, monkeypatch):
    put_files = flows.release._put_files
    monkeypatch.setattr(flows.release, "_put_files", lambda *args: (put_files(*args), do(store)))
    with pytest.raises(ContendedError, match="run it again"):
        flows.release.release(log_of(store), 0, "data", note="", now=START, listener=SilentListener())
    assert elsewhere(store) == []


def test_what_other_writers_read_before_the_takedown_is_not_committed_after_it(store, tmp_path, monkeypatch):
    put(store, tmp_path, "two", [Seen(GONE + "?utm_source=x", article("Читали дело", SECRET, MORE), hour=9)])
    read_batch = SegmentReader.read_batch

    def slow(self, *args):
        batch = read_batch(self, *args)
        if not list(store.list("redactions/")):
            do(store)
        return batch

    with monkeypatch.context() as patch:
        patch.setattr(SegmentReader, "read_batch", slow)
        stages.process(context(store, seed=2))
    assert elsewhere(store) == []
    assert {row["url"] for row in rows(store, "documents", "url")} == {OTHER, CLAIMING}
    assert "taken_down" in {row["reason"] for row in rows(store, "fetches", "reason")}


@pytest.mark.parametrize(
    ("keep", "kind", "denied"), [(keep_view, VIEWS, False), (keep_view, VIEWS, True), (keep_lookups, LOOKUPS, False)]
)
def test_a_layer_made_before_a_takedown_does_not_outlive_it(store, monkeypatch, keep, kind, denied):
    monkeypatch.setattr(lookup_layers, "MIN_TEXTS", 0)
    for info in list(store.list(kind.prefix)):
        store.delete(info.key)
    found = rows(store, "documents", "row_id", "url")
    gone = [row["row_id"] for row in found if row["url"].startswith(GONE)]
    state = log_of(store).state()

    def refuse(key):
        raise DeniedError(key)

    def late(*args):
        patch.setattr("storage.snapshots.layers.put_once", put_once)
        do(store)
        if denied:  # as workers are by the bucket policy
            patch.setattr(store, "delete", refuse)
        put_once(*args)

    with monkeypatch.context() as patch:
        patch.setattr("storage.snapshots.layers.put_once", late)
        keep(store, state)
    assert any(store.list(kind.prefix)) is denied
    for info in store.list(kind.prefix):
        make_old(store, info.key)
    keep(store, state)  # it names files that are no longer there
    gc(log_of(store), datetime.now(UTC), dry_run=False)
    keys = [info.key for info in store.list(kind.prefix)]
    assert [kind.edition(store) in key for key in keys if key.endswith(".json")] == [True]
    held = str([pq.read_table(io.BytesIO(store.get(key))).to_pylist() for key in keys if key.endswith(".parquet")])
    assert [row_id for row_id in gone if row_id in held] == []
    assert any(row["row_id"] in held for row in found)


def test_what_a_writer_writes_while_a_takedown_runs_is_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store = DirectoryStore(tmp_path / "store")
    put(store, tmp_path / "spool", "one", [Seen(OTHER, article("The wagons of the week", *SENTENCES)), pages()[0]])
    write = batch.write

    def slow(*args):
        if not list(store.list("redactions/")):
            do(store)
        return write(*args)

    monkeypatch.setattr(batch, "write", slow)
    stages.process(context(store))
    assert places(store, SECRET[:50]) == []
    assert {row["reason"] for row in rows(store, "fetches", "reason")} == {"", "taken_down"}
    assert problems(store) == []


def test_a_rebuild_that_has_read_the_article_is_not_published(store, monkeypatch):
    publish = Rebuilding.publish
    monkeypatch.setattr(Rebuilding, "publish", lambda self: (do(store), publish(self)))
    with pytest.raises(ContendedError, match="run it again"):
        rebuild(context(store, seed=2))
    assert problems(store) == []


def test_another_form_of_the_article_does_not_bring_it_back(store, tmp_path):
    do(store)
    head = f'<link rel="canonical" href="{GONE}">'
    put(store, tmp_path, "two", [Seen(GONE + "?print=1", article("Читали дело", SECRET, MORE, head=head), hour=9)])
    stages.process(context(store, seed=2))
    assert {row["url"] for row in rows(store, "documents", "url")} == {OTHER, CLAIMING}


def test_what_is_searched_for(store):
    wanted = wanted_at([GONE])
    find_rows(store, log_of(store).state().live("documents"), wanted)
    assert wanted.urls == {GONE, f"{GONE}/amp"}
    quotes = Quotes(wanted.paragraphs, wanted.urls)
    escaped = "".join(f"&#{ord(letter)};" for letter in SECRET)
    soft = SECRET.replace("писарь", "пи\u00adсарь").replace(" ", "\u00a0", 3)
    for body in (escaped, soft, SECRET.replace("право", "<b>право</b>"), f"<![CDATA[&lt;p&gt;{SECRET}&lt;/p&gt;]]>"):
        assert quotes.quoted_in(body), body
    assert not quotes.quoted_in(SECRET[10:])
    here = "http://www.steppe.example/list"
    for named in ('href="/2026/gone"', "https:\\/\\/www.steppe.example\\/2026\\/gone", "steppe.example/2026/gone/ "):
        assert quotes.named_in(named, here), named
    for other in ('href="/2026/gone-2"', 'href="/x/2026/gone2"', "http://ridge.example/2026/gone"):
        assert not quotes.named_in(other, here), other
    assert not quotes.named_in('href="/2026/gone"', "http://ridge.example/list")
    for other in ("http://other-steppe.example/2026/gone", "http://xsteppe.example/2026/gone"):
        assert not quotes.named_in(other, here), other
    began = time.process_time()
    assert not quotes.named_in("steppe.example/2026/gone" * 10_000 + "x", here)
    assert time.process_time() - began < 5  # quadratic: minutes


def test_spellings_of_words_and_urls_hide_nothing():
    text = "Über die Brücke fuhr man, Новый район, построили за три года, сообщил акимат."
    quotes = Quotes({text, "-" * 60}, set())
    named = text.replace("Ü", "&Uuml;").replace("ü", "&amp;uuml;")
    inline = text.replace("Brücke", "<b>B</b>rücke").replace("man,", "<i>man</i>,")
    for body in (named, unicodedata.normalize("NFD", text), inline):
        assert quotes.quoted_in(f"<p>{body}</p>"), body
    assert not quotes.quoted_in("<p>Another text</p>")
    here = "http://steppe.example/rss"
    for url, *bodies in (
        ("http://steppe.example/2026/?id=7&b=1", "http://www.steppe.example/2026/?id=7&amp;b=1", "http://steppe.example/2026?b=1&id=7."),
        ("http://steppe.example/?id=77", 'href="/?id=77"'),
        ("https://казах.рф/novosti/1", "<link>https://казах.рф/novosti/1</link>"),
    ):  # fmt: skip
        for body in bodies:
            assert Quotes(set(), {url}).named_in(body, here), body
        assert not Quotes(set(), {url}).named_in("http://steppe.example/2026/?id=78", here)
