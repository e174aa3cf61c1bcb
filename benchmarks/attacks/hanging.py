"""Ingest two outlets, of which one never sends a whole page."""

from pathlib import Path

from tests.flows.hanging import ingest

IDLE_SECONDS = 20.0  # instead of ten minutes


def ingest_beside_a_hanging_outlet(folder: Path) -> str:
    """Ingest two outlets, and return what the snapshot holds."""
    _, outlets = ingest(folder, IDLE_SECONDS, timeout=5.0)
    assert outlets == {"fine"}, f"the snapshot has documents of {outlets}"
    return f"held: stopped after {IDLE_SECONDS:.0f} s here, 600 s by default; the other outlet is processed"
