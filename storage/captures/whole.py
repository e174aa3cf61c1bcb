"""Decide which segments a rebuild may read: none that changed since a commit consumed it, unless it is left out."""

from collections.abc import Collection

from articles.errors import CorruptError, InputError
from storage.captures.sums import check, known
from storage.objects import ObjectStore
from storage.tables.state import State

ALL_DAMAGED = "damaged"  # leave out whatever is damaged
MAX_NAMED = 20  # segments in a message


def left_out(store: ObjectStore, state: State, told: Collection[str]) -> frozenset[str]:
    """Return the consumed segments that a rebuild leaves out, of those that are damaged or missing.

    `told` are the keys to leave out, or `ALL_DAMAGED`. What an earlier rebuild left out is left out as long as it is
    damaged. Raises CorruptError, which names each damaged segment that is not left out, and InputError for a key that
    no commit has consumed.
    """
    consumed = state.captures | state.left_out
    if unknown := sorted(set(told) - {ALL_DAMAGED} - consumed):
        raise InputError(f"{unknown[0]} cannot be left out: no commit has consumed a segment with this key")
    faults = {one.key: one.fault for one in check(store, consumed, known(store, state)) if one.fault}
    allowed = consumed if ALL_DAMAGED in told else set(told) | state.left_out
    refuse([f"{key} {fault}" for key, fault in faults.items() if key not in allowed])
    return frozenset(told).intersection(consumed) | frozenset(faults)


def refuse(faults: Collection[str]) -> None:
    """Raise CorruptError if a rebuild would lose what damaged segments held."""
    if not faults:
        return
    named = sorted(faults)[:MAX_NAMED]
    more = f"\n  and {len(faults) - len(named)} more" if len(faults) > len(named) else ""
    raise CorruptError(
        "a rebuild would lose the documents of damaged segments; nothing was changed:\n  "
        + "\n  ".join(named)
        + more
        + "\nRestore them from a backup, or name what to leave out: --leave-out KEY for each, or --leave-out damaged"
    )
