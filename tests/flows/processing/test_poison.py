"""A record that hangs or ends the process that reads it is rejected once; all other captures are processed."""

import signal
import subprocess
import sys
import time

import psutil
import pytest

from articles.links import pair_budget
from flows import cli
from flows import process as stages
from flows.exit_codes import FAILED, WRONG_USAGE
from flows.rebuild import rebuild
from storage.captures import reader
from storage.captures.limited_process import LimitedProcess
from tests.flows.making import Seen, article, put
from tests.flows.tables import Direct, Heard, context, log_of, rows
from tests.storage.captures import stumbling
from tests.storage.captures.test_importing import ForeignWarc
from tests.stumbling import DIE, SPIN

STOP_SECONDS = 10
# warcio's writer leaves its temporary files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)


def poisoned(store, tmp_path, mark):
    pages = [
        Seen("http://alpha.example/1", article("Alpha one") + mark),
        Seen("http://alpha.example/2", article("Alpha two")),
        Seen("http://beta.example/1", article("Beta one")),
    ]
    return put(store, tmp_path / "spool", "run", pages)


def found(store, table, *columns):
    return sorted(tuple(row[name] for name in columns) for row in rows(store, table, *columns))


@pytest.mark.parametrize("mark", [DIE, SPIN])
def test_a_poison_record_is_rejected_with_a_reason_and_the_others_are_processed(
    directory_store, tmp_path, monkeypatch, mark
):
    monkeypatch.setattr(reader, "scan_segment", stumbling.scan_segment)
    poisoned(directory_store, tmp_path, mark)
    heard = Heard()
    report = stages.process(context(directory_store, listener=heard))
    assert report.damaged == ()
    assert found(directory_store, "documents", "url") == [("http://alpha.example/2",), ("http://beta.example/1",)]
    (rejection,) = found(directory_store, "rejections", "url", "reason", "detail")
    assert rejection[:2] == ("http://alpha.example/1", "too_costly")
    fetches = found(directory_store, "fetches", "url", "status", "reason", "body_sha256")
    assert fetches[0] == ("http://alpha.example/1", 200, "too_costly", "")
    assert [text for kind, text in heard.notes if kind == "rejected"] == [
        f"http://alpha.example/1: too_costly ({rejection[2]})"
    ]
    assert stages.process(context(directory_store)).snapshots == ()


def test_a_rebuild_does_not_meet_a_recorded_refusal_again(directory_store, tmp_path, monkeypatch):
    poisoned(directory_store, tmp_path, DIE)
    with monkeypatch.context() as patch:
        patch.setattr(reader, "scan_segment", stumbling.scan_segment)
        stages.process(context(directory_store))
        before = found(directory_store, "rejections", "url", "reason", "detail")
        ends: list[str] = []

        def why(_):
            ends.append("ended")
            return ends[-1]

        patch.setattr(LimitedProcess, "_why", why)
        rebuild(context(directory_store))
    assert ends == []
    assert found(directory_store, "rejections", "url", "reason", "detail") == before
    assert len(found(directory_store, "documents", "url")) == 2


def test_a_file_that_cannot_be_used_does_not_stop_the_import_of_others(directory_store, tmp_path, capsys):
    good, bad, missing = tmp_path / "good.warc.gz", tmp_path / "bad.warc.gz", tmp_path / "missing.warc.gz"
    good.write_bytes(ForeignWarc(compressed=True).add("http://alpha.example/1", article("Alpha one")).data)
    bad.write_bytes(b"no WARC at all")
    arguments = ["--topic", "any", "--store", str(tmp_path / "store"), "--workers", "1"]
    assert cli.run(["import", str(missing), str(bad), str(good), *arguments]) == FAILED
    assert found(directory_store, "documents", "url") == [("http://alpha.example/1",)]
    shown = "".join("".join(capsys.readouterr()).split())
    assert "missing.warc.gz" in shown
    assert "bad.warc.gzisnotaWARCfile" in shown
    assert cli.run(["import", str(missing), *arguments]) == WRONG_USAGE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_processing_stops_at_once_while_a_record_burns_time(directory_store, tmp_path, number):
    poisoned(directory_store, tmp_path, stumbling.LONG_SPIN)
    children: list[psutil.Process] = []
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.poisoned_process", str(tmp_path / "store")],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  a shell's background jobs ignore it
    )
    try:
        process = psutil.Process(child.pid)
        deadline = time.monotonic() + 120
        while not any(one.cpu_times().user > 1.0 for one in process.children(recursive=True)):
            assert time.monotonic() < deadline
            assert child.poll() is None
            time.sleep(0.1)
        children += process.children(recursive=True)
        child.send_signal(number)
        child.wait(STOP_SECONDS)
        if number == signal.SIGINT:
            assert child.returncode == 130
            assert psutil.wait_procs(children, STOP_SECONDS)[1] == []
    finally:
        child.kill()
        child.wait()
        for one in children:
            if one.is_running():
                one.kill()


def test_documents_with_too_many_candidates_for_links_are_named(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr(pair_budget, "ROW_UNITS", 1)
    monkeypatch.setattr(pair_budget, "POOL_UNITS", 0)
    urls = [f"http://{name}.example/1" for name in ("alpha", "beta", "gamma", "delta")]
    put(directory_store, tmp_path / "spool", "run", [Seen(url, article("One title")) for url in urls])
    heard = Heard()
    report = stages.process(context(directory_store, listener=heard))
    assert set(report.cut) < set(urls)
    assert [text for kind, text in heard.notes if kind == "links_cut"] == [
        f"{len(report.cut)} documents have so many candidates for links that some were not compared: "
        + ", ".join(report.cut)
    ]
    assert log_of(directory_store).state().history[-1].counts["links_cut"] == len(report.cut)
