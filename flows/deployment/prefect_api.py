"""Whether commands run as Prefect flow runs, found without importing Prefect: a direct run must not wait for that.

A Prefect API is configured by PREFECT_API_URL, in the environment or in the active profile, as Prefect itself reads
them. With one, `run` calls a flow of `flows.deployment.prefect_flows`; without one, or with `--no-prefect`, commands run directly.
"""

import json
import os
import ssl
import tomllib
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from articles.errors import UsageError
from flows.display.console import Console

URL = "PREFECT_API_URL"
HEALTH_SECONDS = 10.0  # a server that is up answers in milliseconds
NEEDS_CREDENTIALS = frozenset({401, 403})  # Prefect has them, we don't
# Prefect's own lines would stand between ours on a terminal; they go to the run's log in any case
QUIET = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL", "PREFECT_CLI_COLORS": "false"}


def api_url() -> str:
    """Return the URL of the configured Prefect API, "" if none is. UsageError if Prefect's profiles can't be read."""
    return os.environ.get(URL) or _profile().get(URL, "")


def required_api_url() -> str:
    """Return the URL of a Prefect API that answers. UsageError if none is configured or it does not."""
    url = api_url()
    if not url:
        raise UsageError(f"this needs a Prefect server: start one with `prefect server start` and set {URL}")
    _reach(url)
    return url


def run(flow: str, console: Console, parameters: dict[str, Any], *, directly: bool) -> Any:
    """Run a flow of `flows.deployment.prefect_flows` in this process and return what it does.

    None if no Prefect API is configured or `directly` is wanted.

    UsageError names the API's URL if it can't be reached. Errors of the stages come through as they are.
    """
    if directly or not api_url():
        return None
    os.environ[URL] = required_api_url()
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from flows.deployment import prefect_flows  # noqa: PLC0415  importing Prefect takes seconds
    from flows.deployment.run_log import beside  # noqa: PLC0415  the same

    console.note("prefect", f"running as a flow run of {os.environ[URL]}", api=os.environ[URL])
    with beside(console):
        return getattr(prefect_flows, flow)(**parameters)


def _reach(url: str) -> None:
    """Ask an API for its health. UsageError names the URL and what is wrong."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{URL} is no http(s) URL: {url!r}")
    try:
        with urlopen(f"{url.rstrip('/')}/health", timeout=HEALTH_SECONDS) as answer:  # noqa: S310  the scheme is checked
            if json.loads(answer.read(64)) is True:
                return
    except HTTPError as error:
        error.close()
        if error.code in NEEDS_CREDENTIALS:
            return
        raise _unreachable(url, f"it answers {error.code} {error.reason}") from error
    except URLError as error:
        if isinstance(error.reason, ssl.SSLError):
            return  # certificates may be configured for Prefect alone
        raise _unreachable(url, str(error.reason)) from error
    except OSError as error:
        raise _unreachable(url, str(error)) from error
    except ValueError as error:
        raise _unreachable(url, "what answers there is no Prefect API (does the URL end in /api?)") from error
    raise _unreachable(url, "it does not call itself healthy")


def _unreachable(url: str, why: str) -> UsageError:
    return UsageError(f"the Prefect API at {url} cannot be used: {why}; --no-prefect runs without it")


def _profile() -> dict[str, str]:
    """Return the settings of the active profile; none if there is no file of profiles, as with a fresh Prefect."""
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"Prefect's profiles cannot be read: {path}: {error}") from error
    found = told.get("profiles", {}).get(os.environ.get("PREFECT_PROFILE") or told.get("active"), {})
    return {name: str(value) for name, value in found.items()}
