"""Options out of range are wrong usage: the error names the option, and nothing starts."""

import pytest

from articles.errors import InputError
from flows.cli import run
from flows.exit_codes import WRONG_USAGE
from flows.options import CrawlOptions, ProcessOptions


@pytest.mark.parametrize(
    "wrong",
    [
        ("--concurrency", "0"),
        ("--concurrency", "-2"),
        ("--delay", "-1"),
        ("--delay", "nan"),
        ("--max-pages", "-3"),
        ("--timeout", "0"),
        ("--timeout", "inf"),
        ("--segment-seconds", "-1"),
        ("--workers", "0"),
        ("--resolve", "a.example"),
        ("--resolve", "a.example=b"),
        ("--outlets", "no-such-folder"),
    ],
)
def test_an_option_out_of_range_is_wrong_usage_and_named(wrong, tmp_path, capfd):
    code = run(["crawl", "http://127.0.0.1:1/", "--store", str(tmp_path / "store"), "--no-prefect", *wrong])
    assert code == WRONG_USAGE
    output = capfd.readouterr()
    assert wrong[1] in output.err
    assert output.out == ""


def test_limits_of_the_ranges_are_accepted():
    assert CrawlOptions(delay=0, concurrency=1, max_pages=0, timeout=0.1).spec("s", "any").concurrency == 1
    assert ProcessOptions(workers=1).workers == 1


def test_resolve_accepts_ipv4_and_ipv6():
    spec = CrawlOptions(resolve=("A.example=127.0.0.1", "b.example=[::1]")).spec("s", "any")
    assert spec.resolve == {"a.example": "127.0.0.1", "b.example": "[::1]"}
    with pytest.raises(InputError, match="not an IP address"):
        CrawlOptions(resolve=("a.example=localhost",)).spec("s", "any")
