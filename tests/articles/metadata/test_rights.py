import pytest

from articles import extract
from articles.extract import extract as documents
from articles.metadata import rights
from articles.model import Right
from tests.articles.pages import ENGLISH, capture, page, paragraphs


def of(head="", body=""):
    html = page(f"<article><h1>No ferry</h1>{paragraphs(ENGLISH)}{body}</article>", title="No ferry", head=head)
    return extract.read(capture(html)).meta.rights


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ('<meta name="robots" content="index, follow, max-snippet:-1, max-image-preview:large">', ()),
        (
            '<meta name="ROBOTS" content="NOAI, noimageai,noarchive">',
            (
                Right("robots", "noai", "meta:robots"),
                Right("robots", "noimageai", "meta:robots"),
                Right("robots", "noarchive", "meta:robots"),
            ),
        ),
        ('<meta name="googlebot" content="max-snippet:50">', (Right("robots", "max-snippet:50", "meta:googlebot"),)),
        (
            '<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://outlet.example/tdm.json">',
            (
                Right("tdm-reservation", "1", "meta:tdm-reservation"),
                Right("tdm-policy", "https://outlet.example/tdm.json", "meta:tdm-policy"),
            ),
        ),
        (
            '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">',
            (Right("licence", "https://creativecommons.org/licenses/by/4.0/", "link:license"),),
        ),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","license":{"url":"https://l.example/by"}}</script>',
            (Right("licence", "https://l.example/by", "json-ld:license"),),
        ),
        ('<meta name="copyright" content="© River Post">', (Right("copyright", "© River Post", "meta:copyright"),)),
        ('<meta name="description" content="noai">', ()),
    ],
)
def test_statements_of_a_page_are_recorded_as_they_are(head, found):
    assert of(head) == found


def test_a_link_with_rel_license_differs_from_a_mention_of_a_licence():
    link = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY</a>'
    assert [right.where for right in of(body=f"<p>{link}</p>")] == ["a:license"]
    assert [right.where for right in of(body=f"<p>{link.replace('rel=', 'data-rel=')}</p>")] == ["a:creativecommons"]


def test_statements_of_a_response_are_recorded():
    headers = (
        ("X-Robots-Tag", "noarchive, unavailable_after: 25 Jun 2030 15:00:00 PST"),
        ("x-robots-tag", "googlebot: noindex, nofollow"),
        ("TDM-Reservation", "1"),
        ("Link", '<https://l.example/by>; rel="license", </feed>; rel="alternate"'),
        ("Content-Type", "text/html"),
    )
    assert rights.of_response(headers) == (
        Right("robots", "noarchive", "header:x-robots-tag"),
        Right("robots", "unavailable_after:25 jun 2030 15:00:00 pst", "header:x-robots-tag"),
        Right("robots", "noindex", "header:x-robots-tag:googlebot"),
        Right("tdm-reservation", "1", "header:tdm-reservation"),
        Right("licence", "https://l.example/by", "header:link"),
    )


def test_a_document_has_the_statements_of_page_and_response():
    html = page(
        f"<article>{paragraphs(ENGLISH)}</article>", title="No ferry", head='<meta name="robots" content="noai">'
    )
    (document,) = documents(capture(html, headers=[("Content-Type", "text/html"), ("TDM-Reservation", "1")])).documents
    assert [right.where for right in document.rights] == ["meta:robots", "header:tdm-reservation"]


def test_number_and_length_of_statements_are_limited():
    many = "".join(f'<meta name="copyright" content="{n} {"x" * 5_000}">' for n in range(500))
    found = of(many)
    assert len(found) == rights.MAX_STATEMENTS
    assert max(len(right.value) for right in found) == rights.MAX_STATEMENT_CHARS
