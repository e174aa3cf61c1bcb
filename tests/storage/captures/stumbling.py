"""Replacements for what the child process of `storage.captures` runs: they fail on demand, as a hostile record could make ours fail."""

import os

from storage.captures import foreign, foreign_http, process_limits, reader, records
from storage.captures.decode import decode
from tests import stumbling as kinds

LONG_SPIN = b"<!-- spin for long -->"


def stumble(body):
    if kinds.SPIN in body:
        process_limits.restart_clock(0.5)
    if LONG_SPIN in body:
        process_limits.restart_clock(600)
        kinds.spin()
    kinds.stumble(body)


def _decode(body, encoding, limit):
    stumble(body)
    return decode(body, encoding, limit)


def scan_segment(*arguments):
    setattr(records, "decode", _decode)  # noqa: B010  mypy: the module does not export it
    reader.scan_segment(*arguments)


def scan_record(*arguments):
    setattr(records, "decode", _decode)  # noqa: B010  mypy: the module does not export it
    reader.scan_record(*arguments)


def scan_foreign(*arguments):
    http_of = foreign_http.http_of

    def stumbling(record):
        found = http_of(record)
        stumble(found[2])
        return found

    setattr(foreign, "http_of", stumbling)  # noqa: B010  mypy: the module does not export it
    foreign.scan_foreign(*arguments)


def end_at_once(*_):
    os._exit(3)
