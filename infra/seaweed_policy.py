"""Put the bucket policy of infra/ on a bucket of SeaweedFS, as its owner: `python -m infra.seaweed_policy BUCKET PREFIX`.

SeaweedFS evaluates roles, keys, actions and the prefix of listings. It does not know `s3:if-none-match` and then refuses
every PUT, and inside one machine there is no TLS, so these statements are left out.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

TEMPLATE = Path(__file__).with_name("bucket-policy.json")
ACCOUNT = "000000000000"  # of the identities in SeaweedFS's configuration file
NOT_EVALUATED = {"NothingWithoutTls", "NothingWithOldTls", "WorkersNeverReplaceWhatTheyCreate"}
ATTEMPTS = 60  # a second apart: the store may have just been started


def bucket_policy(bucket: str, prefix: str) -> dict[str, Any]:
    """Return the whole policy for a bucket and a prefix. Roles become SeaweedFS's identities `worker`, `reader`, `keeper`."""
    text = TEMPLATE.read_text("utf-8").replace("BUCKET", bucket).replace("PREFIX", prefix)
    return dict(json.loads(text.replace("ACCOUNT:role/irtysh-", f"{ACCOUNT}:user/")))


def enforceable(policy: dict[str, Any]) -> dict[str, Any]:
    """Return the policy without the statements that SeaweedFS cannot evaluate."""
    return {**policy, "Statement": [one for one in policy["Statement"] if one["Sid"] not in NOT_EVALUATED]}


def main(bucket: str, prefix: str) -> int:
    """Put the policy on the bucket, once the store answers; return an exit code."""
    client = boto3.client("s3")
    text = json.dumps(enforceable(bucket_policy(bucket, prefix)))
    for left in reversed(range(ATTEMPTS)):
        try:
            client.put_bucket_policy(Bucket=bucket, Policy=text)
        except (BotoCoreError, ClientError) as error:
            if not left:
                sys.stderr.write(f"the policy was not put on {bucket}: {type(error).__name__}\n")
                return 1
            time.sleep(1)
        else:
            break
    sys.stdout.write(f"The policy holds for {bucket}/{prefix}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
