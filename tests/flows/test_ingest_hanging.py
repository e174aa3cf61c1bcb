"""One outlet that hangs does not keep the captures of the others from being processed."""

import json

from flows.exit_codes import FAILED
from spiders.process.patience import MAX_IDLE_SECONDS, MAX_TURN_SECONDS, Patience
from spiders.spec import Event
from tests.flows.hanging import ingest

PAGE = Event("fetched", "http://a.example/1", "http://a.example/1", 200)


def test_an_outlet_that_sends_its_pages_without_end_does_not_hold_up_the_others(tmp_path, capfd):
    code, outlets = ingest(tmp_path, idle_seconds=15.0, timeout=2.0)
    assert code == FAILED
    assert outlets == {"fine"}
    notes = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    (stopped,) = [note for note in notes if note.get("event") == "stopped"]
    assert stopped["outlet"] == "aslow"
    assert "no whole page" in stopped["text"]


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


def test_patience_ends_without_whole_pages():
    clock = Clock()
    patience = Patience(turn=True, clock=clock)
    for event in (PAGE, Event("fetched", status=500), Event("fetched", status=200, detail="time"), Event("stats")):
        clock.seconds += MAX_IDLE_SECONDS / 4
        assert patience.exhausted(event) == ""
    clock.seconds += MAX_IDLE_SECONDS / 4 + 1
    assert patience.exhausted(Event("stats")).startswith("no whole page for 300 s")
    assert patience.exhausted(Event("stats")) == ""
    assert patience.ended


def test_patience_ends_with_the_turn_of_an_outlet():
    clock = Clock()
    with_turn, without = Patience(turn=True, clock=clock), Patience(turn=False, clock=clock)
    clock.seconds = 1.0
    while clock.seconds < MAX_TURN_SECONDS:
        assert with_turn.exhausted(PAGE) == without.exhausted(PAGE) == ""
        clock.seconds += MAX_IDLE_SECONDS
    clock.seconds += 1
    assert with_turn.exhausted(PAGE).startswith("its turn of 2 hours is over")
    assert without.exhausted(PAGE) == ""
