"""The whole pipeline by the command line: two editions of the local news web, with hostile resources."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from articles.model import LinkKind, Reason
from storage.objects.directory import DirectoryStore
from storage.snapshots.contents import load
from tests.e2e.commanding import Done, here, irtysh, site_options, write_list
from tests.flows.tables import log_of, problems, rows
from tests.site import RunningSite, manifest, serve
from tests.site.editions import DELETED, EDITS, REDESIGNED
from tests.site.hostile import FORBIDDEN, RESOURCES, WALLS

SLOW_FOR_THEIR_HOST = {"429-always", "delay", "secret"}  # they delay other requests to their host
OWN_ADDRESS_SPELLINGS = {
    "decimal", "hex", "hex-parts", "octal", "short", "localhost", "localhost-dot", "fullwidth", "userinfo",
    "ipv6-mapped", "ipv6-mapped-hex", "ipv6-nat64",
}  # fmt: skip  # spellings of the server's own address, which is a public one here
LINKS_MISSED = {
    link
    for link in manifest.LINKS
    if link.kind in {LinkKind.TRANSLATION, LinkKind.REWRITE} and link.a[:2] != link.b[:2]
}  # links between pages that `process` does not make yet


def edited_pages() -> set[tuple[str, str]]:
    """Return the pages whose text differs in edition 2: edited, or containing the edited text of another page."""
    found = set()
    for first in manifest.pages(1):
        now = manifest.page(first.outlet, first.slug, 2)
        compared = [[(one.title, one.paragraphs) for one in page.documents] for page in (first, now)]
        if first.canonical == first.path and now.documents and compared[0] != compared[1]:
            found.add((first.outlet, first.slug))
    return found


@dataclass
class Corpus:
    """Two crawls of one list, one for each edition."""

    site: RunningSite
    folder: Path
    urls: list[str]
    crawls: list[Done]

    @property
    def store(self) -> DirectoryStore:
        return DirectoryStore(self.folder / "store")

    def url(self, outlet: str, path: str) -> str:
        return self.site.url(outlet, path, by_host=True)

    def run(self, *arguments: str) -> Done:
        return here(*arguments, "--store", str(self.folder / "store"), "--json")


def hostile_urls(site: RunningSite) -> list[str]:
    names = [name for name in RESOURCES if name not in SLOW_FOR_THEIR_HOST and not RESOURCES[name].slow]
    paths = [RESOURCES[name].sample for name in names] + [f"/wall/{name}" for name in WALLS]
    paths += [
        f"/to/{name}"
        for name, to in FORBIDDEN.items()
        if name not in OWN_ADDRESS_SPELLINGS and "://127.0.0.1:" not in to
    ]
    return [site.url("hostile", path, by_host=True) for path in dict.fromkeys(paths)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("e2e")
    with serve() as site:
        urls = site.urls() + hostile_urls(site)
        lines = [*urls, "# a comment", "not a url", "http://user:word@steppe.example/"]
        found = Corpus(site, folder, urls, [])
        for edition in (1, 2):
            site.edition = edition
            wanted = lines if edition == 1 else site.urls()
            source = write_list(folder, wanted, f"{edition}.txt")
            found.crawls.append(
                irtysh(
                    "crawl", "--from", source, "--topic", "any", "--timeout", "10", "--json", "--store", folder / "store",
                    *site_options(site), public=True,
                )
            )  # fmt: skip
        yield found


@pytest.fixture(scope="module")
def pulled(corpus: Corpus) -> dict[int, list[dict[str, Any]]]:
    """Pull the documents of both snapshots, with their duplicates."""
    return {edition: pull(corpus, edition) for edition in (1, 2)}


def pull(corpus: Corpus, edition: int) -> list[dict[str, Any]]:
    target = corpus.folder / f"{edition}.jsonl"
    done = corpus.run("pull", str(edition - 1), str(target), "--format", "jsonl", "--with-duplicates")
    assert done.code == 0, done.err
    return Done(0, target.read_text("utf-8"), "").lines


def test_each_crawl_makes_one_snapshot_and_reports_failed_urls(corpus: Corpus):
    for number, crawl in enumerate(corpus.crawls):
        assert crawl.code == 1, crawl.err
        assert crawl.last["snapshots"] == [number]
        assert crawl.last["failed"]
    assert problems(corpus.store) == []


def test_invalid_lines_are_reported_with_their_number(corpus: Corpus):
    bad = {line["url"]: line["line"] for line in corpus.crawls[0].events("bad_line")}
    assert bad == {"not a url": len(corpus.urls) + 2, "http://…@steppe.example/": len(corpus.urls) + 3}


def test_every_url_becomes_a_document_or_a_rejection(corpus: Corpus):
    first = [row for row in rows(corpus.store, "fetches") if row["run"] == corpus.crawls[0].last["runs"][0]]
    accounted = {row["url"] for row in first if row["purpose"] == "page"}
    repeated = {line["url"] for line in corpus.crawls[0].events("repeated")}
    assert set(corpus.urls) - accounted - repeated == set()
    assert all(bool(row["rows"]) != bool(row["reason"]) for row in first if row["purpose"] == "page")
    for tally in corpus.crawls[0].last["pages"].values():
        ends = ("kept", "off_topic", "rejected", "refused", "failed", "redirected", "gone")
        assert tally["asked"] == sum(tally[end] for end in ends)
    asked = sum(tally["asked"] for tally in corpus.crawls[0].last["pages"].values())
    assert asked == sum(row["purpose"] == "page" for row in first)


def of_page(corpus: Corpus, documents: list[dict[str, Any]], page: manifest.ExpectedPage) -> dict[str, dict[str, Any]]:
    canonical = corpus.url(page.outlet, page.canonical)
    return {one["lang"]: one for one in documents if one["canonical_url"] == canonical}


def wrong_fields(corpus: Corpus, page: manifest.ExpectedPage, found: dict[str, dict[str, Any]]) -> set[str]:
    """Return the fields of a page's documents that differ from the manifest."""
    wrong = set()
    for wanted in page.documents:
        got = found.get(wanted.lang)
        if got is None:
            wrong.add(f"{wanted.lang} is missing")
            continue
        paragraphs = [part for part in got["text"].split("\n\n") if part not in wanted.optional]
        source_url = corpus.url(*wanted.source_page) if wanted.source_page else ""
        compared = {
            "paragraphs": (paragraphs, list(wanted.paragraphs)),
            "role": (got["role"], wanted.role.value),
            "title": (got["title"], wanted.title),
            "authors": (got["authors"], list(wanted.authors)),
            "published": (got["published"][: len(wanted.published)] if wanted.published else "", wanted.published),
            "translators": (got["translators"], list(wanted.translators)),
            "editors": (got["editors"], list(wanted.editors)),
            "source_outlet": (got["source_outlet"], wanted.source_outlet),
            "source_date": (got["source_date"], wanted.source_date),
            "source_url": (got["source_url"] if source_url else "", source_url),
            "note": (got["note"] if wanted.note else "", wanted.note),
            "leaks": ([leak for leak in page.leaks if leak in got["text"]], []),
        }
        wrong |= {f"{wanted.lang} {name}" for name, (is_, should) in compared.items() if is_ != should}
    return wrong | {f"{lang} is too much" for lang in found.keys() - {wanted.lang for wanted in page.documents}}


