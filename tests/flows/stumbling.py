"""Replacement for `read_chunk` in worker processes that fails on demand, as a hostile page could make ours fail."""

import os
import re
import signal
import time

from articles import pipeline

HANG, SPIN, DIE = b"<!-- hang -->", b"<!-- spin -->", b"<!-- die -->"
EAT, STUMBLE = b"<!-- eat -->", b"<!-- stumble -->"
HELD: list[bytearray] = []


def read_chunk(captures, topics, sites):
    for capture in captures:
        if HANG in capture.body:
            time.sleep(600)
        if SPIN in capture.body:
            re.match("(a+)+b", "a" * 64)  # runs in C code, which a signal handler in Python cannot interrupt
        if DIE in capture.body:
            os.kill(os.getpid(), signal.SIGKILL)
        if EAT in capture.body:
            HELD.append(bytearray(600_000_000))
        if STUMBLE in capture.body:
            raise LookupError("an address that is none")
    return pipeline.read_chunk(captures, topics, sites)


def exit_at_once():
    os._exit(3)
