"""Tables do not depend on the order of captures or their split into runs, and equal those of a rebuild."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from articles.model import Purpose, Reason
from flows import process as stages
from flows.processing import snapshot_index
from flows.rebuild import rebuild
from storage.captures.segments import list_segments
from storage.objects.directory import DirectoryStore
from storage.snapshots import layers, lookup_layers
from storage.snapshots.contents import load
from tests.flows.making import Seen, put, site_page
from tests.flows.tables import Direct, contents, context, log_of, problems, rows
from tests.site import manifest
from tests.site.editions import DELETED, EDITS, REDESIGNED

PAGES = [
    ("steppe", "wagons"), ("steppe", "wagons-amp"), ("steppe", "buoy-copy"), ("orda", "buoy"), ("orda", "weekly"),
    ("lookout", "visit"), ("lookout", "visit-wp"), ("lookout", "visit-print"), ("kurier", "standing-guest"),
    ("kurier", "most"), ("kurier", "rates-11"), ("kurier", "rates-12"), ("steppe", "consulate"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)


def captures():
    """Pages of two editions a day apart (edited, deleted, redesigned or unchanged), a redirect, a failure and a 304."""
    for outlet, slug in PAGES:
        path = manifest.page(outlet, slug).path
        yield site_page(outlet, path, 1)
        if (outlet, slug) in {*EDITS, *DELETED, *REDESIGNED} or slug == "visit":
            yield site_page(outlet, path, 2, hour=24)
    wagons, visit = manifest.page("steppe", "wagons").path, manifest.page("lookout", "visit").path
    yield site_page("steppe", wagons.rstrip("/"), 1, hour=2)  # 301
    yield site_page("steppe", wagons, 1, hour=48)  # the first edition again
    yield Seen(f"http://lookout.example{visit}", status=304, hour=72)
    yield Seen("http://steppe.example/no/answer/", missed=Reason.TIMEOUT, hour=3)


@pytest.fixture(scope="module")
def segments(tmp_path_factory):
    """Segments with one capture each, by key."""
    store = DirectoryStore(tmp_path_factory.mktemp("staged") / "store")
    keys = put(store, tmp_path_factory.mktemp("spool"), "run", captures(), records=1)
    return {key: store.get(key) for key in keys}


@pytest.fixture(scope="module")
def rebuilt(segments, tmp_path_factory):
    """A store with a rebuild of all segments, and its contents."""
    folder = tmp_path_factory.mktemp("rebuilt")
    store = DirectoryStore(folder / "store")
    for key, data in segments.items():
        store.put(key, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        rebuild(context(store))
    return store, contents(store, folder)


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_any_order_and_any_split_into_runs_equals_a_rebuild(segments, rebuilt, data):
    order = data.draw(st.permutations(sorted(segments)))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(order) - 1), max_size=5)))
    batch = data.draw(st.sampled_from([2, 5, 1000]))  # a commit takes a fifth of a second
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            lookup_layers, "MIN_TEXTS", data.draw(st.sampled_from([0, 0, 0, 10_000]))
        )  # with look-ups or without
        patch.setattr(snapshot_index, "MAX_LOOKED_UP", data.draw(st.sampled_from([200, 200, 2])))
        patch.setattr(lookup_layers, "MAX_LAYERS", data.draw(st.sampled_from([8, 2])))
        patch.setattr(layers, "FULL_LAYER_ROWS", data.draw(st.sampled_from([100_000, 4])))
        folder = Path(scratch)
        store = DirectoryStore(folder / "store")
        for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
            for key in order[start:end]:
                store.put(key, segments[key])
            stages.process(context(store, batch_captures=batch))
        assert contents(store, folder) == rebuilt[1]
        ids = [row["row_id"] for row in rows(store, "documents", "row_id")]
        assert len(ids) == len(set(ids))


def test_the_captures_make_versions_links_and_a_deletion(rebuilt):
    """So the property above does not hold trivially for an empty table."""
    view = load(rebuilt[0], log_of(rebuilt[0]).state()).view
    versions = [len(standing.versions) for standing in view.documents.values()]
    assert len(view.documents) >= 10
    assert max(versions) == 3
    assert sum(standing.gone for standing in view.documents.values()) == 1
    assert {link.kind.value for link in view.links} >= {"duplicate_of", "contained_in", "translation_of"}


def fill(store, segments):
    for key, data in segments.items():
        store.put(key, data)
    return store


def test_a_second_run_adds_nothing(segments, directory_store):
    fill(directory_store, segments)
    first = stages.process(context(directory_store))
    before = {found.key for found in directory_store.list("")}
    second = stages.process(context(directory_store))
    assert (first.snapshots, second.snapshots) == ((0,), ())
    assert (second.segments, second.counts, second.links) == (0, {}, {})
    assert {found.key for found in directory_store.list("")} == before


def test_two_rebuilds_are_equal_byte_for_byte(segments, directory_store, tmp_path):
    fill(directory_store, segments)
    log = log_of(directory_store)
    stages.process(context(directory_store, batch_captures=2))
    incremental = contents(directory_store, tmp_path)
    names = []
    for _ in range(2):
        rebuild(context(directory_store))
        state = log.state()
        names.append({table: set(refs) for table, refs in state.files.items()})
    assert names[0] == names[1]
    assert contents(directory_store, tmp_path) == incremental
    assert problems(directory_store) == []


def test_a_rebuild_does_not_depend_on_the_size_of_its_batches(segments, rebuilt, directory_store, tmp_path):
    fill(directory_store, segments)
    rebuild(context(directory_store, batch_captures=1))
    assert contents(directory_store, tmp_path) == rebuilt[1]


def test_every_capture_is_accounted_for_once(segments, rebuilt):
    fetches = rows(rebuilt[0], "fetches", "capture_record_id", "capture_key", "reason", "rows", "url")
    assert sorted(row["capture_key"] for row in fetches) == sorted(segments)
    assert len({row["capture_record_id"] for row in fetches}) == len(segments)
    assert all(bool(row["reason"]) != bool(row["rows"]) for row in fetches)
    rejected = rows(rebuilt[0], "rejections", "url", "reason")
    assert sorted((row["url"], row["reason"]) for row in fetches if row["reason"]) == sorted(
        (row["url"], row["reason"]) for row in rejected
    )


def test_a_run_that_only_reread_feeds_makes_no_snapshot(directory_store, tmp_path, monkeypatch):
    feed = Seen("http://steppe.example/feed/", purpose=Purpose.FEED)
    robots = Seen("http://steppe.example/robots.txt", purpose=Purpose.ROBOTS, status=404)
    put(directory_store, tmp_path / "quiet", "1-quiet", [feed, robots], records=1)
    assert stages.process(context(directory_store, batch_captures=1)).snapshots == ()

    page = site_page("steppe", manifest.page("steppe", "wagons").path, 1)
    put(directory_store, tmp_path / "busy", "2-busy", [feed, page])
    assert stages.process(context(directory_store, batch_captures=1)).snapshots == (0,)
    assert log_of(directory_store).state().captures == set(list_segments(directory_store))

    monkeypatch.setattr(stages, "MAX_IDLE_CAPTURES", 2)
    put(directory_store, tmp_path / "many", "3-many", [feed, robots])
    assert stages.process(context(directory_store)).snapshots == (1,)
