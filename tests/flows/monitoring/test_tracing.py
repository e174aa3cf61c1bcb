"""Traces: a span for the run, and below it those of its crawls and commits; nothing without the option."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from articles.errors import UsageError
from flows.cli import run
from storage.tracing import span, traced
from tests.flows.tables import Direct
from tests.site import serve


def test_without_the_option_nothing_is_traced():
    with traced("", "run"), span("read", captures=3) as made:
        assert made is None


def test_a_wrong_address_is_wrong_usage():
    with pytest.raises(UsageError, match="4318"), traced("127.0.0.1:4318", "run"):
        pass


def test_a_run_and_its_crawl_send_their_spans_to_a_collector_as_one_trace(tmp_path, monkeypatch, capfd):
    pytest.importorskip("opentelemetry.sdk")
    service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    got: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store = tmp_path / "store"
    with HTTPServer(("127.0.0.1", 0), Collector) as server, serve() as site:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        page = site.urls()[0]
        options = [f"--resolve={pair}" for pair in site.resolve]
        words = [
            "crawl",
            page,
            "--store",
            str(store),
            "--no-prefect",
            "--allow-private-hosts",
            "--delay=0",
            "--topic=any",
        ]
        code = run([*words, *options, "--traces", url, "--json"])
        server.shutdown()
        thread.join()
    assert code == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["snapshots"] == [0]
    spans: dict[str, Any] = {}
    for path, body in got:
        assert path == "/v1/traces"
        request = service.ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                spans |= {one.name: one for one in scope.spans}
    assert spans.keys() == {"crawl", "spider", "fetch", "upload", "read", "commit"}
    assert {one.trace_id for one in spans.values()} == {spans["crawl"].trace_id}
    above = {
        name: next(other.name for other in spans.values() if other.span_id == one.parent_span_id)
        for name, one in spans.items()
        if name != "crawl"
    }
    assert above == {"spider": "crawl", "fetch": "spider", "upload": "spider", "read": "crawl", "commit": "crawl"}
