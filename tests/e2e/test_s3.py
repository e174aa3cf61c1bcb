"""Crawl, process and rebuild on a real S3 server give the documents that a directory gives of the same captures."""

from pathlib import Path

import pytest

from flows import process as stages
from storage.objects import open_store
from storage.objects.directory import DirectoryStore
from tests.e2e.commanding import irtysh, site_options, write_list
from tests.e2e.test_crash import corpus
from tests.flows.tables import context, log_of, problems
from tests.site import RunningSite, manifest


@pytest.mark.usefixtures("usual_starts")  # each process has a hash seed of its own
def test_s3_and_a_directory_give_the_same_corpus(quiet_site: RunningSite, s3_url: str, tmp_path: Path):
    wanted = [page for page in manifest.pages() if page.documents and not page.disallowed]
    source = write_list(tmp_path, [quiet_site.url(page.outlet, page.path, by_host=True) for page in wanted])
    options = ["--topic", "any", "--allow-private-hosts", "--json", *site_options(quiet_site)]
    done = irtysh("crawl", "--from", source, "--store", s3_url, *options)
    assert done.code == 0, done.err
    on_s3, directory = open_store(s3_url), DirectoryStore(tmp_path / "store")
    for info in on_s3.list(""):
        if info.key.startswith(("captures/", "topics/")):
            directory.put(info.key, on_s3.get(info.key))
    stages.process(context(directory))
    expected = corpus(directory)
    assert len(expected[0]) > 30
    assert corpus(on_s3) == expected
    done = irtysh("rebuild", "--store", s3_url, "--json")
    assert (done.code, done.last["snapshots"]) == (0, [1]), done.err
    assert corpus(on_s3) == expected
    assert log_of(on_s3).state().head.operation == "rebuild"
    assert problems(on_s3) == []
    assert irtysh("process", "--store", s3_url, "--json").last["snapshots"] == []
