"""The command line of benchmarks whose texts have a half in view when rules are mended, and a half that is only scored."""

import argparse
from collections.abc import Sequence
from typing import Protocol


class Score(Protocol):
    """What prints the figures of a half."""

    def __call__(self, half: str, *, wrong: bool) -> None:
        """Print the figures, and with `wrong` what is wrong."""


def score_halves(halves: Sequence[str], score: Score, description: str | None) -> None:
    """Print the figures of all halves; with `--wrong` also the wrong pairs of the first, which is in view."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help=f"list the wrong pairs of `{halves[0]}`")
    options = parser.parse_args()
    for half in halves:
        score(half, wrong=options.wrong and half == halves[0])
