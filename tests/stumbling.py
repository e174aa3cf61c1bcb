"""A body that says how reading it should fail: replacements for our own code call `stumble` in a child process."""

import os
import re
import signal
import time

HANG, SPIN, DIE = b"<!-- hang -->", b"<!-- spin -->", b"<!-- die -->"
EAT, STUMBLE = b"<!-- eat -->", b"<!-- stumble -->"
HELD: list[bytearray] = []


def spin():
    re.match("(a+)+b", "a" * 64)  # runs in C code, which a signal handler in Python cannot interrupt


def stumble(body):
    if HANG in body:
        time.sleep(600)
    if SPIN in body:
        spin()
    if DIE in body:
        os.kill(os.getpid(), signal.SIGKILL)
    if EAT in body:
        HELD.append(bytearray(600_000_000))
    if STUMBLE in body:
        raise LookupError("an address that is none")
