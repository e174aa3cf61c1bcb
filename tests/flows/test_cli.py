"""The commands are there under stable names, each with help, each in the README."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from flows.cli import COMMANDS, app, run

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
STABLE = {
    "crawl", "ingest", "import", "process", "rebuild", "outlets", "snapshots", "show", "diff", "tag", "verify", "pull",
    "history", "release", "explain",
}  # fmt: skip


def test_the_names_that_scripts_rely_on_are_there():
    assert {name.split()[0] for name in COMMANDS} >= STABLE
    assert {name for name in app if not name.startswith("-")} == {name.split()[0] for name in COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_each_of_its_options_explained(name, capfd):
    assert run([*name.split(), "--help"]) == 0
    told = capfd.readouterr().out
    assert told.startswith(f"Usage: irtysh {name}")
    options = [line for line in told.splitlines() if re.match(r"│ (\* +)?([A-Z]\S* )?--[a-z]", line)]
    assert options
    assert [line for line in options if not re.search(r"--.* {2,}[\w`]", line)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name):
    assert re.search(rf"`(irtysh )?{name}\b", README)


@pytest.mark.parametrize("spelled", [["outlets"], ["outlets", "list"]])
def test_outlets_alone_lists_them(spelled, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run([*spelled, "--json"]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    assert "eurasianet.org" in {domain for one in json.loads(line) for domain in one["domains"]}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("asked", [["outlets", "list", "valley"], ["plan", "valley"]])
def test_outlets_of_the_environment_are_known(asked, capfd, tmp_path, monkeypatch):
    told = 'domains = ("valley.example",)\n    languages = ("en",)\n    article = r"https://valley\\.example/[0-9]+"\n'
    head = "from spiders.outlet import Outlet\n\n\nclass Valley(Outlet):\n    "
    (tmp_path / "valley.py").write_text(head + told)
    monkeypatch.setenv("IRTYSH_OUTLETS", str(tmp_path))
    assert run([*asked, "--store", str(tmp_path / "store"), "--json"]) == 0
    assert '"name": "valley"' in capfd.readouterr().out


def test_nothing_asked_is_help(capfd):
    assert run([]) == 0
    told = capfd.readouterr().out
    assert [name for name in COMMANDS if name.split()[0] not in told] == []


def test_a_store_that_cannot_be_written_is_wrong_usage(tmp_path, capfd):
    (tmp_path / "file").touch()
    store = tmp_path / "file" / "store"
    assert run(["crawl", "https://steppe.example/a", "--store", str(store), "--no-prefect"]) == 2
    assert "cannot write" in capfd.readouterr().err


@pytest.mark.parametrize("asked", [["--version"], ["topic", "--version"], ["crawl", "--version"]])
def test_the_version_is_the_package_s(asked, capfd):
    assert run(asked) == 0
    assert capfd.readouterr().out == version("irtysh") + "\n"
