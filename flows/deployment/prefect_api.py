"""Decide whether a command runs as a Prefect flow run, without importing Prefect, which takes seconds.

A Prefect API is configured by PREFECT_API_URL, in the environment or in Prefect's active profile. If one is configured,
`run` calls a flow of `flows.deployment.prefect_flows`; otherwise, or with `--no-prefect`, the command runs directly.
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

API_URL_VARIABLE = "PREFECT_API_URL"
HEALTH_SECONDS = 10.0  # a running server answers in milliseconds
CREDENTIAL_STATUSES = frozenset({401, 403})  # Prefect has credentials, this module does not
# keeps Prefect's own lines off the terminal; they go to the run log in any case
QUIET_SETTINGS = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL", "PREFECT_CLI_COLORS": "false"}


def api_url() -> str:
    """Return the URL of the configured Prefect API, or "". UsageError if Prefect's profiles cannot be read."""
    return os.environ.get(API_URL_VARIABLE) or _profile().get(API_URL_VARIABLE, "")


def required_api_url() -> str:
    """Return the URL of the configured Prefect API. UsageError if none is configured, or if it does not answer."""
    url = api_url()
    if not url:
        raise UsageError(
            f"no Prefect API is configured: start a server with `prefect server start` and set {API_URL_VARIABLE}"
        )
    _check_reachable(url)
    return url


def run(flow: str, console: Console, parameters: dict[str, Any], *, directly: bool) -> Any:
    """Run a flow of `flows.deployment.prefect_flows` in this process and return its result.

    Return None if no Prefect API is configured, or with `directly`. UsageError names the API's URL if it cannot be
    reached. Errors of the stages are raised unchanged.
    """
    if directly or not api_url():
        return None
    os.environ[API_URL_VARIABLE] = required_api_url()
    for name, value in QUIET_SETTINGS.items():
        os.environ.setdefault(name, value)
    from flows.deployment import prefect_flows  # noqa: PLC0415  importing Prefect takes seconds
    from flows.deployment.run_log import forwarding_to  # noqa: PLC0415  as above

    console.note(
        "prefect", f"running as a flow run of {os.environ[API_URL_VARIABLE]}", api=os.environ[API_URL_VARIABLE]
    )
    with forwarding_to(console):
        state = getattr(prefect_flows, flow)(**parameters, return_state=True)
    result = state.result(raise_on_failure=False)  # a failed run has an outcome too, if its outlets did not answer
    if isinstance(result, BaseException):
        raise result
    return result


def _check_reachable(url: str) -> None:
    """Check the health of the API. UsageError names the URL and the problem."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{API_URL_VARIABLE}: {url!r} is not an http(s) URL")
    try:
        with urlopen(f"{url.rstrip('/')}/health", timeout=HEALTH_SECONDS) as answer:  # noqa: S310  the scheme is checked
            if json.loads(answer.read(64)) is True:
                return
    except HTTPError as error:
        error.close()
        if error.code in CREDENTIAL_STATUSES:
            return
        raise _unreachable(url, f"it answers with {error.code} {error.reason}") from error
    except URLError as error:
        if isinstance(error.reason, ssl.SSLError):
            return  # the certificates may be configured for Prefect only
        raise _unreachable(url, str(error.reason)) from error
    except OSError as error:
        raise _unreachable(url, str(error)) from error
    except ValueError as error:
        raise _unreachable(url, "the server is no Prefect API (does the URL end in /api?)") from error
    raise _unreachable(url, "it does not report itself as healthy")


def _unreachable(url: str, why: str) -> UsageError:
    return UsageError(f"the Prefect API at {url} cannot be used: {why}; use --no-prefect to run without it")


def _profile() -> dict[str, str]:
    """Return the settings of Prefect's active profile; empty if Prefect has no profiles file yet."""
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser()
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read Prefect's profiles in {path}: {error}") from error
    found = profiles.get("profiles", {}).get(os.environ.get("PREFECT_PROFILE") or profiles.get("active"), {})
    return {name: str(value) for name, value in found.items()}
