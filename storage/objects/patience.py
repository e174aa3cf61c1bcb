"""How long Irtysh waits for a server of objects, and how often it asks again.

botocore repeats a request that fails, but not the reading of an answer's body. `retried` does that for reads. A server
that accepts connections and never answers is given up within a minute.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.exceptions import FlexibleChecksumError, HTTPClientError, IncompleteReadError
from urllib3.exceptions import HTTPError

# One request: 5 × 8 s of silence, and botocore's pauses of at most 1 + 2 + 4 + 8 s between them, make 55 s.
CONNECT_TIMEOUT_SECONDS = 5.0
READ_TIMEOUT_SECONDS = 8.0  # without a single byte
MAX_ATTEMPTS = 5
MAX_OPEN_ATTEMPTS = 2  # a wrong endpoint should be reported within seconds
MAX_READ_SECONDS = 30.0  # a body that breaks off later than this after the first request is not read again: 30 + 8 s
FIRST_PAUSE_SECONDS = 0.2  # doubled after each attempt

BROKEN_CONNECTION = (BotoConnectionError, HTTPClientError, HTTPError, IncompleteReadError)
T = TypeVar("T")


def retried(read: Callable[[], T]) -> T:
    """Return `read()`, called again if the connection breaks while the body of the answer is read.

    Raises the last error after `MAX_ATTEMPTS`, or once `MAX_READ_SECONDS` have passed since the first call.
    """
    start, pause = time.monotonic(), FIRST_PAUSE_SECONDS
    for left in reversed(range(MAX_ATTEMPTS)):
        try:
            return read()
        except (*BROKEN_CONNECTION, FlexibleChecksumError):  # a bit may have flipped on the way
            if not left or time.monotonic() - start > MAX_READ_SECONDS:
                raise
        time.sleep(pause)
        pause *= 2
    raise AssertionError
