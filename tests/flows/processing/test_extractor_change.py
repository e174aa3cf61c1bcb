"""A change of the extractor makes no new version of an article."""

from dataclasses import replace

import pytest

from articles import extract, pipeline
from articles.url import article_id, canonicalize
from flows import process as stages
from flows.rebuild import rebuild
from storage.snapshots.contents import load
from tests.flows.making import SENTENCES, Seen, article, put
from tests.flows.tables import Direct, context, known_of, log_of, rows

URL = "http://steppe.example/wagons/"
OTHER = "http://steppe.example/other/"
NEWS = (*SENTENCES[:-1], "On Friday the engineer arrived in Astana with a machine that counts wagons and nothing else.")
PROMO = "Read this and more in our channel."


@pytest.fixture
def readers(monkeypatch):
    """Switch between two extractors: the old one leaves a line in the text that the new one removes."""
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    real = extract.extract

    def careless(capture, site):
        outcome = real(capture, site)
        with_promo = [replace(one, paragraphs=(*one.paragraphs, PROMO)) for one in outcome.documents]
        return replace(outcome, documents=tuple(with_promo))

    def switch(name):
        for module in (pipeline, stages):
            monkeypatch.setattr(module, "extractor_version", lambda: name)
        monkeypatch.setattr(extract, "extract", careless if name == "old" else real)

    return switch


@pytest.fixture
def crawled(directory_store, tmp_path):
    """Store the captures of a run and process them."""

    def run(name, *seen):
        put(directory_store, tmp_path / "spool", name, seen)
        return stages.process(context(directory_store))

    return run


def versions(store, url):
    standings = load(store, log_of(store).state()).view.documents.values()
    (found,) = (standing for standing in standings if standing.head.url == url)
    texts = {row["row_id"]: row["text"] for row in rows(store, "documents", "row_id", "text")}
    return [texts[version.row_id] for version in found.versions]


def text(*sentences):
    return "\n\n".join(sentences)


def test_fetching_an_unchanged_page_with_a_new_extractor_makes_no_version(readers, crawled, directory_store):
    readers("old")
    crawled("r1", Seen(URL, article("Wagons")), Seen(OTHER, article("Other", *SENTENCES[:3])))
    assert versions(directory_store, URL) == [text(*SENTENCES, PROMO)]
    readers("new")
    crawled("r2", Seen(URL, article("Wagons"), hour=24))
    assert versions(directory_store, URL) == [text(*SENTENCES)]
    assert versions(directory_store, OTHER) == [
        text(*SENTENCES[:3], PROMO)
    ]  # not fetched again; only a rebuild extracts it again


def test_a_changed_page_makes_only_the_version_of_its_source(readers, crawled, directory_store):
    readers("old")
    crawled("r1", Seen(URL, article("Wagons")))
    crawled("r2", Seen(URL, article("Wagons"), hour=12))
    readers("new")
    crawled("r3", Seen(URL, article("Wagons", *NEWS), hour=24))
    assert versions(directory_store, URL) == [text(*SENTENCES), text(*NEWS)]


def stale(store, reader):
    """Return the captures of the article that another version than `reader` has read, if any."""
    found = known_of(store, reader).stale(article_id(canonicalize(URL)))
    return [found] if found else []


def test_old_captures_of_an_article_are_extracted_again_only_once(readers, crawled, directory_store):
    readers("old")
    crawled("r1", Seen(URL, article("Wagons")))
    assert len(stale(directory_store, "new")[0]) == 1
    assert not stale(directory_store, "old")
    readers("new")
    crawled("r2", Seen(URL, article("Wagons", *NEWS), hour=24))
    assert not stale(directory_store, "new")
    accounted = rows(directory_store, "fetches", "capture_record_id", "extractor")
    assert sorted(row["extractor"] for row in accounted) == ["new:any", "new:any", "old:any"]
    crawled("r3", Seen(URL, article("Wagons", *NEWS), hour=48))
    assert len(rows(directory_store, "fetches", "url")) == 4


def test_not_modified_keeps_the_text_of_the_old_extractor(readers, crawled, directory_store):
    readers("old")
    crawled("r1", Seen(URL, article("Wagons")))
    readers("new")
    crawled("r2", Seen(URL, status=304, hour=24))
    assert versions(directory_store, URL) == [text(*SENTENCES, PROMO)]


def test_a_rebuild_extracts_everything_with_the_new_extractor(readers, crawled, directory_store):
    readers("old")
    crawled("r1", Seen(URL, article("Wagons")), Seen(OTHER, article("Other", *SENTENCES[:3])))
    readers("new")
    rebuild(context(directory_store))
    assert versions(directory_store, OTHER) == [text(*SENTENCES[:3])]
    assert {row["extractor"] for row in rows(directory_store, "fetches", "extractor")} == {"new:any"}


def test_a_known_body_is_not_extracted_again(readers, crawled, directory_store):
    readers("new")
    first = crawled("r1", Seen(URL, article("Wagons")))
    known = known_of(directory_store, "new")
    (row,) = rows(directory_store, "fetches")
    seen = known.body(URL, row["body_sha256"], "new:any")
    assert seen is not None
    assert seen.rows == tuple(row["rows"])
    assert known.body(URL, row["body_sha256"], "new:kazakhstan-russia") is None  # another topic gives another result
    assert known.body(OTHER, row["body_sha256"], "new:any") is None
    again = crawled("r2", Seen(URL, article("Wagons"), hour=24))
    assert first.counts["steppe.example"]["new"] == 1
    assert again.counts["steppe.example"]["unchanged"] == 1
    assert len(rows(directory_store, "documents")) == 1
