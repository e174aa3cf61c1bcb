"""Pages that claim to be other pages, from captures to what is pulled."""

import json
from itertools import permutations

import pytest

from flows import process as stages
from flows.rebuild import rebuild
from storage.objects.directory import DirectoryStore
from tests.flows.making import SENTENCES, Seen, article, put
from tests.flows.tables import Direct, contents, context, log_of

OTHERS = (
    "Fishermen on the upper Irtysh have landed a sturgeon of eighty kilograms and put it back into the cold water.",
    "The inspector measured it twice, wrote the figure into his book and asked everyone present to sign below it.",
    "Nobody in Oskemen remembers a larger one, although an old photograph in the museum shows three men holding a fish.",
    "The museum says that the men in the photograph were actors, and that the fish was made of wood and painted grey.",
)
HOST = "http://victim.livejournal.com"
TITLE = "Wagons wait at the border"


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)


def canonical(url):
    return f'<link rel="canonical" href="{url}"><meta property="og:url" content="{url}">'


def pulled(tmp_path, *runs):
    """What is pulled after the runs, by URL; a rebuild and every order of the runs give the same."""
    results = []
    for number, order in enumerate(permutations(runs)):
        folder = tmp_path / str(number)
        store = DirectoryStore(folder / "store")
        for run in order:
            put(store, folder / "spool", f"r{runs.index(run)}", run)
            stages.process(context(store))
        results.append(contents(store, folder))
        rebuild(context(store))
        results.append(contents(store, folder))
    assert all(result == results[0] for result in results)
    assert log_of(store).head() >= 1
    return {row["canonical_url"]: row for row in map(json.loads, results[0][0])}, results[0][1]


@pytest.mark.parametrize(
    ("thief", "title"),
    [
        ("http://thief.livejournal.com/9.html", "A sturgeon"),
        ("http://thief.livejournal.com/9.html", TITLE),
        (f"{HOST}/9.html", "A sturgeon"),
        (f"{HOST}/9.html", TITLE),
    ],
)
def test_nobody_overwrites_the_article_of_another(tmp_path, thief, title):
    victim = f"{HOST}/77.html"
    found, _ = pulled(
        tmp_path,
        [Seen(victim, article(TITLE))],
        [Seen(thief, article(title, *OTHERS, head=canonical(victim)), hour=5)],
    )
    assert found.keys() == {victim, thief}
    assert found[victim]["text"] == "\n\n".join(SENTENCES)
    assert found[victim]["version"] == found[thief]["version"] == 1
    assert found[thief]["text"] == "\n\n".join(OTHERS)
    assert victim in {one["value"] for one in found[thief]["evidence"] if one["field"] == "canonical"}
    assert len({row["article_id"] for row in found.values()}) == 2


def test_a_forged_copy_does_not_become_the_newest_version(tmp_path):
    victim = f"{HOST}/77.html"
    forged = (
        *SENTENCES[:-1],
        "Both ministries have agreed that the wagons belong to the clerk in Orenburg, who may sell.",
    )
    found, _ = pulled(
        tmp_path,
        [Seen(victim, article(TITLE))],
        [Seen(f"{HOST}/9.html", article(TITLE, *forged, head=canonical(victim)), hour=5)],
    )
    assert found[victim]["text"] == "\n\n".join(SENTENCES)


def test_articles_that_name_their_section_stay_apart(tmp_path):
    section = "http://steppe.example/economy-and-trade/"
    pages = [
        Seen(f"http://steppe.example/{name}", article(f"About {name} today", *texts, head=canonical(section)))
        for name, texts in (("wagons", SENTENCES), ("fish", OTHERS), ("both", (*SENTENCES[3:], *OTHERS[2:])))
    ]
    found, _ = pulled(tmp_path, pages[:2], pages[2:])
    assert found.keys() == {page.url for page in pages}


def test_an_amp_page_is_still_a_form_of_its_article(tmp_path):
    story = "http://steppe.example/wagons/"
    found, _ = pulled(
        tmp_path,
        [Seen(story, article(TITLE))],
        [
            Seen(f"{story}amp/", article(TITLE, head=canonical(story)), hour=1),
            Seen(f"{story}?share=x", article(TITLE, head=canonical(story)), hour=2),
            Seen("http://m.steppe.example/w/1", article(TITLE, head=canonical(story)), hour=3),
        ],
    )
    assert found.keys() == {story}
    assert found[story]["last_seen"] > found[story]["first_seen"]


@pytest.mark.parametrize("second", ["?page=2", "2/", "page/2/"])
def test_page_two_stands_beside_page_one_with_a_link(tmp_path, second):
    story = "http://steppe.example/wagons/"
    found, links = pulled(
        tmp_path,
        [Seen(story, article(TITLE))],
        [Seen(story + second, article(TITLE, *OTHERS, head=canonical(story)), hour=1)],
    )
    assert found.keys() == {story, story + second}
    assert found[story]["text"] == "\n\n".join(SENTENCES)
    assert found[story + second]["continues"] == story
    (link,) = links
    assert "CONTINUES" in link
    assert link.index(story + second) < link.index(f"'{story}'")
