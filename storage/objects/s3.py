"""S3 as an object store, through boto3, which is configured as usual: variables, profiles, roles.

Every PUT carries the SHA-256 of its bytes, so the server refuses data that was damaged on the way. Bodies are bytes,
never streams: boto3 sends a stream over HTTPS as `aws-chunked`, which some servers store as a Content-Encoding.
"""

import base64
import contextlib
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from articles.errors import (
    ContendedError,
    CorruptError,
    DeniedError,
    ExistsError,
    MissingError,
    StoreError,
    UnreachableError,
    UsageError,
)
from storage.objects.base import COPY_CHUNK_BYTES, ObjectInfo, check_key, start_after
from storage.objects.patience import (
    BROKEN_CONNECTION,
    CONNECT_TIMEOUT_SECONDS,
    MAX_ATTEMPTS,
    MAX_OPEN_ATTEMPTS,
    READ_TIMEOUT_SECONDS,
    retried,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, ListObjectsV2RequestTypeDef

MAX_SINGLE_PUT_BYTES = 64 << 20  # a larger object is uploaded in parts; segments and packs (≤ 64 MB) take one PUT
UPLOAD_PART_BYTES = 16 << 20  # held in memory; S3 allows 10,000 parts, which makes 160 GB
MAX_CONNECTIONS = 32  # more than any command reads at once

REFUSAL_REASONS = {
    "InvalidAccessKeyId": "the server does not know the access key",
    "SignatureDoesNotMatch": "the secret key does not match the access key",
    "ExpiredToken": "the session token has expired",
    "ExpiredTokenException": "the session token has expired",
    "InvalidToken": "the session token is not valid",
    "TokenRefreshRequired": "the session token has expired",
    "AccessDenied": "these credentials do not allow it",
    "403": "these credentials do not allow it",
    "AuthorizationHeaderMalformed": "the region is wrong (AWS_REGION)",
    "PermanentRedirect": "the bucket is in another region (AWS_REGION)",
    "IllegalLocationConstraintException": "the bucket is in another region (AWS_REGION)",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "InvalidBucketName": "the bucket name is not valid",
}
MISSING_CODES = {"NoSuchKey", "404", "NotFound"}
EXISTS_CODES = {"PreconditionFailed", "412"}
DENIED_CODES = {"AccessDenied", "403"}
OUTAGE_CODES = {
    "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "Throttling", "ThrottlingException",
    "RequestLimitExceeded", "BandwidthLimitExceeded", "429", "500", "502", "503", "504",
}  # fmt: skip
CONTENDED_CODES = {"ConditionalRequestConflict", "OperationAborted", "409"}


class S3Store:
    """Keeps objects in one bucket below one prefix ("" or `a/b/`)."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    @classmethod
    def connect(cls, url: str) -> "S3Store":
        """Open `s3://bucket/prefix` and check that it answers. Raises UsageError; its message holds no secrets."""
        bucket, prefix = _parse(url)
        try:
            session = boto3.Session()
            store = cls(_client(session, MAX_OPEN_ATTEMPTS), bucket, prefix)
            with store._errors(""):
                store._client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
            return cls(_client(session, MAX_ATTEMPTS), bucket, prefix)
        except BotoCoreError as error:  # a profile that does not exist, a malformed endpoint
            raise UsageError(f"cannot open s3://{bucket}/{prefix}: {_safe_message(error)}") from None
        except ValueError:  # raised by botocore if the endpoint is not a URL; its message may hold a password
            raise UsageError(f"cannot open s3://{bucket}/{prefix}: the endpoint is not a URL") from None

    @property
    def url(self) -> str:
        """`s3://bucket/prefix`."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def get(self, key: str) -> bytes:
        """Return a whole object. Raises MissingError."""
        name = self._name(key)
        with self._reading(key):
            return retried(lambda: self._body(name))

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`: fewer at the object's end, none after it. Raises MissingError."""
        name = self._name(key)
        span = f"bytes={start}-{start + length - 1}"
        with self._reading(key):
            try:
                return retried(lambda: self._body(name, Range=span))
            except ClientError as error:
                if _code(error) in {"InvalidRange", "416"}:
                    return b""
                raise

    def download(self, key: str, path: Path) -> None:
        """Stream an object into a file. Raises MissingError."""
        name = self._name(key)

        def copy() -> None:
            body = self._client.get_object(Bucket=self._bucket, Key=name)["Body"]
            with path.open("wb") as file:
                for block in body.iter_chunks(COPY_CHUNK_BYTES):
                    file.write(block)

        with self._reading(key):
            retried(copy)

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object; the server checks its SHA-256."""
        name = self._name(key)
        with self._errors(key):
            self._client.put_object(Bucket=self._bucket, Key=name, Body=data, ChecksumSHA256=_sha256(data))

    def put_new_file(self, key: str, path: Path) -> None:
        """Create an object from a file, in parts above `MAX_SINGLE_PUT_BYTES`; the server checks each part's SHA-256."""
        if path.stat().st_size <= MAX_SINGLE_PUT_BYTES:
            self.put_new(key, path.read_bytes())
            return
        name = self._name(key)
        with self._errors(key):
            upload = self._client.create_multipart_upload(Bucket=self._bucket, Key=name, ChecksumAlgorithm="SHA256")
            with self._aborting(name, upload["UploadId"]):
                parts = list(self._parts(name, upload["UploadId"], path))
                try:
                    self._client.complete_multipart_upload(
                        Bucket=self._bucket,
                        Key=name,
                        UploadId=upload["UploadId"],
                        MultipartUpload={"Parts": parts},
                        IfNoneMatch="*",
                    )
                except ClientError as error:
                    if _code(error) == "NoSuchUpload" and any(info.key == key for info in self.list(key)):
                        raise ExistsError(f"{key} exists in {self.url}") from None  # a lost answer: perhaps our own
                    raise

    def put_new(self, key: str, data: bytes) -> None:
        """Create an object. Raises ExistsError (412) if there is one, or ContendedError (409): try again."""
        name = self._name(key)
        with self._errors(key):
            self._client.put_object(
                Bucket=self._bucket, Key=name, Body=data, ChecksumSHA256=_sha256(data), IfNoneMatch="*"
            )

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        """Yield the objects whose keys begin with `prefix` and sort after `after`, in the order of their keys."""
        arguments: ListObjectsV2RequestTypeDef = {"Bucket": self._bucket, "Prefix": self._prefix + prefix}
        if bound := start_after(prefix, after):
            arguments["StartAfter"] = self._prefix + bound
        found = []
        with self._errors(prefix):
            while True:
                page = self._client.list_objects_v2(**arguments)
                for item in page.get("Contents", []):
                    key = item["Key"][len(self._prefix) :]
                    if key > after:
                        found.append(ObjectInfo(key, item["Size"], item["LastModified"].astimezone(UTC)))
                if not page["IsTruncated"]:
                    break
                arguments["ContinuationToken"] = page["NextContinuationToken"]
        yield from sorted(found, key=lambda info: info.key)  # see `start_after`

    def delete(self, key: str) -> None:
        """Remove an object. A missing object is no error."""
        name = self._name(key)
        with self._errors(key), contextlib.suppress(MissingError):
            self._client.delete_object(Bucket=self._bucket, Key=name)

    def time(self) -> datetime | None:
        """Return the time that the server states in the answer to a listing."""
        with self._errors(""):
            answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        stated = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
        try:
            return parsedate_to_datetime(stated).astimezone(UTC)
        except ValueError:
            return None

    def sweep(self, before: datetime) -> int:
        """Abort multipart uploads that began before then; return how many."""
        count = 0
        pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=self._prefix)
        with self._errors(""):
            for page in pages:
                for upload in page.get("Uploads", []):
                    if upload["Initiated"] < before:
                        self._abort(upload["Key"], upload["UploadId"])
                        count += 1
        return count

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _body(self, name: str, **more: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=name, **more)["Body"].read()  # type: ignore[arg-type]

    def _parts(self, name: str, upload: str, path: Path) -> Iterator["CompletedPartTypeDef"]:
        with path.open("rb") as file:
            number = 1
            while block := file.read(UPLOAD_PART_BYTES):
                checksum = _sha256(block)
                answer = self._client.upload_part(
                    Bucket=self._bucket,
                    Key=name,
                    UploadId=upload,
                    PartNumber=number,
                    Body=block,
                    ChecksumSHA256=checksum,
                )
                yield {"ETag": answer["ETag"], "PartNumber": number, "ChecksumSHA256": checksum}
                number += 1

    @contextlib.contextmanager
    def _aborting(self, name: str, upload: str) -> Iterator[None]:
        done = False
        try:
            yield
            done = True
        finally:
            if not done:
                with contextlib.suppress(BotoCoreError, ClientError):  # the first error is the one to report
                    self._abort(name, upload)

    def _abort(self, name: str, upload: str) -> None:
        self._client.abort_multipart_upload(Bucket=self._bucket, Key=name, UploadId=upload)

    @contextlib.contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        """Turn errors of a read into ours.

        AWS answers 403 for a missing key where ListBucket is allowed below a prefix only, as `infra/bucket-policy.json`
        does: a GET has no prefix. A listing of the key shows what the 403 means.
        """
        try:
            with self._errors(key):
                yield
        except DeniedError:
            if any(info.key == key for info in self.list(key)):
                raise
            raise MissingError(f"{self.url}/{key} does not exist") from None

    @contextlib.contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        """Turn errors of boto3 into ours. The server's messages are not used: they may hold keys and signatures."""
        what = f"s3://{self._bucket}/{self._prefix}{key}"
        endpoint = _without_secrets(self._client.meta.endpoint_url)
        try:
            yield
        except ClientError as error:
            self._raise_for(_code(error), what, endpoint)
        except (NoCredentialsError, PartialCredentialsError):
            raise UsageError(
                f"no credentials for {what}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            ) from None
        except BROKEN_CONNECTION as error:
            raise UnreachableError(f"cannot reach {endpoint} for {what}: {type(error).__name__}") from None
        except (ResponseParserError, KeyError, ValueError):  # a bit may have flipped on the way
            raise UnreachableError(f"{endpoint} answers what cannot be read for {what}; try again") from None
        except FlexibleChecksumError:
            raise CorruptError(f"{what} at {endpoint} does not match its checksum") from None
        except BotoCoreError as error:
            raise StoreError(f"{what} at {endpoint}: {_safe_message(error)}") from None

    def _raise_for(self, code: str, what: str, endpoint: str) -> NoReturn:
        if code in MISSING_CODES:
            raise MissingError(f"{what} does not exist") from None
        if code in EXISTS_CODES:
            raise ExistsError(f"{what} exists") from None
        if code in CONTENDED_CODES:
            raise ContendedError(f"another writer is writing {what}; try again") from None
        if code == "NoSuchBucket":
            raise UsageError(
                f"there is no bucket {self._bucket!r} at {endpoint}; create it, or correct --store"
            ) from None
        if code in REFUSAL_REASONS:
            kind = DeniedError if code in DENIED_CODES else UsageError
            raise kind(f"{endpoint} refuses {what}: {REFUSAL_REASONS[code]} ({code})") from None
        if code in OUTAGE_CODES:
            raise UnreachableError(f"{endpoint} answers {code} for {what}: it is overloaded or down") from None
        raise StoreError(f"{endpoint} answers {code} for {what}") from None


def _client(session: boto3.Session, attempts: int) -> "S3Client":
    config = Config(
        retries={"mode": "standard", "max_attempts": attempts},
        signature_version="s3v4",
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        max_pool_connections=MAX_CONNECTIONS,
        request_checksum_calculation="when_required",  # each call carries our own
    )
    return session.client("s3", config=config)


def _parse(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if "@" in parts.netloc or ":" in parts.netloc:
        raise UsageError("an s3:// URL must not hold credentials or a port; set the AWS_… variables instead")
    if not parts.netloc or parts.query or parts.fragment:
        raise UsageError(f"{url} is not of the form s3://bucket/prefix")
    prefix = parts.path.strip("/")
    if prefix:
        check_key(prefix)
    return parts.netloc, prefix + "/" if prefix else ""


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "an error without a code")


def _safe_message(error: BotoCoreError) -> str:
    """Return the message of a botocore error if it holds only names, otherwise the error's class."""
    names = {"ProfileNotFound", "NoRegionError", "InvalidRegionError", "ParamValidationError"}
    return str(error) if type(error).__name__ in names else type(error).__name__


def _without_secrets(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
