"""Pulls that are interrupted, forged or meet damage."""

import hashlib

import pyarrow.parquet as pq
import pytest

from articles.errors import CorruptError, StoreError, UsageError
from storage.export import formats
from storage.export.deliver import deliver
from storage.export.destination import parse
from storage.export.pull import CHECKSUMS_FILE
from storage.export.selection import Selection
from storage.objects import open_store
from storage.tables import packs
from tests.storage import corpus, samples
from tests.storage.export.pulling import lines, names, pull_to
from tests.storage.history import log_of


def test_a_folder_that_no_pull_wrote_is_left_alone(log, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    pull_to(log, out)  # an empty folder is fine
    (out / "mine.txt").write_text("notes")
    pull_to(log, out, number=0)
    assert (out / "mine.txt").read_text() == "notes"
    pull_to(log, out, form="text")
    assert "documents.jsonl" not in names(out)
    assert "mine.txt" in names(out)
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("notes")
    with pytest.raises(UsageError, match="not empty"):
        pull_to(log, other)
    with pytest.raises(UsageError, match="is a file"):
        pull_to(log, other / "mine.txt")
    assert names(other) == ["mine.txt"]


def test_a_forged_checksum_file_cannot_delete_files_elsewhere(log, tmp_path):
    out = tmp_path / "out"
    pull_to(log, out)
    (tmp_path / "precious").write_text("x")
    (out / CHECKSUMS_FILE).write_text(f"{'0' * 64}  ../precious\n{'0' * 64}  {tmp_path / 'precious'}\n")
    pull_to(log, out, form="text")
    assert (tmp_path / "precious").exists()


def test_an_interrupted_pull_is_resumed(log, tmp_path, monkeypatch):
    class Interrupted(BaseException):
        pass

    def interrupt(_done, _whole):
        raise Interrupted

    out = tmp_path / "out"
    with pytest.raises(Interrupted):
        pull_to(log, out, progress=interrupt)
    assert not out.exists()
    cache = tmp_path / ".out.partial" / "packs"
    fetched = sorted(cache.glob("*.parquet"))
    assert fetched
    fetched[0].write_bytes(b"damaged meanwhile")
    result = pull_to(log, out)
    assert (result.reused, result.fetched) == (len(fetched) - 1, 2 - (len(fetched) - 1))
    assert len(lines(out)) == 4
    assert not cache.exists()


def test_a_full_disk_leaves_the_earlier_pull_intact(log, tmp_path, monkeypatch):
    out = tmp_path / "out"
    pull_to(log, out, number=0)
    before = {name: (out / name).read_bytes() for name in names(out)}

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(formats.JsonLinesWriter, "write", full)
    with pytest.raises(StoreError, match="No space left"):
        pull_to(log, out)
    assert {name: (out / name).read_bytes() for name in names(out)} == before


def test_damage_in_the_store_is_reported(log, tmp_path):
    pack = log.state(2).live("documents")[0]
    data = log.store.get(pack.key)
    log.store.put(pack.key, data[:-20] + bytes(20))
    with pytest.raises(CorruptError, match=pack.key):
        pull_to(log, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damage_in_a_column_read_later_is_reported(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "MAX_WHOLE_READ_BYTES", 0)
    log = log_of(directory_store)
    noisy = [samples.document(n, hashlib.shake_256(b"%d" % n).hexdigest(3000)) for n in range(20)]
    corpus.add(log, [corpus.Sighting(n, one) for n, one in enumerate(noisy)])
    (pack,) = log.state().live("documents")
    data = bytearray(directory_store.get(pack.key))
    at = next(
        column.data_page_offset
        for column in map(pq.read_metadata(directory_store.root / pack.key).row_group(0).column, range(40))
        if column.path_in_schema == "text"
    )
    data[at + 2000] ^= 0xFF
    directory_store.put(pack.key, bytes(data))
    with pytest.raises(CorruptError, match=pack.key):
        pull_to(log, tmp_path / "out", number=0)


def test_a_pull_into_a_bucket_continues_and_replaces_nothing(log, s3_url, tmp_path):
    def to(text, number=2):
        return deliver(
            log, number, parse(text, None), selection=Selection(), since=None, progress=lambda _done, _whole: None
        )

    target = open_store(f"{s3_url}/out")
    pull_to(log, tmp_path / "same", form="parquet")
    first = names(tmp_path / "same")[0]
    target.put(first, (tmp_path / "same" / first).read_bytes())  # what an interrupted pull left
    assert to(f"{s3_url}/out").documents == 4
    assert [info.key for info in target.list("")] == names(tmp_path / "same")
    for name in names(tmp_path / "same"):
        assert target.get(name) == (tmp_path / "same" / name).read_bytes()
    to(f"{s3_url}/out")  # the same again changes nothing
    with pytest.raises(UsageError, match="replaces nothing"):
        to(f"{s3_url}/out", number=0)
    assert to(f"{s3_url}/all.csv").documents == 4
    assert open_store(s3_url).get("all.csv").startswith(b"\xef\xbb\xbftitle,")
