"""Captures that wait for processing. Light to import, so that a command finds out quickly that there are none."""

from datetime import timedelta

from storage.captures.segments import list_segments, recent_segments
from storage.objects import ObjectStore
from storage.quarantine import was_used
from storage.tables.log_reader import LogReader
from storage.tables.state import State

RECENT = timedelta(days=3)  # before the newest snapshot; a crawl stores a segment within minutes after it was opened


def pending_segments(store: ObjectStore, state: State, *, recent_only: bool = False) -> list[str]:
    """Return the segments that no commit up to a state has consumed; with `recent_only` those since shortly before it."""
    if recent_only and state.head is not None:
        listed = recent_segments(store, (state.head.timestamp - RECENT).date())
    else:
        listed = list_segments(store)
    consumed = state.captures | state.left_out
    return [key for key in listed if key not in consumed]


def nothing_waits(store: ObjectStore) -> bool:
    """Whether processing has nothing to do: no capture is pending, and no run was ever in quarantine."""
    return not was_used(store) and not pending_segments(store, LogReader(store).state())
