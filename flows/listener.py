"""Whom a stage tells how far it is: the command line, Prefect, or nobody."""

from typing import Any, Protocol


class Listener(Protocol):
    """Hears what happens while a stage runs."""

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Hear one thing that happened, in words; `facts` are for programs."""
        ...

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Hear how far a stage is; `whole` is None where nobody knows."""
        ...


class SilentListener:
    """Hears nothing, for callers that only want the result."""

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Let it pass."""

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Let it pass."""
