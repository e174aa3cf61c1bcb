"""The captures of a snapshot leave as a WACZ file, and come back as the same captures."""

import hashlib
import io
import json
import zipfile

import pytest
from fastwarc.warc import ArchiveIterator

from flows.cli import run
from tests.storage.captures.test_importing import ForeignWarc

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")


def test_a_wacz_has_index_pages_and_checksums_and_can_be_imported_again(tmp_path, capfd):
    made = ForeignWarc(compressed=True)
    made.add("http://www.alpha.example/B?c=D", b"<p>one</p>").add("http://beta.test/2", b"<p>two</p>")
    (tmp_path / "in.warc.gz").write_bytes(made.data)
    run(["import", str(tmp_path / "in.warc.gz"), "--topic", "any", "--store", str(tmp_path / "a"), "--workers", "1"])
    out = tmp_path / "out.wacz"
    assert run(["wacz", str(out), "--store", str(tmp_path / "a")]) == 0
    with zipfile.ZipFile(out) as archive:
        package = json.loads(archive.read("datapackage.json"))
        for resource in package["resources"]:
            data = archive.read(resource["path"])
            assert (resource["hash"], resource["bytes"]) == ("sha256:" + hashlib.sha256(data).hexdigest(), len(data))
        index = archive.read("indexes/index.cdx").decode().splitlines()
        assert [line.split(" ")[0] for line in index] == ["example,alpha)/b?c=d", "test,beta)/2"]
        for line in index:
            facts = json.loads(line.split(" ", 2)[2])
            data = archive.read(f"archive/{facts['filename']}")
            begin = int(facts["offset"])
            (record,) = ArchiveIterator(io.BytesIO(data[begin : begin + int(facts["length"])]))
            assert record.headers["WARC-Target-URI"] == facts["url"]
        pages = [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()]
        assert [page.get("url") for page in pages[1:]] == ["http://www.alpha.example/B?c=D", "http://beta.test/2"]
    run(["import", str(out), "--topic", "any", "--store", str(tmp_path / "b"), "--workers", "1"])
    capfd.readouterr()
    assert run(["wacz", str(tmp_path / "again.wacz"), "--store", str(tmp_path / "b"), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["pages"] == 2
    for wrong in ([str(out)], [str(tmp_path / "x.zip")], [str(tmp_path / "x.wacz"), "--outlet", "none"], []):
        assert run(["wacz", *wrong, "--store", str(tmp_path / "a")]) == 2
