"""A file of settings may come with a folder from elsewhere: it is read or refused, and costs little."""

import contextlib
import os
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from articles.errors import InputError
from flows import settings

MAX_SECONDS = 5.0
HOSTILE: dict[str, str | bytes] = {
    "arrays in arrays": "store = " + "[" * 5_000,
    "tables in tables": "store = " + "{a = " * 1_000,
    "a number of many digits": "store = " + "9" * 5_000,
    "a day that is none": "store = 1979-13-27",
    "an array": 'store = ["a"]',
    "a table": "[store]\na = 1",
    "a NUL": 'store = "a\\u0000b"',
    "an escape": 'contact = "\\u001b]0;x"',
    "two lines": 'store = """a\nb"""',
    "a key of many parts": ".".join(["a"] * 4_000) + " = 1",
    "a long key": "a" * 5_000 + ' = "x"',
    "a key that leads out": '"../../x" = "y"',
    "megabytes": "#" * 5_000_000,
    "no UTF-8": b"store = '\xff'",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    text = HOSTILE[name]
    (tmp_path / "irtysh.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    before, start = dict(os.environ), time.process_time()
    with pytest.raises(InputError, match=r"irtysh\.toml") as caught, settings.applied():
        pass
    assert len(str(caught.value)) < 500
    assert time.process_time() - start < MAX_SECONDS
    assert dict(os.environ) == before


PARTS = ["store", "topic", " = ", '"x"', "'", "[", "]", "{", "}", ".", "\n", "#", "\\u0000", "1979-05-27", "\0", "nan"]


@given(st.text(max_size=100) | st.lists(st.sampled_from(PARTS)).map("".join))
@examples(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused(tmp_path, text):
    (tmp_path / "irtysh.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(InputError):
        assert settings.read(tmp_path / "irtysh.toml").keys() <= settings.VARIABLES.keys()
