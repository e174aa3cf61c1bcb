"""`irtysh deploy` and `irtysh serve`: ingesting on a schedule, on Prefect."""

import os
import subprocess
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import yaml
from cyclopts import Parameter

import flows
from articles.errors import UsageError
from flows.deployment.prefect_api import URL, required_api_url
from flows.display.console import Console
from flows.options import STORE, CrawlOptions, ProcessOptions, resolved_store
from spiders import outlets as known

ROOT = Path(flows.__file__).parents[1]  # a checkout, or the image's copy of one
DEPLOYMENTS = "infra/prefect.yaml"
POOL = "irtysh"
INGEST = "ingest"
EVERY_HOUR = "0 * * * *"
TIME_ZONE = "Asia/Almaty"

Store = Annotated[str, Parameter(env_var=STORE)]


def deploy(
    *names: str,
    cron: str = "",
    timezone: str = TIME_ZONE,
    interval: int = 0,
    store: Store = "",
    json: Annotated[bool, Parameter(negative="")] = False,
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
) -> int:
    """Deploy the flows of infra/prefect.yaml to the work pool `irtysh`, which is made if it is missing.

    A worker then runs them: `prefect worker start --pool irtysh`. What is given here goes into the deployments.

    Parameters
    ----------
    names
        Outlets to ingest; all of them if none is named.
    cron
        When to ingest, instead of what the file says: `0 6 * * *` is every day at six.
    timezone
        The time zone that `cron` means.
    interval
        Seconds from one run to the next, instead of `cron`.
    store
        Where the corpus is kept; if it is not named, what IRTYSH_STORE says where the worker runs.
    json
        Print JSON lines for programs.
    """
    console = Console(as_json=json)
    schedule = _schedule(cron, timezone, interval)
    path = ROOT / DEPLOYMENTS
    if not path.is_file():
        raise UsageError(f"there is no {path}: deploy from a checkout or inside the image")
    parameters = _parameters(names, store, crawling, processing)
    url = os.environ[URL] = required_api_url()
    _make_pool()
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    for one in told["deployments"]:
        one["parameters"] |= {key: value for key, value in parameters.items() if _takes(one["name"], key)}
        if one["name"] == INGEST and schedule:
            one["schedules"] = [schedule]
    with tempfile.TemporaryDirectory(prefix="irtysh-") as directory:
        changed = Path(directory) / "prefect.yaml"
        changed.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(changed)]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UsageError(f"prefect deploy failed:\n{done.stdout}{done.stderr}")
    deployed = ", ".join(one["name"] for one in told["deployments"])
    console.note("deployed", f"{deployed} are deployed to the work pool {POOL} at {url}", pool=POOL, api=url)
    console.note("worker", f"a worker runs them: prefect worker start --pool {POOL}", pool=POOL)
    return 0


def serve(
    *names: str,
    cron: str = EVERY_HOUR,
    timezone: str = TIME_ZONE,
    interval: int = 0,
    store: Store = "",
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
) -> int:
    """Ingest on a schedule from this machine, without a work pool or a worker, until it is interrupted.

    Parameters
    ----------
    names
        Outlets to ingest; all of them if none is named.
    cron
        When to ingest: `0 6 * * *` is every day at six.
    timezone
        The time zone that `cron` means.
    interval
        Seconds from one run to the next, instead of `cron`.
    store
        Where the corpus is kept: a path, or s3://bucket/prefix.
    """
    _schedule("" if interval else cron, timezone, interval)
    parameters = _parameters(names, resolved_store(store), crawling, processing)
    os.environ[URL] = required_api_url()
    from prefect.schedules import Cron, Interval  # noqa: PLC0415  importing Prefect takes seconds
    from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415  the same

    from flows.deployment import prefect_flows  # noqa: PLC0415  the same

    prefect_flows.ingest.serve(
        name="serve",
        schedule=Interval(interval) if interval else Cron(cron, timezone),
        parameters=parameters,
        limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return 0


def _schedule(cron: str, timezone: str, interval: int) -> dict[str, Any]:
    """Return a schedule as prefect.yaml states it; empty if none is asked for."""
    if cron and interval:
        raise UsageError("a schedule has either a cron or an interval")
    if interval < 0:
        raise UsageError(f"an interval is a number of seconds, not {interval}")
    if interval:
        return {"interval": interval}
    return {"cron": cron, "timezone": timezone} if cron else {}


def _parameters(
    names: tuple[str, ...], store: str, crawling: CrawlOptions, processing: ProcessOptions
) -> dict[str, Any]:
    """Return what differs from the flows' defaults, with paths that hold wherever a run takes place."""
    for name in names:
        known.find(name, crawling.outlets)
    options = _given(crawling)
    told: dict[str, Any] = {
        "names": list(names),
        "store": store if "://" in store or not store else str(Path(store).expanduser().absolute()),
        "crawling": options,
        "processing": _given(processing),
    }
    for option in ("outlets", "topic"):
        path = Path(options.get(option, ""))
        if path.suffix in {".yaml", ".yml"} or (option == "outlets" and path.name):
            options[option] = str(path.absolute())
    return {key: value for key, value in told.items() if value}


def _given(options: Any) -> dict[str, Any]:
    found = {
        one.name: getattr(options, one.name) for one in fields(options) if getattr(options, one.name) != one.default
    }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _takes(flow: str, parameter: str) -> bool:
    return parameter in {"store", "processing"} or flow == INGEST or (flow == "crawl" and parameter == "crawling")


def _make_pool() -> None:
    from prefect import get_client  # noqa: PLC0415  importing Prefect takes seconds
    from prefect.client.schemas.actions import WorkPoolCreate  # noqa: PLC0415  the same
    from prefect.exceptions import ObjectAlreadyExists  # noqa: PLC0415  the same
    from prefect.workers.process import ProcessWorker  # noqa: PLC0415  the same

    template = ProcessWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        try:
            client.create_work_pool(WorkPoolCreate(name=POOL, type=ProcessWorker.type, base_job_template=template))
        except ObjectAlreadyExists:
            return
