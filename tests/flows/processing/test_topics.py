"""Topic names that captures record, and the topic texts found under them later."""

from importlib.resources import files

import pytest

from articles.errors import InputError
from flows.processing.topics import Topics, specify

TOPIC = files("articles") / "data/topics/kazakhstan-russia.yaml"


def test_a_built_in_topic_keeps_its_name(directory_store):
    assert specify(directory_store, "any") == "any"
    assert specify(directory_store, "kazakhstan-russia") == "kazakhstan-russia"
    assert Topics(directory_store).text("any") == ""


def test_a_topic_file_is_stored_under_its_hash(directory_store, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(TOPIC.read_text("utf-8"), "utf-8")
    spec = specify(directory_store, str(path))
    assert spec.startswith("sha256:")
    path.unlink()
    assert Topics(directory_store).text(spec) == TOPIC.read_text("utf-8")


@pytest.mark.parametrize("name", ["no-such-topic", "no/such/file.yaml", "missing.yml"])
def test_an_error_names_an_unknown_topic(directory_store, name):
    with pytest.raises(InputError, match=name):
        specify(directory_store, name)


def test_a_file_that_is_not_a_topic_is_refused(directory_store, tmp_path):
    (tmp_path / "bad.yaml").write_text("sides: 3", "utf-8")
    with pytest.raises(InputError, match=r"bad\.yaml"):
        specify(directory_store, str(tmp_path / "bad.yaml"))


def test_an_error_names_a_topic_file_missing_in_the_store(directory_store):
    with pytest.raises(InputError, match=r"topics/00\.yaml, which the store does not have"):
        Topics(directory_store).text("sha256:00")
