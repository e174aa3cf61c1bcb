"""Attacks on other articles by claims: canonical URLs, dates, learned lines, and what becomes code."""

import ast
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

from articles.model import LinkKind
from benchmarks.attacks.measure import Attack
from benchmarks.attacks.stores import documents, processed
from flows import cli
from spiders.outlet import DATA_ATTRIBUTES
from storage.objects.directory import DirectoryStore
from storage.snapshots.contents import load
from storage.tables.log_reader import LogReader
from tests.flows.making import SENTENCES, Seen, article
from tests.flows.outlets.test_new_hostile import ADDRESSES, HostileSite
from tests.parallel.making import event, write_report

OTHERS = (
    "Fishermen on the upper Irtysh have landed a sturgeon of eighty kilograms and put it back into the cold water.",
    "The inspector measured it twice, wrote the figure into his book and asked everyone present to sign below it.",
    "Nobody in Oskemen remembers a larger one, although an old photograph in the museum shows three men holding a fish.",
    "The museum says that the men in the photograph were actors, and that the fish was made of wood and painted grey.",
)
CREED = "The Monitor is written by people who have crossed the river at every season and have the boots to prove it."
VICTIM = "http://victim.livejournal.example/77.html"
TEXT = "\n\n".join(SENTENCES)


@contextmanager
def _serving() -> Iterator[str]:
    handler = type("Site", (HostileSite,), {"addresses": ADDRESSES})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def _code(folder: Path) -> str:
    with _serving() as url:
        words = ["outlets", "new", "grassland", "--url", url, "--allow-private-hosts", "--delay", "0", "--json"]
        code = cli.run([*words, "--into", str(folder / "outlets"), "--fixtures", str(folder / "pages")])
    assert code == 0, f"exit code {code}"
    body = ast.parse((folder / "outlets" / "grassland.py").read_text("utf-8")).body[-1]
    assert isinstance(body, ast.ClassDef)
    assigned = [part.targets[0] for part in body.body if isinstance(part, ast.Assign)]
    names = {name.id for name in assigned if isinstance(name, ast.Name)}
    assert names <= DATA_ATTRIBUTES, f"the file assigns {names - DATA_ATTRIBUTES}"
    return "held: the file is a class of literals, foreign addresses are refused"


def _canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}"><meta property="og:url" content="{url}">'


def _kept(folder: Path, store: DirectoryStore, texts: dict[str, str]) -> str:
    """Check that each article has its own text and one version."""
    found = documents(store, folder)
    for url, text in texts.items():
        assert url in found, f"{url} is gone"
        assert found[url]["text"] == text, f"{url} has another text"
        assert found[url]["version"] == 1, f"{url} has several versions"
    return f"held: {len(found)} articles, each with its own text"


def _other_writer(folder: Path) -> str:
    thief = "http://thief.livejournal.example/9.html"
    pages = (
        [Seen(VICTIM, article("Wagons wait"))],
        [Seen(thief, article("Wagons wait", *OTHERS, head=_canonical(VICTIM)), hour=5)],
    )
    return _kept(folder, processed(folder, *pages), {VICTIM: TEXT, thief: "\n\n".join(OTHERS)})


def _section(folder: Path) -> str:
    section = "http://steppe.example/economy/"
    texts = {"wagons": SENTENCES, "fish": OTHERS, "both": (*SENTENCES[3:], *OTHERS[2:])}
    pages = [
        Seen(f"http://steppe.example/{name}", article(f"About {name} today", *text, head=_canonical(section)))
        for name, text in texts.items()
    ]
    own = {f"http://steppe.example/{name}": "\n\n".join(text) for name, text in texts.items()}
    return _kept(folder, processed(folder, pages), own)


def _page_two(folder: Path) -> str:
    story = "http://steppe.example/wagons/"
    second = Seen(f"{story}?page=2", article("Wagons wait", *OTHERS, head=_canonical(story)), hour=1)
    store = processed(folder, [Seen(story, article("Wagons wait"))], [second])
    return _kept(folder, store, {story: TEXT, second.url: "\n\n".join(OTHERS)})


