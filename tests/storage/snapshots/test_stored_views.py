"""The view that is stored and advanced commit by commit equals the one that is computed from all rows."""

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import grimp
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import articles as articles_package
from articles.history.identity import RowHead
from articles.history.view import Others, view_of
from articles.history.visits import Visit
from articles.links.line_marks import marks_of
from articles.model import CaptureRef, Link, LinkKind, Purpose, Reason, Relevance
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from storage.snapshots import catalog, counting, layers, lookup_layers, portions, view_layers, view_tables
from storage.snapshots.article_history import read_texts, steps_of
from storage.snapshots.contents import compute, keep_lookups, keep_view, load, stored_view
from storage.snapshots.observed import RowLabel
from storage.snapshots.summary import summarise
from storage.snapshots.verify_layers import check_layers, forget_damaged
from storage.snapshots.view_advance import Added, advanced
from storage.snapshots.view_counts import COUNTS, ViewCounts, stored_counts
from storage.snapshots.view_layers import CODE, VIEWS_PREFIX, StoredView
from storage.snapshots.view_tables import TABLES, contents_of
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import LogReader
from tests.storage import corpus, history, samples
from tests.storage.history import log_of

if TYPE_CHECKING:
    from storage.snapshots.layer_tables import MadeLayer

ARTICLES = [f"a{number}" for number in range(8)]
PACK = FileRef("documents", "0" * 64, 1, 1)
PACKS = {PACK.sha256: PACK}

MARKS = [
    "",
    *(marks_of("Title", ["word " * 40, "Seen by someone.", "Nothing else.", line]) for line in (
        "lesijat 12", "lesijat 15", "lesijat 19", "Bakery wins prize", "Wolves cross frozen lake",
    )),
]  # fmt: skip
articles = st.sampled_from(ARTICLES)
rows = st.tuples(
    articles,
    st.sampled_from(["", "", "", *ARTICLES[:3]]),  # what it claims to be
    st.sampled_from(["", "", "", "", *ARTICLES[3:5]]),  # the page before
    st.sampled_from(["", "2026-10-01", "2026-10-20", "2026-10-31", "2026-11-02"]),
    st.sampled_from(["orda", "tengri", "paper.example"]),
    st.sampled_from(["k1", "k2", "k3", "k4"]),
    st.booleans(),
    st.sampled_from(range(len(MARKS))),
)
visits = st.tuples(
    st.integers(0, 30),  # days
    st.integers(0, 100),  # which row
    st.sampled_from(["", "", "", "", Reason.GONE, Reason.NOT_MODIFIED, Reason.OFF_TOPIC]),
    st.sampled_from([Purpose.PAGE, Purpose.PAGE, Purpose.PAGE, Purpose.ENTRY, Purpose.LISTING]),
    st.sampled_from(["", "", "", "2026-10-20"]),
    st.integers(0, 12),  # a capture that may be recorded again
)
links = st.tuples(st.sampled_from(LinkKind), st.integers(0, 100), st.integers(0, 100), st.sampled_from([0.6, 0.9]))
commits = st.lists(
    st.tuples(st.lists(rows, max_size=3), st.lists(visits, max_size=4), st.lists(links, max_size=3)),
    min_size=1,
    max_size=6,
)


