"""The recordings of docs/walkthroughs.md are true: their commands print what the page says."""

import re
import shlex
from pathlib import Path

import pytest

from flows.cli import run
from storage.user_cache import cache_folder
from tests.e2e.commanding import ROOT
from tests.site import RunningSite, serve

PAGE = (ROOT / "docs/walkthroughs.md").read_text("utf-8")
PORT = "38765"  # of the site in the page
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LOCAL = ("--allow-private-hosts", "--delay", "0")
FETCHING = ("crawl", "ingest", "outlets new")


@pytest.mark.usefixtures("usual_starts")  # what a user types: Python loads all it needs
def test_each_command_prints_what_its_recording_says(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder().parent))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("IRTYSH_STORE", "IRTYSH_CONTACT", "IRTYSH_TOPIC", "IRTYSH_OUTLETS", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with serve() as site:
        page = PAGE.replace(PORT, str(site.port))
        for kind, content in BLOCK.findall(page):
            if kind == "python":
                exec(content, {})  # noqa: S102  an example of our own page
                assert "Гость, который так и не сел" in capfd.readouterr().out
                continue
            for step in content.split("$ ")[1:]:
                command, *expected = step.splitlines()
                if command.startswith("cat "):
                    Path(command.removeprefix("cat ")).write_text("\n".join(expected) + "\n", encoding="utf-8")
                    continue
                code = _exit_code(expected)
                assert run(_arguments(command, site)) == code, command
                out, err = capfd.readouterr()
                _compare(command, expected, (err + out).splitlines())


def _exit_code(expected: list[str]) -> int:
    """Return the exit code that a recording ends with, and remove its line; 0 if it has none."""
    if expected and expected[-1].startswith("exit code "):
        return int(expected.pop().removeprefix("exit code "))
    return 0


def _arguments(command: str, site: RunningSite) -> list[str]:
    _, *words = shlex.split(command)
    if not " ".join(words).startswith(FETCHING):
        return words
    return [*words, *LOCAL, *(word for pair in site.resolve for word in ("--resolve", pair))]


def _compare(command: str, expected: list[str], printed: list[str]) -> None:
    """Find the expected lines among the printed ones, in their order."""
    left = iter(printed)
    for line in expected:
        if line != "…":
            form = re.compile(".*".join(map(re.escape, line.split("…"))))
            assert any(form.fullmatch(one) for one in left), f"{command}: not printed: {line}\n" + "\n".join(printed)
