"""Compute the mean vectors of languages, which `articles.links.encoder` subtracts.

    python -m benchmarks.links.means

They come from the sentences in `languages.yaml`. Run this again after a change of the sentences or of the model.
"""

from importlib.metadata import distribution
from pathlib import Path

import yaml

from articles.links.e5_model import Model
from articles.links.encoder import E5_PACKAGE, E5_WEIGHTS

SENTENCES = Path(__file__).with_name("languages.yaml")
MEANS = Path(__file__).parents[2] / "articles" / "data" / "language_means.yaml"
DIGITS = 4  # after the point
HEADER = "# Mean vectors of languages, from benchmarks/links/languages.yaml by `python -m benchmarks.links.means`.\n"


def main() -> None:
    """Write the means."""
    model = Model(Path(str(distribution(E5_PACKAGE).locate_file(E5_WEIGHTS))))
    lines = []
    for lang, sentences in sorted(yaml.safe_load(SENTENCES.read_text()).items()):
        mean = model.encode(sentences).mean(axis=0)
        lines.append(f"{lang}: [{', '.join(f'{value:.{DIGITS}f}' for value in mean)}]\n")
    MEANS.write_text(HEADER + "".join(lines))


if __name__ == "__main__":
    main()
