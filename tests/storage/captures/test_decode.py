"""Content encodings are decoded: complete, truncated, damaged, falsely declared, and decompression bombs."""

import gzip
import time
import tracemalloc
import zlib

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from storage.captures.decode import MAX_ENCODING_CHARS, MAX_PARTS, TOO_MANY_PARTS, decode, unchunk

TEXT = ("The ferry crosses the Irtysh twice a day. " * 400).encode()


def raw_deflate(data):
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("name", CODINGS)
@given(data=st.binary(max_size=3000))
def test_every_coding_is_decoded(name, data):
    assert decode(CODINGS[name](data), name.upper() + " ", 10_000) == (data, "")


def test_raw_deflate_stacked_codings_and_several_gzip_members_are_decoded():
    assert decode(raw_deflate(TEXT), "deflate", 1 << 20) == (TEXT, "")
    assert decode(brotli.compress(gzip.compress(TEXT)), "gzip, br", 1 << 20) == (TEXT, "")
    assert decode(gzip.compress(TEXT) + gzip.compress(b"tail") + b"junk", "gzip", 1 << 20) == (TEXT + b"tail", "")
    assert decode(TEXT, "identity", 1 << 20) == (TEXT, "")
    assert decode(TEXT, "", 1 << 20) == (TEXT, "")


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "utf-8", "nonsense, more"])
def test_a_body_that_is_not_in_its_declared_coding_is_returned_unchanged(name):
    assert decode(b"<html><p>plain text</p></html>", name, 1 << 20) == (b"<html><p>plain text</p></html>", "")


@pytest.mark.parametrize("name", CODINGS)
def test_the_limit_holds_exactly(name):
    coded = CODINGS[name](TEXT)
    assert decode(coded, name, len(TEXT)) == (TEXT, "")
    assert decode(coded, name, len(TEXT) - 1) == (TEXT[:-1], "length")
    assert decode(coded, name, 10) == (TEXT[:10], "length")


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_a_truncated_body_keeps_its_beginning(name):
    coded = CODINGS[name](b"".join(b"%d words of prose, " % number for number in range(20_000)))
    found, truncated = decode(coded[: len(coded) // 2], name, 1 << 20)
    assert found.startswith(b"0 words of prose, 1 words")
    assert truncated == "unspecified"


@pytest.mark.parametrize("name", CODINGS)
@given(data=st.data())
def test_damage_never_raises(name, data):
    coded = bytearray(CODINGS[name](TEXT[:2000]))
    for _ in range(data.draw(st.integers(1, 4))):
        coded[data.draw(st.integers(0, len(coded) - 1))] = data.draw(st.integers(0, 255))
    found, _ = decode(bytes(coded), name, 5000)
    assert len(found) <= 5000


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_a_decompression_bomb_is_cut_in_bounded_memory(name):
    bomb = CODINGS[name](CODINGS[name](bytes(50 << 20)))
    tracemalloc.start()
    try:
        found, truncated = decode(bomb, f"{name}, {name}", 1 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (len(found), truncated) == (1 << 20, "length")
    assert peak < 8 << 20


TINY_PARTS = {
    "gzip": gzip.compress(b"a", mtime=0) * 150_000,
    "empty gzip": gzip.compress(b"", mtime=0) * 150_000,
    "gzip, gzip": gzip.compress(gzip.compress(b"a", mtime=0) * 150_000),
    "zstd": zstd.compress(b"a") * 300_000,
    "zstd, skippable": zstd.compress(b"a") + b"\x50\x2a\x4d\x18\0\0\0\0" * 400_000,
    "zstd, gzip": gzip.compress(zstd.compress(b"") * 300_000),
}


@pytest.mark.parametrize("name", TINY_PARTS)
def test_a_body_of_very_many_tiny_compressed_parts_is_refused_at_once(name):
    began = time.process_time()
    found, truncated = decode(TINY_PARTS[name], name.removeprefix("empty ").removesuffix(", skippable"), 16 << 20)
    assert time.process_time() - began < 1  # gzip took 44 s, zstd 7 s for 16 MB
    assert truncated == TOO_MANY_PARTS
    assert len(found) <= MAX_PARTS


def test_as_many_parts_as_a_careful_server_sends_are_decoded():
    pieces = [b"%d sheep, " % number for number in range(MAX_PARTS - 1)]
    for coding in ("gzip", "zstd"):
        coded = b"".join(CODINGS[coding](piece) for piece in pieces)
        assert decode(coded, coding, 1 << 20) == (b"".join(pieces), "")


@pytest.mark.parametrize("size", [1 << 18, 1 << 20, 1 << 22])
@pytest.mark.parametrize(
    "unit", [b"\x1f\x8b\x08", b"1\r\na\r\n", b"\x06", b"\0\0\0\xff\xff", b"\x28\xb5\x2f\xfd", b"0"]
)
def test_the_cost_of_any_repeated_bytes_is_linear(unit, size):
    body = (unit * (size // len(unit) + 1))[:size]
    began = time.process_time()
    for name in (*CODINGS, "gzip, br, deflate, zstd"):
        decode(body, name, 16 << 20)
        decode(gzip.compress(b"", mtime=0)[:10] + body, name, 16 << 20)
    unchunk(body, 16 << 20)
    assert time.process_time() - began < 0.2 + 1.0 * size / (1 << 20)


def test_an_endless_content_encoding_is_not_obeyed():
    endless = "identity, " * MAX_ENCODING_CHARS
    assert decode(TEXT, endless, 1 << 20) == (TEXT, "unspecified")


def test_chunks_are_joined_and_other_bodies_are_returned_unchanged():
    assert unchunk(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 100) == b"hello world"
    assert unchunk(b"<html>joined already</html>", 100) == b"<html>joined already</html>"
    assert unchunk(b"", 100) == b""
