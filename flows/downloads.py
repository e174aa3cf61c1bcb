"""Download large archives over HTTP to a file; a broken connection is continued where it ended."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx

from articles.errors import InputError

ATTEMPTS = 5
PAUSE_SECONDS = 2.0  # before the second attempt; doubled for each further one
TIMEOUT_SECONDS = 60.0  # without a byte
USER_AGENT = "irtysh (+https://github.com/irtysh/irtysh; import of web archives)"
Progress = Callable[[int, int | None], None]


def download(url: str, to: Path, progress: Progress, sleep: Callable[[float], None] = time.sleep) -> None:
    """Write what a URL returns to a file. InputError if it cannot be fetched, with the last reason."""
    why = ""
    with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True, headers={"user-agent": USER_AGENT}) as client:
        for attempt in range(ATTEMPTS):
            if attempt:
                sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
            try:
                why = _attempt(client, url, to, progress)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                why = str(error) or type(error).__name__
            if not why:
                return
            if why.startswith("HTTP 4"):  # asking again does not help
                break
    raise InputError(f"cannot download {url}: {why}")


def _attempt(client: httpx.Client, url: str, to: Path, progress: Progress) -> str:
    """Fetch what is missing of a file; return why it is not complete, or an empty string."""
    done = to.stat().st_size if to.exists() else 0
    headers = {"accept-encoding": "identity"} | ({"range": f"bytes={done}-"} if done else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and done:
            return ""  # all of it is here
        if not response.is_success:
            return f"HTTP {response.status_code}"
        done = done if response.status_code == httpx.codes.PARTIAL_CONTENT else 0
        length = response.headers.get("content-length", "")
        whole = done + int(length) if length.isdigit() else None
        with to.open("ab" if done else "wb") as file:
            for chunk in response.iter_raw():
                file.write(chunk)
                done += len(chunk)
                progress(done, whole)
    return "" if whole is None or done == whole else f"the connection ended after {done} of {whole} bytes"
