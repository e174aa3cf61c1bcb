"""Damage of every kind of object of a store: found, named, with what to do, and not ending the check."""

import json
import random
import subprocess
import sys
from functools import partial

import pytest

from articles.errors import CorruptError
from storage import profiles, quarantine
from storage.captures import sums as segment_sums
from storage.captures.whole import left_out
from storage.clock import future_head
from storage.snapshots import catalog
from storage.snapshots.mend_log import mend_log
from storage.snapshots.verify import verify
from storage.tables import log as log_module
from storage.tables.log import CommitDraft, Log
from storage.tables.log_reader import LogReader, entry_key, head_key
from tests.flows.tables import log_of, no_progress
from tests.storage import corpus, samples

ALTERATIONS = {
    "emptied": lambda data: data[:0],
    "cut short": lambda data: data[: len(data) // 2],
    "a flipped bit": lambda data: (
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
    ),
    "lost": lambda data: data[:0] or None,
}


@pytest.fixture
def whole(directory_store, monkeypatch):
    """A store with every kind of object, whose commits name their segments' sums."""
    monkeypatch.setattr(log_module, "INDEX_INTERVAL_COMMITS", 2)
    store = directory_store
    log = log_of(store)
    corpus.build(log)
    key = corpus.KEY.format(9)
    store.put(key, b"another segment")
    config = profiles.pin(store, b'{"code": 1}')
    ours = CommitDraft(
        base=2,
        operation="process",
        run="four",
        batch="",
        code="c",
        config_sha256=config,
        captures=frozenset({key}),
        sums={key: segment_sums.sum_of(b"another segment")},
    )
    assert log.append(ours, lambda _: None).sums == {key: segment_sums.sum_of(b"another segment")}
    catalog.tag(log, "1", "paper", "", samples.NOON)
    catalog.tag(log, "2", "draft", "", samples.NOON)
    profiles.put(store, {"steppe.example": b"{}"})
    quarantine.change(store, lambda _: {("a", "b"): quarantine.QuarantineMark("a", "b", ("why",), "rules")})
    store.put("releases/one/README.md", b"card")
    sums = f"{segment_sums.sum_of(b'card').sha256}  README.md\n"
    store.put("releases/one/SHA256SUMS", sums.encode())
    report = verify(log_of(store), 3, no_progress)
    assert (report.findings, report.learned) == ((), 3)  # the sums of older commits are learned, and said
    assert "3 segments" in report.notes[0]
    return store


def test_a_process_of_its_own_finds_a_sound_checkpoint_sound(whole):
    """Its first allocation reserves a gigabyte: within a limit of as much, every checkpoint was said to be damaged."""
    assert [info.key for info in whole.list("documents/_delta_log/") if "checkpoint.parquet" in info.key]
    command = [sys.executable, "-m", "flows.cli", "verify", "--store", str(whole.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def damaged_key(store, kind):
    state = log_of(store).state()
    keys = {
        "a segment of this version": corpus.KEY.format(9),
        "a segment of an older version": corpus.KEY.format(0),
        "a pack of documents": min(state.live("documents")).key,
        "a pack of links": min(state.live("links")).key,
        "a pack of fetches": min(state.live("fetches")).key,
        "the first entry": entry_key(0),
        "an entry": entry_key(1),
        "the last entry": entry_key(3),
        "a tag": "tags/paper.json",
        "a configuration": f"configurations/{state.history[3].config_sha256}.json",
        "a profile": next(info.key for info in store.list("profiles/") if "in-force" not in info.key),
        "a file of a release": "releases/one/README.md",
        "an index": max(info.key for info in store.list("index/states/")),
        "a checkpoint": max(info.key for info in store.list("documents/_delta_log/") if "checkpoint.p" in info.key),
    }
    return keys[kind]


KINDS = (
    "a segment of this version", "a segment of an older version", "a pack of documents", "a pack of links",
    "a pack of fetches", "the first entry", "an entry", "the last entry", "a tag", "a configuration", "a profile",
    "a file of a release", "an index", "a checkpoint",
)  # fmt: skip
MAY_BE_LOST = {"a tag", "an index", "a checkpoint"}  # nothing else names them, and the last two are made again


HARMLESS = ("a checkpoint", "a flipped bit")  # in the middle of this small file lies what no reader uses


@pytest.mark.parametrize("kind", KINDS)
def test_damage_of_every_kind_is_found_and_named(whole, kind):
    key = damaged_key(whole, kind)
    sound = whole.get(key)
    for name, alter in ALTERATIONS.items():
        data = alter(sound)
        if (data is None and kind in MAY_BE_LOST) or (kind, name) == HARMLESS:
            continue
        whole.delete(key) if data is None else whole.put(key, data)
        number = log_of(whole).head()
        found = verify(log_of(whole), number, no_progress)
        named = [finding for finding in found.findings if key in str(finding)]
        assert named, (name, found.findings)
        assert all(finding.next for finding in found.findings)
        whole.put(key, sound)
    assert verify(log_of(whole), 3, no_progress).findings == ()


def test_the_check_goes_on_after_the_first_problem(whole):
    broken = [
        damaged_key(whole, kind) for kind in ("a segment of this version", "a pack of links", "an entry", "a tag")
    ]
    for key in broken:
        whole.put(key, b"{}")
    found = " ".join(verify(log_of(whole), 3, no_progress).problems)
    assert all(key in found for key in broken)


def test_swapped_tags_and_segments_are_seen(whole):
    for one, other in (("tags/paper.json", "tags/draft.json"), (corpus.KEY.format(0), corpus.KEY.format(9))):
        first, second = whole.get(one), whole.get(other)
        whole.put(one, second)
        whole.put(other, first)
        found = verify(log_of(whole), 3, no_progress)
        assert {one, other} <= {finding.key for finding in found.findings}
        whole.put(one, first)
        whole.put(other, second)


def test_swapped_notes_on_entries_are_seen_and_mended_and_altered_entries_are_not_taken_for_it(whole):
    one, other = head_key(1), head_key(3)
    first, second = whole.get(one), whole.get(other)
    whole.put(one, second)
    whole.put(other, first)
    found = verify(log_of(whole), 3, no_progress)
    assert {finding.key for finding in found.findings} == {one, other}
    assert {one, other} <= {said.split()[0] for said in mend_log(log_of(whole))}
    assert (whole.get(one), whole.get(other)) == (first, second)
    assert verify(log_of(whole), 3, no_progress).findings == ()
    whole.put(one, json.dumps({"sha256": "0" * 64}).encode())
    (finding,) = verify(log_of(whole), 3, no_progress).findings
    assert finding.key == entry_key(1)  # or it was altered together with all that follow it
    whole.put(one, first)


def test_a_log_whose_newest_entry_was_removed_is_not_continued(whole):
    whole.delete(entry_key(3))
    found = verify(log_of(whole), 2, no_progress)
    assert entry_key(3) in {finding.key for finding in found.findings}
    with pytest.raises(CorruptError, match=r"entry 3 was there.*irtysh repair|the log has a gap.*0003\.json"):
        corpus.add(log_of(whole), [corpus.Sighting(8, samples.document(8))])
    assert entry_key(3) not in {info.key for info in whole.list("documents/_delta_log/")}


def test_a_rebuild_refuses_damaged_segments_and_names_them(whole):
    state = log_of(whole).state()
    assert left_out(whole, state, ()) == frozenset()
    lost, cut = corpus.KEY.format(0), corpus.KEY.format(9)
    whole.delete(lost)
    whole.put(cut, b"an")
    with pytest.raises(CorruptError) as caught:
        left_out(whole, state, ())
    assert lost in str(caught.value)
    assert cut in str(caught.value)
    with pytest.raises(CorruptError, match=cut):
        left_out(whole, state, [lost])
    assert left_out(whole, state, [lost, cut]) == {lost, cut} == left_out(whole, state, ["damaged"])


def _same(time):
    return time


def test_dates_stay_right_after_a_snapshot_that_lies_in_the_future(directory_store, caplog):
    times = [samples.NOON.replace(year=2099), samples.NOON, samples.NOON.replace(hour=13)]
    for number, time in enumerate(times):
        log = Log(directory_store, partial(_same, time), random.Random(number))  # noqa: S311  not a secret
        corpus.add(log, [corpus.Sighting(number, samples.document(number))])
    assert "in the future" in caplog.text
    reader = LogReader(directory_store)
    assert reader.as_of(samples.NOON.replace(hour=12, minute=30)) == 1
    assert reader.as_of(samples.NOON.replace(hour=14)) == 2
    assert "in the future" in future_head(reader.state().head.timestamp, samples.NOON)
    stamps = [
        json.loads(directory_store.get(entry_key(n)).split(b"\n")[0])["commitInfo"]["timestamp"] for n in range(3)
    ]
    assert stamps == sorted(set(stamps))  # Delta's rule
