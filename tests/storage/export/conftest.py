"""A log with three snapshots for the tests of pulls."""

import pytest

from tests.storage import corpus
from tests.storage.history import log_of


@pytest.fixture
def log(directory_store):
    found = log_of(directory_store)
    corpus.build(found)
    return found
