"""Process a store in small batches, for tests that run several at once: python -m tests.flows.process_store STORE BATCH."""

import random
import sys
from datetime import UTC, datetime

from flows import process as stages
from flows.listener import SilentListener
from flows.processing.table import ProcessingContext
from storage.objects import open_store


def main(store: str, batch: str) -> None:
    stages.process(
        ProcessingContext(
            store=open_store(store),
            run="at-once",
            clock=lambda: datetime.now(UTC),
            rng=random.Random(),  # noqa: S311  jitter
            listener=SilentListener(),
            workers=1,
            batch_captures=int(batch),
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
