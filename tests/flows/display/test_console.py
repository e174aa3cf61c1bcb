"""Console output: JSON Lines for programs, tables for people; brackets in texts are not markup."""

import contextlib
import io
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console as RichConsole

from articles.accounting import COLUMNS
from articles.errors import InputError
from flows.display.console import Console
from flows.display.plain_console import PlainConsole, rich_console
from flows.options import CrawlOptions


def terminal():
    return RichConsole(file=io.StringIO(), force_terminal=True, color_system=None, width=120)


def test_json_output_has_one_value_per_line(capfd):
    console = Console(as_json=True)
    console.note("failed", "a [bold]b[/bold]", url="http://steppe.example/ә")
    console.json([1])
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert lines == [{"event": "failed", "text": "a [bold]b[/bold]", "url": "http://steppe.example/ә"}, [1]]


def test_notes_go_to_standard_error_unchanged(capfd):
    Console().note("failed", "http://[::1]/[bold]/:fire:/: refused [/]")
    out, err = capfd.readouterr()
    assert (out, err) == ("", "http://[::1]/[bold]/:fire:/: refused [/]\n")


def test_a_failure_is_printed_once_and_many_of_one_reason_are_counted(capfd):
    console = Console()
    console.note("failed", "u: gone (404)", url="u", reason="gone")
    console.note("rejected", "u: gone (404)", url="u", reason="gone")
    for number in range(9):
        console.note("rejected", f"{number}: off_topic", url=str(number), reason="off_topic")
    lines = capfd.readouterr().err.splitlines()
    assert lines[:4] == ["u: gone (404)", "0: off_topic", "1: off_topic", "2: off_topic"]
    assert lines[4:] == ["more URLs: off_topic; they are counted at the end"]


def test_tables_show_any_text_in_full(capfd):
    long = "http://steppe.example/" + "a" * 150
    Console().table("T", ["url", "n"], [[long, 3], ["[red]x[/red]:fire:", 12]])
    out = capfd.readouterr().out
    assert long in out
    assert "[red]x[/red]:fire:" in out


def test_counts_omit_empty_columns_and_have_a_sum(capfd):
    tally = dict.fromkeys(COLUMNS, 0)
    Console().counts({"a": {**tally, "asked": 2, "gone": 2}, "b": {**tally, "asked": 1, "kept": 1, "new": 1}})
    out = capfd.readouterr().out
    header, *body = [line for line in out.splitlines() if "┃" in line or "│" in line]
    assert [word for word in header.split() if word.isalpha()] == ["outlet", "requested", "kept", "new", "gone"]
    assert [word for word in body[-1].split() if word.isalnum()] == ["all", "3", "1", "1", "2"]


def test_progress_is_not_shown_without_a_terminal(capfd):
    console = Console()
    with console.live():
        console.progress("reading", 1, 2, "a")
    assert capfd.readouterr() == ("", "")


def written(terminal) -> str:
    return terminal.file.getvalue()


def test_control_characters_are_not_printed_and_do_not_break_progress_bars():
    console = Console(out=terminal(), err=terminal())
    for text in ("a\x1b]0;title\x07b", "c\x9b2Jd\x7f"):
        console.note("failed", text)
        console.text(text)
        console.table("T", ["title"], [[text]])
    with console.live():
        console.progress("reading", 1, 2, "http://steppe.example/[/b]\x1b[2J")
    for shown in (written(console.out), written(console.err)):
        assert not any(steering in shown for steering in ("\x1b]", "\x07", "\x9b", "\x7f", "\x1b[2J"))
        assert "a\ufffd]0;title\ufffdb" in shown
    assert "http://steppe.example/[/b]\ufffd[2J" in written(console.err)


def test_resolve_accepts_pairs_and_names_invalid_ones():
    assert CrawlOptions(resolve=("Steppe.Example=127.0.0.1",)).spec("s", "any").resolve == {
        "steppe.example": "127.0.0.1"
    }
    for wrong in ("steppe.example", "=127.0.0.1", "steppe.example="):
        with pytest.raises(InputError, match=wrong):
            CrawlOptions(resolve=(wrong,)).spec("s", "any")


def test_a_table_that_does_not_fit_becomes_a_list_and_breaks_no_url(capsys):
    console = Console()
    url = "https://steppe.example/" + "a" * 40
    console.out.width = 100
    console.table("Pages", ["outlet", "url", "kept", "failed"], [["steppe", url, 3, 0], ["dala", url + "b", 0, 0]])
    wide = capsys.readouterr().out
    assert "│" in wide
    assert url in wide
    console.out.width = 60
    console.table("Pages", ["outlet", "url", "kept", "failed"], [["steppe", url, 3, 0], ["dala", url + "b", 0, 0]])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Pages", "steppe", f"  url: {url}", "  kept: 3", "dala", f"  url: {url}b"]


CELLS = st.text(alphabet="aё語 [/b]:fire:-é\u0301", max_size=20)


@given(title=CELLS, rows=st.lists(st.tuples(CELLS, st.integers(-9, 10**6), CELLS, st.floats(0, 1)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_file_gets_the_same_texts_and_tables_without_rich(title, rows):
    shown = []
    for kind in (PlainConsole, rich_console):
        out = io.TextIOWrapper(io.BytesIO(), "utf-8")
        with contextlib.redirect_stdout(out):
            console = Console(out=kind(stderr=False), err=kind(stderr=True))
            console.text(title, style="bold")
            console.table(title, ["name", "number", "a longer heading", "score"], rows)
        out.seek(0)
        shown.append(out.read())
    assert shown[0] == shown[1]


def test_commands_that_print_into_a_pipe_do_not_load_rich():
    code = "import sys; from flows.cli import run; run(['config']); sys.exit('rich.console' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "IRTYSH_STORE" in done.stdout) == (0, True), done.stderr
