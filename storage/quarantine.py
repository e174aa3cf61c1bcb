"""Which runs of which outlets are held out of the corpus, and why.

Numbered files, created one after the other and never replaced, as with profiles: the last one counts, and two writers
cannot lose each other's word.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from articles.errors import ContendedError, CorruptError, ExistsError, StoreError
from storage.objects import ObjectStore

QUARANTINE = "quarantine/"
TRIES = 20  # writers that may come before us; each try reads what they have said

Key = tuple[str, str]  # an outlet and a run of it


@dataclass(frozen=True, slots=True)
class QuarantineMark:
    """Why a run is held."""

    outlet: str
    run: str
    why: tuple[str, ...]  # the limits that it crossed
    rules: str  # what its pages were read by; once that is another, they are judged again

    @property
    def key(self) -> Key:
        """What the mark is put on."""
        return self.outlet, self.run


Marks = Mapping[Key, QuarantineMark]


def marks(store: ObjectStore) -> dict[Key, QuarantineMark]:
    """Return the marks in force. CorruptError."""
    return _last(store)[1]


def change(store: ObjectStore, changed: Callable[[Marks], Marks]) -> dict[Key, QuarantineMark]:
    """Put in force what `changed` makes of the marks in force, and return it. `changed` may be asked again. StoreError."""
    for _ in range(TRIES):
        number, before = _last(store)
        after = dict(sorted(changed(before).items()))
        if after == before:
            return after
        data = json.dumps([asdict(mark) for mark in after.values()], ensure_ascii=False, indent=1).encode()
        try:
            store.put_new(f"{QUARANTINE}{number + 1:010}.json", data)
        except (ExistsError, ContendedError):
            continue
        return after
    raise StoreError(f"{store.url}: {TRIES} other writers were faster to say which runs are held")


def _last(store: ObjectStore) -> tuple[int, dict[Key, QuarantineMark]]:
    keys = [found.key for found in store.list(QUARANTINE)]
    if not keys:
        return -1, {}
    try:
        told = [QuarantineMark(**{**mark, "why": tuple(mark["why"])}) for mark in json.loads(store.get(keys[-1]))]
        return int(keys[-1].removeprefix(QUARANTINE).removesuffix(".json")), {mark.key: mark for mark in told}
    except (ValueError, TypeError, KeyError) as error:
        raise CorruptError(f"{keys[-1]} cannot be read: {error!r}") from error
