import pytest

from articles.model import Reason
from articles.page import intake
from tests.articles.pages import ENGLISH, capture, page, paragraphs

MANY = " ".join(f'a{number}="{number}"' for number in range(intake.MAX_ATTRIBUTES + 1))
FEW = " ".join(f'a{number}="{"v" * 50}"' for number in range(intake.LONG_TAG // 50))


def tail(html: str, end: str) -> str:
    return html.replace("</body>", f"{end}</body>")


@pytest.mark.parametrize("shift", [0, 1, intake.STRIDE - 1, intake.STRIDE, intake.STRIDE + 1])
@pytest.mark.parametrize("tag", [f"<p {MANY}>", f"<p {MANY}"])
def test_an_element_with_too_many_attributes_is_refused_wherever_its_tag_lies_and_though_nothing_closes_it(tag, shift):
    with pytest.raises(intake.PageRefusedError, match="attributes") as refusal:
        intake.check(capture(tail(page(paragraphs(ENGLISH)), "x" * shift + tag)))
    assert refusal.value.outcome.reason is Reason.TOO_COSTLY


@pytest.mark.parametrize("harmless", [f"<p {FEW}>", f"<script>{'x = 1; ' * intake.LONG_TAG}</script>", "<br>" * 10_000])
def test_a_long_tag_a_long_script_and_many_tags_are_read(harmless):
    intake.check(capture(tail(page(paragraphs(ENGLISH)), harmless)))
