"""Log, artifacts and retries of a flow run, without a Prefect server."""

import logging
import uuid

import httpx
import pytest
from prefect.exceptions import ParameterTypeError
from prefect.logging import disable_run_logger
from prefect.states import exception_to_failed_state
from prefect.utilities.asyncutils import run_coro_as_sync

from articles.accounting import COLUMNS
from articles.errors import CorruptError, CrawlError, InputError, StoreError, UsageError
from flows.deployment import prefect_flows, run_log, task_limits
from flows.deployment.run_log import RunListener, forwarding_to, key, link, page, rows
from flows.reports import CrawlReport, LostUrl, ProcessReport, RunOutcome
from storage.objects.directory import DirectoryStore


class Heard:
    """Listener that keeps notes and progress."""

    def __init__(self):
        self.notes = []
        self.stages = []

    def note(self, kind, text, **facts):
        self.notes.append((kind, text))

    def progress(self, stage, done, whole, detail=""):
        self.stages.append((stage, done, whole))


@pytest.fixture
def artifacts(monkeypatch):
    """Calls for progress artifacts: (create or update, percentage, description)."""
    calls = []

    def create(progress, key, description):
        calls.append(("create", progress, description))
        return uuid.uuid4()

    def update(artifact, progress, description):
        calls.append(("update", progress, description))

    monkeypatch.setattr(run_log, "create_progress_artifact", create)
    monkeypatch.setattr(run_log, "update_progress_artifact", update)
    with disable_run_logger():
        yield calls


def test_progress_is_updated_at_most_every_two_seconds_and_at_the_end(artifacts):
    clock = [0.0]
    with RunListener("azat", lambda: clock[0]) as listener:
        for done in range(1, 101):
            listener.progress("fetching", done, 200, f"u{done}")
            clock[0] += 0.125
    assert [(how, round(progress)) for how, progress, _ in artifacts] == [
        ("create", 0),
        *(("update", percentage) for percentage in (8, 16, 24, 32, 40, 48)),
        ("update", 100),
    ]
    assert artifacts[-1][2] == "fetching: 100 of 200 u100"


def test_an_exception_leaves_the_progress_where_it_was(artifacts):
    def die(listener):
        listener.progress("fetching", 1, 2)
        listener.progress("fetching", 2, 2)
        raise CrawlError("died")

    with pytest.raises(CrawlError), RunListener("azat", lambda: 0.0) as listener:
        die(listener)
    assert [progress for _, progress, _ in artifacts] == [50.0]


def test_the_percentage_stays_between_0_and_100(artifacts):
    clock = iter(range(0, 100, 10))
    listener = RunListener("azat", lambda: next(clock))
    listener.progress("fetching", 3, None, "u")
    listener.progress("fetching", 3, 2, "u")
    assert [progress for _, progress, _ in artifacts] == [0.0, 100.0]


def test_a_failing_api_does_not_end_the_crawl_and_gets_no_more_requests(monkeypatch, artifacts):
    requests = []

    def refuse(*arguments):
        requests.append(arguments)
        raise httpx.ConnectError("no server")

    monkeypatch.setattr(run_log, "create_progress_artifact", refuse)
    clock = iter(range(0, 1000, 10))
    with RunListener("azat", lambda: next(clock)) as listener:
        for done in range(10):
            listener.progress("fetching", done, None)
    assert len(requests) == 1


def test_notes_and_progress_are_forwarded_to_the_command_line(artifacts):
    heard = Heard()
    with forwarding_to(heard):
        listener = RunListener("azat", lambda: 0.0)
    listener.note("failed", "u: timeout", url="u")
    listener.progress("fetching", 1, 2)
    assert heard.notes == [("failed", "u: timeout")]
    assert heard.stages == [("fetching", 1, 2)]


def test_notes_become_log_lines_with_their_level(artifacts, monkeypatch, caplog):
    logger = logging.getLogger("run")
    monkeypatch.setattr(run_log, "get_run_logger", lambda: logger)
    listener = RunListener("azat")
    with caplog.at_level(logging.DEBUG, "run"):
        listener.note("source", "a feed: 100% new")
        listener.note("failed", "u: timeout")
        listener.note("log", "broken", level="error")
        listener.note("log", "odd", level="unheard-of")
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("INFO", "a feed: 100% new"),
        ("WARNING", "u: timeout"),
        ("ERROR", "broken"),
        ("WARNING", "odd"),
    ]


