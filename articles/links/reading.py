"""Read the texts of candidate pairs in bounded memory, however long the texts are."""

from collections.abc import Callable, Mapping, Sequence

ROWS_PER_READ = 200  # after which the size of the texts is checked; one text has at most 2 million characters
# Of all texts held at a time, unless a single pair has more. 2,000 articles have about 6 million.
MAX_CHARS_AT_ONCE = 20_000_000

Texts = Callable[[Sequence[str]], Mapping[str, str]]  # the texts of rows, by row id


def read_bounded(texts: Texts, row_ids: Sequence[str], held: int = 0) -> dict[str, str] | None:
    """Return the texts of rows, or None as soon as they exceed the limit; `held` is the size of texts held already."""
    found: dict[str, str] = {}
    for start in range(0, len(row_ids), ROWS_PER_READ):
        read = texts(row_ids[start : start + ROWS_PER_READ])
        held += sum(map(len, read.values()))
        if held > MAX_CHARS_AT_ONCE:
            return None
        found |= read
    return found
