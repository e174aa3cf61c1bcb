"""Files of a user that come from elsewhere, beside those with tests of their own: outlet files and WACZ archives."""

import contextlib
import io
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.errors import InputError
from spiders.outlet_file import check_draft, check_file
from storage.captures.web_archives import find_warcs

MAX_SECONDS = 5.0
PARTS = [
    "class A(Outlet):\n", "    ", "article = ", '"a"', "sources = (", "Feed(", ")", "def f(self):\n", "@x\n", "lambda: ", "[", "{", "(" * 150,
    "\0", "\\", "\n", "\t", "ж", "\ud800", "# coding: rot13\n", "9" * 5_000, "f'{", "-" * 2_000,
]  # fmt: skip
QUIET = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(st.lists(st.sampled_from(PARTS)).map("".join) | st.text(max_size=80))
@QUIET
def test_any_outlet_file_is_accepted_or_refused(tmp_path, text):
    (tmp_path / "a.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(InputError):
        check_file(tmp_path / "a.py")
    with contextlib.suppress(InputError):
        check_draft(text)


def wacz() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/a.warc", b"WARC/1.0\r\n" * 20)
        archive.writestr("archive/../../b.warc.gz", b"x" * 100)
        archive.writestr("datapackage.json", "{}")
    return made.getvalue()


WACZ = wacz()


@given(st.lists(st.tuples(st.integers(0, len(WACZ) - 1), st.integers(1, 255)), max_size=6), st.integers(1, len(WACZ)))
@QUIET
def test_any_damage_to_a_wacz_gives_its_files_or_an_error(tmp_path, damage, end):
    data = bytearray(WACZ)
    for at, change in damage:
        data[at] ^= change
    path = tmp_path / "a.wacz"
    path.write_bytes(data[:end] if end % 3 == 0 else data)
    for found in find_warcs(path):
        assert isinstance(found, InputError) or found.path.parent != tmp_path or found.path == path


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "[" * 100_000,
        "-" * 200_000 + "1",
        "a." * 100_000,
        "x = " * 50_000,
        "a" + ".a" * 3_000,
        "-" * 3_000 + "1",
        "a" + "+a" * 5_000,
    ],
)
def test_a_deep_outlet_file_is_refused_quickly(tmp_path, text):
    (tmp_path / "a.py").write_text(text)
    start = time.process_time()
    with pytest.raises(InputError, match=r"a\.py"):
        check_file(tmp_path / "a.py")
    assert time.process_time() - start < MAX_SECONDS
