"""Output to a program that has stopped reading, as `head` does."""

import os
import sys


def discard_output() -> None:
    """Let standard output lead nowhere from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
