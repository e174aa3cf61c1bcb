"""All attacks that `benchmarks/hostile.py` measures, in the order of the table."""

from articles.pipeline import warm_up
from benchmarks.attacks import archives, claims, costs, files, foreign, manners, output
from benchmarks.attacks.measure import Attack

ATTACKS: tuple[Attack, ...] = (
    *costs.ATTACKS, *archives.ATTACKS, *files.ATTACKS, *foreign.ATTACKS, *claims.ATTACKS, *output.ATTACKS, *manners.ATTACKS,
)  # fmt: skip


def prepare() -> None:
    """Load what the first page would otherwise load."""
    warm_up()
