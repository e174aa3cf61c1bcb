"""The files of infra/ parse, and keep the crawling worker in its place: pinned, without rights, limited, apart."""

import ipaddress
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # Prefect needs it; it has no types

from infra import make_secrets
from spiders.fetching.address_rules import forbidden

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
# Of the packages check-jsonschema and kubernetes-validate, both under the Apache License 2.0; `$comment` says what they are
SCHEMAS = Path(__file__).parent / "schemas"
COMPOSE = yaml.safe_load((INFRA / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (INFRA / "Dockerfile").read_text("utf-8")
MANIFESTS = [
    document
    for path in sorted((INFRA / "k8s").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text("utf-8"))
]
PODS = [found["spec"]["template"]["spec"] for found in MANIFESTS if "template" in found.get("spec", {})]
CONTAINERS = [one for pod in PODS for one in (*pod["containers"], *pod.get("initContainers", ()))]
DIGEST = re.compile(r"docker\.io/[a-z/-]+:[\w.-]+@sha256:[0-9a-f]{64}")
OWN_IMAGE = re.compile(r"irtysh(-store)?:\d+\.\d+\.\d+")
PINNED = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+)")
SECRET_WORDS = re.compile(r"secret|password|auth_string|access_key", re.IGNORECASE)

PUBLIC = ("8.8.8.8", "95.56.234.1", "2606:4700:4700::1111", "2a00:1450::1")
PRIVATE = (
    "10.1.2.3", "127.0.0.1", "169.254.169.254", "172.20.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "fd00:ec2::254", "fe80::1", "::1", "::ffff:10.0.0.1", "2002:a00:1::1",
    "fd20:ce::254", "2001:0:a00:1::1",
)  # fmt: skip


@pytest.mark.parametrize("path", [*INFRA.rglob("*.yaml"), *INFRA.rglob("*.json")], ids=lambda path: path.name)
def test_every_file_parses_and_names_no_latest(path):
    text = path.read_text("utf-8")
    assert json.loads(text) if path.suffix == ".json" else list(yaml.safe_load_all(text))
    assert ":latest" not in text


# Compose


def faults(value: Any, schema: dict[str, Any]) -> list[str]:
    return [
        f"{list(one.absolute_path)}: {one.message[:200]}" for one in Draft202012Validator(schema).iter_errors(value)
    ]


def test_the_compose_file_is_one_by_the_compose_specification():
    schema = json.loads((SCHEMAS / "compose-spec.json").read_text("utf-8"))
    assert faults(COMPOSE, schema) == []
    assert faults({"services": {"a": {"imagee": "b"}}}, schema)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_every_manifest_is_one_by_the_schema_of_kubernetes(manifest):
    known = json.loads((SCHEMAS / "kubernetes-1.34.json").read_text("utf-8"))["$defs"]
    name = next(one for one in known if one.endswith(f".{manifest['kind']}"))
    schema = {"$ref": f"#/$defs/{name}", "$defs": known}
    assert faults(manifest, schema) == []
    assert faults({**manifest, "specs": {}}, schema)  # a mistyped key is an error


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_runs_without_rights_and_within_limits(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert not {"pid", "ipc", "devices"} & service.keys()
    assert service.get("network_mode", "") != "host"
    assert int(service["user"].split(":")[0]) > 0
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert all("size=" in mount and "nosuid" in mount for mount in service["tmpfs"])
    assert service["logging"]["options"]["max-size"]
    once = service["restart"] == "on-failure"
    assert (service["healthcheck"] == {"disable": True}) if once else service["healthcheck"]["test"][0] == "CMD"
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ()))


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_or_built_here(name):
    service = SERVICES[name]
    assert (OWN_IMAGE if "build" in service else DIGEST).fullmatch(service["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_is_in_the_environment(name):
    for key, value in SERVICES[name].get("environment", {}).items():
        assert not SECRET_WORDS.search(key) or key.endswith("_FILE"), (key, value)


def networks(name):
    service = SERVICES[name]
    shared = service.get("network_mode", "").removeprefix("service:")
    return set(service["networks"]) if "networks" in service else networks(shared)


def test_the_server_is_apart_from_the_worker():
    assert not networks("worker") & networks("server")
    assert {
        name for name in SERVICES if networks(name) & networks("worker") and networks(name) & networks("server")
    } == {"gateway"}
    assert [name for name in SERVICES if "web" in networks(name)] == ["worker"]
    assert all(COMPOSE["networks"][name]["internal"] is True for name in ("objects", "api", "control"))
    assert COMPOSE["networks"]["admin"]["driver_opts"]["com.docker.network.bridge.enable_ip_masquerade"] == "false"
    assert [name for name in SERVICES if "admin" in networks(name)] == ["server"]
    assert {port for service in SERVICES.values() for port in service.get("ports", ())} == {"127.0.0.1:4200:4200"}
    assert "//gateway:" in SERVICES["worker"]["environment"]["PREFECT_API_URL"]


def test_the_gateway_passes_the_api_and_not_its_administration():
    text = (INFRA / "gateway" / "prefect.conf").read_text("utf-8")
    locations = dict(re.findall(r"location ([^{]+) \{ (?:access_log off; )?([^;]+);", text))
    assert locations == {
        "= /ready": "return 204",
        "= /api/admin/version": "proxy_pass $prefect",
        "^~ /api/admin": "return 403",
        "/api/": "proxy_pass $prefect",
        "/": "return 403",
    }


def test_only_s3_of_the_store_is_reached():
    command = SERVICES["store"]["command"]
    assert {"-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.autoCreateBucket=false"} <= set(command)
    assert SERVICES["s3"]["network_mode"] == "service:store"
    text = (INFRA / "gateway" / "store.conf").read_text("utf-8")
    assert re.findall(r"listen (\S+);", text) == ["9000"]
    assert re.findall(r"proxy_pass (\S+);", text) == ["http://127.0.0.1:8333"]


def test_secrets_are_generated_private_and_never_replaced(tmp_path, capsys):
    folder = tmp_path / "secrets"
    assert make_secrets.main(folder) == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    files = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    wanted = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert wanted | {"reader.credentials"} == set(files)
    named = {one["name"]: one for one in json.loads(files["s3.json"])["identities"]}
    assert (named["worker"]["actions"], named["reader"]["actions"]) == ([], [])
    for name, identity in named.items():
        assert identity["credentials"][0]["secretKey"] in files[f"{name}.credentials"]
    assert not set(make_secrets.generate().items()) & set(files.items())
    assert make_secrets.main(folder) == 1
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == files
    output = capsys.readouterr()
    assert not [secret for secret in files.values() if secret in output.out + output.err]
    assert "infra/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert (ROOT / ".dockerignore").read_text("utf-8").splitlines()[1] == "*"


# Images


def test_the_dockerfile_pins_its_base_and_its_packages():
    assert DIGEST.search(DOCKERFILE.split("ARG PYTHON_IMAGE=")[1].split("\n")[0])
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    names = {"${PYTHON_IMAGE}", *re.findall(r"^FROM \S+ AS (\w+)", DOCKERFILE, re.MULTILINE)}
    for stage in stages:
        assert stage.split()[0] in names
        if "ENTRYPOINT" in stage:
            assert re.findall(r"^USER (\S+)", stage, re.MULTILINE) == ["10001:10001"]
    installs = re.findall(r"pip install (.*)", DOCKERFILE)
    assert len(installs) == 3
    for options in installs:
        assert (
            "--require-hashes --only-binary :all:" in options or "--no-deps --no-build-isolation --no-index" in options
        )
    assert not re.search(r"^ADD|curl|wget|apt-get", DOCKERFILE, re.MULTILINE)


def pins(path):
    return {match[1]: match[2] for line in path.read_text("utf-8").splitlines() if (match := PINNED.match(line))}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-store.txt"])
def test_every_package_of_an_image_is_pinned_with_hashes(name):
    constraints = pins(ROOT / "constraints.txt")
    entries = re.split(r"\n(?=\S)", (INFRA / name).read_text("utf-8").strip())
    for entry in entries:
        match = PINNED.match(entry)
        assert match, entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
        if match[1] in constraints and entry.count(";") == 0:
            assert constraints[match[1]] == match[2]
    assert "://" not in "".join(entries)


def test_the_image_has_all_that_the_package_needs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    names = {re.split(r"[<>=\[; ]", one)[0].lower().replace("_", "-") for one in wanted}
    assert names <= set(pins(INFRA / "requirements.txt"))


# Kubernetes


def test_pods_have_no_token_and_the_default_seccomp_profile():
    assert PODS
    accounts = {found["metadata"]["name"]: found for found in MANIFESTS if found["kind"] == "ServiceAccount"}
    for pod in PODS:
        assert pod["automountServiceAccountToken"] is False
        assert accounts[pod["serviceAccountName"]]["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC"))
        for volume in pod["volumes"]:
            assert volume["emptyDir"]["sizeLimit"]


def test_containers_have_no_rights_and_have_limits_and_probes():
    assert CONTAINERS
    for container in CONTAINERS:
        context = container["securityContext"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert (context["readOnlyRootFilesystem"], context["allowPrivilegeEscalation"]) == (True, False)
        assert not context.get("privileged")
        assert {"cpu", "memory", "ephemeral-storage"} <= container["resources"]["limits"].keys()
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        assert all(container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness"))
        assert re.search(r":\d+\.\d+\.\d+$|@sha256:[0-9a-f]{64}$", container["image"])
        assert not container.get("env")  # secrets come from secrets


def blocks():
    for found in MANIFESTS:
        if found["kind"] == "NetworkPolicy":
            for rule in found["spec"].get("egress", ()):
                yield from (peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer)


def test_network_policies_deny_first_and_let_the_worker_out_to_public_addresses_only():
    policies = {found["metadata"]["name"]: found["spec"] for found in MANIFESTS if found["kind"] == "NetworkPolicy"}
    assert policies["nothing-by-default"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    worker = policies["irtysh-worker"]
    assert worker["ingress"] == []
    assert all(rule["to"] and rule["ports"] for rule in worker["egress"])
    (labels,) = [found["spec"]["selector"]["matchLabels"] for found in MANIFESTS if found["kind"] == "Deployment"]
    assert worker["podSelector"]["matchLabels"] == labels
    opened = []
    for block in blocks():
        whole: Any = ipaddress.ip_network(block["cidr"])
        excepted = [ipaddress.ip_network(each) for each in block["except"]]
        assert all(each.subnet_of(whole) for each in excepted)  # the server refuses others
        opened.append((whole, excepted))
    for text, refused in {**dict.fromkeys(PRIVATE, True), **dict.fromkeys(PUBLIC, False)}.items():
        address = ipaddress.ip_address(text)
        let_out = any(address in whole and not any(address in each for each in excepted) for whole, excepted in opened)
        assert (bool(forbidden(address)), let_out) == (refused, not refused), text
