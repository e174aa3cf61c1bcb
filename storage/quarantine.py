"""The quarantine: runs of outlets that are kept out of the corpus, and why.

Numbered files list the marks. They are created one after the other and never replaced, as in `storage.profiles`: the
highest number applies, and two writers cannot overwrite each other's change.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from articles.errors import ContendedError, CorruptError, ExistsError, StoreError
from storage.objects import ObjectStore
from storage.objects.json_objects import checked, read_json
from storage.profiles import MAX_WRITE_ATTEMPTS

QUARANTINE_PREFIX = "quarantine/"

Key = tuple[str, str]  # an outlet and one of its runs


@dataclass(frozen=True, slots=True)
class QuarantineMark:
    """A run in quarantine, and why."""

    outlet: str
    run: str
    why: tuple[str, ...]  # the limits that it crossed
    rules: str  # the code and configuration that read its pages; when they change, the run is judged again

    @property
    def key(self) -> Key:
        """Outlet and run of the mark."""
        return self.outlet, self.run


Marks = Mapping[Key, QuarantineMark]


def marks(store: ObjectStore) -> dict[Key, QuarantineMark]:
    """Return the marks in force. Raises CorruptError."""
    return _last(store)[1]


def was_used(store: ObjectStore) -> bool:
    """Return whether any run has ever been in quarantine."""
    return next(iter(store.list(QUARANTINE_PREFIX)), None) is not None


def change(store: ObjectStore, changed: Callable[[Marks], Marks]) -> dict[Key, QuarantineMark]:
    """Replace the marks in force with `changed(marks)`, and return them. Raises StoreError.

    `changed` is called again if another writer was first.
    """
    for _ in range(MAX_WRITE_ATTEMPTS):
        number, before = _last(store)
        after = dict(sorted(changed(before).items()))
        if after == before:
            return after
        data = json.dumps([asdict(mark) for mark in after.values()], ensure_ascii=False, indent=1).encode()
        try:
            store.put_new(f"{QUARANTINE_PREFIX}{number + 1:010}.json", data)
        except (ExistsError, ContendedError):
            continue
        return after
    raise StoreError(
        f"{store.url}: the quarantine was not changed, because other writers were first {MAX_WRITE_ATTEMPTS} times; "
        "try again"
    )


def _last(store: ObjectStore) -> tuple[int, dict[Key, QuarantineMark]]:
    keys = [found.key for found in store.list(QUARANTINE_PREFIX)]
    if not keys:
        return -1, {}
    try:
        listed = [checked(QuarantineMark(**{**mark, "why": tuple(mark["why"])})) for mark in read_json(store, keys[-1])]
        return int(keys[-1].removeprefix(QUARANTINE_PREFIX).removesuffix(".json")), {mark.key: mark for mark in listed}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CorruptError(f"{keys[-1]} cannot be read: {error!r}") from error
