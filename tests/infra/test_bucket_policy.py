"""The bucket policy of infra/: what it says, what it stops on a real server, and that workers can work under it."""

import json
import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import storage
from articles.errors import DeniedError, MissingError
from flows import process as stages
from flows.listener import SilentListener
from flows.processing import topics
from flows.rebuild import rebuild
from flows.release import release
from infra.seaweed_policy import NOT_EVALUATED, TEMPLATE, bucket_policy, enforceable
from spiders.process.runs import Run
from storage import profiles, quarantine
from storage.objects import PROBE_KEY, open_store, probe
from storage.objects.s3 import S3Store
from storage.snapshots.catalog import tag
from storage.snapshots.gc import gc
from storage.tables import log as logs
from storage.tables.schemas import SCHEMAS
from tests.e2e.commanding import here, irtysh, site_options, write_list
from tests.flows.making import put
from tests.flows.processing.test_incremental import captures
from tests.flows.tables import Direct, context, log_of, problems
from tests.infra.policy import Gate, allows, as_list
from tests.storage import history

BUCKET = "guarded"
SHA = "0" * 64
CREATE_ONLY = [
    "captures/steppe.example/2026/11/01/run-00000.warc.gz",
    "documents/_delta_log/00000000000000000003.json",
    "documents/_delta_log/00000000000000000003.checkpoint.parquet",
    *(f"{table}/{SHA}.parquet" for table in SCHEMAS),
    "tags/paper.json",
    "releases/paper/SHA256SUMS",
    f"topics/{SHA}.yaml",
    f"profiles/{SHA}.json",
    "profiles/in-force/0000000003.json",
    f"configurations/{SHA}.json",
    "quarantine/0000000003.json",
    "index/states/00000000000000000003.json.gz",
    "index/fetches/a/00000000000000000003.parquet",
    PROBE_KEY,
]
REPLACED = ["status/a.json", "documents/_delta_log/_last_checkpoint"]
FORGOTTEN = ["runs/a/b.json", "leases/a/0000000003.json"]  # replaced, and deleted when they are old
CREATES = {"s3:if-none-match": "*", "s3:ObjectCreationOperation": "true"}
REPLACES = {"s3:ObjectCreationOperation": "true"}
POLICY = bucket_policy(BUCKET, "corpus")


def arn(key: str = "") -> str:
    return f"arn:aws:s3:::{BUCKET}" + (f"/{key}" if key else "")


# What it says, by AWS's rules


@pytest.mark.parametrize("key", CREATE_ONLY)
def test_workers_create_and_never_replace_or_delete(key):
    at = arn(f"corpus/{key}")
    assert allows(POLICY, "worker", "s3:PutObject", at, CREATES)
    assert not allows(POLICY, "worker", "s3:PutObject", at, REPLACES)
    assert not allows(POLICY, "worker", "s3:PutObject", at, {**REPLACES, "s3:if-match": "etag"})
    assert not allows(POLICY, "worker", "s3:PutObject", at, {**CREATES, "aws:SecureTransport": "false"})
    assert not allows(POLICY, "worker", "s3:PutObject", at, {**CREATES, "s3:TlsVersion": "1.1"})
    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:BypassGovernanceRetention"):
        assert not allows(POLICY, "worker", action, at)


@pytest.mark.parametrize("key", REPLACED)
def test_workers_replace_what_is_meant_to_change(key):
    assert allows(POLICY, "worker", "s3:PutObject", arn(f"corpus/{key}"), REPLACES)
    assert not allows(POLICY, "worker", "s3:DeleteObject", arn(f"corpus/{key}"))


@pytest.mark.parametrize("key", FORGOTTEN)
def test_workers_replace_and_delete_what_says_that_they_run(key):
    for write in (CREATES, REPLACES):
        assert allows(POLICY, "worker", "s3:PutObject", arn(f"corpus/{key}"), write)
    assert allows(POLICY, "worker", "s3:DeleteObject", arn(f"corpus/{key}"))
    assert not allows(POLICY, "worker", "s3:DeleteObjectVersion", arn(f"corpus/{key}"))


def test_workers_upload_releases_in_parts_and_complete_them_by_a_create():
    at = arn("corpus/releases/paper/part.parquet")
    assert allows(POLICY, "worker", "s3:PutObject", at, {"s3:ObjectCreationOperation": "false"})
    assert not allows(POLICY, "worker", "s3:PutObject", at, REPLACES)
    assert allows(POLICY, "worker", "s3:AbortMultipartUpload", at)


KEPT = {"redactions"}  # only the store's owner takes articles down


def test_workers_record_no_takedowns():
    at = arn("corpus/redactions/0000000000.json")
    assert not allows(POLICY, "worker", "s3:PutObject", at, CREATES)
    assert allows(POLICY, "keeper", "s3:PutObject", at, CREATES)