def canonical_pages(edition: int) -> list[Any]:
    return [
        pytest.param(edition, page, id=f"{page.outlet}-{page.slug}-{edition}")
        for page in manifest.pages(edition)
        if page.documents and page.canonical == page.path and not page.disallowed
    ]


@pytest.mark.parametrize(("edition", "page"), canonical_pages(1) + canonical_pages(2))
def test_documents_of_a_page_are_those_in_the_manifest(
    corpus: Corpus, pulled, edition: int, page: manifest.ExpectedPage
):
    wrong = wrong_fields(corpus, page, of_page(corpus, pulled[edition], page))
    assert wrong == set()


def test_publishers_pages_give_no_other_documents(corpus: Corpus, pulled):
    expected = {corpus.url(page.outlet, page.canonical) for page in manifest.pages() if page.documents}
    found = {one["canonical_url"] for one in pulled[1] if "hostile.example" not in one["url"]}
    assert found <= expected


@pytest.mark.parametrize(
    "page", [page for page in manifest.pages() if page.reasons or page.disallowed], ids=lambda page: page.slug
)
def test_a_page_without_an_article_is_rejected_with_its_reason(corpus: Corpus, page: manifest.ExpectedPage):
    reasons = {
        row["reason"] for row in rows(corpus.store, "rejections") if row["url"] == corpus.url(page.outlet, page.path)
    }
    allowed = {Reason.ROBOTS_REFUSED} if page.disallowed else page.reasons
    assert reasons
    assert reasons <= {reason.value for reason in allowed}


@pytest.mark.parametrize(
    "name", sorted(name for name in RESOURCES if name not in SLOW_FOR_THEIR_HOST and not RESOURCES[name].slow)
)
def test_a_hostile_resource_has_an_accepted_result(corpus: Corpus, name: str):
    resource = RESOURCES[name]
    asked = corpus.url("hostile", resource.sample)
    found = [row for row in rows(corpus.store, "fetches") if row["url"] == asked and row["purpose"] == "page"]
    assert found
    for row in found:
        if row["rows"]:
            assert resource.document
        else:
            assert row["reason"] in {*resource.reasons, Reason.REDIRECTED}


