"""`irtysh deploy` and `irtysh serve`: ingest on a schedule, with Prefect."""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import yaml
from cyclopts import Parameter

import flows
from articles.counting import many
from articles.errors import UsageError
from flows.deployment.cron import rules
from flows.deployment.per_outlet import by_outlet
from flows.deployment.pools import PoolType, check_image, make_pool, to_pool
from flows.deployment.prefect_api import API_URL_VARIABLE, required_api_url
from flows.display.console import Console
from flows.options import STORE_VARIABLE, CrawlOptions, ProcessOptions, resolved_store
from spiders import outlets as known

ROOT = Path(flows.__file__).parents[1]  # the repository, or its copy in the image
DEPLOYMENTS = "infra/prefect.yaml"
ALERTS = "infra/alerts.yaml"
MAX_SNAPSHOT_AGE = 48  # hours: two days without any new article is odd for several outlets
SECONDS_PER_HOUR = 3600
INGEST = "ingest"
TAKEN = {  # parameters that options of `irtysh deploy` give, by flow
    "ingest": ("names", "store", "crawling", "processing"),
    "crawl": ("store", "crawling", "processing"),
    "process": ("store", "processing", "outlets"),
    "rebuild": ("store", "processing", "outlets"),
    "compare": ("store", "processing", "outlets"),
    "approve": ("store", "processing"),
    "verify": ("store", "outlets"),
}
TAKEN_BY_ALL = ("store",)
SERVE = "serve"  # name of the deployment of `irtysh serve`
WORKER_RUNS = (
    4  # flow runs of one worker at a time: without a limit, all runs that are late after an outage start at once
)
EVERY_HOUR = "0 * * * *"
TIME_ZONE = "Asia/Almaty"

Store = Annotated[str, Parameter(env_var=STORE_VARIABLE)]