class History:
    """Turns what Hypothesis draws into commits: each row is seen in the commit that stores it."""

    def __init__(self):
        self.heads = []

    def commit(self, drawn_rows, drawn_visits, drawn_links):
        added = Added()
        for drawn in drawn_rows:
            added.heads.append(self._row(*drawn))
            self.heads.append(added.heads[-1][0])
            added.visits.append(self._visit(len(self.heads) % 20, len(self.heads) - 1, "", Purpose.PAGE, "", -1))
        if self.heads:
            added.visits += [self._visit(*drawn) for drawn in drawn_visits]
            for kind, one, other, score in drawn_links:
                a, b = self._head(one), self._head(other)
                if a.article_id != b.article_id and kind is not LinkKind.CONTINUES:
                    one_row, other_row = sorted((a.row_id, b.row_id))
                    added.links.append(Link(kind, one_row, other_row, score, "e", "anchors" if one % 2 else "e5"))
        return added

    def _head(self, number):
        return self.heads[number % len(self.heads)]

    def _row(  # noqa: PLR0917  as drawn
        self, article, claim, continues, published, outlet, key, review, marks
    ):
        row_id = f"r{len(self.heads):03}"
        claim = claim if claim != article else ""
        url = f"https://{outlet}.example/news/{article}"
        head = RowHead(
            row_id, f"{article}-ru", article, url, key, published, False, 500, review, "", outlet, f"News of {key}",
            claim, f"https://{outlet}.example/news/{claim}" if claim else "", continues if continues != article else "",
            MARKS[marks],
        )  # fmt: skip
        verdict = Relevance.REVIEW if review else Relevance.ACCEPT
        return head, RowLabel(head.title, url, outlet, "ru", key, 0.5, verdict, PACK)

    def _visit(self, days, number, reason, purpose, listed, capture):  # noqa: PLR0917  as drawn
        head = self._head(number)
        shown = () if reason or purpose is Purpose.LISTING else (head.row_id,)
        record = f"again-{head.article_id}-{capture}" if capture >= 0 else f"record-{head.row_id}"
        ref = CaptureRef("captures/o/2026/11/01/run-00000.warc.gz", days, record)
        return Visit(samples.NOON + timedelta(days=days), ref, reason, shown, purpose, listed, head.article_id)


