"""What captures name as their topic, and what is found under that name later."""

from importlib.resources import files

import pytest

from articles.errors import InputError
from flows.processing.topics import Topics, specify

TOPIC = files("articles") / "data/topics/kazakhstan-russia.yaml"


def test_built_in_topics_are_named_as_they_are(directory_store):
    assert specify(directory_store, "any") == "any"
    assert specify(directory_store, "kazakhstan-russia") == "kazakhstan-russia"
    assert Topics(directory_store).text("any") == ""


def test_a_file_is_named_by_its_content_and_kept(directory_store, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(TOPIC.read_text("utf-8"), "utf-8")
    spec = specify(directory_store, str(path))
    assert spec.startswith("sha256:")
    path.unlink()
    assert Topics(directory_store).text(spec) == TOPIC.read_text("utf-8")


@pytest.mark.parametrize("name", ["no-such-topic", "no/such/file.yaml", "missing.yml"])
def test_what_is_no_topic_is_named(directory_store, name):
    with pytest.raises(InputError, match=name):
        specify(directory_store, name)


def test_a_file_that_is_no_topic_is_refused(directory_store, tmp_path):
    (tmp_path / "bad.yaml").write_text("sides: 3", "utf-8")
    with pytest.raises(InputError, match=r"bad\.yaml"):
        specify(directory_store, str(tmp_path / "bad.yaml"))


def test_a_topic_that_the_store_has_lost_is_said(directory_store):
    with pytest.raises(InputError, match=r"topics/00\.yaml, which the store does not have"):
        Topics(directory_store).text("sha256:00")
