"""AWS's rules for bucket policies, as far as `infra/bucket-policy.json` uses them, and a gate that enforces them.

SeaweedFS evaluates principals, actions, resources, `Deny` and `s3:prefix`, but neither knows `s3:if-none-match` nor
speaks TLS in these tests. The gate stands before every request of a boto3 client and answers as AWS would.
"""

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.seaweed_policy import ACCOUNT

Policy = Mapping[str, Any]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def allows(policy: Policy, who: str, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether the policy lets an identity do this: a Deny decides before any Allow."""
    facts = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", **(context or {})}
    effects = {
        statement["Effect"]
        for statement in policy["Statement"]
        if _is_for(statement["Principal"], who)
        and any(_like(pattern, action) for pattern in as_list(statement["Action"]))
        and any(_like(pattern, resource) for pattern in as_list(statement["Resource"]))
        and all(
            _holds(operator, values, facts.get(key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    }
    return effects == {"Allow"}


def _is_for(principal: Any, who: str) -> bool:
    return principal == "*" or f"arn:aws:iam::{ACCOUNT}:user/{who}" in as_list(principal["AWS"])


def _like(pattern: str, value: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value, re.DOTALL) is not None


def _holds(operator: str, wanted: Any, found: str | None) -> bool:
    """A condition on a key that the request lacks does not hold, except Null."""
    if operator == "Null":
        return (found is None) == (wanted == "true")
    if found is None:
        return False
    holds = {
        "Bool": lambda value: found == value,
        "StringLike": lambda value: _like(value, found),
        "NumericLessThan": lambda value: float(found) < float(value),
    }[operator]
    return any(holds(value) for value in as_list(wanted))


class Gate:
    """Refuses what the policy does not allow an identity, and keeps what it refused."""

    def __init__(self, policy: Policy, who: str) -> None:
        self.policy = policy
        self.who = who
        self.refused: list[tuple[str, str]] = []
        self.asked: list[tuple[str, str]] = []

    def guard(self, client: Any) -> None:
        """Stand before all requests of a client."""
        client.meta.events.register("provide-client-params.s3", self._before)
        client.meta.events.register("after-call.s3.GetObject", self._after)

    def _before(self, params: Mapping[str, Any], model: Any, **_other: Any) -> None:
        name, bucket = model.name, f"arn:aws:s3:::{params['Bucket']}"
        resource = bucket
        context: dict[str, str] = {}
        if name.startswith("List"):
            action = {"ListObjectsV2": "s3:ListBucket", "ListMultipartUploads": "s3:ListBucketMultipartUploads"}[name]
            context = {"s3:prefix": params.get("Prefix", "")}
        else:
            action, resource = f"s3:{name}", f"{bucket}/{params['Key']}"
        if name in {"PutObject", "CompleteMultipartUpload", "CreateMultipartUpload", "UploadPart"}:
            action = "s3:PutObject"
            creates = name in {"PutObject", "CompleteMultipartUpload"}
            context = {"s3:ObjectCreationOperation": str(creates).lower()}
            if (condition := params.get("IfNoneMatch")) is not None:
                context["s3:if-none-match"] = condition
        self.asked.append((name, params.get("Key", "")))
        if not allows(self.policy, self.who, action, resource, context):
            self.refused.append((name, params.get("Key", "")))
            raise _denied(name)

    def _after(self, http_response: Any, **_other: Any) -> None:
        """AWS tells only those that a key is missing who may list without a prefix."""
        if http_response.status_code == 404:
            raise _denied("GetObject")


def _denied(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, operation)
