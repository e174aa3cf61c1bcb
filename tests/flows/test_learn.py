"""`irtysh learn`: profiles learned from a snapshot, and pages extracted with them and with outlets' selectors."""

import json
import shutil
from pathlib import Path

import pytest

from articles.model import Reason
from flows import process as stages
from flows.cli import run
from flows.exit_codes import WRONG_USAGE
from flows.processing.sites import Sites
from flows.rebuild import rebuild
from storage import profiles
from storage.objects.directory import DirectoryStore
from storage.snapshots.contents import load
from tests.flows.making import SENTENCES, Seen, article, put
from tests.flows.tables import Direct, Heard, contents, context, log_of, problems, rows

STEPPE, KURIER, SMALL = "http://steppe.example/{}/", "http://kurier.example/{}/", "http://small.example/{}/"
CREED = "The Monitor is written by people who have crossed the river at every season and have the boots to prove it."
BOOTS = "Boots of the editorial staff are for sale at the door of the ferry, in pairs and one by one, every Friday."
OUTLET = '''
from spiders.outlet import Outlet

class Kurier(Outlet):
    """A fictional outlet."""

    domains = ("kurier.example",)
    languages = ("en",)
    country = "KZ"
    strip = (".boots",)
    author = (".who",)
'''


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)


def story(number: int) -> list[str]:
    return [f"In the matter of wagon {'abcdefghijklmnop'[number]}{number}: {sentence}" for sentence in SENTENCES]


def page(number: int, *, creed: bool = True, boots: bool = False, news: str = "") -> bytes:
    more = [news] if news else []
    html = article(f"Wagon number {number} has been counted by hand", *story(number), *more).decode()
    tail = (f"<p>{CREED}</p>" if creed else "") + (f'<p class="boots">{BOOTS}</p>' if boots else "")
    return html.replace("</article>", f"{tail}</article>").encode()


def seen(number: int, site: str = STEPPE, hour: int = 0, **other) -> Seen:
    return Seen(site.format(number), page(number, **other), hour=hour)


