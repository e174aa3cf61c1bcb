"""What cannot be a list of URLs is refused in one line, which names it and says what to do."""

import bz2
import gzip
import io
import lzma
import random
import sys

import pytest

from flows.cli import run

NOISE = random.Random(1).randbytes(999)  # noqa: S311  no secret
ZIPPED = gzip.compress(b"https://a.example/1\n", mtime=0)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "in.txt holds no URL: it is empty"),
        (b"\xef\xbb\xbf\r\n \n# note\n", "in.txt holds no URL: it has only blank lines and comments"),
        (b"url,title\n,one\n", "in.txt holds no URL: its column 'url' is empty"),
        (ZIPPED, "in.txt is compressed with gzip; unpack it first"),
        (bz2.compress(b"x"), "in.txt is compressed with bzip2"),
        (lzma.compress(b"x"), "in.txt is compressed with xz"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "save it as .xlsx or .csv"),
        (b"%PDF-1.7\n", "in.txt is a PDF"),
        (bytes(range(256)), "in.txt is no text"),
        (b"h\0" + NOISE, "in.txt is no text"),  # begins as in UTF-16
    ],
)
def test_a_file_that_is_no_list_is_refused(data, says, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.txt").write_bytes(data)
    for more in (["--dry-run"], []):
        assert run(["crawl", "--from", "in.txt", *more]) == 2
        assert says in capfd.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "https://a.example/urls.txt"], "--from takes a file, not a URL; to fetch this page itself"),
        (["--from", "--dry-run"], "--from needs a file, and --dry-run is an option"),
        (["."], ". is a folder, not a URL"),
        (["/dev/stdin"], "/dev/stdin is a file, not a URL; to fetch the URLs in it: irtysh crawl --from /dev/stdin"),
        (["https://a.example/1", "--topic", "kazakhstan-rusia", "--dry-run"], "did you mean kazakhstan-russia?"),
        (
            ["https://a.example/1", "--topic", "mine", "--dry-run"],
            "no built-in topic 'mine'; for the file, say mine.yaml",
        ),
    ],
)
def test_mixed_up_arguments_are_refused_with_what_to_type(arguments, says, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").touch()
    assert run(["crawl", *arguments]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert says in line
    assert not (tmp_path / "irtysh-store").exists()


def test_an_assumed_scheme_is_said_before_anything_is_fetched(capfd, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("www.example.org/a\n".encode("utf-16"))))
    monkeypatch.chdir(tmp_path)
    assert run(["crawl", "-", "--dry-run"]) == 0
    said = capfd.readouterr()
    assert "standard input line 1: no scheme; read as https://www.example.org/a" in said.out + said.err


LIST = "# список статей\nhttp://steppe.example/1\n"
TABLE = "Ссылка\tПримечание\r\nhttp://steppe.example/1\tстатья о переправе\r\n"  # Excel's "Unicode text"


@pytest.mark.parametrize(
    "text", [LIST, TABLE, TABLE.replace("\t", ";"), "# тізім\n" * 300 + "http://steppe.example/1\n"]
)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8"])
def test_lists_in_any_unicode_encoding_are_read(text, encoding, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    (tmp_path / "in.txt").write_bytes((mark + text).encode(encoding))
    assert run(["crawl", "--from", "in.txt", "--dry-run"]) == 0
    assert "steppe.example" in capfd.readouterr().out


def test_an_unmarked_list_in_utf_16_is_read_if_it_begins_with_ascii(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.txt").write_bytes(LIST.encode("utf-16-le"))
    assert run(["crawl", "--from", "in.txt", "--dry-run"]) == 0
    assert "steppe.example" in capfd.readouterr().out


@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdin", "stdout", "stderr")])
def test_a_command_works_with_closed_streams(closed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.txt").write_text(LIST)
    for name in closed:
        monkeypatch.setattr(sys, name, None)
    assert run(["crawl", "--from", "in.txt", "--dry-run"]) == 0
    assert run(["crawl", "--from", "none.txt", "--dry-run"]) == 2
    if "stdin" in closed:  # nothing to read
        assert run(["crawl", "-", "--dry-run"]) == 2
    for name in closed:
        getattr(sys, name).close()
