"""Delete the temporary folders that killed runs have left on this machine."""

import os
import shutil
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

PREFIX = "irtysh-"  # of all temporary files and folders of ours
MAX_AGE = timedelta(days=2)  # since anything in it changed; a crawl writes to its folder every minute


def sweep(now: datetime) -> int:
    """Delete our user's old temporary folders; return how many."""
    before, count = (now - MAX_AGE).timestamp(), 0
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # another run was first
            if path.lstat().st_uid == os.getuid() and _changed(path) < before:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
                count += 1
    return count


def _changed(path: Path) -> float:
    """Return when anything in a folder was last changed, as seconds since 1970."""
    inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
    moments: list[float] = [one.lstat().st_mtime for one in (path, *inside)]
    return max(moments)