@pytest.fixture(params=[1, 20])
def first_days(request):
    """The days that a layer lists of an outlet: with one, all documents are read as soon as it has changed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(view_tables, "MAX_FIRST_DAYS", request.param)
        yield request.param


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=commits, merged_after=st.sets(st.integers(0, 5)))
@pytest.mark.usefixtures("first_days")
def test_a_view_that_is_advanced_equals_the_one_computed_from_all_rows(drawn, merged_after):
    made, everything = History(), Added()
    known: dict[str, RowHead] = {}
    parts: tuple[MadeLayer, ...] = ()
    counts = ViewCounts()
    for number, changes in enumerate(drawn):
        added = made.commit(*changes)
        layer = advanced(StoredView(parts), added, number, PACKS)
        counts = counting.advanced(counts, StoredView(parts), layer)
        parts = (*parts, layer)
        if number in merged_after:
            parts = (StoredView(parts).merged(parts),)
        everything.heads += added.heads
        everything.visits += added.visits
        everything.links += added.links
        known.update((head.row_id, head) for head, _ in added.heads)
        stored = StoredView(parts)
        documents, shown_links = (stored.read(name, TABLES[name].names) for name in ("documents", "links"))
        assert pa.concat_tables([documents[:0], *stored.batches("documents", documents.schema)]).equals(documents)
        found = contents_of(documents, shown_links, PACKS)
        assert counts == counting.of_tables(documents, shown_links)
        whole = view_of(known.values(), everything.visits, everything.links, Others())
        assert found.view.documents == whole.documents
        assert found.view.links == whole.links
        assert found.view.shown == {row_id: whole.shown[row_id] for row_id in found.labels}
        assert found.joined == {name: head.url for name, head in whole.moved.items() if name in found.labels}


def test_pages_that_are_fetched_later_show_that_a_line_changes_with_every_fetch(directory_store):
    log = log_of(directory_store)

    def seen(number, readers, hour, clerk="He is 61."):
        text = (
            f"News of wagon {number}. " * 20,
            "A clerk counted.",
            clerk,
            "A pencil was found.",
            f"Lesijat {readers}",
        )
        return corpus.Sighting(number, samples.document(number, paragraphs=text), hour=hour)

    corpus.add(log, [seen(number, 10 + number, 1) for number in range(4)])
    corpus.add(log, [seen(0, 30, 2)])
    counts = []
    for commit in ([seen(1, 31, 3)], [seen(2, 32, 4)], [seen(0, 33, 9, clerk="He is 62.")]):
        keep_view(directory_store, log.state())
        counts.append([len(load(directory_store, log.state()).view.documents[f"{0:016x}-en"].versions)])
        corpus.add(log, commit)
    contents = load(directory_store, log.state())
    document = contents.view.documents[f"{0:016x}-en"]
    rows = {version.row_id for version in document.versions}
    texts = read_texts(directory_store, log.state().live("documents"), rows)
    _, step = steps_of(document, texts, {row_id: contents.labels[row_id].version_key for row_id in rows})
    assert counts == [[1], [1], [1]]
    assert [(edit.old, edit.new) for edit in step.edits] == [("61", "62")]
    assert [(one.old, one.new) for one in step.changes if one.change == "changed"] == [("He is 61.", "He is 62.")]
    assert step.changes[-1].new == "Lesijat 33"
    assert contents.view.documents == compute(directory_store, log.state()).view.documents


def test_a_store_keeps_the_view_of_each_snapshot_and_readers_use_it(directory_store):
    log = log_of(directory_store)
    corpus.build(log)
    for number in (0, 2):
        keep_view(directory_store, log.state(number))
    keep_view(directory_store, log.state(2))  # it is there already
    for number in (0, 1, 2):
        state = LogReader(directory_store).state(number)
        assert stored_view(directory_store, state) is not None
        found, whole = load(directory_store, state), compute(directory_store, state)
        assert (found.view.documents, found.view.links) == (whole.view.documents, whole.view.links)
        assert found.labels == {row_id: whole.labels[row_id] for row_id in found.labels}
    assert stored_view(directory_store, LogReader(directory_store).state(2)).snapshot == 2


def test_a_large_view_is_made_in_portions_and_its_full_layers_are_not_joined_again(directory_store, monkeypatch):
    monkeypatch.setattr(layers, "FULL_LAYER_ROWS", 2)
    monkeypatch.setattr(lookup_layers, "MIN_TEXTS", 0)
    log = log_of(directory_store)
    corpus.build(log)
    state = log.state(2)
    keep_view(directory_store, state)
    keep_lookups(directory_store, state)
    stored = stored_view(directory_store, state)
    looked_up = lookup_layers.find(directory_store, state)
    spans = [[(layer.first, layer.last) for layer in found.layers] for found in (stored, looked_up)]
    assert spans == [[(0, 0), (1, 2)]] * 2  # commit 0 alone fills a layer
    found, whole = load(directory_store, state), compute(directory_store, state)
    assert (found.view.documents, found.view.links) == (whole.view.documents, whole.view.links)
    few = pa.schema([pa.field("versions", pa.list_(pa.struct([("row_id", pa.string()), ("gone", pa.bool_())])))])
    assert pa.concat_tables(stored.batches("documents", few)).equals(stored.read("documents", few.names).cast(few))
    assert list(check_layers(directory_store, state)) == []
    ref = min(state.live("documents"))
    log.append(history.draft(directory_store, 2, [], tables=(), key="k", remove=(ref,)), history.never)
    assert list(layers.portions(log.read_many(range(4)))) == [
        3
    ]  # what was before cannot be had without the removed rows


@pytest.mark.parametrize(
    ("sizes", "first"),
    [
        ([100], None),
        ([100, 20], None),
        ([100, 20, 10], 0),
        ([100, *[1] * 8], 1),
        ([1_000, 30], None),
        ([1_000, 800, 30, 10], 2),
        ([1_000, 800, 90, *[1] * 9], 3),
        ([1_000], None),
    ],
)
def test_layers_that_are_full_are_not_joined(monkeypatch, sizes, first):
    monkeypatch.setattr(layers, "FULL_LAYER_ROWS", 500)
    assert layers.to_join(sizes, 8) == first


def test_a_view_is_rebuilt_where_rows_were_taken_away(directory_store):
    log = log_of(directory_store)
    corpus.build(log)
    keep_view(directory_store, log.state())
    ref = min(log.state().live("documents"))
    log.append(history.draft(directory_store, 2, [], tables=(), key="k", remove=(ref,)), history.never)
    assert stored_view(directory_store, log.state()) is None
    keep_view(directory_store, log.state())
    found = load(directory_store, log.state())
    assert found.view.documents == compute(directory_store, log.state()).view.documents


def test_a_view_that_is_damaged_or_of_other_code_is_not_used(directory_store, monkeypatch):
    log = log_of(directory_store)
    corpus.build(log)
    keep_view(directory_store, log.state())
    monkeypatch.setattr("storage.snapshots.view_layers.code_version", lambda: "0" * 64)
    assert stored_view(directory_store, log.state()) is None
    monkeypatch.undo()
    for info in list(directory_store.list(VIEWS_PREFIX)):
        if info.key.endswith(".json"):
            directory_store.put(info.key, b"{}")
    assert stored_view(directory_store, log.state()) is None
    assert len(load(directory_store, log.state()).view.documents) == 5


def test_differences_and_counts_are_those_of_the_computed_view(directory_store, monkeypatch):
    log = log_of(directory_store)
    corpus.build(log)

    def seen():
        return catalog.diff(log, 0, 2), catalog.diff(log, 1, 2), summarise(directory_store, log.state(2)).counts()

    computed = seen()
    for number in (0, 1, 2):
        keep_view(directory_store, log.state(number))
    monkeypatch.setattr("storage.snapshots.contents.compute", history.never)
    assert seen() == computed


def test_counts_are_stored_with_a_view_and_false_ones_are_found(directory_store, monkeypatch):
    log = log_of(directory_store)
    corpus.build(log)
    computed = [summarise(directory_store, log.state(number)) for number in (0, 1, 2)]
    for number in (0, 2):
        keep_view(directory_store, log.state(number))
    assert summarise(directory_store, log.state(1)) == computed[1]  # from the view of 0
    monkeypatch.setattr("storage.snapshots.contents.stored_view", history.never)
    assert [summarise(directory_store, log.state(number)) for number in (0, 2)] == [computed[0], computed[2]]
    monkeypatch.undo()
    state = log.state(2)
    key, own = (info.key for info in directory_store.list(VIEWS_PREFIX) if f"/{2:020}-" in info.key)
    directory_store.delete(own)  # of commits 1 and 2 alone: the other layer holds all
    about = json.loads(directory_store.get(key))
    false: tuple[object, ...] = (about[COUNTS] | {"documents": 7}, about[COUNTS] | {"gone": "many"}, {"x": 1}, None)
    for counts in false:
        directory_store.put(key, json.dumps(about | {COUNTS: counts}).encode())
        assert [damage.key for damage in check_layers(directory_store, state)] == [key]
    assert stored_counts(directory_store, 2, state.sha256) is None
    assert summarise(directory_store, state) == computed[2]
    assert forget_damaged(directory_store, state) == [key]
    keep_view(directory_store, state)
    assert list(check_layers(directory_store, state)) == []


def test_all_code_that_computes_a_view_is_in_its_version():
    graph = grimp.build_graph("articles", cache_dir=None)  # a cache can be stale
    home = Path(articles_package.__file__).parent
    named = {"articles." + name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in CODE}
    assert named == {
        name
        for name in (*graph.find_upstream_modules("articles.history.view"), "articles.history.view")
        if (home / (name.removeprefix("articles.").replace(".", "/") + ".py")).exists() or name == "articles.data"
    }


@pytest.mark.parametrize("all_versions", [False, True])
def test_a_pull_of_what_changed_reads_only_that_and_writes_the_same(
    directory_store, tmp_path, monkeypatch, all_versions
):
    log = log_of(directory_store)
    corpus.build(log)
    chosen = Selection(with_duplicates=True, all_versions=all_versions)

    def pulled(name):
        report = pull(
            log, 2, tmp_path / name, form=PullFormat.JSONL, selection=chosen, since=1, progress=lambda *_: None,
        )  # fmt: skip
        return (tmp_path / name).read_bytes(), report.whole, sum(report.left_out.values()), report.highest_score

    computed = pulled("computed.jsonl")
    for number in (1, 2):
        keep_view(directory_store, log.state(number))
    monkeypatch.setattr("storage.snapshots.contents.compute", history.never)
    assert pulled("stored.jsonl") == computed
    assert computed[0]
    monkeypatch.setattr(view_layers, "between", lambda *_: None)  # no layers connect the two: both are read in portions
    monkeypatch.setattr(portions, "BATCH_ROWS", 1)
    monkeypatch.setattr(StoredView, "read", history.never)
    assert pulled("portions.jsonl") == computed
