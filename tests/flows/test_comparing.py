"""`irtysh rebuild --compare` shows what new rules would change and publishes nothing; --approve publishes just that."""

import json
import os
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from flows import process as stages
from flows.cli import run
from flows.processing.time_left import Pace
from flows.rebuild import Rebuilding, rebuild
from storage.objects.directory import DirectoryStore
from storage.objects.json_objects import get_bounded
from tests.flows.making import NOON, SENTENCES, Seen, article, put
from tests.flows.tables import Direct, context, log_of, problems, rows

BOOTS = "Felt boots are sold at the station of Kostanay all the year round, at half the price of the last winter."
OUTLET = """
from spiders.outlet import Outlet


class Kurier(Outlet):
    domains = ("kurier.example",)
    languages = ("en",)
    article = r"https?://kurier\\.example/\\d+"
    strip = (".boots",)
"""
FOREIGN = (
    "The orchestra of Lisbon has played the fifth symphony in the rain, and nobody has left the square before the end.",
    "The conductor said that the instruments would need a week to dry, and that she would do it again tomorrow.",
    "Two of the violins come from a small town in Italy, where they were made three hundred years ago by one man.",
)


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    """Four articles of two sites in four segments; one has a line that an outlet's file strips, one is about Lisbon."""
    folder = tmp_path_factory.mktemp("processed")
    store = DirectoryStore(folder / "store")
    with_boots = article("Queue at the border <b>", *SENTENCES).replace(b"</article>", _boots() + b"</article>")
    pages = [
        Seen("http://kurier.example/1", with_boots),
        Seen("http://kurier.example/2", article("Wagons counted again", *SENTENCES[1:], SENTENCES[0])),
        Seen("http://steppe.example/3", article("Rain in Lisbon", *FOREIGN)),
        Seen("http://steppe.example/4", article("Astana and Moscow agree", *SENTENCES[2:], *SENTENCES[:2])),
    ]
    put(store, folder / "spool", "one", pages, records=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        stages.process(context(store))
    return folder / "store"


@pytest.fixture
def store(processed, tmp_path):
    """A copy of that store for one test."""
    shutil.copytree(processed, tmp_path / "store")
    return DirectoryStore(tmp_path / "store")


@pytest.fixture
def outlets(tmp_path):
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "kurier.py").write_text(OUTLET)
    return str(tmp_path / "outlets")


def _boots() -> bytes:
    return f'<p class="boots">{BOOTS}</p>'.encode()


def compare(store, capfd, *options: str) -> dict:
    capfd.readouterr()
    assert run(["rebuild", "--compare", "--json", "--store", store.url, *options]) == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    (found,) = [line for line in lines if line["event"] == "compared"]
    return found


def test_a_line_that_a_new_rule_removes_is_shown_with_its_rule_and_goes_on_approval(store, outlets, tmp_path, capfd):
    page = tmp_path / "changes.html"
    found = compare(store, capfd, "--outlets", outlets, "--page", str(page))
    assert log_of(store).head() == 0
    kurier = found["outlets"]["kurier.example"]
    assert (kurier["lines_lost"], kurier["lines_gained"], kurier["edited"]) == (1, 0, 1)
    (lost,) = [one for one in found["rules"] if one["change"] == "line lost"]
    assert lost["samples"] == [{"url": "http://kurier.example/1", "before": BOOTS, "after": ""}]
    assert lost["rule"] != "no rule: the page is read in another way"
    text = page.read_text("utf-8")
    assert BOOTS in text
    assert found["comparison"] in text
    assert "<b>" not in text.replace("<body", "")
    assert run(["rebuild", "--approve", found["comparison"], "--store", store.url]) == 0
    assert f"snapshot 1 in {store.url}" in capfd.readouterr().out
    assert not any(BOOTS in row["text"] for row in rows(store, "documents", "text"))
    assert problems(store) == []
    again = compare(store, capfd, "--outlets", outlets)
    assert again["rules"] == []


def test_captures_are_judged_by_another_topic_without_fetching_again(store, capfd):
    found = compare(store, capfd, "--topic", "kazakhstan-russia")
    (lost,) = [one for one in found["rules"] if one["change"] == "document lost"]
    assert (lost["outlet"], lost["rule"], lost["number"]) == ("steppe.example", "off_topic", 1)
    assert found["outlets"]["steppe.example"]["before"] == 2
    assert found["outlets"]["steppe.example"]["after"] == 1
    assert run(["rebuild", "--approve", found["comparison"], "--store", store.url]) == 0
    assert len(rows(store, "documents", "url")) == 3
    back = compare(store, capfd)
    (gained,) = [one for one in back["rules"] if one["change"] == "document gained"]
    assert gained["rule"] == "off_topic"
    assert gained["samples"] == [{"url": "http://steppe.example/3", "before": "", "after": "Rain in Lisbon"}]


def test_an_interrupted_comparison_continues_and_gives_the_tables_of_a_rebuild(store, tmp_path, monkeypatch, capfd):
    def files(of):
        state = log_of(of).state()
        return {table: sorted(ref.sha256 for ref in state.live(table)) for table in state.files}

    twin = DirectoryStore(tmp_path / "twin")
    for info in store.list(""):
        twin.put(info.key, store.get(info.key))
    add = Rebuilding._add
    read: list[str] = []

    def interrupted(self, segment_batch, written):
        add(self, segment_batch, written)
        read.extend(segment_batch.keys)
        if len(read) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("flows.commands.comparison.processing_context", _one_at_a_time)
    monkeypatch.setattr(Rebuilding, "_add", interrupted)
    assert run(["rebuild", "--compare", "--store", store.url]) == 130
    found = compare(store, capfd)
    assert len(read) == 4
    assert len(set(read)) == 4
    assert found["segments"] == 4
    assert run(["rebuild", "--approve", found["comparison"], "--store", store.url]) == 0
    assert len(read) == 4
    monkeypatch.undo()
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    rebuild(context(twin, batch_captures=1))
    assert files(store) == files(twin)


