"""`irtysh ingest` on outlets of the local web: articles are found in feeds and sitemaps, and fetched once."""

from pathlib import Path

from storage.objects.directory import DirectoryStore
from tests.e2e.commanding import Done, here, irtysh, site_options
from tests.flows.tables import rows
from tests.site import RunningSite, manifest
from tests.site.editions import DELETED, EDITS
from tests.spiders.test_news import outlet

ARTICLES = {
    "steppe": r"http://steppe\.example:\d+/20\d\d/.+",
    "kurier": r"http://kurier\.example:\d+/(news|rates)/.+",  # its feed is malformed
}


def planted_articles(site: RunningSite) -> set[str]:
    return {
        site.url(page.outlet, page.canonical, by_host=True)
        for page in manifest.pages()
        if page.outlet in ARTICLES and page.documents and not page.disallowed
    }


def request_counts(site: RunningSite) -> dict[str, int]:
    """Count the requests for each page of the outlets, without sources, robots.txt and tdmrep.json: every run reads those."""
    every_time = ("/feed/", "/robots.txt", "/.well-known/tdmrep.json")
    hits = {key: number for key, number in site.web.hits.items() if key.startswith(tuple(ARTICLES))}
    return {key: number for key, number in hits.items() if not key.endswith(every_time) and "sitemap" not in key}


def test_articles_of_two_outlets_are_found_and_fetched_once_and_again_for_edits_and_deletions(
    site: RunningSite, tmp_path: Path
):
    folder = tmp_path / "outlets"
    for name, pattern in ARTICLES.items():
        outlet(folder, site, name, article=pattern)
    usual = ("--outlets", folder, "--store", tmp_path / "store", "--json")

    def ingest(revisit: str = "due") -> Done:
        crawling = ("--topic", "any", "--allow-private-hosts", *site_options(site))
        return irtysh("ingest", *ARTICLES, "--revisit", revisit, *usual, *crawling)

    first = ingest()
    assert first.last["snapshots"] == [0], first.err
    documents = rows(DirectoryStore(tmp_path / "store"), "documents", "canonical_url")
    assert {row["canonical_url"] for row in documents} == planted_articles(site)
    assert {line["url"] for line in first.events("source")} >= {
        site.url(name, path, by_host=True) for name in ARTICLES for path in ("/feed/", "/sitemap-news.xml")
    }
    listed = here("outlets", "--outlets", folder, "--json")
    domains = {found["name"]: found["domains"] for found in listed.last}
    assert [domains[name] for name in ARTICLES] == [[f"{name}.example"] for name in ARTICLES]

    before = request_counts(site)
    assert set(before.values()) == {1}
    assert here("plan", "steppe", *usual).last["due"] == 0  # no article is old enough
    second = ingest()
    assert request_counts(site) == before
    assert second.code == 0, second.err
    assert second.last["fetched"] == 0

    everything = here("plan", "steppe", "--revisit", "all", *usual).last
    assert everything["due"] == len(everything["again"]) > 0
    same = ingest("all")
    assert same.last["fetched"] == first.last["fetched"]
    assert {kind: sum(tally[kind] for tally in same.last["pages"].values()) for kind in ("new", "changed", "gone")} == {
        "new": 0, "changed": 0, "gone": 0,
    }  # fmt: skip

    site.edition = 2
    changed = ingest("all").last["pages"]
    assert changed["steppe"]["changed"] >= len([key for key in EDITS if key[0] == "steppe"])  # and copies of it
    assert changed["kurier"]["gone"] == len([key for key in DELETED if key[0] == "kurier"])


def test_a_malformed_feed_alone_is_enough_to_find_the_articles(site: RunningSite, tmp_path: Path):
    outlet(tmp_path / "outlets", site, "kurier", sitemaps="", article=ARTICLES["kurier"])
    done = irtysh(
        "ingest", "kurier", "--outlets", tmp_path / "outlets", "--store", tmp_path / "store", "--topic", "any",
        "--allow-private-hosts", "--json", *site_options(site),
    )  # fmt: skip
    assert done.last["fetched"] >= 5, done.err
    (source,) = done.events("source")
    assert source["articles"] == done.last["fetched"] + len(done.last["failed"])
