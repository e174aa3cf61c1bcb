import io
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import InputError
from spiders.fetching.url_lines import (
    MAX_LINE_BYTES,
    BadLine,
    RepeatedLine,
    UrlLine,
    read_lines,
    read_list,
    split_lines,
)


def test_comments_blanks_marks_and_line_ends_are_taken_off():
    lines = [
        "\ufeffhttps://one.example/a\r\n",
        "\n",
        "   \t \n",
        "# a comment\n",
        "  #another\n",
        " https://two.example/b \r\n",
    ]
    assert list(read_list(lines)) == [
        UrlLine(1, "https://one.example/a", "https://one.example/a"),
        UrlLine(6, "https://two.example/b", "https://two.example/b"),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ftp://one.example/a", "ftp"),
        ("file:///etc/passwd", "file"),
        ("one.example/a", "scheme"),
        ("just some words", "white space"),
        ("https://one.example/a https://two.example/b", "white space"),
        ("https://one.example/a\x00b", "control"),
        ("http://[::1", "URL"),
        ("http://", "host"),
        ("http://a..b/", "host"),
        ("http://one.example:99999/", "99999|[Pp]ort"),
        ("http://me:word@one.example/", "user name"),
        ("https://one.example/" + "a" * 9000, "longer"),
        ("https://one.example/\ufffd", "UTF-8"),
    ],
)
def test_a_bad_line_is_named_with_number_text_and_reason(line, why):
    (found,) = read_list([line])
    assert isinstance(found, BadLine)
    assert found.number == 1
    assert line.startswith(found.text)
    assert found.text
    assert re.search(why, found.reason)


def test_other_spellings_of_a_url_are_repeats_and_named_as_given():
    lines = [
        "https://one.example/a",
        "HTTPS://ONE.example:443/a#top",
        "https://one.example/a?utm_source=x",
        "https://one.example/b",
    ]
    kinds = [type(found) for found in read_list(lines)]
    assert kinds == [UrlLine, RepeatedLine, RepeatedLine, UrlLine]
    assert [found.text for found in read_list(lines)] == lines


def test_international_names_and_paths_become_ascii():
    (found,) = read_list(["https://пример.example/путь?ё=1#x"])
    assert isinstance(found, UrlLine)
    assert found.url == "https://xn--e1afmkfd.example/%D0%BF%D1%83%D1%82%D1%8C?%D1%91=1"


def test_the_query_is_asked_for_as_given():
    (found,) = read_list(["https://one.example/s?z=1&a=2&utm_source=x"])
    assert isinstance(found, UrlLine)
    assert found.url == "https://one.example/s?z=1&a=2&utm_source=x"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_editors_write(tmp_path, encoding):
    path = tmp_path / "list.txt"
    path.write_bytes("https://one.example/ё\r\nhttps://two.example/\r".encode(encoding))
    assert [found.number for found in read_list(read_lines(path)) if isinstance(found, UrlLine)] == [1, 2]


def test_bytes_that_are_no_text_are_bad_lines_and_end_nothing(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xff\x80\x81\nhttps://one.example/\n")
    assert [type(found) for found in read_list(read_lines(path))] == [BadLine, UrlLine]


def test_a_list_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt"):
        list(read_lines(tmp_path / "none.txt"))


def test_an_endless_line_is_one_bad_line():
    stream = io.StringIO("x" * (5 * MAX_LINE_BYTES) + "\nhttps://one.example/\n")
    assert [(type(found), found.number) for found in read_list(split_lines(stream))] == [(BadLine, 1), (UrlLine, 2)]


def test_a_long_list_streams(tmp_path):
    path = tmp_path / "list.txt"
    with path.open("w") as file:
        file.writelines(
            f"https://one.example/a-rather-long-path-of-an-article/{number}.html\n" for number in range(10_000)
        )
    tracemalloc.start()
    try:
        assert sum(isinstance(found, UrlLine) for found in read_list(read_lines(path))) == 10_000
        assert (
            tracemalloc.get_traced_memory()[1] < 2 << 20
        )  # ten hashes a kilobyte; the lines as strings would take 1.2 MB more
    finally:
        tracemalloc.stop()


@given(st.lists(st.text(), max_size=20))
def test_whatever_stands_in_a_list_each_line_is_accounted_for(lines):
    found = list(read_list(lines))
    content = [line.strip().strip("\ufeff").strip() for line in lines]
    assert len(found) == sum(bool(line) and not line.startswith("#") for line in content)
    for one in found:
        if isinstance(one, UrlLine):
            assert one.url.isascii()
            assert one.url.startswith(("http://", "https://"))


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "017700000001", "127.0.0.1"])
def test_an_address_in_whatever_notation_is_asked_for_as_four_numbers(host):
    (found,) = read_list([f"http://{host}:8080/a?b=c"])
    assert found == UrlLine(1, f"http://{host}:8080/a?b=c", "http://127.0.0.1:8080/a?b=c")
    first, again = read_list([f"http://{host}/", "http://127.0.0.1/"])
    assert isinstance(first, UrlLine)
    assert isinstance(again, RepeatedLine)


@pytest.mark.parametrize("host", ["256.0.0.0.1", "0x.example", "1.2.3.4.example", "99999999999"])
def test_a_name_is_left_as_it_is(host):
    (found,) = read_list([f"http://{host}/"])
    assert found.url == f"http://{host}/"
