"""Fixtures for tests of several packages: stores and the local news web."""

import os
import subprocess
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from storage.captures.limited_process import LimitedProcess
from storage.objects import ObjectStore, open_store
from storage.objects.directory import DirectoryStore
from tests.forked_starts import USUAL_START, forked_starts
from tests.kept_processes import USUAL_METHODS, kept_processes
from tests.seaweed import S3Server, seaweed
from tests.site import RunningSite, serve

# a busy machine, or one that counts lines, is no failure
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_disks() -> Iterator[None]:
    """Let no write of this process wait until the disk has it: no test cuts the power. Thousands would wait 3 ms each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def programs_that_start_fast() -> Iterator[None]:
    """Start our own programs by a fork of one process that has loaded them, and let readers share an idle process."""
    with forked_starts(), kept_processes():
        yield


@pytest.fixture
def usual_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each program as users do: Python loads all it needs, and each reader has a process of its own."""
    monkeypatch.setattr(subprocess.Popen, "_execute_child", USUAL_START)
    for name, method in USUAL_METHODS.items():
        monkeypatch.setattr(LimitedProcess, name, method)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One SeaweedFS server for the whole session, started by the first test that needs it."""
    with seaweed(tmp_path_factory.mktemp("seaweed")) as server:
        yield server


@pytest.fixture
def s3_url(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of an empty prefix (`s3://bucket/…`). The environment is set so that `open_store` reaches the server."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    return f"s3://{s3_server.bucket}/{uuid.uuid4().hex}"


@pytest.fixture
def s3_store(s3_url: str) -> ObjectStore:
    """An empty store on the real S3 server."""
    return open_store(s3_url)


@pytest.fixture
def directory_store(tmp_path) -> DirectoryStore:
    """An empty directory store."""
    return DirectoryStore(tmp_path / "store")


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """An empty store of each kind in turn, because both must obey one contract."""
    found: ObjectStore = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture
def site() -> Iterator[RunningSite]:
    """The local news web in its first edition, served by a thread: see `tests.site`."""
    with serve() as running:
        yield running


@pytest.fixture(scope="session")
def quiet_site() -> Iterator[RunningSite]:
    """The local news web, shared by tests that change neither its edition nor its counters."""
    with serve() as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that mostly wait, and count no lines while properties are checked.

    A hundred examples of a property run the same lines, at twice the time.
    """
    items.sort(key=lambda item: item.get_closest_marker("prefect") is None)
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.no_cover)
