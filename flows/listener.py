"""Interface through which a stage reports its progress: to the command line, to Prefect, or to nobody."""

from typing import Any, Protocol


class Listener(Protocol):
    """Receives the notes and the progress of a running stage."""

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Receive a message about one event; `facts` hold the same for programs."""
        ...

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Receive that `done` of `whole` items of a stage are done; `whole` is None if unknown."""
        ...


class SilentListener:
    """Listener that ignores everything, for callers that need only the result."""

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Ignore the note."""

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Ignore the progress."""
