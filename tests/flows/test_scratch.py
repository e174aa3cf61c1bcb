"""Temporary folders of killed runs are deleted, and those of living ones are not."""

import os
import tempfile
from datetime import UTC, datetime, timedelta

from flows import scratch

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_only_old_folders_of_ours_are_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name, age in (("irtysh-old", 3), ("irtysh-young", 1), ("irtysh-busy", 3), ("another-old", 3)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "file").touch()
        for path in (folder / "file", folder):
            moment = (NOW - timedelta(days=0 if (name, path.name) == ("irtysh-busy", "file") else age)).timestamp()
            os.utime(path, (moment, moment))
    assert scratch.sweep(NOW) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"irtysh-young", "irtysh-busy", "another-old"}
