"""What reads a page's bytes, scripts, attributes and addresses takes linear time, and raises nothing.

The parsers of JSON-LD, dates, topics and robots statements are tested beside their modules.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import dates
from articles.errors import IrtyshError
from articles.metadata import rights
from articles.page import decoding, hidden_texts, intake, refresh, structured
from articles.page.intake import PageRefusedError
from tests.spiders.discovery.test_costs import assert_linear, repeated

OURS = (IrtyshError, PageRefusedError)
BASE = "http://n.example/a"


def text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def page(body: bytes) -> object:
    """Read all that a page hides or states, in each place where it may stand."""
    script, attribute = text(body).replace("</", "<"), text(body).replace('"', "&quot;")
    source = (
        f"<html><head><script type='application/ld+json'>{script}</script><meta name='robots' content=\"{attribute}\">"
        f'<link rel="alternate" hreflang="{attribute}" href="{attribute}"></head>'
        f'<body><script>x = {script}</script><noscript>{script}</noscript><p data-x="{attribute}">{attribute}</p></body></html>'
    )
    root, _ = intake.parse(intake.to_utf8(source.encode("utf-8", "replace"), "text/html; charset=utf-8"))
    found = structured.read(root)
    return rights.of_page(found), structured.embedded_body(found), list(hidden_texts.find(root))


PARSERS: dict[str, Callable[[bytes], object]] = {
    "page": page,
    "bytes": lambda body: decoding.decode(body, "text/html"),
    "declared charset": lambda body: decoding.declared_encoding(body, text(body)),
    "bytes of a declared charset": lambda body: decoding.decode(body, f"text/html; charset={text(body)[:60]}"),
    "refresh": lambda body: refresh.target(body, BASE),
    "refresh of a page": lambda body: refresh.target(b'<meta http-equiv=refresh content="0;url=' + body + b'">', BASE),
    "date": lambda body: dates.parse(text(body)),
    "date in an address": lambda body: dates.from_url(f"http://n.example/{text(body)}"),
}
PUMPS = (
    b" ", b"<", b"<p>", b"<meta ", b"charset=", b"<?xml encoding=", b'{"a":', b"[", b'"', b"'", b"\\\\", b"\\u00", b"\\'", b"`", b"x='", b"1 ", b"20",
    b"2024-01-01 ", b"1 May ", b"/20", b"&#", b"&quot;", b"\0", b"\xff", b"\xd0", "Ж".encode(), b"{{", b"$L1:", b"\n1:T9,", b"0;url=", b";", b"=", b",",
)  # fmt: skip
HEADS = (b"", b"{", b"[", b'"<p>')


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.parametrize("name", PARSERS)
def test_parsers_are_linear(name):
    def quiet(body: bytes) -> None:
        with suppress(*OURS):
            PARSERS[name](body)

    for head in HEADS:
        for pump in PUMPS:
            assert_linear(quiet, repeated(head, pump))


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([*PUMPS, *HEADS]) | st.binary(max_size=20), max_size=30).map(b"".join))
def test_nothing_is_raised_but_our_own_errors(name, body):
    with suppress(*OURS):
        PARSERS[name](body)
