"""Metrics say what a store holds, what waits, how outlets do; the dashboard and the documentation name no others."""

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from articles.errors import InputError, UnreachableError
from flows import process as stages
from flows.cli import run
from flows.monitoring import exposition
from flows.monitoring.measures import METRICS, StoreMeasures
from flows.outlets import last_run
from flows.reports import CrawlReport
from storage import quarantine
from storage.captures.segments import list_segments
from storage.objects.directory import DirectoryStore
from storage.quarantine import QuarantineMark
from tests.e2e.commanding import environment
from tests.flows import making
from tests.flows.tables import Direct, context

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)
HOURS = 30 * 24  # the clock of `tests.flows.tables` begins so long after noon
METRIC = re.compile(r"\birtysh_[a-z_]+\b")


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)


@pytest.fixture
def store(tmp_path):
    """A store with a snapshot of two pages, a segment that waits, and an outlet in trouble."""
    store = DirectoryStore(tmp_path / "store")
    pages = [making.Seen(f"http://steppe.example/{n}", making.article(f"Title {n}")) for n in range(2)]
    making.put(store, tmp_path, "one", pages)
    stages.process(context(store))
    making.put(store, tmp_path, "two", [making.Seen("http://river.example/1", making.article("River"), hour=HOURS)])
    report = CrawlReport("one", "steppe", sources=1, pages=2, size=3_000, counts={"backlog": 7})
    report.pages_failed = Counter({"HTTP 403": 5, "timeout": 1})
    last_run.write(store, report, {}, NOW)
    last_run.write(store, report, {}, NOW)
    quarantine.change(store, lambda marks: {**marks, ("steppe", "x"): QuarantineMark("steppe", "x", ("dates",), "r")})
    return store


def values(text: bytes) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(text.decode())
    samples = [one for family in families for one in family.samples]
    return {(one.name, *(one.labels[name] for name in METRICS[one.name][1])): one.value for one in samples}


def test_metrics_say_what_a_store_holds_what_waits_and_how_outlets_do(store):
    later = datetime.now(UTC) + timedelta(hours=2)
    found = values(exposition.text(StoreMeasures(store, lambda: later)))
    waiting = [key for key in list_segments(store) if "/river.example/" in key]
    assert found["irtysh_up",] == 1
    assert found["irtysh_snapshot_number",] == 0
    assert found["irtysh_pages_total", "steppe.example", "new"] == 2
    assert found["irtysh_rows", "documents"] == 2
    assert found["irtysh_captured_bytes", "steppe.example"] > 0
    assert found["irtysh_waiting_segments", "river.example"] == len(waiting) == 1
    assert found["irtysh_waiting_bytes", "river.example"] == len(store.get(waiting[0]))
    assert found["irtysh_waiting_age_seconds",] == pytest.approx(7200, abs=60)
    assert found["irtysh_commit_captures",] == 2
    assert found["irtysh_outlet_ok", "steppe"] == 0
    assert found["irtysh_outlet_trouble_runs", "steppe", "failing"] == 2
    assert found["irtysh_outlet_backlog_articles", "steppe"] == 7
    assert found["irtysh_outlet_held_runs", "steppe"] == 1
    assert found["irtysh_run_bytes", "steppe"] == 3_000
    assert found["irtysh_run_refusals", "steppe", "HTTP 403"] == 5
    assert {name for name, *_ in found} == METRICS.keys()


def test_a_second_scrape_reads_only_what_is_new(store, monkeypatch):
    measures = StoreMeasures(store, lambda: NOW)
    first = measures.read()
    read: list[str] = []
    reader = DirectoryStore.get_range

    def noted(self, key, *at):
        read.append(key)
        return reader(self, key, *at)

    monkeypatch.setattr(DirectoryStore, "get_range", noted)
    assert measures.read() == first
    assert [key for key in read if key.startswith(("status/steppe", "documents/"))] == []


