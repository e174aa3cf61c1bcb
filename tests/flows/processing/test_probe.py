"""Processing refuses a store that ignores conditional writes."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from articles.errors import UnsafeStoreError
from flows.listener import SilentListener
from flows.process import process
from flows.processing.table import ProcessingContext
from storage.objects.directory import DirectoryStore


class Careless(DirectoryStore):
    """A store that accepts every create-only write, as some S3 servers do."""

    def put_new(self, key: str, data: bytes) -> None:
        self.put(key, data)


def test_a_store_that_ignores_conditional_writes_is_refused(tmp_path: Path):
    rng = random.Random(1)  # noqa: S311  nothing secret
    context = ProcessingContext(
        Careless(tmp_path), "run", lambda: datetime(2026, 11, 1, tzinfo=UTC), rng, SilentListener()
    )
    with pytest.raises(UnsafeStoreError, match="If-None-Match"):
        process(context)
