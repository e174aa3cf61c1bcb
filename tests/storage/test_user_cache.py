"""The cache of the language model and of the extractor version changes only the time that they take."""

import pytest

from articles import extractor_version, language_model
from storage.user_cache import cache_folder, use_cached_model, use_cached_version

load = language_model.identifier.__wrapped__
TEXT = "Қазақстан мен Ресей шекарада жаңа өткел ашуға келісті."


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(language_model, "_decompressed", [])
    return tmp_path / "cache" / "irtysh"


def test_the_model_is_kept_once_and_gives_the_same(folder):
    ranked = load().rank(TEXT)
    use_cached_model(write=False)
    assert not folder.exists()
    folder.mkdir(parents=True)
    (folder / "py3langid-0123.npz").write_bytes(b"of another version")
    use_cached_model()
    (kept,) = folder.iterdir()
    written = kept.stat().st_mtime_ns
    use_cached_model()
    assert kept.stat().st_mtime_ns == written
    assert language_model._decompressed == [kept]
    assert load().rank(TEXT) == ranked
    kept.write_bytes(kept.read_bytes()[:-100])
    assert load().rank(TEXT) == ranked  # from the package
    damaged = bytearray(kept.read_bytes())
    damaged[len(damaged) // 3] ^= 0xFF
    kept.write_bytes(damaged)
    assert load().rank(TEXT) == ranked


def test_a_folder_that_cannot_be_written_changes_nothing(folder, monkeypatch):
    folder.parent.write_text("no folder")
    use_cached_model()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.getuid", lambda: -1)  # so that the home folder is unknown too
    use_cached_model()
    assert language_model._decompressed == []
    monkeypatch.setattr(extractor_version, "_stated", [])
    use_cached_version()
    assert extractor_version._stated == []


def test_the_extractor_version_is_kept_once_and_computed_again_after_a_change(folder, monkeypatch):
    version = extractor_version.extractor_version()
    monkeypatch.setattr(extractor_version, "_stated", [])
    use_cached_version()
    (kept,) = folder.iterdir()
    assert kept.read_text() == version
    monkeypatch.setattr(extractor_version, "_computed", lambda: pytest.fail("computed although it is kept"))
    extractor_version._stated.clear()
    use_cached_version()
    assert extractor_version.extractor_version() == version
    kept.write_text("half a ver")
    extractor_version._stated.clear()
    use_cached_version()
    assert extractor_version._stated == []
    monkeypatch.setattr(extractor_version, "_computed", lambda: "0123456789abcdef")
    monkeypatch.setattr(extractor_version, "LIBRARIES", extractor_version.LIBRARIES[1:])
    use_cached_version()
    assert extractor_version.extractor_version() == "0123456789abcdef"
    assert [path.name for path in folder.iterdir()] != [kept.name]


def test_a_version_of_code_that_was_replaced_meanwhile_is_not_kept(folder, monkeypatch):
    monkeypatch.setattr(extractor_version, "_stated", [])
    fingerprints = iter("ab")
    monkeypatch.setattr(extractor_version, "fingerprint", lambda: next(fingerprints))
    use_cached_version()
    assert list(folder.iterdir()) == []


def test_a_file_that_another_process_wrote_meanwhile_stays(folder, monkeypatch):
    monkeypatch.setattr(extractor_version, "_stated", [])
    use_cached_version()
    (kept,) = folder.iterdir()
    monkeypatch.setattr("pathlib.Path.exists", lambda _: False)
    use_cached_version()
    assert list(folder.iterdir()) == [kept]


def test_the_folder_is_in_the_home_folder_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/reader")
    assert str(cache_folder()) == "/home/reader/.cache/irtysh"
