"""Fixtures that several rooms of the house share."""

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from storage.objects import ObjectStore, open_store
from storage.objects.directory import DirectoryStore
from tests.seaweed import S3Server, seaweed
from tests.site import RunningSite, serve

# a busy machine, or one that counts lines, is no failure
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One SeaweedFS for the whole session, started by the first test that asks for it."""
    with seaweed(tmp_path_factory.mktemp("seaweed")) as server:
        yield server


@pytest.fixture
def s3_url(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh prefix, `s3://bucket/…`, with boto3's variables set so that `open_store` finds it."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    return f"s3://{s3_server.bucket}/{uuid.uuid4().hex}"


@pytest.fixture
def s3_store(s3_url: str) -> ObjectStore:
    """A store at a fresh prefix of the real S3 server."""
    return open_store(s3_url)


@pytest.fixture
def directory_store(tmp_path) -> DirectoryStore:
    """A fresh directory store."""
    return DirectoryStore(tmp_path / "store")


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """Both stores in turn: what holds for one must hold for the other."""
    found: ObjectStore = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture
def site() -> Iterator[RunningSite]:
    """The local news web in its first edition, served by a thread; see `tests.site`."""
    with serve() as running:
        yield running


@pytest.fixture(scope="session")
def quiet_site() -> Iterator[RunningSite]:
    """The same for tests that leave its edition and its counters alone."""
    with serve() as running:
        yield running
