"""Count false versions and missed edits where only the behaviour of lines tells: `python -m benchmarks.links.changing`.

Each kind of line of `changing.yaml` is tried in three ways: one page fetched four times; a page fetched twice beside four
others that were fetched twice; a page fetched twice beside seven that were fetched once. Each edit is made once, on a page
fetched four times, two of whose other lines change at every fetch, beside siblings whose lines do too. `--names` lists
what is wrong; `score` should only be scored.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from articles.history.identity import RowHead
from articles.history.view import view
from articles.links.fingerprint import text_sha256, version_key
from articles.links.line_marks import line_marks
from articles.model import CaptureRef, Document, Fetch, Role
from articles.url import article_id
from benchmarks.links.dynamic import TEXT

START = datetime(2026, 3, 1, tzinfo=UTC)
LONG = (
    f"{TEXT[0][:-1]}, since the machine that was to count them had been sent to a station of the same name in another country.",
    f"{TEXT[1][:-1]}, whereupon both sides wrote letters until summer, when somebody at last looked at the address on the crate.",
)
SHORT = ("What the clerk found", "A clerk in Orenburg said that no machine would find his pencil.")
OTHERS = ("wool", "salt", "timber", "gravel", "barley", "copper", "melons")
LINE, TWO, WAYS = "LINE", ("Lesijat {}", "Rotan {} nuna"), ("often", "siblings twice", "siblings once")
PLACES = (0, 2, 4)  # of the line among the paragraphs
History = Mapping[str, Sequence[Sequence[str]]]  # title -> paragraphs at each fetch


def page(topic: str, place: int, *lines: str) -> tuple[str, ...]:
    """Return the paragraphs of a page about something, with lines at a place."""
    text = [one.replace("wagons", topic) for one in (LONG[0], *SHORT, LONG[1])]
    return (*text[:place], *filter(None, lines), *text[place:])


def versions_of(pages: History, name: str) -> int:
    """Return the number of versions of the page with a title."""
    heads: dict[str, RowHead] = {}
    fetches = []
    for title, texts in pages.items():
        url = f"https://paper.example/{title}"
        own = article_id(url)
        for day, paragraphs in enumerate(texts):
            document = Document(own, url, url, "paper", "en", Role.MAIN, f"News of {title}", tuple(paragraphs))
            row, key = text_sha256(f"{title} {paragraphs}")[:32], version_key(document)
            heads[row] = RowHead(
                row,
                f"{own}-en",
                own,
                url,
                key,
                "",
                reprint=False,
                length=500,
                outlet="paper",
                marks=line_marks(document),
            )
            when, ref = START + timedelta(days=day), CaptureRef(title, day, f"{title} {day}")
            fetches.append(Fetch(url, own, "paper", when, 200, "", "", (row,), "", "", "", ref, "run", "x"))
    found = view(heads.values(), fetches, [])
    return len(found.documents[f"{article_id(f'https://paper.example/{name}')}-en"].versions)


def histories(values: Sequence[str], place: int) -> Iterator[tuple[str, History]]:
    """Yield the pages of an outlet whose line has these values, each way."""
    texts = [page("wagons", place, value) for value in values]
    yield WAYS[0], {"wagons": texts}
    shifted = {topic: [page(topic, place, values[(n + k) % 4]) for k in (1, 2)] for n, topic in enumerate(OTHERS)}
    yield WAYS[1], {"wagons": texts[:2], **dict(list(shifted.items())[:4])}
    yield WAYS[2], {"wagons": texts[:2], **{topic: both[:1] for topic, both in shifted.items()}}


def edited(before: str, after: str) -> History:
    """Return the pages of an outlet: one is edited once, and two lines of each change at every fetch."""
    count = iter(range(10, 1000, 7))

    def fetched(topic: str, line: str) -> tuple[str, ...]:
        return (TWO[0].format(next(count)), *page(topic, 2, line), TWO[1].format(next(count)))

    pages: History = {"wagons": [fetched("wagons", line) for line in (before, before, after, after)]}
    return {**pages} | {topic: [fetched(topic, "") for _ in range(2)] for topic in OTHERS}


def main() -> None:
    """Print the figures of both halves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", action="store_true", help="list what is wrong in `look`")
    options = parser.parse_args()
    data = yaml.safe_load(Path(__file__).with_name("changing.yaml").read_text("utf-8"))
    for half in ("look", "score"):
        for way in WAYS:
            wrong = {
                name
                for name, values in data[half].items()
                for place in PLACES
                for tried, pages in histories(values, place)
                if tried == way and versions_of(pages, "wagons") > 1
            }
            listed = sorted(wrong) if options.names and half == "look" else ()
            print(f"{half}, {way}: {len(data[half])} kinds, false versions {len(wrong)}", *listed)
        edits = data[f"edits_{half}"]
        found = {name: versions_of(edited(*pair), "wagons") for name, pair in edits.items()}
        missed, extra = ([name for name in found if found[name] < 2], [name for name in found if found[name] > 2])
        print(f"{half}: {len(edits)} edits, missed {len(missed)}, with more versions than two {len(extra)}")
        if options.names and half == "look":
            print("  ", *missed, *extra)


if __name__ == "__main__":
    main()
