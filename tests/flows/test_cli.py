"""Commands have stable names, help for every option, and a section in the documentation."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from flows.cli import COMMANDS, app, run

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
    example = re.search(r"Example: `irtysh (.+)`", shown)
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