def test_every_key_of_the_layout_belongs_to_a_class():
    folders = {key.split("/")[0] for key in [*CREATE_ONLY, *REPLACED, *FORGOTTEN]}
    documented = set(re.findall(r"^ {4}([a-z]+)/", storage.__doc__ or "", re.MULTILINE))
    assert documented - {"objects", "snapshots", "export", "tables"} <= folders | set(SCHEMAS) | KEPT
    assert set(SCHEMAS) <= folders


@pytest.mark.parametrize(
    "key", ["other/captures/a", "captures/a", "corpusx/captures/a", "corpus/elsewhere", "corpus/documents/a"]
)
def test_workers_write_nowhere_else(key):
    assert not allows(POLICY, "worker", "s3:PutObject", arn(key), CREATES)


@pytest.mark.parametrize("who", ["worker", "reader", "keeper"])
def test_nobody_lists_beyond_the_prefix(who):
    for prefix in ("corpus/", "corpus/captures/"):
        assert allows(POLICY, who, "s3:ListBucket", arn(), {"s3:prefix": prefix})
    for prefix in ("", "other/", "corpus", "corpusx/"):
        assert not allows(POLICY, who, "s3:ListBucket", arn(), {"s3:prefix": prefix})
    assert not allows(POLICY, who, "s3:ListBucket", arn())


def test_readers_only_read():
    assert allows(POLICY, "reader", "s3:GetObject", arn("corpus/captures/a"))
    assert not allows(POLICY, "reader", "s3:GetObject", arn("other/captures/a"))
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:PutBucketPolicy"):
        for key in (*CREATE_ONLY, *REPLACED):
            assert not allows(POLICY, "reader", action, arn(f"corpus/{key}"), CREATES)
    assert not any(
        allows(POLICY, "stranger", action, arn("corpus/tags/a")) for action in ("s3:GetObject", "s3:PutObject")
    )


def test_no_statement_gives_workers_or_readers_more_than_it_names():
    statements = json.loads(TEMPLATE.read_text("utf-8"))["Statement"]
    (replaced,) = [one["Resource"] for one in statements if one["Sid"] == "WorkersReplace"]
    for statement in statements:
        assert "NotAction" not in statement
        assert "NotPrincipal" not in statement
        if statement["Effect"] == "Allow":
            assert statement["Principal"] != "*"
            assert not [action for action in as_list(statement["Action"]) if "*" in action]
            if "keeper" not in str(statement["Principal"]):
                # what a worker may delete it may replace as well, so deleting gives it no more power
                deleting = [action for action in as_list(statement["Action"]) if "Delete" in action]
                assert not deleting or set(statement["Resource"]) < set(replaced)


# What a real server makes of it


def client_of(server):
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}, signature_version="s3v4"),
    )


def test_of_the_policy_only_what_seaweedfs_cannot_evaluate_is_left_out():
    kept = enforceable(POLICY)["Statement"]
    left_out = [statement["Sid"] for statement in POLICY["Statement"] if statement not in kept]
    assert set(left_out) == NOT_EVALUATED
    assert len(kept) + len(left_out) == len(POLICY["Statement"])


@pytest.fixture
def guarded(s3_server):
    """A bucket of its own with the policy, and the clients of its owner, a worker and a reader."""
    bucket = f"{BUCKET}-{uuid.uuid4().hex[:8]}"
    owner = client_of(s3_server)
    owner.create_bucket(Bucket=bucket)
    owner.put_bucket_policy(Bucket=bucket, Policy=json.dumps(enforceable(bucket_policy(bucket, "corpus"))))
    worker, reader = (s3_server.guest(name, bucket) for name in ("worker", "reader"))
    deadline = time.monotonic() + 30
    while not _ready(client_of(worker), bucket):
        assert time.monotonic() < deadline, "the policy never applied"
        time.sleep(0.1)
    return owner, worker, reader


def _ready(client, bucket):
    try:
        client.list_objects_v2(Bucket=bucket, Prefix="corpus/")
    except ClientError:
        return False
    return True


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDenied"
    return False


def test_a_real_server_holds_worker_and_reader_to_it(guarded):
    owner, worker_server, reader_server = guarded
    bucket, worker, reader = worker_server.bucket, client_of(worker_server), client_of(reader_server)
    owner.put_object(Bucket=bucket, Key="other/secret", Body=b"secret")
    for key in (f"corpus/{key}" for key in (*CREATE_ONLY, *REPLACED)):
        assert refused(reader.put_object, Bucket=bucket, Key=key, Body=b"reader", IfNoneMatch="*")
        worker.put_object(Bucket=bucket, Key=key, Body=b"worker", IfNoneMatch="*")
        for client in (worker, reader):
            assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == b"worker"
            assert refused(client.delete_object, Bucket=bucket, Key=key)
    for key in ("corpus/elsewhere", "other/new", "corpus/documents/a"):
        assert refused(worker.put_object, Bucket=bucket, Key=key, Body=b"", IfNoneMatch="*")
    for client in (worker, reader):
        assert client.list_objects_v2(Bucket=bucket, Prefix="corpus/tags/")["KeyCount"] == 1
        assert refused(client.get_object, Bucket=bucket, Key="other/secret")
        assert refused(client.list_objects_v2, Bucket=bucket)
        assert refused(client.list_objects_v2, Bucket=bucket, Prefix="other/")
        assert refused(client.delete_bucket_policy, Bucket=bucket)
        assert refused(client.put_bucket_policy, Bucket=bucket, Policy="{}")
    assert owner.get_object(Bucket=bucket, Key="other/secret")["Body"].read() == b"secret"


