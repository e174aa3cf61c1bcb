"""The model of growth follows from the figures, and its store counts what S3 would bill."""

from benchmarks.growth import STEPS, CountingStore, Grown, model
from storage.objects.directory import DirectoryStore


def grown(kind: str, pages: int, step: str, megabytes: float, stored: int = 1) -> Grown:
    return Grown(kind, pages, step, 1.0, 20.0, megabytes, 10, 1, 1, stored, 1)


def test_requests_and_bytes_are_counted(tmp_path):
    store = CountingStore(DirectoryStore(tmp_path))
    store.put("a/1", b"123")
    store.put_new("a/2", b"4")
    assert store.get("a/1") == b"123"
    assert [info.key for info in store.list("a/")] == ["a/1", "a/2"]
    assert dict(store.requests) == {"PUT": 2, "GET": 1, "LIST": 1}
    assert (store.read, store.written) == (3, 4)


def test_the_model_follows_from_the_figures():
    found = [grown("pages", 1_000, "process", 200, 5_000_000)]
    for pages, megabytes in ((10_000, 300), (100_000, 1_200)):
        found += [grown("simulated", pages, step, megabytes) for step in STEPS[1:]]
    said = {what: how_much for what, how_much, _ in model(found)}
    assert said["first processing, core-hours"] == "56"  # 20 ms × 10 million
    assert said["tables, GB"] == "50"  # 5 kB × 10 million
    assert said["memory to process, GB"] == "100.2"  # .01 MB a page
