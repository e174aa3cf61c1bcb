"""With `--log-format json` each line of standard error is one object, whatever is said there."""

import io
import json
import logging
import sys

import pytest

from flows import cli
from flows.cli import run
from flows.display.console import Console
from flows.display.json_log import PROGRESS_SECONDS, JsonLog, everything_as_json


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_notes_become_lines_with_time_level_and_facts(capfd):
    console = Console(log=JsonLog())
    console.note(
        "failed", "http://a:secret@steppe.example/\x1b: timeout", url="http://steppe.example/", reason="timeout"
    )
    console.note("snapshot", "snapshot 3", number=3, event="x")
    console.text("a result")
    out, err = capfd.readouterr()
    failed, snapshot = lines(err)
    assert failed["level"] == "warning"
    assert failed["time"].endswith("Z")
    assert failed["url"] == "http://steppe.example/"
    assert "secret" not in err
    assert "\x1b" not in err
    assert (snapshot["level"], snapshot["event"], snapshot["number"], snapshot["event_"]) == (
        "info",
        "snapshot",
        3,
        "x",
    )
    assert out == "a result\n"


def test_all_failures_are_logged_not_only_the_first_of_a_reason(capfd):
    console = Console(log=JsonLog())
    for number in range(9):
        console.note("failed", f"page {number}", reason="timeout")
    assert len(lines(capfd.readouterr().err)) == 9


def test_with_json_too_events_stay_on_standard_output(capfd):
    Console(as_json=True, log=JsonLog()).note("snapshot", "snapshot 3", number=3)
    out, err = capfd.readouterr()
    assert lines(out) == [{"event": "snapshot", "text": "snapshot 3", "number": 3}]
    assert lines(err)[0]["message"] == "snapshot 3"


def test_progress_is_logged_now_and_then_and_at_the_end(capfd):
    at = [0.0]
    console = Console(log=JsonLog(lambda: at[0]))
    for done in range(1, 31):
        at[0] += PROGRESS_SECONDS / 10
        console.progress("reading", done, 30, "x")
    assert [line["done"] for line in lines(capfd.readouterr().err)] == [1, 11, 21, 30]


@pytest.mark.parametrize("words", [["--log-format", "json"], ["--log-format=json"], []])
def test_errors_and_wrong_usage_are_lines_too(words, capfd, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    if not words:
        monkeypatch.setenv("IRTYSH_LOG_FORMAT", "json")
    assert run(["show", "--store", str(tmp_path / "none"), *words]) == 2
    assert run(["show", "--no-such-option", *words]) == 2
    found = lines(capfd.readouterr().err)
    assert [(line["level"], line["code"]) for line in found] == [("error", 2)] * 2


def test_an_unknown_format_is_wrong_usage(capfd):
    assert run(["show", "--log-format", "xml"]) == 2
    assert "xml" in capfd.readouterr().err


def test_records_of_libraries_and_crashes_are_lines_too(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    hook = sys.excepthook

    def crash():
        with everything_as_json(JsonLog()):
            logging.getLogger("storage.tables.log").warning("the view of %d", 3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    sys.excepthook(ZeroDivisionError, ZeroDivisionError("x"), None)
    sys.excepthook = hook
    record, crashed = lines(sys.stderr.getvalue())
    assert (record["level"], record["logger"], record["message"]) == ("warning", "storage.tables.log", "the view of 3")
    assert (crashed["level"], crashed["event"], crashed["message"]) == ("critical", "crashed", "ZeroDivisionError: x")


def test_text_stays_the_default(capfd, tmp_path):
    assert run(["show", "--store", str(tmp_path / "none")]) == 2
    assert capfd.readouterr().err.startswith("irtysh: ")
    assert cli._json_log(["show", "--log-format", "text"]) is None
