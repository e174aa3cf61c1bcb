"""Replacements for what worker processes run: they fail on demand, as a hostile page could make ours fail."""

import os
import re
import signal
import time

from articles import pipeline
from flows.processing import limited_pages

HANG, SPIN, DIE = b"<!-- hang -->", b"<!-- spin -->", b"<!-- die -->"
EAT, STUMBLE = b"<!-- eat -->", b"<!-- stumble -->"
HELD: list[bytearray] = []


def stumble(body):
    if HANG in body:
        time.sleep(600)
    if SPIN in body:
        re.match("(a+)+b", "a" * 64)  # runs in C code, which a signal handler in Python cannot interrupt
    if DIE in body:
        os.kill(os.getpid(), signal.SIGKILL)
    if EAT in body:
        HELD.append(bytearray(600_000_000))
    if STUMBLE in body:
        raise LookupError("an address that is none")


def read_chunk(captures, topics, sites):
    for capture in captures:
        stumble(capture.body)
    return pipeline.read_chunk(captures, topics, sites)


def send_outcome(page, site, send):
    stumble(page.body)
    limited_pages.send_outcome(page, site, send)


def send_explanation(page, site, send):
    stumble(page.body)
    limited_pages.send_explanation(page, site, send)


def send_lines(page, selectors, send):
    stumble(page.body)
    limited_pages.send_lines(page, selectors, send)


def send_links(page, send):
    stumble(page.body)
    limited_pages.send_links(page, send)


def send_entries(source, most, send):
    stumble(source.body)
    limited_pages.send_entries(source, most, send)


def exit_at_once():
    os._exit(3)
