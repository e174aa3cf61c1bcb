"""Work pools of `irtysh deploy`: processes of a worker, or a container for each flow run on Docker or Kubernetes."""

import json
from collections.abc import MutableMapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from articles.errors import UsageError

POOL = "irtysh"
TEMPLATES = "infra/pools"
IMAGE_ROOT = "/opt/irtysh"  # the project in the image of infra/Dockerfile
WORKER_PACKAGES = {"docker": "prefect-docker", "kubernetes": "prefect-kubernetes"}  # which the worker's machine needs


class PoolType(StrEnum):
    """Where a worker runs its flow runs."""

    PROCESS = "process"  # in processes of its own machine
    DOCKER = "docker"
    KUBERNETES = "kubernetes"

    @property
    def pool(self) -> str:
        """Name of the work pool."""
        return POOL if self is PoolType.PROCESS else f"{POOL}-{self.value}"

    @property
    def worker(self) -> str:
        """Package that the worker needs; empty if Prefect itself has it."""
        return WORKER_PACKAGES.get(self.value, "")


def check_image(kind: PoolType, image: str) -> None:
    """Raise UsageError if a pool of containers has no image, or one of processes has one."""
    if kind is PoolType.PROCESS and image:
        raise UsageError("--image is for --pool-type docker and kubernetes: a process has none")
    if kind is not PoolType.PROCESS and not image:
        raise UsageError(f"--pool-type {kind} needs --image: the image of infra/Dockerfile, such as irtysh@sha256:…")


def template_of(kind: PoolType, root: Path) -> dict[str, Any]:
    """Return the template of a pool's jobs: Prefect's own for processes, ours for containers. UsageError if it is missing."""
    if kind is PoolType.PROCESS:
        from prefect.workers.process import ProcessWorker  # noqa: PLC0415  importing Prefect takes seconds

        return ProcessWorker.get_default_base_job_template()
    path = root / TEMPLATES / f"{kind}.json"
    try:
        made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    return made


def make_pool(kind: PoolType, root: Path) -> None:
    """Create the work pool, if it is missing, or replace the template of one of containers."""
    from prefect import get_client  # noqa: PLC0415  importing Prefect takes seconds
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate  # noqa: PLC0415  the same
    from prefect.exceptions import ObjectAlreadyExists  # noqa: PLC0415  the same

    template = template_of(kind, root)
    with get_client(sync_client=True) as client:
        try:
            client.create_work_pool(WorkPoolCreate(name=kind.pool, type=kind.value, base_job_template=template))
        except ObjectAlreadyExists:
            if kind is not PoolType.PROCESS:
                client.update_work_pool(kind.pool, WorkPoolUpdate(base_job_template=template))


def to_pool(config: MutableMapping[str, Any], kind: PoolType, image: str) -> None:
    """Send the deployments of a prefect.yaml to a pool. Those of containers find the project where the image has it."""
    for deployment in config["deployments"]:
        deployment["work_pool"] = {"name": kind.pool}
        if kind is not PoolType.PROCESS:
            deployment["work_pool"]["job_variables"] = {"image": image}
    if kind is not PoolType.PROCESS:
        config["pull"] = [{"prefect.deployments.steps.set_working_directory": {"directory": IMAGE_ROOT}}]
