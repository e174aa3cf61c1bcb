"""Output that nobody reads: to a program that has stopped reading, as `head` does, or with closed streams, as by `>&-`."""

import os
import sys


def discard_output() -> None:
    """Let standard output lead nowhere from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def open_closed_streams() -> None:
    """Let each standard stream that was closed when the command began lead nowhere. Python makes it None.

    In this order, each gets its own number again, so that no file that is opened later gets it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  as long as the process
