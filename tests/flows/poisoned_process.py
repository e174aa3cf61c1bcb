"""Process a store in which one record burns processor time: python -m tests.flows.poisoned_process STORE."""

import sys

from flows import cli
from storage.captures import reader
from tests.storage.captures import stumbling

if __name__ == "__main__":
    reader.scan_segment = stumbling.scan_segment
    sys.exit(cli.run(["process", "--store", sys.argv[1], "--workers", "1", "--no-prefect", "--json"]))