def test_a_worker_crawls_and_a_reader_pulls_on_a_real_server(guarded, quiet_site, tmp_path):
    _, worker, reader = guarded
    store = f"s3://{worker.bucket}/corpus"
    source = write_list(tmp_path, [url for url in quiet_site.urls() if "/private/" not in url][:12])
    options = ["--topic", "any", "--allow-private-hosts", "--json", *site_options(quiet_site)]
    done = irtysh("crawl", "--from", source, "--store", store, *options, **worker.env)
    assert done.code == 0, done.err
    for command in (["rebuild"], ["tag", "latest", "paper"], ["release", "latest", "paper"], ["rebuild"]):
        done = here(*command, "--store", store, **worker.env)
        assert done.code == 0, (command, done.err)
    for command in (["verify", "paper"], ["pull", "paper", tmp_path / "pulled"]):
        done = here(*command, "--store", store, **reader.env)
        assert done.code == 0, (command, done.err)
    for command in (["tag", "latest", "mine"], ["rebuild"]):
        done = here(*command, "--store", store, **reader.env)
        assert (done.code, "do not allow it" in done.err) == (2, True), done.err


# Work under AWS's rules


@pytest.fixture
def gated(s3_url):
    """Stores behind the gate, by identity, all at one fresh prefix; and what the gates refused."""

    def opened(who):
        store = open_store(s3_url)
        bucket, _, prefix = s3_url.removeprefix("s3://").partition("/")
        gate = Gate(bucket_policy(bucket, prefix), who)
        assert isinstance(store, S3Store)
        gate.guard(store._client)
        return store, gate

    return opened


def test_a_worker_needs_nothing_that_aws_would_refuse(gated, tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "INDEX_INTERVAL_COMMITS", 2)
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store, gate = gated("worker")
    probe(store)
    probe(store)
    put(store, tmp_path / "spool", "run", captures(), records=8)
    (tmp_path / "topic.yaml").write_bytes((files("articles") / "data/topics/any.yaml").read_bytes())
    for _ in range(2):
        topics.specify(store, str(tmp_path / "topic.yaml"))
        profiles.put(store, {"steppe.example": b"{}"})
        Run("a", SHA, "2026-11-01T00:00:00+00:00", "any").save(store)
        quarantine.change(store, lambda _marks: {("a", "b"): quarantine.QuarantineMark("a", "b", ("why",), "rules")})
    stages.process(context(store))
    rebuild(context(store, seed=2))
    rebuild(context(store, seed=3))
    book = log_of(store)
    assert book.head() >= 2
    tag(book, "latest", "paper", "", datetime.now(UTC))
    release(book, book.head(), "paper", note="", now=datetime.now(UTC), listener=SilentListener())
    assert problems(store) == []
    assert gate.refused == []
    assert {key for call, key in gate.asked if call == "DeleteObject"} == set()
    with pytest.raises(MissingError):
        store.get("tags/none.json")


def test_a_worker_that_resumes_is_stopped_by_nothing(gated, monkeypatch):
    monkeypatch.setattr(logs, "INDEX_INTERVAL_COMMITS", 1)
    monkeypatch.setattr(logs, "KEPT_INDEXES", 1)
    store, gate = gated("worker")
    book = history.log_of(store)
    left = history.draft(store, -1, [1])  # its writer dies before the commit
    assert history.draft(store, -1, [1]) == left
    for number in range(4):
        history.commit(book, [number])
    assert history.row_ids(store, history.log_of(store).state()) == history.ids(range(4))
    assert {call for call, _ in gate.refused} == {"PutObject", "DeleteObject"}  # a pack left behind, sums that are old


def test_a_keeper_collects_garbage(gated):
    worker, _ = gated("worker")
    history.commit(history.log_of(worker), [1])
    (orphan, *_) = history.draft(worker, 0, [2]).add
    keeper, gate = gated("keeper")
    later = datetime.now(UTC) + timedelta(hours=25)
    assert orphan.key in gc(history.log_of(keeper), later, dry_run=False).keys
    assert gate.refused == []


def test_a_hostile_worker_changes_nothing(gated):
    worker, _ = gated("worker")
    history.commit(history.log_of(worker), [1])
    before = {found.key: worker.get(found.key) for found in worker.list("")}
    for key in before:
        with pytest.raises(DeniedError):
            worker.put(key, b"planted")
        with pytest.raises(DeniedError):
            worker.delete(key)
    assert {found.key: worker.get(found.key) for found in worker.list("")} == before
