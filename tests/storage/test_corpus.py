"""A corpus read from Python equals a pull, and reading it writes nothing."""

from functools import partial

import pyarrow.parquet as pq
import pytest

from articles.errors import InputError, RefError
from articles.url import article_id
from storage.corpus import StoredCorpus
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import SCHEMA, Selection
from tests.storage import corpus, samples
from tests.storage.history import log_of


@pytest.fixture
def log(directory_store):
    found = log_of(directory_store)
    corpus.build(found)
    return found


@pytest.mark.parametrize(
    "selection",
    [Selection(), Selection(langs=frozenset({"kk"})), Selection(all_versions=True, with_duplicates=True)],
)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_documents_equal_those_of_a_pull(log, tmp_path, selection, number):
    pull(
        log,
        number,
        tmp_path / "out",
        form=PullFormat.PARQUET,
        selection=selection,
        since=None,
        progress=lambda *_: None,
    )
    pulled = pq.read_table(sorted((tmp_path / "out").glob("*.parquet"))).to_pylist()
    snapshot = StoredCorpus.open(log.store.url).snapshot(str(number))
    assert list(snapshot.documents(selection)) == snapshot.to_arrow(selection).to_pylist() == pulled
    assert snapshot.number == number


def test_snapshots_are_opened_by_number_and_by_latest(log):
    found = StoredCorpus(log.store)
    assert [one.number for one in found.snapshots()] == [0, 1, 2]
    assert found.snapshot().digest == found.snapshot("2").digest != found.snapshot("1").digest
    with pytest.raises(RefError, match="no snapshot 9"):
        found.snapshot("9")


def test_an_empty_selection_has_all_columns(log):
    found = StoredCorpus(log.store).snapshot().to_arrow(Selection(langs=frozenset({"fi"})))
    assert found.num_rows == 0
    assert found.schema.names == SCHEMA.names


def test_the_history_of_an_article(log):
    first, second = "The first text of this article.", "The first text of this article, corrected."
    url = "https://steppe.example/with-history"
    document = partial(samples.document, 9, article_id=article_id(url), url=url, canonical_url=url)
    for hour, text in enumerate((first, second, first)):
        corpus.add(log, [corpus.Sighting(9, document(text), hour=hour)])
    snapshot = StoredCorpus(log.store).snapshot()
    (steps,) = snapshot.history(url).values()
    assert [step.version.number for step in steps] == [1, 2, 3]
    assert steps[2].reverts == 1
    with pytest.raises(InputError, match="nothing"):
        snapshot.history("https://steppe.example/nothing")


def test_the_history_of_an_article_that_another_one_joined(log, monkeypatch):
    main, amp = "https://steppe.example/joined", "https://steppe.example/amp/joined"
    fetch = samples.fetch
    urls = {9: main, 10: amp}
    monkeypatch.setattr(
        samples,
        "fetch",
        lambda number, **other: fetch(number, url=urls[number], article_id=article_id(urls[number]), **other),
    )
    for number, url in urls.items():
        one = samples.document(9, "The same.", article_id=article_id(url), url=url, canonical_url=main)
        corpus.add(log, [corpus.Sighting(number, one, hour=number)])
    snapshot = StoredCorpus(log.store).snapshot()
    assert snapshot.history(amp).keys() == snapshot.history(main).keys() != set()


def test_nothing_is_written(log):
    before = {info.key for info in log.store.list("")}
    list(StoredCorpus(log.store).snapshot().documents())
    assert {info.key for info in log.store.list("")} == before
