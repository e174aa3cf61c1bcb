"""What a check of a store finds: which object is damaged, how, and what to do."""

from dataclasses import dataclass

REPAIR = "run `irtysh repair`"
RESTORE = "restore it from a backup"
REPAIR_OR_RESTORE = (
    "run `irtysh repair`, which makes it again from the captures where it can; or restore it from a backup"
)
RESTORE_CAPTURE = (
    "restore it from a backup; the documents made of it are still there. `irtysh rebuild` refuses until then, unless it is "
    "told to leave the segment out"
)


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged object."""

    key: str
    what: str  # the rest of a sentence that begins with the key
    next: str  # what to do

    def __str__(self) -> str:
        return f"{self.key} {self.what}"
