"""A program that is started by a fork runs as one that Python starts: `tests.forked_starts`."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from flows.processing.limited_pages import PageReader
from storage.captures.limited_process import EndedError, Send
from tests.flows.making import article, capture
from tests.forked_starts import ROOT

COMMAND = (sys.executable, "-m", "flows.cli")


def is_forked(process: subprocess.Popen[bytes]) -> bool:
    return "tests.forked_starts" in psutil.Process(process.pid).cmdline()


def fail(send: Send) -> None:
    raise ValueError("too deep")


@pytest.mark.parametrize("words", [["--version"], ["show", "--store", "no-store"], ["no-such-command"]])
def test_a_forked_command_says_and_returns_what_a_started_one_does(words, request, tmp_path):
    def done() -> tuple[int, str, str]:
        result = subprocess.run([*COMMAND, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        return result.returncode, result.stdout, result.stderr

    forked = done()
    request.getfixturevalue("usual_starts")
    assert done() == forked


def test_a_forked_program_has_its_own_environment_folder_session_and_end(tmp_path):
    (tmp_path / "data").mkdir()
    command = [*COMMAND, "metrics", "--store", "data", "--listen", "0", "--log-format=json"]
    environment = {**os.environ, "IRTYSH_CONTACT": "mailto:fork@irtysh.example"}
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert isinstance(json.loads(process.stderr.readline()), dict)
        of_system = psutil.Process(process.pid)
        assert is_forked(process)
        assert of_system.ppid() == os.getpid()
        assert Path(of_system.cwd()) == tmp_path
        assert os.getsid(process.pid) == process.pid
        assert [name for name in of_system.open_files() if name.path.startswith(str(ROOT))] == []
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_a_forked_reader_ends_with_its_limits(monkeypatch):
    with PageReader() as reader:
        assert reader.links(capture(body=article("A ferry"))).links == ()
        child = reader._process._child
        assert child is not None
        assert is_forked(child)
        child.send_signal(signal.SIGPROF)
        child.wait(10)
        assert child.returncode == -signal.SIGPROF
        assert reader.links(capture(body=article("A ferry"))).links == ()
        with pytest.raises(EndedError, match="ValueError: too deep"):
            next(reader._process.stream(fail))


@pytest.mark.parametrize("name", ["PYTHONHASHSEED", "TZ", "LC_ALL"])
def test_a_variable_that_python_reads_as_it_starts_makes_it_start(name, tmp_path):
    other = "2" if os.environ.get(name) == "1" else "1"
    process = subprocess.Popen([*COMMAND, "--version"], env={**os.environ, name: other}, stdout=subprocess.DEVNULL)
    assert not is_forked(process)
    process.kill()
    process.wait()


def test_a_folder_with_modules_makes_python_start(tmp_path):
    (tmp_path / "storage.py").touch()
    process = subprocess.Popen([*COMMAND, "--version"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    assert not is_forked(process)
    process.kill()
    process.wait()