def test_artifact_keys_have_the_form_that_prefect_accepts():
    assert key("Azat_Zhel.kz fetching  news") == "azat-zhel-kz-fetching-news"


def test_the_table_has_a_row_per_outlet_and_their_sum():
    counts = {"azat": {"asked": 3, "kept": 2, "new": 2}, "steppe": {"asked": 5, "failed": 1}}
    found = rows(counts)
    assert [row["outlet"] for row in found] == ["azat", "steppe", "all"]
    assert (found[-1]["asked"], found[-1]["new"], found[-1]["failed"]) == (8, 2, 1)
    assert set(found[0]) == {"outlet", *COLUMNS}
    assert [row["outlet"] for row in rows({"azat": {"asked": 1}})] == ["azat"]
    assert [row["asked"] for row in rows({})] == [0]


def test_the_page_links_to_the_commit_and_lists_lost_urls(tmp_path):
    store = DirectoryStore(tmp_path / "store")
    lost = [
        LostUrl("http://a.example/|x`\ny", "timeout", ""),
        *(LostUrl(f"u{n}", "bad_url", "odd") for n in range(150)),
    ]
    outcome = RunOutcome(
        (CrawlReport("r1", lost=lost),), ProcessReport((3, 4), 1, {"a": {"asked": 152, "kept": 1, "new": 1}})
    )
    text = page(store, outcome)
    assert f"[Snapshot 4]({link(store, 4)})" in text
    assert link(store, 4) == (tmp_path / "store/documents/_delta_log").as_uri() + "/00000000000000000004.json"
    assert "151 URLs were not fetched" in text
    assert "| `http://a.example/ x y` | `timeout` |" in text
    assert "| and 51 more |" in text


def test_the_page_of_a_run_without_new_captures_says_so(tmp_path):
    assert "no snapshot was made" in page(DirectoryStore(tmp_path), RunOutcome())


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (StoreError("503"), True),
        (CrawlError("ended by SIGKILL"), True),
        (CorruptError("checksum"), False),
        (UsageError("no"), False),
        (InputError("no such outlet"), False),
        (ValueError("a defect"), False),
    ],
)
def test_only_temporary_errors_are_retried(error, again, monkeypatch):
    state = run_coro_as_sync(exception_to_failed_state(error))
    assert task_limits.is_retryable(None, None, state) is again
    task_limits.shutting_down.set()
    try:
        assert not task_limits.is_retryable(None, None, state)
    finally:
        task_limits.shutting_down.clear()


def test_an_exception_in_a_flow_stops_its_crawls(monkeypatch):
    stopped = []
    monkeypatch.setattr(task_limits, "stop_all", lambda: stopped.append(task_limits.shutting_down.is_set()))
    try:
        with task_limits.stopping_crawls():
            pass
        assert not stopped
        with pytest.raises(KeyboardInterrupt), task_limits.stopping_crawls():
            raise KeyboardInterrupt
        assert stopped == [True]
    finally:
        task_limits.shutting_down.clear()


def test_parameters_are_json_and_unknown_ones_are_refused():
    parameters = {"names": ["azat"], "crawling": {"topic": "any", "resolve": ["a.example=127.0.0.1"]}}
    checked = prefect_flows.ingest.validate_parameters(parameters)
    assert checked["crawling"].topic == "any"
    assert checked["crawling"].resolve == ("a.example=127.0.0.1",)
    with pytest.raises(ParameterTypeError, match="topics"):
        prefect_flows.ingest.validate_parameters({"crawling": {"topics": "any"}})


@pytest.mark.parametrize(
    "flow",
    [prefect_flows.crawl, prefect_flows.ingest, prefect_flows.process, prefect_flows.rebuild, prefect_flows.release],
)
def test_every_parameter_has_a_description_in_the_form_of_prefect(flow):
    form = flow.parameters
    assert flow.description
    for name, described in form.properties.items():
        assert described.get("description") or described.get("$ref"), name
    for options in form.definitions.values():
        assert options["description"]
        assert all(described["description"] for described in options.get("properties", {}).values())
    assert form.required == []  # a schedule states no parameters: a weekly release is named by its day
