import contextlib
import encodings.aliases

import pytest

from articles.model import Reason
from articles.page import decoding, intake
from tests.articles.pages import ENGLISH, capture, page, paragraphs

TOO_MANY_ATTRIBUTES = " ".join(f'a{number}="{number}"' for number in range(intake.MAX_ATTRIBUTES + 1))
FEW_LONG_ATTRIBUTES = " ".join(f'a{number}="{"v" * 50}"' for number in range(intake.LONG_TAG_BYTES // 50))


def append_to_body(html: str, end: str) -> str:
    return html.replace("</body>", f"{end}</body>")


@pytest.mark.parametrize("shift", [0, 1, intake.STRIDE_BYTES - 1, intake.STRIDE_BYTES, intake.STRIDE_BYTES + 1])
@pytest.mark.parametrize("tag", [f"<p {TOO_MANY_ATTRIBUTES}>", f"<p {TOO_MANY_ATTRIBUTES}"])
def test_an_element_with_too_many_attributes_is_refused_at_any_offset_closed_or_not(tag, shift):
    with pytest.raises(intake.PageRefusedError, match="attributes") as refusal:
        intake.check(capture(append_to_body(page(paragraphs(ENGLISH)), "x" * shift + tag)))
    assert refusal.value.outcome.reason is Reason.TOO_COSTLY


def test_stray_quotation_marks_hide_no_attributes():
    tag = "<p " + " ".join(f'a{number}"b' for number in range(intake.MAX_ATTRIBUTES + 1)) + ">"
    with pytest.raises(intake.PageRefusedError, match="attributes"):
        intake.check(capture(append_to_body(page(paragraphs(ENGLISH)), tag)))


@pytest.mark.parametrize(
    "harmless",
    [
        f"<p {FEW_LONG_ATTRIBUTES}>",
        f"<script>{'x = 1; ' * intake.LONG_TAG_BYTES}</script>",
        "<br>" * 10_000,
        f"<script>{'if (a < b) { c d } ' * 1_000 + 'e f ' * 10_000}</script>",
    ],
)
def test_long_tags_long_scripts_and_many_tags_are_accepted(harmless):
    intake.check(capture(append_to_body(page(paragraphs(ENGLISH)), harmless)))


EVERY_CODEC = sorted({*encodings.aliases.aliases, *encodings.aliases.aliases.values(), *decoding.NOT_ENCODINGS, ".."})


@pytest.mark.parametrize("label", EVERY_CODEC)
def test_every_label_of_an_encoding_gives_utf8_or_a_reason(label):
    for body in (b"<html><body>\\ud800\\x00 \xff\xfe\xd8</body></html>", b"<html><body>+2AA- xn--a\xff</body></html>"):
        with contextlib.suppress(intake.PageRefusedError):
            assert intake.to_utf8(body, f"text/html; charset={label}").decode("utf-8")


def test_codecs_that_are_no_encodings_count_as_undeclared():
    for label in (*decoding.NOT_ENCODINGS, "hex", "zip", "rot13", "..", "x" * 1000):
        assert not decoding.declared_encoding(b"", f"text/html; charset={label}")
    assert decoding.declared_encoding(b"", "text/html; charset=koi8-r") == "koi8-r"


@pytest.mark.parametrize(
    "page",
    [
        b"<title>A</title><article><h1>x</h1><p>text</p></article>",
        b"<!doctype html><meta charset=utf-8><title>A</title><main>text</main><footer>f</footer>",
    ],
)
def test_a_page_may_leave_out_the_tags_of_its_body(page):
    root, body = intake.parse(page)
    assert "text" in str(body.xpath("string()"))
    assert root.findtext("head/title") == "A"
    assert [child.tag for child in root] == ["head", "body"]


def test_a_page_of_metadata_alone_has_no_body():
    with pytest.raises(intake.PageRefusedError):
        intake.parse(b"<title>A</title><meta charset=utf-8><script>text</script>")
