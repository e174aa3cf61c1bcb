"""The files for OpenTofu parse, declare what they use, keep the bucket private, and delete no object that is in use."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

INFRA = Path(__file__).parents[2] / "infra"
FILES = sorted((INFRA / "tofu").glob("*.tf"))
TEXT = "\n".join(path.read_text("utf-8") for path in FILES)


@pytest.fixture(scope="module")
def parsed() -> dict[str, list[Any]]:
    hcl2 = pytest.importorskip("hcl2")
    found: dict[str, list[Any]] = {}
    for path in FILES:
        with path.open(encoding="utf-8") as file:
            for kind, blocks in hcl2.load(file).items():
                found.setdefault(kind, []).extend(blocks)
    return found


def resources(parsed: dict[str, list[Any]]) -> dict[str, dict[str, Any]]:
    return {
        kind.strip('"'): one for block in parsed["resource"] for kind, named in block.items() for one in named.values()
    }


def test_every_variable_that_is_used_is_declared_and_described(parsed):
    declared = {name.strip('"'): one for block in parsed["variable"] for name, one in block.items()}
    assert set(re.findall(r"\bvar\.(\w+)", TEXT)) == declared.keys()
    assert all(one["description"] for one in declared.values())
    assert {name for name, one in declared.items() if "default" not in one} == {"bucket"}


def test_the_bucket_is_private_versioned_and_not_destroyed_by_mistake(parsed):
    found = resources(parsed)
    block = found["aws_s3_bucket_public_access_block"]
    for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
        assert block[name] is True
    assert found["aws_s3_bucket"]["lifecycle"][0]["prevent_destroy"] is True
    assert "Enabled" in found["aws_s3_bucket_versioning"]["versioning_configuration"][0]["status"]


def test_no_rule_of_the_lifecycle_deletes_a_current_object(parsed):
    rules = resources(parsed)["aws_s3_bucket_lifecycle_configuration"]["rule"]
    assert len(rules) == 3
    for rule in rules:
        for expiration in rule.get("expiration", ()):
            assert set(expiration) - {"__is_block__"} == {"expired_object_delete_marker"}


def test_the_policy_is_the_one_file_and_its_placeholders_are_all_replaced():
    assert 'file("${path.module}/../bucket-policy.json")' in TEXT
    policy = (INFRA / "bucket-policy.json").read_text("utf-8")
    for word, value in (("ACCOUNT", "123456789012"), ("BUCKET", "corpus"), ("PREFIX", "kz-ru")):
        assert f'"{word}"' in TEXT
        policy = policy.replace(word, value)
    assert not re.findall(r"\b[A-Z]{4,}\b", policy)
    named = {role.rpartition("/")[2] for role in re.findall(r"arn:aws:iam::\d+:role/[\w-]+", policy)}
    roles = re.search(r"toset\((\[.*?\])\)", TEXT)
    assert roles
    assert named == set(json.loads(roles[1]))
