"""Generate the secrets of infra/compose.yaml: `python -m infra.make_secrets`. Existing ones are never replaced.

They are files in infra/secrets/, a folder that only you can enter. The files themselves can be read by others, since
containers mount them one by one and run as other users.
"""

import json
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).with_name("secrets")
OWNER_ACTIONS = ["Admin", "Read", "List", "Tagging", "Write"]
IDENTITIES = {"keeper": OWNER_ACTIONS, "worker": [], "reader": []}  # workers and readers: what the bucket policy allows
SECRET_BYTES = 32


def generate() -> dict[str, str]:
    """Return fresh secrets by file name."""
    keys = {name: (secrets.token_hex(10), secrets.token_urlsafe(SECRET_BYTES)) for name in IDENTITIES}
    identities = [
        {"name": name, "credentials": [{"accessKey": keys[name][0], "secretKey": keys[name][1]}], "actions": actions}
        for name, actions in IDENTITIES.items()
    ]
    files = {
        f"{name}.credentials": f"[default]\naws_access_key_id = {access}\naws_secret_access_key = {secret}\n"
        for name, (access, secret) in keys.items()
    }
    return {
        **files,
        "s3.json": json.dumps({"identities": identities}, indent=1) + "\n",
        "prefect-auth": f"irtysh:{secrets.token_urlsafe(SECRET_BYTES)}",
    }


def main(folder: Path = FOLDER) -> int:
    """Write the secrets; return an exit code."""
    if folder.exists():
        sys.stderr.write(f"{folder} exists; delete it to make new secrets\n")
        return 1
    folder.mkdir(mode=0o700)
    for name, text in generate().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o444)
    sys.stdout.write(f"Secrets are in {folder}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
