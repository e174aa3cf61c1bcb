import io
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import InputError
from spiders.fetching.url_lines import (
    MAX_LINE_CHARS,
    BadLine,
    RepeatedLine,
    UrlLine,
    read_lines,
    read_list,
    split_lines,
)


def test_comments_blank_lines_and_byte_order_marks_are_stripped():
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
def test_a_bad_line_has_number_text_and_reason(line, why):
    (found,) = read_list([line])
    assert isinstance(found, BadLine)
    assert found.number == 1
    assert line.replace("me:word@", "…@").startswith(found.text)
    assert found.text
    assert re.search(why, found.reason)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("one.example/a", "did you mean https://one.example/a?"),
        ("htp://one.example/a", "did you mean http://one.example/a?"),
        ("https//one.example/a", "did you mean https://one.example/a?"),
        ("http:/one.example/a", "did you mean http://one.example/a?"),
        ("HTTPS:one.example", "did you mean https://one.example?"),
        ("[title](https://one.example/a)", "did you mean https://one.example/a?"),
        ("https://one.example/a https://two.example/b", "write each URL on a line of its own"),
        ("https://one.example/a title", "write a blank in a URL as %20, and a note behind it as ` # note`"),
        ("mailto:me@one.example", "this is a mail address"),
        ("me@one.example", "this is a mail address"),
        ("just some words", None),
        ("ftp://one.example/a", None),
        ("title", None),
    ],
)
def test_a_bad_line_says_what_may_be_meant(line, advice):
    (found,) = read_list([line])
    assert isinstance(found, BadLine)
    assert found.reason.endswith(advice) if advice else "did you" not in found.reason


def test_other_spellings_of_a_url_are_repeats():
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


def test_the_query_is_kept_as_given():
    (found,) = read_list(["https://one.example/s?z=1&a=2&utm_source=x"])
    assert isinstance(found, UrlLine)
    assert found.url == "https://one.example/s?z=1&a=2&utm_source=x"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_files_are_read_in_the_encodings_of_common_editors(tmp_path, encoding):
    path = tmp_path / "list.txt"
    path.write_bytes("https://one.example/ё\r\nhttps://two.example/\r".encode(encoding))
    assert [found.number for found in read_list(read_lines(path)) if isinstance(found, UrlLine)] == [1, 2]


def test_invalid_utf_8_is_one_bad_line(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xff\x80\x81\nhttps://one.example/\n")
    assert [type(found) for found in read_list(read_lines(path))] == [BadLine, UrlLine]


def test_a_missing_list_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt"):
        list(read_lines(tmp_path / "none.txt"))


def test_an_endless_line_is_one_bad_line():
    stream = io.StringIO("x" * (5 * MAX_LINE_CHARS) + "\nhttps://one.example/\n")
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
        )  # ten hashes per kilobyte; the lines as strings would take 1.2 MB more
    finally:
        tracemalloc.stop()


@given(st.lists(st.text(), max_size=20))
def test_every_line_of_any_list_is_accounted_for(lines):
    found = list(read_list(lines))
    content = [line.strip().strip("\ufeff").strip() for line in lines]
    assert len(found) == sum(bool(line) and not line.startswith("#") for line in content)
    for entry in found:
        if isinstance(entry, UrlLine):
            assert entry.url.isascii()
            assert entry.url.startswith(("http://", "https://"))


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "017700000001", "127.0.0.1"])
def test_an_ipv4_address_in_any_notation_becomes_dotted_decimal(host):
    (found,) = read_list([f"http://{host}:8080/a?b=c"])
    assert found == UrlLine(1, f"http://{host}:8080/a?b=c", "http://127.0.0.1:8080/a?b=c")
    first, again = read_list([f"http://{host}/", "http://127.0.0.1/"])
    assert isinstance(first, UrlLine)
    assert isinstance(again, RepeatedLine)


@pytest.mark.parametrize("host", ["256.0.0.0.1", "0x.example", "1.2.3.4.example", "99999999999"])
def test_a_host_name_is_not_changed(host):
    (found,) = read_list([f"http://{host}/"])
    assert found.url == f"http://{host}/"


@pytest.mark.parametrize(
    ("line", "url", "assumed"),
    [
        ('"https://one.example/a"', "https://one.example/a", False),
        ("'https://one.example/a',", "https://one.example/a", False),
        ("<https://one.example/a>", "https://one.example/a", False),
        ("«https://one.example/a»;", "https://one.example/a", False),
        ("https://one.example/a # a note", "https://one.example/a", False),
        ("https://one.example/a\t# a note, too", "https://one.example/a", False),
        ("https://one.example/a#part", "https://one.example/a", False),
        ("- https://one.example/a", "https://one.example/a", False),
        ("1. https://one.example/a", "https://one.example/a", False),
        ("www.one.example/a", "https://www.one.example/a", True),
        ("WWW.one.example", "https://www.one.example/", True),
        ("203.0.113.7/a", "https://203.0.113.7/a", True),
        ("203.0.113.7:8080", "https://203.0.113.7:8080/", True),
        ("news.example.kz:8080/a?b=c", "https://news.example.kz:8080/a?b=c", True),
        ('"example.org/a" # seen', "https://example.org/a", True),
        ("//example.org/a", "https://example.org/a", True),
    ],
)
def test_a_url_is_read_as_people_write_it(line, url, assumed):
    (found,) = read_list([line])
    assert isinstance(found, UrlLine)
    assert (found.url.rstrip("/"), found.assumed) == (url.rstrip("/"), assumed)
