"""Say why a selection by outlet or language found nothing: what the snapshot does not have, and what may be meant."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

NO_DOCUMENTS = "the snapshot has no document; `irtysh rejections` says why pages were not kept"
MAX_NAMED = 12  # outlets or languages of a snapshot in a sentence


def unknown(option: str, asked: Iterable[str], there: Collection[str]) -> list[str]:
    """Return a sentence for each value of an option that the snapshot does not have."""
    return [_sentence(option, value, sorted(there)) for value in sorted(set(asked) - set(there))]


def _sentence(option: str, value: str, there: list[str]) -> str:
    alike = [name for name in there if value.lower() in name.lower()] or get_close_matches(value, there, n=2)
    if alike:
        return f"{option} {value}: the snapshot has none; did you mean {' or '.join(alike[:2])}?"
    more = ", …" if len(there) > MAX_NAMED else ""
    return f"{option} {value}: the snapshot has none; it has {', '.join(there[:MAX_NAMED])}{more}"