def deploy(
    *names: str,
    cron: str = "",
    timezone: str = TIME_ZONE,
    interval: int = 0,
    per_outlet: Annotated[bool, Parameter(negative="")] = False,
    pool_type: PoolType = PoolType.PROCESS,
    image: str = "",
    alerts: str = "",
    max_age: int = MAX_SNAPSHOT_AGE,
    store: Store = "",
    json: Annotated[bool, Parameter(negative="")] = False,
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
) -> int:
    """Deploy the flows and their schedule to a Prefect work pool.

    The flows and their schedule are in infra/prefect.yaml; the options given here override it. The work pool `irtysh` is
    created if it does not exist. `prefect worker start --pool irtysh --limit 4` then starts a worker that runs the flows.

    Example: `irtysh deploy --store s3://corpus/kz-ru --cron "0 6 * * *"`

    Example: `irtysh deploy --per-outlet`

    Parameters
    ----------
    names
        Outlets to ingest. Default: all.
    cron
        Cron schedule of the ingest flow: `0 6 * * *` is every day at 06:00. Default: the one in infra/prefect.yaml.
    timezone
        Time zone of --cron.
    interval
        Seconds between the starts of two runs, instead of --cron.
    per_outlet
        Deploy the ingest flow once for each outlet, as `ingest-NAME`, instead of once for all: outlets with 24 articles a day
        are asked every hour, with 4 every three hours, all others twice a day, each at a minute of its own.
    pool_type
        Where the worker runs the flows: `process` (on its machine), or a container for each run on `docker` or `kubernetes`. The
        work pools are `irtysh`, `irtysh-docker` and `irtysh-kubernetes`; infra/pools/ has the templates of the containers.
    image
        With --pool-type docker or kubernetes: the image of infra/Dockerfile.
    alerts
        URL of a webhook that gets a JSON message when an outlet is quarantined, quiet or fails three times in a row, `verify`
        fails, the store is unreachable, a run dies, or the newest snapshot is too old (infra/alerts.yaml).
    max_age
        Hours after which the newest snapshot is too old.
    store
        The store: a path or s3://bucket/prefix. Default: IRTYSH_STORE in the worker's environment.
    json
        Print JSON Lines for programs.
    """
    console = Console(as_json=json)
    schedule = _schedule(cron, timezone, interval)
    if per_outlet and schedule:
        raise UsageError("with --per-outlet, each outlet has a schedule of its own; leave out --cron and --interval")
    check_image(pool_type, image)
    path = ROOT / DEPLOYMENTS
    if not path.is_file():
        raise UsageError(f"{path} does not exist; run `irtysh deploy` in a clone of the repository or in the image")
    parameters = _parameters(names, store, crawling, processing)
    url = os.environ[API_URL_VARIABLE] = required_api_url()
    make_pool(pool_type, ROOT)
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    for deployment in config["deployments"]:
        deployment["parameters"] |= {
            key: parameters[key] for key in TAKEN.get(deployment["name"], TAKEN_BY_ALL) if key in parameters
        }
        if deployment["name"] == INGEST and schedule:
            deployment["schedules"] = [schedule]
        if deployment["name"] == INGEST and per_outlet:
            deployment["schedules"] = []
    if per_outlet:
        asked = {name: one for name, one in known.load(crawling.outlets).items() if not names or name in names}
        (ingest,) = (one for one in config["deployments"] if one["name"] == INGEST)
        config["deployments"] += by_outlet(ingest, asked, timezone)
    for deployment in config["deployments"]:
        if "schedules" in deployment:
            deployment["schedules"] = [made for one in deployment["schedules"] for made in _without_cron(one)]
    to_pool(config, pool_type, image)
    with tempfile.TemporaryDirectory(prefix="irtysh-") as directory:
        changed = Path(directory) / "prefect.yaml"
        changed.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(changed)]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UsageError(f"prefect deploy failed:\n{done.stdout}{done.stderr}")
    limited = _settle_limits(
        [f"{_flow_of(one)}/{one['name']}" for one in config["deployments"]], names, crawling.outlets
    )
    from flows.deployment.alerts import make_alerts, process_crashed, process_waiting, read_alerts  # noqa: PLC0415  imports Prefect

    process_waiting()
    process_crashed()
    if alerts:
        made = read_alerts((ROOT / ALERTS).read_text(encoding="utf-8"), max_age * SECONDS_PER_HOUR)
        make_alerts(alerts, made)
        console.note("alerts", f"{many(len(made), 'alert')} to the webhook", alerts=[one["name"] for one in made])
    if per_outlet:
        _unschedule(f"{INGEST}/{INGEST}")
    deployed = ", ".join(deployment["name"] for deployment in config["deployments"])
    console.note(
        "deployed", f"Deployed to the work pool {pool_type.pool} at {url}: {deployed}", pool=pool_type.pool, api=url
    )
    console.note("limits", f"{many(limited, 'concurrency limit')} of one slot: `outlet:NAME`", limits=limited)
    needs = f", where {pool_type.worker} is installed" if pool_type.worker else ""
    start = f"prefect worker start --pool {pool_type.pool} --limit {WORKER_RUNS}"
    console.note("worker", f"Next: start a worker with `{start}`{needs}", pool=pool_type.pool)
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
    """Ingest on a schedule in this process, without a work pool.

    It needs a Prefect server, but no worker, and runs until it is interrupted.

    Example: `irtysh serve tengrinews --cron "0 6 * * *"`

    Example: `irtysh serve --cron "0 * * * *"`

    Parameters
    ----------
    names
        Outlets to ingest. Default: all.
    cron
        Cron schedule: `0 6 * * *` is every day at 06:00.
    timezone
        Time zone of --cron.
    interval
        Seconds between the starts of two runs, instead of --cron.
    store
        The store: a path or s3://bucket/prefix.
    """
    schedule = _schedule("" if interval else cron, timezone, interval)
    parameters = _parameters(names, resolved_store(store), crawling, processing)
    os.environ[API_URL_VARIABLE] = required_api_url()
    from prefect.schedules import Interval, RRule  # noqa: PLC0415  importing Prefect takes seconds
    from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415  the same

    from flows.deployment import prefect_flows  # noqa: PLC0415  the same

    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until Prefect sets its own, which does the same
    try:
        prefect_flows.ingest.serve(
            name=SERVE,
            schedules=[
                RRule(one["rrule"], timezone=timezone) if "rrule" in one else Interval(interval)
                for one in _without_cron(schedule)
            ],
            parameters=parameters,
            limit=1,
            pause_on_shutdown=False,  # done below, however it ends
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
    finally:
        signal.signal(signal.SIGTERM, before)
        _pause(f"{INGEST}/{SERVE}")
    return 0


def _schedule(cron: str, timezone: str, interval: int) -> dict[str, Any]:
    """Return a schedule in the form of prefect.yaml, or an empty one if neither option is given."""
    if cron and interval:
        raise UsageError("give either --cron or --interval, not both")
    if interval < 0:
        raise UsageError(f"--interval {interval}: the number of seconds must not be negative")
    if interval:
        return {"interval": interval}
    if cron:
        rules(cron)  # what is wrong with it is named before any request
    return {"cron": cron, "timezone": timezone} if cron else {}


def _without_cron(schedule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a schedule with recurrence rules in place of cron: see `flows.deployment.cron`."""
    if "cron" not in schedule:
        return [schedule]
    rest = {name: value for name, value in schedule.items() if name != "cron"}
    return [{"rrule": rule, **rest} for rule in rules(schedule["cron"])]


def _parameters(
    names: tuple[str, ...], store: str, crawling: CrawlOptions, processing: ProcessOptions
) -> dict[str, Any]:
    """Return the options that differ from the flows' defaults. Paths are absolute, since a run may start elsewhere."""
    for name in names:
        known.find(name, crawling.outlets)
    options = _changed(crawling)
    parameters: dict[str, Any] = {
        "names": list(names),
        "store": store if "://" in store or not store else str(Path(store).expanduser().absolute()),
        "crawling": options,
        "processing": _changed(processing),
    }
    for option in ("outlets", "topic"):
        path = Path(options.get(option, ""))
        if path.suffix in {".yaml", ".yml"} or (option == "outlets" and path.name):
            options[option] = str(path.absolute())
    parameters["outlets"] = options.get("outlets", "")
    return {key: value for key, value in parameters.items() if value}


def _changed(options: Any) -> dict[str, Any]:
    """Return the options that differ from their defaults."""
    values = {field.name: getattr(options, field.name) for field in fields(options)}
    changed = {field.name: values[field.name] for field in fields(options) if values[field.name] != field.default}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()}


def _flow_of(deployment: dict[str, Any]) -> str:
    return str(deployment["entrypoint"]).rpartition(":")[2]


def _pause(deployment: str) -> None:
    """Pause a deployment, so that no runs pile up while nobody serves it. It is resumed by the next `irtysh serve`."""
    from prefect import get_client  # noqa: PLC0415  importing Prefect takes seconds

    with get_client(sync_client=True) as client:
        client.pause_deployment(client.read_deployment_by_name(deployment).id)


def _unschedule(deployment: str) -> None:
    """Delete the schedules that an earlier `irtysh deploy` gave a deployment: Prefect keeps them if the new list is empty."""
    from prefect import get_client  # noqa: PLC0415  importing Prefect takes seconds

    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(deployment)
        for schedule in found.schedules:
            client.delete_deployment_schedule(found.id, schedule.id)


def _settle_limits(deployments: list[str], names: tuple[str, ...], outlets: str) -> int:
    """Make a concurrency limit of one slot for each outlet, and remove those of the deployments. Return their number.

    Deployments of single outlets that were not deployed now are deleted.

    The slot of a deployment stays taken after a crash of the server, and then no run ever starts.
    """
    from prefect import get_client  # noqa: PLC0415  importing Prefect takes seconds
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName  # noqa: PLC0415  the same

    wanted = names or tuple(sorted(known.load(outlets)))
    with get_client(sync_client=True) as client:
        for name in deployments:
            found = client.read_deployment_by_name(name)
            if found.global_concurrency_limit is not None:
                client.request(
                    "PATCH", "/deployments/{id}", path_params={"id": found.id}, json={"concurrency_limit": None}
                )
        for found in client.read_deployments(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(like_=f"{INGEST}-"))
        ):
            if f"{INGEST}/{found.name}" not in deployments and found.name.startswith(f"{INGEST}-"):
                client.delete_deployment(found.id)  # of an outlet that is now asked by another deployment
        for name in wanted:
            client.upsert_global_concurrency_limit_by_name(f"outlet:{name}", limit=1)
    return len(wanted)
