"""What a run came to, whoever ran it: the command line itself or Prefect."""

from dataclasses import dataclass

from flows.crawl import Report as Fetched
from flows.process import Report as Processed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was fetched, a report for each crawl, and what processing made of it."""

    fetched: tuple[Fetched, ...] = ()
    processed: Processed = Processed()
