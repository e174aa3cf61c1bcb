"""Articles from a web archive, and articles whose text is in a feed, by the command line up to their history."""

from pathlib import Path

from tests.e2e.commanding import here, irtysh
from tests.site import RunningSite
from tests.site.wire import Answer, Request
from tests.spiders.test_web_archive import OUTLET
from tests.spiders.webarchive import Kept, WebArchive

PROSE = (
    "The ferry across the river at Pavlodar will run twice a day from the first of May, the port authority has said.",
    "Its two boats were built in the seventies and carried passengers until the new bridge was opened nine years ago.",
    "Whoever has a garden on the other bank will not have to take the bus around the power station any longer.",
)
FEED_OUTLET = '''
from spiders.outlet import Outlet
from spiders.sources import Feed


class Whole(Outlet):
    """An outlet with a full-text feed."""

    domains = ("127.0.0.1:{port}",)
    languages = ("en",)
    sources = (Feed("http://127.0.0.1:{port}/feed", full_text=True),)
    article = r"http://127\\.0\\.0\\.1:{port}/news/\\d+"
    delay = 0
'''


def paragraphs(*more: str) -> str:
    return "".join(f"<p>{text}</p>" for text in (*PROSE, *more))


def page(title: str, *more: str) -> bytes:
    article = f"<article><h1>{title}</h1>{paragraphs(*more)}</article>"
    return f"<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body>{article}</body></html>".encode()


def options(tmp_path: Path) -> list[str | Path]:
    return ["--store", tmp_path / "store", "--topic", "any", "--allow-private-hosts", "--delay", "0", "--json"]


def write_outlet(tmp_path: Path, name: str, text: str) -> Path:
    folder = tmp_path / "outlets"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(text)
    return folder


def test_versions_of_a_closed_outlets_article_come_from_a_web_archive(tmp_path: Path):
    url = "http://closed.example/news/1"
    added = "A ticket will cost as much as one for the bus, and bicycles will travel free of charge all summer long."
    archive = WebArchive([
        Kept(url, "20150102030405", page("The ferry is back")),
        Kept(url, "20150603000000", page("The ferry is back", added)),
        Kept(url, "20150801000000", page("The ferry is back", added)),
        Kept("http://closed.example/news/2", "20190101000000", page("Too late")),
    ])  # fmt: skip
    with RunningSite(archive) as site:  # type: ignore[arg-type]  # has the handler interface of `Web`
        folder = write_outlet(tmp_path, "closed", OUTLET.format(base=site.base))
        asked = ("ingest", "closed", "--outlets", folder, "--from-archive", "wayback", "--since", "2015-01-01", "--until",
                 "2018-12-31", *options(tmp_path))  # fmt: skip
        first = irtysh(*asked)
        second = irtysh(*asked)
    assert (first.code, first.last["fetched"]) == (0, 2), first.err
    assert (second.code, second.last["fetched"]) == (0, 0), second.err
    (history,) = here("history", url, "--store", tmp_path / "store", "--json").lines
    assert [version["first_seen"][:10] for version in history] == ["2015-01-02", "2015-06-03"]


class Feed:
    """Handler for a site with a full-text feed, and a page in another template."""

    edition = 1

    def answer(self, request: Request) -> Answer:
        if request.path == "/feed":
            item = f"<title>The ferry is back</title><link>/news/1</link><description><![CDATA[{paragraphs()}]]></description>"
            return Answer(200, [], f"<rss><channel><item>{item}</item></channel></rss>".encode())
        if request.path == "/news/1":
            return Answer(
                200,
                [("Content-Type", "text/html")],
                page(
                    "The ferry is back",
                    "The photograph shows the old pier at low water, as it was when the last boat had left it.",
                ),
            )
        return Answer(404)


def test_feed_text_and_page_of_one_article_are_one_version(tmp_path: Path):
    with RunningSite(Feed()) as site:  # type: ignore[arg-type]  # has the handler interface of `Web`
        folder = write_outlet(tmp_path, "whole", FEED_OUTLET.format(port=site.port))
        url = f"{site.base}/news/1"
        first = irtysh("ingest", "whole", "--outlets", folder, *options(tmp_path))
        assert (first.code, first.last["fetched"]) == (0, 1), first.err
        second = irtysh("ingest", "whole", "--outlets", folder, *options(tmp_path))
        assert (second.code, second.last["fetched"]) == (0, 0), second.err
        explained = here("explain", url, "--store", tmp_path / "store").out
        assert f"found by Feed:{site.base}/feed" in explained.replace("\n", " ")
        assert "text from a feed" in explained
        third = irtysh("crawl", url, *options(tmp_path))
        assert third.code == 0, third.err
        both = here("history", url, "--store", tmp_path / "store", "--json").last
    assert len(both) == 1
