"""Lists with invalid lines, and wrong usage: messages and exit codes."""

from pathlib import Path

import pytest

from tests.e2e.commanding import irtysh, write_list
from tests.site import RunningSite, manifest

pytestmark = pytest.mark.usefixtures("usual_starts")  # as users start them: most tests fork a loaded process
FORBIDDEN = [
    "http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/",
    "http://127.1/", "http://localhost/", "http://LOCALHOST./", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://①②⑦.0.0.1/", "http://0.0.0.0/", "http://0/",
    "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/", "http://[fd00::1]/", "http://100.64.0.1/", "file:///etc/passwd", "ftp://steppe.example/",
    "gopher://steppe.example/", "javascript:alert(1)", "data:text/html,hello",
]  # fmt: skip
NO_URLS = ["not a url", "http://", "http://[::broken/", "https://user:word@steppe.example/", "http://a b.example/"]


def test_every_forbidden_address_and_every_invalid_line_is_reported(quiet_site: RunningSite, tmp_path: Path):
    """Each is reported as it was given but without its password, invalid lines with their number. No request is sent."""
    lines = ["# a list", "", *FORBIDDEN, *NO_URLS, "x" * 9000]
    asked = sum(quiet_site.web.hits.values())
    done = irtysh(
        "crawl", "--from", write_list(tmp_path, lines), "--store", tmp_path / "store", "--json", "--delay", "0"
    )
    assert done.code == 1, done.err
    named = {line["url"]: line for line in [*done.events("bad_line"), *done.events("failed")]}
    repeated = {line["url"] for line in done.events("repeated")}
    expected = {line.replace("user:word@", "…@") for line in (*FORBIDDEN, *NO_URLS)}
    assert expected <= named.keys() | repeated
    assert {*named} - expected == {"x" * 200}
    assert "user:word" not in done.out + done.err
    for line in done.events("bad_line"):
        assert lines[line["line"] - 1].replace("user:word@", "…@").startswith(line["url"])
        assert line["detail"]
    reasons = {line["reason"] for line in done.last["failed"]}
    assert reasons == {"bad_url", "address_refused"}
    assert done.last["fetched"] == 0
    assert sum(quiet_site.web.hits.values()) == asked


def test_a_list_from_standard_input_is_crawled_with_exit_code_0(quiet_site: RunningSite, tmp_path: Path):
    url = quiet_site.url("steppe", manifest.page("steppe", "wagons").path)
    options = ("--store", tmp_path / "s", "--topic", "any", "--allow-private-hosts", "--json")
    done = irtysh("crawl", "-", *options, stdin=f"\ufeff{url}\r\n")
    assert (done.code, done.last["fetched"], done.last["failed"]) == (0, 1, []), done.err
    done = irtysh("crawl", "--from", "-", *options, stdin="no url\n")
    assert [(line["line"], line["url"]) for line in done.events("bad_line")] == [(1, "no url")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["crawl"], "crawl takes URLs, or --from FILE, or -"),
        (["crawl", "http://a.example/", "--from", "list.txt"], "crawl takes URLs, or --from FILE, or -"),
        (["crawl", "--from", "no-such-list.txt"], "no-such-list.txt"),
        (["crawl", "http://a.example/", "--topic", "no-such-topic"], "no-such-topic"),
        (["crawl", "http://a.example/", "--resolve", "a.example"], "--resolve takes HOST=ADDRESS"),
        (["crawl", "http://a.example/", "--delay", "soon"], "soon"),
        (["ingest", "no-such-outlet"], "no-such-outlet"),
        (["ingest", "--since", "yesterday"], "yesterday"),
        (["import"], "at least one WARC file"),
        (["import", "no-such-file.warc.gz"], "no-such-file.warc.gz"),
        (["show"], "no snapshot yet"),
        (["no-such-command"], "no-such-command"),
        (["process", "--store", "s3://"], "s3://"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_explained_with_exit_code_2(tmp_path: Path, arguments: list[str], says: str, capfd, monkeypatch):
    from flows.cli import run  # noqa: PLC0415  after the environment is set

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IRTYSH_STORE", raising=False)
    assert run(arguments) == 2
    output = capfd.readouterr()
    assert says in output.err + output.out
    assert "Traceback" not in output.err