@pytest.fixture
def outlets(tmp_path) -> Path:
    """A folder with the file of one outlet."""
    folder = tmp_path / "outlets"
    folder.mkdir()
    (folder / "kurier.py").write_text(OUTLET)
    return folder


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    """Six articles of one site, all with the repeated line CREED; two of another site, which are too few."""
    folder = tmp_path_factory.mktemp("processed")
    store = DirectoryStore(folder / "store")
    put(store, folder / "spool", "r1", [seen(number) for number in range(6)])
    put(store, folder / "spool", "r2", [seen(number, SMALL) for number in range(2)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        stages.process(context(store))
    return folder / "store"


@pytest.fixture
def corpus(processed, directory_store):
    """A copy of that store for one test."""
    shutil.copytree(processed, directory_store.root, dirs_exist_ok=True)
    return directory_store


def learn(store, capfd, *arguments: object) -> list[dict]:
    assert run(["learn", *map(str, arguments), "--store", store.url, "--json"]) == 0
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def texts(store) -> dict[str, str]:
    """The current text of each article, by its URL."""
    view = load(store, log_of(store).state()).view
    by_row = {row["row_id"]: row["text"] for row in rows(store, "documents", "row_id", "text")}
    return {one.head.url: by_row[one.head.row_id] for one in view.documents.values()}


def versions(store) -> set[int]:
    return {len(one.versions) for one in load(store, log_of(store).state()).view.documents.values()}


def test_output_shows_learned_lines_and_sites_with_too_few_articles(corpus, capfd):
    small, steppe = learn(corpus, capfd, "--show")
    assert (steppe["site"], steppe["learned"], steppe["articles"], steppe["pages"]) == ("steppe.example", True, 6, 6)
    assert (steppe["lines"], steppe["in_texts"], steppe["known"], steppe["changed"]) == (1, 1, 12, True)
    assert [(one["articles"], one["in_texts"]) for one in steppe["show"]] == [(6, 6)]
    assert steppe["show"][0]["line"].startswith("the monitor is written by people")
    assert (small["site"], small["learned"], small["articles"]) == ("small.example", False, 2)
    assert "too few" in small["why"]
    assert profiles.in_force(corpus) == {"steppe.example": steppe["profile"]}


def test_a_dry_run_changes_nothing(corpus, capfd):
    before = {found.key for found in corpus.list("")}
    (steppe,) = learn(corpus, capfd, "steppe.example", "--dry-run")
    assert steppe["dry_run"]
    assert {found.key for found in corpus.list("")} == before


def test_learning_twice_gives_the_same_profile(corpus, capfd):
    (first,) = learn(corpus, capfd, "steppe.example")
    before = {found.key for found in corpus.list("")}
    (second,) = learn(corpus, capfd, "steppe.example")
    assert (first["changed"], second["changed"]) == (True, False)
    assert second["profile"] == second["in_force"] == first["profile"]
    assert {found.key for found in corpus.list("")} == before


def test_a_profile_depends_neither_on_the_order_of_captures_nor_on_the_profile_in_force(corpus, tmp_path, capfd):
    (first,) = learn(corpus, capfd, "steppe.example")
    rebuild(context(corpus))  # with the profile: no text contains CREED any more
    other = DirectoryStore(tmp_path / "other")
    for number in reversed(range(6)):
        put(other, tmp_path / "spool2", f"r{number}", [seen(number)])
        stages.process(context(other))
    assert learn(other, capfd, "steppe.example")[0]["profile"] == first["profile"]
    assert learn(corpus, capfd, "steppe.example")[0]["profile"] == first["profile"]


def test_text_output_is_a_table(corpus, capfd):
    assert run(["learn", "--store", corpus.url, "--show", "--dry-run"]) == 0
    out = capfd.readouterr().out
    assert "Profiles that would be learned" in out
    assert "too few articles" in out
    assert "the monitor is written by people" in out


def test_a_site_without_articles_in_the_snapshot_is_wrong_usage(corpus, capfd):
    assert run(["learn", "nowhere.example", "--store", corpus.url]) == WRONG_USAGE
    contents = capfd.readouterr().err
    assert "nowhere.example" in contents
    assert "steppe.example" in contents


def test_later_pages_are_extracted_with_the_profile(corpus, tmp_path, capfd):
    learn(corpus, capfd)
    put(corpus, tmp_path / "spool", "r3", [seen(7), seen(7, SMALL)])
    stages.process(context(corpus))
    found = texts(corpus)
    assert CREED not in found[STEPPE.format(7)]
    assert CREED in found[STEPPE.format(0)]  # only a rebuild extracts it again
    assert CREED in found[SMALL.format(7)]  # another site
    removed = [row for row in rows(corpus, "removals") if row["rule"].startswith("site:line")]
    assert [(row["text"], row["rule"]) for row in removed] == [(CREED, "site:line 6 of 6")]


def test_a_new_profile_makes_no_new_version(corpus, tmp_path, capfd):
    learn(corpus, capfd)
    put(corpus, tmp_path / "spool", "r3", [seen(0, hour=24), seen(1, hour=24, news="The engineer has come at last.")])
    stages.process(context(corpus))
    assert CREED not in "".join(texts(corpus)[STEPPE.format(number)] for number in (0, 1))
    view = load(corpus, log_of(corpus).state()).view
    assert {one.head.url: len(one.versions) for one in view.documents.values()} == {
        **{STEPPE.format(number): 1 for number in range(6)},
        **{SMALL.format(number): 1 for number in range(2)},
        STEPPE.format(1): 2,  # the source added a sentence
    }


def test_an_unchanged_page_with_the_same_profile_is_not_extracted_again(corpus, tmp_path, capfd, monkeypatch):
    learn(corpus, capfd)
    put(corpus, tmp_path / "spool", "r3", [seen(0, hour=24)])
    stages.process(context(corpus))
    put(corpus, tmp_path / "spool", "r4", [seen(0, hour=48)])
    monkeypatch.setattr(Direct, "read", lambda _, captures: iter([1 / 0 for _ in captures]))
    assert stages.process(context(corpus)).counts["steppe.example"]["unchanged"] == 1


def fill(store, folder, outlets: Path, order: list[int], batch: int) -> None:
    for turn, number in enumerate(order):
        captures = [
            seen(number, hour=number),
            seen(number, KURIER, hour=number, boots=True),
            seen(number, hour=24 + number, news="The engineer has come at last." if number % 2 else ""),
        ]
        put(store, folder, f"later{number}", captures, records=1)
        if turn % 2:
            stages.process(context(store, batch_captures=batch, outlets=str(outlets)))
    stages.process(context(store, batch_captures=batch, outlets=str(outlets)))


def test_any_order_and_batch_size_gives_the_result_of_a_rebuild(corpus, outlets, tmp_path, capfd):
    learn(corpus, capfd)
    profile = {found.key: corpus.get(found.key) for found in corpus.list("profiles/")}
    says = []
    for name, order, batch in (("one", [0, 1, 2, 3, 4, 5, 6], 1), ("two", [6, 3, 5, 1, 0, 4, 2], 4)):
        store = DirectoryStore(tmp_path / name)
        for key, data in profile.items():
            store.put(key, data)
        fill(store, tmp_path / f"spool-{name}", outlets, order, batch)
        says.append(contents(store, tmp_path))
        assert problems(store) == []
        rebuild(context(store, outlets=str(outlets)))
        says.append(contents(store, tmp_path))
        found = texts(store)
        assert not any(CREED in found[STEPPE.format(number)] for number in range(7))
        assert not any(BOOTS in found[KURIER.format(number)] for number in range(7))
        assert versions(store) == {1, 2}
    assert says[0] == says[1] == says[2] == says[3]


def test_a_commit_names_the_code_profiles_and_selectors_that_it_used(corpus, outlets, tmp_path, capfd):
    plain = json.loads(profiles.configuration(corpus, log_of(corpus).state().history[-1].config_sha256))
    assert plain["sites"] == {}
    assert plain["topics"] == ["any"]
    (steppe,) = learn(corpus, capfd, "steppe.example")
    put(corpus, tmp_path / "spool", "r3", [seen(7), seen(7, KURIER), Seen(STEPPE.format(9), missed=Reason.TIMEOUT)])
    stages.process(context(corpus, outlets=str(outlets)))
    head = log_of(corpus).state().history[-1]
    pinned = json.loads(profiles.configuration(corpus, head.config_sha256))
    assert pinned["sites"]["steppe.example"]["profile"] == steppe["profile"]
    assert pinned["sites"]["kurier"]["selectors"]["strip"] == [".boots"]
    assert pinned["readers"] == plain["readers"]
    by_url = {row["url"]: row["extractor"] for row in rows(corpus, "fetches", "url", "extractor")}
    for url, name in ((STEPPE.format(7), "steppe.example"), (KURIER.format(7), "kurier")):
        assert by_url[url] == f"{pinned['readers']}+{pinned['sites'][name]['key']}:any"
    assert by_url[SMALL.format(0)] == f"{pinned['readers']}:any"


def test_selectors_are_chosen_by_host_not_by_the_outlet_name_of_captures(directory_store, outlets, tmp_path):
    put(directory_store, tmp_path / "spool", "r1", [seen(1, KURIER, boots=True, creed=False)])
    stages.process(context(directory_store))
    assert BOOTS in texts(directory_store)[KURIER.format(1)]
    rebuild(context(directory_store, outlets=str(outlets)))
    assert texts(directory_store) == {KURIER.format(1): "\n\n".join(story(1))}
    assert {row["outlet"] for row in rows(directory_store, "documents", "outlet")} == {"kurier.example"}


def test_selectors_that_find_nothing_are_reported(directory_store, outlets, tmp_path):
    put(directory_store, tmp_path / "spool", "r1", [seen(number, KURIER) for number in range(3)])
    heard = Heard()
    stages.process(context(directory_store, outlets=str(outlets), listener=heard))
    (note,) = [text for kind, text in heard.notes if kind == "missed"]
    assert "kurier.example" in note
    assert "`author` matched nothing on 3 articles" in note


def test_explain_uses_the_profile_and_selectors_of_the_site(corpus, outlets, tmp_path, capfd):
    learn(corpus, capfd)
    file = tmp_path / "page.html"
    file.write_bytes(page(8, boots=True))

    def explained(url: str) -> dict:
        asked = ["explain", str(file), "--url", url, "--store", corpus.url, "--outlets", str(outlets), "--json"]
        assert run(asked) == 0
        return json.loads(capfd.readouterr().out)

    steppe, kurier = explained(STEPPE.format(8)), explained(KURIER.format(8))
    assert any("learned from 6 articles" in line for line in steppe["about"])
    assert {block["text"]: block["rule"] for block in steppe["blocks"]}[CREED] == "site:line 6 of 6"
    assert any("selectors of the outlet kurier" in line for line in kurier["about"])
    assert "selectors that found nothing: author" in kurier["about"]
    assert {block["text"]: block["rule"] for block in kurier["blocks"]}[BOOTS] == "outlet:strip .boots"


def test_sites_are_distinguished_by_host(directory_store, outlets):
    sites = Sites(directory_store, str(outlets))
    assert sites.name("http://www.kurier.example/a") == "kurier"
    assert sites.name("http://kurier.example.org/a") == "example.org"
    assert sites.name("no URL at all") == ""
    assert sites.of("http://example.org/").key == ""
    assert sites.of("http://kurier.example/").key != ""


SHARED = "http://{}.pages.example/{}/"
CREED_LINE = "the monitor is written by people"


def learned_lines(store, capfd) -> dict[str, list[str]]:
    return {one["site"]: [line["line"] for line in one.get("show", ())] for one in learn(store, capfd, "--show")}


def blog(name: str, number: int, hour: int, **other) -> Seen:
    return Seen(SHARED.format(name, number), page(number, **other), hour=hour)


def test_pages_of_one_host_remove_no_sentence_of_another_on_the_same_domain(directory_store, tmp_path, capfd):
    put(directory_store, tmp_path / "spool", "r1", [blog("mallory", number, 5) for number in range(6)])
    put(directory_store, tmp_path / "spool", "r2", [blog("alice", 7, 9)])
    stages.process(context(directory_store))
    assert CREED_LINE in " ".join(learned_lines(directory_store, capfd)["mallory.pages.example"])
    rebuild(context(directory_store))
    found = texts(directory_store)
    assert CREED in found[SHARED.format("alice", 7)]
    assert CREED not in found[SHARED.format("mallory", 0)]


def test_a_sentence_of_an_older_text_on_another_host_is_not_learned(directory_store, tmp_path, capfd):
    put(directory_store, tmp_path / "spool", "r1", [blog("alice", 7, 1)])
    put(directory_store, tmp_path / "spool", "r2", [blog("mallory", number, 5) for number in range(6)])
    stages.process(context(directory_store))
    assert learned_lines(directory_store, capfd)["mallory.pages.example"] == []


def test_a_sentence_amid_an_older_text_of_the_same_host_is_not_learned(directory_store, tmp_path, capfd):
    own = [*story(7), *story(8)]
    amid = article("Wagon number 7 has been counted by hand", *own[: len(own) // 2], CREED, *own[len(own) // 2 :])
    put(directory_store, tmp_path / "spool", "r1", [Seen(STEPPE.format(7), amid, hour=1)])
    put(directory_store, tmp_path / "spool", "r2", [seen(number, hour=5) for number in range(6)])
    stages.process(context(directory_store))
    assert learned_lines(directory_store, capfd)["steppe.example"] == []


def test_a_line_that_two_hosts_repeat_is_the_template_of_both(directory_store, tmp_path, capfd):
    put(directory_store, tmp_path / "spool", "r1", [blog("one", number, 1) for number in range(6)])
    put(directory_store, tmp_path / "spool", "r2", [blog("two", number, 5) for number in range(6, 12)])
    stages.process(context(directory_store))
    assert {len(lines) for lines in learned_lines(directory_store, capfd).values()} == {1}


def test_profiles_belong_to_hosts(directory_store, outlets):
    sites = Sites(directory_store, str(outlets))
    assert sites.profiled("http://www.kurier.example/a") == sites.profiled("http://m.kurier.example/") == "kurier"
    assert sites.profiled("http://alice.kurier.example/a") == "alice.kurier.example"
    assert sites.selectors("alice.kurier.example") == sites.selectors("kurier")
    assert sites.profiled("http://www.alice.example.org/a") == "alice.example.org"
    assert sites.profiled("no URL at all") == ""
