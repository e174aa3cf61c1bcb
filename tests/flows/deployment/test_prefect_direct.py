"""Commands run directly without Prefect, or as flow runs of a configured API."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from articles.errors import UsageError
from flows.cli import run
from flows.deployment import prefect_api
from storage.objects.directory import DirectoryStore
from tests.site import RunningSite

IMPORTED = """
import json, sys
from flows.cli import run
code = run({arguments!r})
sys.stderr.write("\\n" + json.dumps([code, sorted(sys.modules)]))
"""


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch, tmp_path):
    """Set up an environment in which Prefect was never used."""
    for name in ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH", "IRTYSH_STORE", "IRTYSH_NO_PREFECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))


@pytest.fixture
def profiles(tmp_path):
    path = tmp_path / "prefect" / "profiles.toml"
    path.parent.mkdir()
    path.write_text(
        'active = "mine"\n[profiles.mine]\nPREFECT_API_URL = "http://mine/api"\n'
        '[profiles.other]\nPREFECT_API_URL = "http://other/api"\n[profiles.none]\n'
    )
    return path


class Server(HTTPServer):
    answers: tuple[int, bytes] = 200, b"true"


class Answering(BaseHTTPRequestHandler):
    """Answers with the status and body that its server holds in `answers`."""

    def do_GET(self):
        assert isinstance(self.server, Server)
        status, body = self.server.answers
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Print nothing."""


@pytest.fixture
def api():
    """An HTTP server that reports itself as healthy; `answers` may be changed."""
    with Server(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def imported(*arguments: str) -> tuple[int, list[str]]:
    """Return a command's exit code, and the modules that its process has loaded at the end."""
    program = IMPORTED.format(arguments=list(arguments))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, modules


def test_a_direct_crawl_does_not_import_prefect(tmp_path, quiet_site: RunningSite):
    store = str(tmp_path / "store")
    crawl = ["--store", store, "--allow-private-hosts", "--delay=0", "--topic=any", "--workers=1"]
    code, modules = imported("crawl", quiet_site.url("steppe", "/"), *crawl)
    assert code == 0
    assert not [name for name in modules if name.partition(".")[0] in {"prefect", "fastapi", "sqlalchemy"}]
    assert not {"articles.extract", "articles.topics.topic", "pydantic", "scrapy", "flows.ingest"} & set(modules)
    program = "import json, sys, flows.deployment.prefect_flows; print(json.dumps(sorted(sys.modules)))"
    deployed = json.loads(subprocess.check_output([sys.executable, "-c", program]).splitlines()[-1])
    assert "prefect" in deployed
    assert (
        len(modules) < len(deployed) * 3 / 4
    )  # 1,460 against 2,100 with Prefect 3.9, which loads a third less than 3.8


def test_a_crawling_process_loads_no_arrays_unless_it_reads_sources():
    program = "import json, sys, spiders.process.child; print(json.dumps(sorted(sys.modules)))"
    modules = json.loads(subprocess.check_output([sys.executable, "-c", program]).splitlines()[-1])
    assert "scrapy" in modules
    assert not {"numpy", "pyarrow", "pydantic", "rich", "cyclopts", "articles.extract"} & set(modules)


def test_without_prefect_no_api_is_configured():
    assert prefect_api.api_url() == ""


def test_the_environment_outranks_the_active_profile(profiles, monkeypatch):
    assert prefect_api.api_url() == "http://mine/api"
    monkeypatch.setenv("PREFECT_PROFILE", "other")
    assert prefect_api.api_url() == "http://other/api"
    monkeypatch.setenv("PREFECT_PROFILE", "none")
    assert prefect_api.api_url() == ""
    monkeypatch.setenv("PREFECT_API_URL", "http://here/api")
    assert prefect_api.api_url() == "http://here/api"


def test_profiles_are_read_from_the_path_that_prefect_uses(profiles, monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text('active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://elsewhere/api"\n')
    monkeypatch.setenv("PREFECT_PROFILES_PATH", str(elsewhere))
    assert prefect_api.api_url() == "http://elsewhere/api"


def used_store(folder):
    """Return the path of a store that holds something: `process` refuses one where nothing is stored."""
    DirectoryStore(folder / "store").put("index/conditional-writes", b"")
    return str(folder / "store")


def test_an_error_names_profiles_that_cannot_be_read(profiles, tmp_path, capsys):
    profiles.write_text("active = [")
    assert run(["process", "--store", used_store(tmp_path)]) == 2
    assert str(profiles) in capsys.readouterr().err


def test_an_unreachable_api_is_named_and_wrong_usage(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert run(["process", "--store", used_store(tmp_path)]) == 2
    assert "http://127.0.0.1:9/api" in capsys.readouterr().err


@pytest.mark.parametrize("how", [["--no-prefect"], []])
def test_a_configured_api_can_be_ignored(tmp_path, monkeypatch, how):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    if not how:
        monkeypatch.setenv("IRTYSH_NO_PREFECT", "1")
    assert run(["process", "--store", used_store(tmp_path), *how]) == 0


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [(200, b"<html>", "no Prefect API"), (200, b"false", "healthy"), (404, b"", "404"), (503, b"true", "503")],
)
def test_an_error_says_why_an_api_is_not_a_healthy_prefect_api(api, status, body, why, monkeypatch):
    api.answers = status, body
    url = f"http://127.0.0.1:{api.server_port}/api"
    monkeypatch.setenv("PREFECT_API_URL", url)
    with pytest.raises(UsageError, match=why) as raised:
        prefect_api.required_api_url()
    assert url in str(raised.value)


@pytest.mark.parametrize("answers", [(200, b"true"), (401, b""), (403, b"")])
def test_an_api_that_is_healthy_or_wants_credentials_is_accepted(api, answers, monkeypatch):
    api.answers = answers
    url = f"http://127.0.0.1:{api.server_port}/api"
    monkeypatch.setenv("PREFECT_API_URL", url)
    assert prefect_api.required_api_url() == url


@pytest.mark.parametrize("command", [["deploy"], ["serve"]])
def test_deploy_and_serve_need_an_api(command, capsys):
    assert run(command) == 2
    assert "PREFECT_API_URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--cron", "0 * * * *", "--interval", "5"],
        ["--interval", "-1"],
        ["no-such-outlet"],
        ["--outlets", "/no/where", "a"],
    ],
)
def test_a_wrong_schedule_is_refused_before_any_request(wrong, monkeypatch, capsys):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert run(["deploy", *wrong]) == 2
    assert "127.0.0.1:9" not in capsys.readouterr().err
