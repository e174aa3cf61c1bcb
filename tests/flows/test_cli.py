"""Commands have stable names, help for every option, and a section in the documentation."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from flows import cli
from flows.cli import COMMANDS, app, run
from flows.display.console import Console

PAGE = (Path(__file__).parents[2] / "docs/cli.md").read_text("utf-8")
STABLE = {
    "crawl", "ingest", "import", "process", "rebuild", "outlets", "snapshots", "show", "diff", "tag", "verify", "repair", "takedown", "pull",
    "history", "release", "explain",
}  # fmt: skip


def test_stable_command_names_exist():
    assert {name.split()[0] for name in COMMANDS} >= STABLE
    assert {name for name in app if not name.startswith("-")} == {name.split()[0] for name in COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_for_each_option_and_an_example(name, capfd):
    assert run([*name.split(), "--help"]) == 0
    shown = capfd.readouterr().out
    assert shown.startswith(f"Usage: irtysh {name}")
    assert COMMANDS[name][1] in shown
    example = re.search(r"Examples?: `irtysh (.+?)`", shown, re.DOTALL)
    assert example
    assert name in {example[1], "outlets list"} or example[1].startswith(f"{name} ")
    options = [line for line in shown.splitlines() if re.match(r"│ (\* +)?([A-Z]\S* )?--[a-z]", line)]
    assert options
    assert [line for line in options if not re.search(r"--.* {2,}[\w`]", line)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_in_the_documentation(name):
    assert re.search(rf"^##+ irtysh {name}$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", [["outlets"], ["outlets", "list"]])
def test_outlets_without_a_command_lists_them(command, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run([*command, "--json"]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    assert "eurasianet.org" in {domain for one in json.loads(line) for domain in one["domains"]}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["outlets", "list", "valley"], ["plan", "valley"]])
def test_outlets_from_the_environment_are_loaded(command, capfd, tmp_path, monkeypatch):
    body = 'domains = ("valley.example",)\n    languages = ("en",)\n    article = r"https://valley\\.example/[0-9]+"\n'
    head = "from spiders.outlet import Outlet\n\n\nclass Valley(Outlet):\n    "
    (tmp_path / "valley.py").write_text(head + body)
    monkeypatch.setenv("IRTYSH_OUTLETS", str(tmp_path))
    assert run([*command, "--store", str(tmp_path / "store"), "--json"]) == 0
    assert '"name": "valley"' in capfd.readouterr().out


def test_no_arguments_print_the_list_of_commands(capfd):
    assert run([]) == 0
    shown = capfd.readouterr().out
    assert [name for name in COMMANDS if name.split()[0] not in shown] == []


def test_an_unwritable_store_is_wrong_usage(tmp_path, capfd):
    (tmp_path / "file").touch()
    store = tmp_path / "file" / "store"
    assert run(["crawl", "https://steppe.example/a", "--store", str(store), "--no-prefect"]) == 2
    assert "cannot write" in capfd.readouterr().err


@pytest.mark.parametrize("command", [["--version"], ["topic", "--version"], ["crawl", "--version"]])
def test_version_prints_the_version_of_the_package(command, capfd):
    assert run(command) == 0
    assert capfd.readouterr().out == version("irtysh") + "\n"


def test_settings_of_a_file_are_defaults_that_variables_and_options_overrule(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("STORE", "CONTACT", "TOPIC", "OUTLETS"):
        monkeypatch.delenv(f"IRTYSH_{name}", raising=False)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "irtysh.toml").write_text('store = "there"\ntopic = "any"\n')

    def shown():
        assert run(["config", "--json"]) == 0
        return json.loads(capfd.readouterr().out)

    assert shown()["store"] == {
        "value": str(tmp_path / "home" / "there"),
        "from": str(tmp_path / "home" / "irtysh.toml"),
    }
    (tmp_path / "irtysh.toml").write_text('store = "here"\n')
    assert (shown()["store"]["value"], shown()["topic"]["value"]) == ("here", "")
    monkeypatch.setenv("IRTYSH_STORE", "elsewhere")
    assert shown()["store"] == {"value": "elsewhere", "from": "IRTYSH_STORE"}
    (tmp_path / "irtysh.toml").write_text('stor = "here"\n')
    assert run(["config"]) == 2
    assert "stor is no known setting; did you mean store?" in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["show", "nothing"], ["show", "--no-such-option"], ["import", "--store", "s3://"]]
)
def test_with_json_an_error_is_json(arguments, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run([*arguments, "--json"]) == 2
    found = json.loads(capfd.readouterr().err)
    assert (found["event"], found["code"]) == ("error", 2)
    assert found["text"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["expire-snapshots"], "expire-snapshots needs --older-than; `irtysh expire-snapshots --help`"),
        (["show", "--jsn"], "Did you mean --json?"),
        (["-q", "show"], "-q comes after the command: irtysh COMMAND -q"),
        (["outlets", "new", "http://steppe.example/"], "irtysh outlets new NAME --url http://steppe.example/"),
        (["outlets", "new", "steppe"], "irtysh outlets new steppe --url URL"),
        (["history"], "history needs URL; `irtysh history --help`"),
        (
            ["explain", "latest", "http://a.example/"],
            "explain takes PAGE (--ref names a snapshot), so 'http://a.example/' is",
        ),
        (["diff", "0", "1", "2"], "diff takes A and B, so '2' is one too many; `irtysh diff --help`"),
        (["--instal-completion"], "did you mean --install-completion?"),
        (["--install-completion", "bash"], "--install-completion takes no argument"),
        (["outlets", "tengrinws"], "no outlet 'tengrinws'; did you mean tengrinews?"),
        (["outlets", "lst"], 'Did you mean "list"?'),
        (["report", "--html", "x.pdf"], "--html x.pdf: a page ends in .html; say --html x.html"),
        (["history", "http://a.example/", "--html", "out"], "--html out: a page ends in .html; say --html out.html"),
        (["explain", __file__, "--html", __file__ + ".csv"], "a page ends in .html"),
        (
            ["topic", "new", "neu", "KZ"],
            "KZ: a topic's file ends in .yaml: say KZ.yaml; for the countries, say --sides KZ,UZ",
        ),
        (["topic", "new", "any"], "the topic 'any' is built in"),
        (["topic", "show", "none.yaml"], "cannot read the topic file none.yaml: No such file or directory"),
    ],
)
def test_a_misuse_is_one_line_that_says_what_to_type(arguments, says, capfd):
    assert run(arguments) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("irtysh: ")
    assert says in line


def test_help_flows_over_the_width_of_the_terminal(capfd):
    assert run(["crawl", "--help"]) == 0
    shown = capfd.readouterr().out
    assert "Blank lines and lines that start with # are ignored." in " ".join(shown.replace("│", " ").split())
    assert not re.search(r"│ +are ignored\. +│\n", shown)


def test_help_is_a_command_too_and_needs_no_settings(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "irtysh.toml").write_text("stor = 1")
    shown = []
    for words in (["help", "topic", "new"], ["topic", "new", "--help"]):
        assert run(words) == 0
        shown.append(capfd.readouterr().out)
    assert shown[0] == shown[1] != ""


def test_an_interruption_while_the_command_line_is_loaded_is_one_line():
    code = "import builtins; real = builtins.__import__\n"
    code += (
        "def stop(name, *rest):\n    if name == 'flows.cli': raise KeyboardInterrupt\n    return real(name, *rest)\n"
    )
    code += "from flows.entry import main; builtins.__import__ = stop; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "irtysh: interrupted before the command began; nothing was done\n")


def test_an_interruption_says_how_to_go_on(capfd, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupt)
    assert run(["no-command"]) == 130
    assert "the same command continues" in capfd.readouterr().err


def test_the_completion_of_the_shell_is_installed(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert run(["--install-completion"]) == 0
    (written,) = [path for path in tmp_path.rglob("*") if path.is_file() and path.name == "irtysh"]
    assert str(written) in capfd.readouterr().out


def test_a_dry_run_says_what_would_be_fetched_and_writes_nothing(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("id,url\n1,www.example.org/a\n2,no URL\n3,https://www.example.org/a\n")
    assert run(["crawl", "--from", "in.csv", "--dry-run", "--json"]) == 1
    column, assumed, fetch, bad, last = map(json.loads, capfd.readouterr().out.splitlines())
    assert (assumed["event"], assumed["line"]) == ("assumed", 2)
    assert (column["column"], fetch["url"], fetch["line"], bad["line"]) == ("url", "https://www.example.org/a", 2, 3)
    assert last == {"event": "dry_run", "would_fetch": 1, "repeated": 1, "bad_lines": 1}
    assert run(["crawl", "https://a.example/1", "--dry-run"]) == 0
    assert run(["ingest", "eurasianet", "--dry-run", "--json"]) == 0
    assert '"event": "would_ingest", "outlet": "eurasianet"' in capfd.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_quiet_silences_notes_but_no_failures_and_verbose_prints_steps(capfd):
    quiet, verbose = Console(quiet=True), Console(verbose=True)
    quiet.note("imported", "a.warc: 2 captures")
    quiet.note("failed", "b.warc: no WARC file")
    verbose.progress("importing", 2, 10, "b.warc")
    shown = capfd.readouterr().err
    assert "a.warc" not in shown
    assert "b.warc: no WARC file" in shown
    assert re.search(r"\d\d:\d\d:\d\d importing: 2 of 10 b.warc", shown)
    assert run(["topic", "list", "-q"]) == 0
    assert run(["topic", "list", "-v"]) == 0


def test_the_process_ends_with_its_exit_code_after_what_python_does_at_its_end():
    code = "import atexit, sys; atexit.register(print, 'last'); from flows.cli import main; sys.argv = ['irtysh', {!r}]; main()"
    for word, expected, lines in (("--version", 0, 2), ("no-such-command", 2, 1)):
        done = subprocess.run([sys.executable, "-c", code.format(word)], capture_output=True, text=True, check=False)
        assert done.returncode == expected
        assert len(done.stdout.splitlines()) == lines
        assert done.stdout.endswith("last\n")