def _one_at_a_time(store, listener, processing, run="", *, outlets):
    return context(store, batch_captures=1, listener=listener, outlets=outlets)


def test_what_was_captured_since_is_read_on_approval(store, tmp_path, capfd):
    name = compare(store, capfd)["comparison"]
    put(store, tmp_path / "spool", "two", [Seen("http://steppe.example/5", article("A new wagon", *SENTENCES[::-1]))])
    assert run(["rebuild", "--approve", name, "--store", store.url]) == 0
    assert "1 segment came since" in capfd.readouterr().err
    assert len(rows(store, "documents", "url")) == 5


def test_an_approval_needs_a_comparison_by_the_rules_in_force(store, outlets, capfd, monkeypatch):
    assert run(["rebuild", "--approve", "nothing", "--store", store.url]) == 2
    assert "no comparison 'nothing'" in capfd.readouterr().err
    name = compare(store, capfd)["comparison"]
    monkeypatch.setattr("flows.comparing.extractor_version", lambda: "later")
    assert run(["rebuild", "--approve", name, "--store", store.url]) == 2
    said = capfd.readouterr().err
    assert "the rules have changed" in said
    assert "readers" in said
    assert log_of(store).head() == 0
    for wrong in (["--topic", "any"], ["--page", "x.html"], ["--compare", "--approve", name]):
        assert run(["rebuild", *wrong, "--store", store.url]) == 2


def test_files_of_a_comparison_are_spared_for_a_month(store, tmp_path, outlets, capfd):
    compare(store, capfd, "--outlets", outlets)
    ours = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    for days, left in ((2, True), (40, False)):
        old = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        for path in ours:
            os.utime(path, (old, old))
        assert run(["gc", "--delete", "--store", store.url]) == 0
        assert any((tmp_path / "store" / "rebuilds").rglob("*.json")) is left
    assert problems(store) == []


def test_an_approval_finds_its_files_after_snapshots_that_had_them_expired(store, outlets, capfd):
    rebuild(context(store, outlets=outlets))
    name = compare(store, capfd)["comparison"]  # by the rules of snapshot 0, so that it needs the same files
    assert run(["expire-snapshots", "--older-than", "2100-01-01", "--delete", "--store", store.url]) == 0
    assert run(["rebuild", "--approve", name, "--store", store.url]) == 0
    assert any(BOOTS in row["text"] for row in rows(store, "documents", "text"))
    assert problems(store) == []


def test_a_takedown_deletes_what_was_read_and_not_published(store, outlets, tmp_path, capfd):
    name = compare(store, capfd, "--outlets", outlets)["comparison"]
    assert (
        run(["takedown", "http://kurier.example/1", "--reason", "order 12/26", "--confirm", "--store", store.url]) == 0
    )
    assert run(["rebuild", "--approve", name, "--store", store.url]) == 2
    assert not list((tmp_path / "store" / "rebuilds").rglob("*.json"))
    listed = {path.stem for path in (tmp_path / "store" / "documents").glob("*.parquet")}
    assert listed == {ref.sha256 for ref in log_of(store).state().live("documents")}
    assert problems(store) == []


def test_the_time_left_is_told_once_it_can_be():
    pace = Pace(200_000_000, NOON)
    assert pace.says(NOON) == "0 of 200 MB"
    pace.done = 50_000_000
    assert pace.says(NOON + timedelta(minutes=10)) == "50 of 200 MB, about 30 min left"
    assert pace.says(NOON + timedelta(hours=10)) == "50 of 200 MB, about 30.0 h left"
    assert pace.says(NOON + timedelta(seconds=9)) == "50 of 200 MB, about 27 s left"
    assert Pace(0, NOON).says(NOON) == "0 of 0 MB"


def test_each_pack_of_removals_is_read_twice_however_many_documents_change(
    store, outlets, tmp_path, monkeypatch, capfd
):
    with_boots = [
        Seen(
            f"http://kurier.example/{number}",
            article(f"Border {number}", *SENTENCES).replace(b"</article>", _boots() + b"</article>"),
        )
        for number in range(10, 16)
    ]
    for number, seen in enumerate(with_boots):
        put(store, tmp_path / "spool", f"more{number}", [seen])
        stages.process(context(store))
    reads: list[str] = []
    read = get_bounded

    def counted(store, key, size):
        reads.append(key)
        return read(store, key, size)

    monkeypatch.setattr("flows.commands.comparison.processing_context", _one_at_a_time)
    monkeypatch.setattr("flows.comparing.CHUNK_DOCUMENTS", 1)
    monkeypatch.setattr("storage.tables.packs.get_bounded", counted)
    found = compare(store, capfd, "--outlets", outlets)
    (lost,) = [one for one in found["rules"] if one["change"] == "line lost"]
    assert lost["number"] == 7
    assert [one["url"] for one in lost["samples"]] == sorted(one["url"] for one in lost["samples"])
    of_removals = Counter(key for key in reads if key.startswith("removals/"))
    assert len(of_removals) > 7
    assert max(of_removals.values()) == 2  # where the rows of each capture lie, and these rows
