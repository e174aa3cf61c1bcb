"""`irtysh outlets check` against the local web: a file that fits, and each kind of problem."""

import json
from pathlib import Path

import pytest

from flows import cli
from tests.site import RunningSite

FILE = '''
from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class Local(Outlet):
    """An outlet of the local web."""

    domains = ("steppe.example",)
    languages = ("{language}",)
    sources = (Feed("{feed}"),)
    article = r"{article}"
    delay = 0
    {more}
'''
ARTICLE = r"http://steppe\.example:\d+/(\d{4}|a)/.+"


def check(
    folder: Path, site: RunningSite, capfd: pytest.CaptureFixture[str], *, feed: str = "/feed/", language: str = "en",
    article: str = ARTICLE, more: str = "",
) -> tuple[int, dict[str, list[tuple[bool, str]]]]:  # fmt: skip
    """Run the command and return its exit code and what it found, by kind."""
    address = site.url("steppe", feed, by_host=True)
    (folder / "steppe.py").write_text(FILE.format(feed=address, language=language, article=article, more=more))
    words = ["outlets", "check", "steppe", "--outlets", str(folder), "--allow-private-hosts", "--json"]
    code = cli.run([*words, *(word for pair in site.resolve for word in ("--resolve", pair))])
    result = json.loads(capfd.readouterr().out.splitlines()[-1])
    found: dict[str, list[tuple[bool, str]]] = {}
    for one in result["findings"]:
        found.setdefault(one["what"], []).append((one["good"], one["text"]))
    return code, found


def test_a_file_that_fits_passes_the_check(tmp_path, site: RunningSite, capfd):
    code, found = check(tmp_path, site, capfd)
    assert code == 0, found
    assert found["source"][0][0]
    assert len(found["article"]) == 3
    assert all("characters in en, 20" in text for _, text in found["article"])


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"feed": "/no/feed/"}, [("source", "answered 404")]),
        ({"article": r"http://steppe\.example:\d+/nothing/.+"}, [("source", "no source names an article")]),
        (
            {"language": "lt", "more": 'body = (".of-another-design",)'},
            [
                ("language", "en is not in `languages`"),
                ("selectors", "`body` matched nothing on 3 of 3 articles"),
            ],
        ),
    ],
)
def test_each_problem_is_named(tmp_path, site: RunningSite, capfd, wrong, expected):
    code, found = check(tmp_path, site, capfd, **wrong)
    assert code == 1
    for what, text in expected:
        assert any(not good and text in said for good, said in found[what]), found


def test_an_unknown_outlet_is_wrong_usage(capfd):
    assert cli.run(["outlets", "check", "nobody"]) == 2
    assert "nobody" in capfd.readouterr().err