def test_an_outlet_may_have_any_reason_and_a_store_without_snapshots_has_metrics(tmp_path):
    store = DirectoryStore(tmp_path)
    report = CrawlReport("one", "steppe", sources_failed=Counter({'a "b"\nc\x1b': 1}))
    last_run.write(store, report, {}, NOW)
    found = values(exposition.text(StoreMeasures(store, lambda: NOW)))
    assert found["irtysh_run_refusals", "steppe", 'a "b"\nc\ufffd'] == 1
    assert found["irtysh_snapshot_number",] == -1
    assert found["irtysh_waiting_age_seconds",] == 0


def test_a_store_that_does_not_answer_is_down_and_asked_again_later(store, monkeypatch):
    at = [0.0]
    collector = exposition.StoreCollector(measures := StoreMeasures(store, lambda: NOW), lambda: at[0])
    with monkeypatch.context() as broken:
        broken.setattr(measures, "read", lambda: (_ for _ in ()).throw(UnreachableError("no answer")))
        (up,) = collector.collect()
        assert (up.name, up.samples[0].value) == ("irtysh_up", 0)
    assert len(list(collector.collect())) == 1  # the same answer, within seconds
    at[0] = exposition.MIN_SCRAPE_SECONDS
    assert len(list(collector.collect())) == len(METRICS)


def test_the_textfile_is_replaced_whole_and_readable_by_others(store, tmp_path, capfd):
    path = tmp_path / "irtysh.prom"
    path.write_text("old")
    assert run(["metrics", "--store", store.url, "--write", str(path)]) == 0
    assert values(path.read_bytes())["irtysh_up",] == 1
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.glob(".irtysh*")] == []
    assert run(["metrics", "--store", store.url, "--json"]) == 0
    assert {"metric": "irtysh_up", "value": 1.0} in map(json.loads, capfd.readouterr().out.splitlines())


@pytest.mark.parametrize("listen", ["x", "127.0.0.1", "99999", "127.0.0.1:x"])
def test_a_wrong_address_is_named(listen, store, capfd):
    assert run(["metrics", "--store", store.url, "--listen", listen]) == 2
    assert listen in capfd.readouterr().err


def test_a_run_writes_the_file_of_its_setting_and_refuses_a_wrong_one_before_it_starts(store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "irtysh.toml").write_text('metrics_file = "run.prom"\nlog_format = "json"\n')
    assert run(["process", "--store", store.url, "--no-prefect"]) == 0
    found = values((tmp_path / "run.prom").read_bytes())
    assert found["irtysh_snapshot_number",] == 1
    assert ("irtysh_waiting_segments", "river.example") not in found
    with pytest.raises(InputError):
        exposition.check_file(tmp_path / "none" / "x.prom")
    assert run(["process", "--store", store.url, "--no-prefect", "--metrics-file", str(tmp_path / "no/x.prom")]) == 2


def test_the_endpoint_answers_on_loopback_until_it_is_stopped(store):
    words = [sys.executable, "-m", "flows.cli", "metrics", "--store", store.url, "--listen", "0", "--log-format=json"]
    with subprocess.Popen(words, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True) as running:
        url = json.loads(running.stderr.readline())["url"]
        assert url.startswith("http://127.0.0.1:")
        with urlopen(url) as answer:
            assert values(answer.read())["irtysh_up",] == 1
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0


def test_the_dashboard_and_the_documentation_name_exactly_the_metrics_that_exist():
    dashboard = json.loads((ROOT / "infra/grafana-dashboard.json").read_text("utf-8"))
    exprs = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    labels = {label for expr in exprs for label in re.findall(r"(\w+)=~?\"", expr)}
    assert {name for expr in exprs for name in METRIC.findall(expr)} == METRICS.keys()
    assert labels <= {"job", *(label for _, names, _ in METRICS.values() for label in names)}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    page = (ROOT / "docs/operating.md").read_text("utf-8")
    assert set(re.findall(r"`(irtysh_[a-z_]+)`", page)) == METRICS.keys()