def _early_date(folder: Path) -> str:
    def dated(day: str) -> str:
        return f'<meta property="article:published_time" content="{day}T08:00:00+05:00">'

    honest, faked = "http://steppe.example/2026/11/01/wagons", "http://copy.example/wagons"
    store = processed(
        folder,
        [Seen(honest, article("Wagons wait", head=dated("2026-11-01")))],
        [Seen(faked, article("Wagons wait", head=dated("1999-12-31")), hour=30)],
    )
    found = documents(store, folder)
    assert found[faked]["cluster_id"] == found[honest]["document_id"], "the copy leads the cluster"
    assert found[faked]["date_doubt"], "the date is not flagged"
    return f"held: the honest page leads; flagged: {found[faked]['date_doubt']}"


def _early_translation(folder: Path) -> str:
    def page(lang: str, day: str) -> bytes:
        text = write_report(story, lang, dice)
        head = f'<meta property="article:published_time" content="{day}T08:00:00+05:00">'
        return article(text[:50], *text.split("\n\n"), head=head).replace(b'lang="en"', f'lang="{lang}"'.encode())

    dice = random.Random(5)  # noqa: S311  synthetic texts
    story = event(dice)
    honest, faked = "http://steppe.example/bridge", "http://copy.example/most"
    store = processed(
        folder, [Seen(honest, page("en", "2026-11-01"))], [Seen(faked, page("ru", "2026-09-20"), hour=48)]
    )
    (link,) = load(store, LogReader(store).state()).view.links
    assert (link.kind, link.b_url) == (LinkKind.TRANSLATION, honest), f"{link.b_url} is shown as the original"
    return "held: the page seen first is the original, and the link says why"


def _foreign_claim(folder: Path) -> str:
    def page(sentences: Sequence[str], lang: str, head: str = "") -> bytes:
        return article(sentences[0][:50], *sentences, head=head).replace(b'lang="en"', f'lang="{lang}"'.encode())

    victim, thief = "http://steppe.example/bridge", "http://copy.example/most"
    dice = random.Random(7)  # noqa: S311  synthetic texts
    ours = write_report(event(dice), "en", dice).split("\n\n")
    theirs = write_report(event(dice), "ru", dice).split("\n\n")
    claim = f'<link rel="alternate" hreflang="en" href="{victim}">'
    store = processed(folder, [Seen(victim, page(ours, "en"))], [Seen(thief, page(theirs, "ru", claim))])
    links = [link for link in load(store, LogReader(store).state()).view.links if link.kind is LinkKind.TRANSLATION]
    assert not links, links[0].evidence
    return "held: no link, since the other page and host say nothing of it"


def _learned(folder: Path) -> str:
    def blog(name: str, number: int, hour: int) -> Seen:
        own = [f"In the matter of wagon {'abcdefghijk'[number]}: {text}" for text in SENTENCES]
        return Seen(f"http://{name}.pages.example/{number}/", article(f"Wagon {number}", *own, CREED), hour=hour)

    store = processed(folder, [blog("mallory", number, 5) for number in range(6)], [blog("alice", 7, 9)])
    assert cli.run(["learn", "--store", store.url, "--json"]) == 0
    assert cli.run(["rebuild", "--store", store.url, "--workers", "1", "--no-prefect", "--json"]) == 0
    text = documents(store, folder)["http://alice.pages.example/7/"]["text"]
    assert CREED in text, "the sentence of another writer was removed"
    return "held: the other writer keeps the sentence"


def _own_writer(folder: Path) -> str:
    """Process pages of a writer whose name is `m` on a shared host, and of the host itself."""
    texts = {"http://m.livejournal.com/1.html": SENTENCES, "http://livejournal.com/1.html": OTHERS}
    pages = [[Seen(url, article("One title", *text), hour=hour)] for hour, (url, text) in enumerate(texts.items())]
    return _kept(folder, processed(folder, *pages), {url: "\n\n".join(text) for url, text in texts.items()})


ATTACKS = (
    Attack("outlets new: a feed that closes the string of `article`", "code of the feed ran", _code),
    Attack("canonical: another writer's article", "the victim's text was gone", _other_writer),
    Attack("canonical: three articles name their section", "three became one", _section),
    Attack("canonical: page 2 names page 1", "page 2 replaced page 1", _page_two),
    Attack("canonical: a writer named m on a shared host", "both became one", _own_writer),
    Attack("date: a copy dated 1999", "the copy led the cluster", _early_date),
    Attack("date: a translation dated six weeks early", "it was shown as the original", _early_translation),
    Attack("hreflang: another report, from another host", ".4 of a text was asked, not .75", _foreign_claim),
    Attack("learn: six pages of one subdomain repeat a sentence", "removed on another subdomain", _learned),
)
