"""`irtysh outlets new` against the local web: the drafted file and fixtures can be used at once."""

import json
import re
from datetime import date

import pytest

from flows import cli
from flows.outlets.new import articles_per_day
from spiders.outlets import find
from spiders.sources import Feed, Sitemap
from tests.site import RunningSite


def new(tmp_path, site: RunningSite, capfd, name: str, path: str = "/") -> tuple[int, str]:
    words = ["outlets", "new", name, "--url", site.url("steppe", path, by_host=True), "--allow-private-hosts"]
    words += ["--outlets", str(tmp_path / "outlets"), "--fixtures", str(tmp_path / "pages"), "--delay", "0", "--json"]
    code = cli.run([*words, *(word for pair in site.resolve for word in ("--resolve", pair))])
    output = capfd.readouterr()
    return code, output.err if code == 2 else output.out.splitlines()[-1]


def test_a_site_gives_a_usable_file_and_fixtures(tmp_path, site: RunningSite, capfd):
    code, output = new(tmp_path, site, capfd, "grassland")
    assert code == 0, output
    outlet = find("grassland", str(tmp_path / "outlets"))
    assert outlet.owns(site.url("steppe", "/x", by_host=True))
    assert outlet.languages == ("en",)
    assert {type(source) for source in outlet.sources} == {Feed, Sitemap}
    assert {"languages", "country", "article", "daily"} <= set(outlet.guessed)
    expected = json.loads((tmp_path / "pages" / "grassland" / "expected.json").read_text())
    assert len(expected["pages"]) == 3
    for page in expected["pages"]:
        assert outlet.is_article(page["url"])
        assert page["document"]["title"]
        assert (tmp_path / "pages" / "grassland" / page["file"]).stat().st_size
    assert expected["source"]["articles"]
    assert all(re.fullmatch(outlet.article, url) for url in expected["source"]["articles"])
    again, output = new(tmp_path, site, capfd, "grassland")
    assert again == 2
    assert "exists already" in output


def test_a_url_that_answers_with_an_error_is_reported(tmp_path, site: RunningSite, capfd):
    code, output = new(tmp_path, site, capfd, "nothing", "/no/such/page")
    assert code == 2
    assert "could not be fetched: answered 404" in output
    assert not (tmp_path / "outlets").exists()


@pytest.mark.parametrize("name", ["../x", "a b", "x.y", ""])
def test_a_name_must_be_a_file_name(tmp_path, site: RunningSite, capfd, name):
    assert new(tmp_path, site, capfd, name)[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_articles_a_day_from_the_dates_of_entries():
    assert articles_per_day([date(2026, 11, 1)] * 6) == 6.0
    assert articles_per_day([date(2026, 11, day) for day in (1, 1, 2, 4)]) == 1.0
    assert articles_per_day([]) == 1.0
