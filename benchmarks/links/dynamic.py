"""Count false versions: pages of which a line changes with every fetch, and edits that must be found all the same.

    python -m benchmarks.links.dynamic

The lines are those of `dynamic.yaml`; the rules were written with `look` in view, and widened after they had been tried on
`widened`, and once more on `attacked`. `limits` are lines that still make a version. Each line is placed after the text, before it, and amid it; a
teaser stands after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from articles.links.fingerprint import version_key
from articles.model import Document, Role

TITLE = "Wagons will be counted by hand at the border for another month"
TEXT = (
    "Kazakhstan and Russia agreed on Tuesday to count the wagons at the border station by hand for another month.",
    "The Kazakh side had asked for a machine in spring, and the Russian railway answered that the machine was late.",
    "A clerk in Orenburg, who has counted wagons for thirty years, said that no machine would find his pencil.",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a page in two fetches."""

    half: str
    name: str
    place: int  # of the line among the paragraphs
    is_version: bool  # whether both fetches have different version keys


def page(line: str, place: int) -> Document:
    """Return a document with a line among its paragraphs."""
    paragraphs = (*TEXT[:place], line, *TEXT[place:])
    return Document(
        "0" * 16, "https://a.example/1", "https://a.example/1", "a.example", "en", Role.MAIN, TITLE, paragraphs
    )


def changes() -> Iterator[Change]:
    """Yield every change at every place."""
    data = yaml.safe_load(Path(__file__).with_name("dynamic.yaml").read_text("utf-8"))
    for half, lines in data.items():
        for name, (before, after) in lines.items():
            for place in (len(TEXT),) if name.startswith("teaser") else (len(TEXT), 0, 2):
                keys = version_key(page(before, place)), version_key(page(after, place))
                yield Change(half, name, place, keys[0] != keys[1])


def main() -> None:
    """Print the false versions of both halves, and the edits that were missed."""
    found = list(changes())
    for half in ("look", "report", "widened", "attacked", "attack_score", "limits"):
        ours = [change for change in found if change.half == half]
        wrong = sorted({change.name for change in ours if change.is_version})
        print(f"{half}: {len({change.name for change in ours})} kinds, false versions {len(wrong)}", *wrong)
    edits = [change for change in found if change.half == "edits"]
    missed = [change for change in edits if not change.is_version]
    print(f"edits: {len(edits)}, missed {len(missed)}", *(f"{change.name}@{change.place}" for change in missed))


if __name__ == "__main__":
    main()
