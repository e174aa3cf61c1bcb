"""`irtysh outlets check --all` and `adopt` against the local web, with an outlet whose template has moved."""

import json

from flows import cli
from spiders.outlets import load
from tests.site import RunningSite

FILE = '''
from spiders.outlet import Outlet
from spiders.sources import Feed


class Local(Outlet):
    """An outlet of the local web, as it was before its template moved."""

    domains = ("{domain}",)
    languages = ("en",)
    sources = (Feed("{feed}"),)
    article = r"http://steppe\\.example:\\d+/(\\d{{4}}|a)/.+"
    delay = 0
    body = (".of-another-design",)
'''


def run(site: RunningSite, capfd, monkeypatch, folder, *words: str) -> tuple[int, dict]:
    monkeypatch.setattr("flows.commands.outlets.known.load", lambda extra="": {"steppe": load(extra)["steppe"]})
    words = ("outlets", *words, "--outlets", str(folder / "outlets"), "--json")
    code = cli.run(list(words))
    output = capfd.readouterr()
    return code, json.loads(output.out.splitlines()[-1]) if output.out.strip() else {"error": output.err}


def test_a_moved_template_is_reported_and_its_repair_adopted(tmp_path, site: RunningSite, capfd, monkeypatch):
    (tmp_path / "outlets").mkdir()
    path = tmp_path / "outlets" / "steppe.py"
    path.write_text(FILE.format(domain="steppe.example", feed=site.url("steppe", "/feed/", by_host=True)))
    live = tmp_path / "live"
    resolve = [word for pair in site.resolve for word in ("--resolve", pair)]
    checking = ("check", "--all", "--report", str(live), "--allow-private-hosts", *resolve)

    code, result = run(site, capfd, monkeypatch, tmp_path, *checking, "--minutes", "0")
    assert (code, result["left"], result["reports"]) == (1, ["steppe"], [])

    code, result = run(site, capfd, monkeypatch, tmp_path, *checking)
    assert code == 1
    (report,) = result["reports"]
    assert report["matching"] == report["named"] > 0
    assert any("`body` matched nothing" in one["text"] for one in report["findings"])
    (proposal,) = [one for one in report["proposals"] if one["attribute"] == "body"]
    assert proposal["selector"] in report["patch"]
    assert proposal["selector"] in (live / "report.md").read_text()

    written = (live / "steppe" / "report.json").stat().st_mtime_ns
    run(site, capfd, monkeypatch, tmp_path, *checking)  # resumed: nothing is fetched again
    assert (live / "steppe" / "report.json").stat().st_mtime_ns == written

    monkeypatch.undo()
    words = ["outlets", "adopt", "steppe", "--report", str(live), "--fixtures", str(tmp_path / "pages")]
    assert cli.run([*words, "--outlets", str(tmp_path / "outlets")]) == 0
    assert load(str(tmp_path / "outlets"))["steppe"].body == (proposal["selector"], ".of-another-design")
    expected = json.loads((tmp_path / "pages" / "steppe" / "expected.json").read_text())
    assert len(expected["pages"]) == 3
    assert all((tmp_path / "pages" / "steppe" / page["file"]).exists() for page in expected["pages"])
    assert cli.run([*words, "--outlets", str(tmp_path / "outlets")]) == 0  # again: nothing is added twice
    again = json.loads((tmp_path / "pages" / "steppe" / "expected.json").read_text())
    assert again == expected


def test_one_outlet_or_all(capfd):
    assert cli.run(["outlets", "check"]) == 2
    assert cli.run(["outlets", "check", "tengrinews", "--all"]) == 2
    assert cli.run(["outlets", "adopt", "tengrinews", "--report", "no/such/folder"]) == 2
    assert "outlets check --all" in capfd.readouterr().err
