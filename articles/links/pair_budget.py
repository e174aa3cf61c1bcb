"""Limit what comparing the candidate pairs of new rows may cost, so that many hostile texts cost no more than they are.

Every pair of two hostile texts is a candidate, and each costs a tenth of a second. So a row may spend only so much, and all
rows of a batch only so much. The links of a row that reached its limit depend on the order of runs; it is named in output.
"""

# Units of about 0.1 µs. Comparing two articles takes 15,000, two texts of 1,000 sentences 900,000.
ROW_UNITS = 5_000_000  # that every row may spend: 300 candidates of usual length …
MAX_ROW_UNITS = 30_000_000  # … and with what it takes from the pool: 2,000, in 3 s
POOL_UNITS = 2_000_000_000  # for the rows of a batch that need more, 4 minutes in all
PAIR_UNITS = 2_000  # of every pair, whatever its texts
LINK_UNITS = (
    20_000  # of a link that is found: a row has at most 250 duplicates, or 1,500 with what it takes from the pool
)


class PairBudget:
    """What the new rows of a batch may still spend on comparisons."""

    def __init__(self) -> None:
        self._spent: dict[str, int] = {}
        self._pool = POOL_UNITS
        self.cut: set[str] = set()  # ids of rows that were not compared with all of their candidates

    def left(self, row_id: str) -> int:
        """Return how many units a row may still spend."""
        spent = self._spent.get(row_id, 0)
        return max(0, ROW_UNITS - spent, min(MAX_ROW_UNITS - spent, self._pool))

    def allows(self, row_id: str) -> bool:
        """Return whether a row may be compared with another candidate. If not, the row is cut."""
        if self.left(row_id):
            return True
        self.cut.add(row_id)
        return False

    def spend(self, row_id: str, units: int) -> None:
        """Count what comparing a row has cost. The last comparison may exceed the limit."""
        spent = self._spent.get(row_id, 0)
        self._spent[row_id] = spent + units
        self._pool -= max(0, spent + units - ROW_UNITS) - max(0, spent - ROW_UNITS)