def test_no_forbidden_address_was_requested(corpus: Corpus):
    assert corpus.site.web.hits["hostile/secret"] == 0
    refused = {row["url"]: row["reason"] for row in rows(corpus.store, "rejections")}
    assert refused[FORBIDDEN["metadata"]] == Reason.ADDRESS_REFUSED
    assert not [one for one in rows(corpus.store, "documents", "url") if "secret" in one["url"]]


def link_ends(corpus: Corpus, outlet: str, slug: str, lang: str) -> tuple[str, str]:
    return corpus.url(outlet, manifest.page(outlet, slug).canonical), lang


@pytest.fixture(scope="module")
def links(corpus: Corpus) -> dict[int, set[tuple[str, tuple[str, str], tuple[str, str]]]]:
    found = {}
    for edition in (1, 2):
        shown = corpus.run("show", str(edition - 1), "--links").last
        found[edition] = {
            (one["kind"], (one["a_url"], one["a_document_id"].split("-")[1]), (one["b_url"], one["b_document_id"].split("-")[1]))
            for one in shown["links"]
        }  # fmt: skip
        assert all({"score", "evidence"} <= one.keys() for one in shown["links"])
    return found


@pytest.mark.parametrize("edition", [1, 2])
@pytest.mark.parametrize("link", manifest.LINKS, ids=lambda link: f"{link.kind.value}-{link.a[1]}-{link.b[1]}")
def test_an_expected_link_exists(corpus: Corpus, links, edition: int, link: manifest.ExpectedLink):
    a, b = link_ends(corpus, *link.a), link_ends(corpus, *link.b)
    ways = {(link.kind.value, a, b)} | ({(link.kind.value, b, a)} if link.kind is LinkKind.DUPLICATE else set())
    assert ways & links[edition] or link in LINKS_MISSED


@pytest.mark.parametrize("edition", [1, 2])
def test_similar_but_unrelated_documents_are_not_linked(corpus: Corpus, links, edition: int):
    pairs = {frozenset((a, b)) for _, a, b in links[edition]}
    for a, b in manifest.UNLINKED:
        assert frozenset((link_ends(corpus, *a), link_ends(corpus, *b))) not in pairs


def test_versions_and_tombstones_are_the_planted_ones(corpus: Corpus):
    state = log_of(corpus.store).state()
    standings = load(corpus.store, state).view.documents.values()
    pages = [page for page in manifest.pages() if page.documents and page.canonical == page.path]
    by_url = {corpus.url(page.outlet, page.path): (page.outlet, page.slug) for page in pages}
    numbers = {by_url[one.head.url]: one.versions for one in standings if one.head.url in by_url}
    assert {page for page, found in numbers.items() if len(found) > 1} == edited_pages() | DELETED
    assert edited_pages() > EDITS.keys()
    assert {page for page, found in numbers.items() if found[-1].gone} == DELETED
    assert max(len(found) for found in numbers.values()) == 2
    assert numbers.keys() >= REDESIGNED


@pytest.mark.parametrize("page", [("steppe", "wagons"), ("kurier", "most")], ids=["edited", "deleted"])
def test_the_versions_of_an_article_are_shown(corpus: Corpus, page: tuple[str, str]):
    done = corpus.run("history", corpus.url(page[0], manifest.page(*page).path))
    assert done.code == 0, done.err
    assert [(one["version"], one["gone"]) for one in done.last] == [(1, False), (2, page in DELETED)]
    assert bool(done.last[1]["changes"]) != (page in DELETED)


def test_diff_lists_the_edited_and_deleted_documents(corpus: Corpus):
    compared = corpus.run("diff", "0", "1").last
    named = {kind: {one["url"] for one in compared[kind]} for kind in ("new", "changed", "gone")}
    assert named["new"] == set()
    assert named["changed"] == {corpus.url(outlet, manifest.page(outlet, slug).path) for outlet, slug in edited_pages()}
    assert named["gone"] == {corpus.url(outlet, manifest.page(outlet, slug).path) for outlet, slug in DELETED}


def test_json_lines_have_the_fields_that_programs_rely_on(pulled):
    keys = {
        "document_id", "article_id", "url", "canonical_url", "outlet", "lang", "role", "title", "authors", "published",
        "text", "version", "first_seen", "last_seen", "cluster_id",
    }  # fmt: skip
    for one in pulled[2]:
        assert keys <= one.keys()
        assert isinstance(one["authors"], list)
        assert isinstance(one["version"], int)
        assert one["document_id"] == f"{one['article_id']}-{one['lang']}"
