"""Work pools of containers: their templates are complete, and give a run no more rights than the worker of infra/ has."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from articles.errors import UsageError
from flows.cli import run
from flows.deployment.pools import PoolType, check_image, template_of, to_pool

ROOT = Path(__file__).parents[3]
CONTAINERS = (PoolType.DOCKER, PoolType.KUBERNETES)
CONFIGURED = {  # by the workers of prefect-docker 0.7.4 and prefect-kubernetes 0.8.0
    PoolType.DOCKER: {
        "command", "env", "labels", "name", "image", "registry_credentials", "image_pull_policy", "networks", "network_mode",
        "auto_remove", "volumes", "stream_output", "mem_limit", "memswap_limit", "privileged", "container_create_kwargs",
    },
    PoolType.KUBERNETES: {
        "command", "env", "labels", "name", "annotations", "namespace", "job_manifest", "cluster_config",
        "job_watch_timeout_seconds", "pod_watch_timeout_seconds", "stream_output",
    },
}  # fmt: skip


def placeholders(value: Any) -> set[str]:
    return set(re.findall(r"{{ (\w+) }}", str(value)))


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_template_uses_all_variables_that_it_declares_and_no_others(kind):
    template = template_of(kind, ROOT)
    declared = template["variables"]["properties"]
    assert placeholders(template["job_configuration"]) == declared.keys()
    assert template["variables"]["required"] == ["image"]
    assert all(one.get("description") for one in declared.values())
    assert {name for name, one in declared.items() if "default" not in one} == {"image"}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_the_worker_of_a_pool_knows_all_that_its_template_configures(kind):
    assert set(template_of(kind, ROOT)["job_configuration"]) <= CONFIGURED[kind]


def test_containers_run_without_rights():
    made = template_of(PoolType.DOCKER, ROOT)["job_configuration"]
    kwargs = made["container_create_kwargs"]
    assert made["privileged"] is False
    assert kwargs["cap_drop"] == ["ALL"]
    assert kwargs["read_only"] is True
    assert kwargs["security_opt"] == ["no-new-privileges:true"]
    pod = template_of(PoolType.KUBERNETES, ROOT)["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]
    (worker,) = (
        one
        for one in yaml.safe_load_all((ROOT / "infra/k8s/worker.yaml").read_text("utf-8"))
        if one["kind"] == "Deployment"
    )
    ours = worker["spec"]["template"]["spec"]
    (container,), (theirs,) = pod["containers"], ours["containers"]
    assert pod["securityContext"] == ours["securityContext"]
    assert pod["automountServiceAccountToken"] is False
    for part in ("securityContext", "volumeMounts", "envFrom"):
        assert container[part] == theirs[part]
    assert pod["volumes"] == ours["volumes"]


def test_a_command_replaces_the_entry_point_of_the_image():
    assert template_of(PoolType.DOCKER, ROOT)["job_configuration"]["container_create_kwargs"]["entrypoint"] == [
        "/usr/bin/env"
    ]


def test_deployments_of_containers_name_the_image_and_its_folder():
    config: dict[str, Any] = {"deployments": [{"name": "ingest", "work_pool": {"name": "irtysh"}}]}
    to_pool(config, PoolType.DOCKER, "irtysh:1")
    assert config["deployments"][0]["work_pool"] == {"name": "irtysh-docker", "job_variables": {"image": "irtysh:1"}}
    assert "WORKDIR " + config["pull"][0]["prefect.deployments.steps.set_working_directory"]["directory"] in (
        ROOT / "infra/Dockerfile"
    ).read_text("utf-8")
    config = {"deployments": [{"name": "ingest"}]}
    to_pool(config, PoolType.PROCESS, "")
    assert config == {"deployments": [{"name": "ingest", "work_pool": {"name": "irtysh"}}]}


def test_an_image_belongs_to_containers_only(capfd, tmp_path):
    for kind, image in ((PoolType.PROCESS, "irtysh:1"), (PoolType.DOCKER, ""), (PoolType.KUBERNETES, "")):
        with pytest.raises(UsageError, match="--image"):
            check_image(kind, image)
    assert run(["deploy", "--pool-type", "docker"]) == 2
    assert "--image" in capfd.readouterr().err
    with pytest.raises(UsageError, match=r"docker\.json"):
        template_of(PoolType.DOCKER, tmp_path)


def test_the_image_holds_what_deploy_reads():
    copied = (ROOT / "infra/Dockerfile").read_text("utf-8")
    for name in ("infra/prefect.yaml", "infra/alerts.yaml", "infra/pools"):
        assert name in copied
