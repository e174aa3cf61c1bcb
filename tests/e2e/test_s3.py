"""Crawl, process and rebuild on a real S3 server give the same documents as on a directory."""

from pathlib import Path

from storage.objects import open_store
from storage.objects.directory import DirectoryStore
from tests.e2e.commanding import irtysh, site_options, write_list
from tests.e2e.test_crash import corpus
from tests.flows.tables import log_of, problems
from tests.site import RunningSite


def test_s3_and_a_directory_give_the_same_corpus(quiet_site: RunningSite, s3_url: str, tmp_path: Path):
    source = write_list(tmp_path, [url for url in quiet_site.urls() if "/private/" not in url])
    options = ["--topic", "any", "--allow-private-hosts", "--json", *site_options(quiet_site)]
    for store in (s3_url, str(tmp_path / "store")):
        done = irtysh("crawl", "--from", source, "--store", store, *options)
        assert done.code == 0, done.err
    expected = corpus(DirectoryStore(tmp_path / "store"))
    on_s3 = open_store(s3_url)
    assert len(expected[0]) > 30
    assert corpus(on_s3) == expected
    done = irtysh("rebuild", "--store", s3_url, "--json")
    assert (done.code, done.last["snapshots"]) == (0, [1]), done.err
    assert corpus(on_s3) == expected
    assert log_of(on_s3).state().head.operation == "rebuild"
    assert problems(on_s3) == []
    assert irtysh("process", "--store", s3_url, "--json").last["snapshots"] == []
