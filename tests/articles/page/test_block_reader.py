"""Blocks: what inline markup, line breaks and cells make of a text."""

import pytest
from lxml import html

from articles.page.block_reader import read


def texts(markup: str) -> list[str]:
    return [block.text for block in read(html.fragment_fromstring(markup, create_parent="body")).blocks]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>The treaty<sup><a href='#fn1'>1</a></sup> stands.</p>", "The treaty stands."),
        ("<p>The treaty<a href='#n1'><sup>12</sup></a> stands.</p>", "The treaty stands."),
        ("<p>The treaty<sup>[2]</sup><sup>[3]</sup> stands.</p>", "The treaty stands."),
        ("<p>The treaty<a href='#cite_note-4'>[4]</a> stands.</p>", "The treaty stands."),
        ("<p>The treaty<sup>1</sup> stands.</p>", "The treaty stands."),
        ("<p>The treaty stands.<sup>*</sup></p>", "The treaty stands."),
        ("<p>An area of 12 km<sup>2</sup>, 10<sup>6</sup> people.</p>", "An area of 12 km2, 106 people."),
        ("<p>On the 5<sup>th</sup> of May.</p>", "On the 5th of May."),
        ("<p>See part <a href='#p2'>2</a> below.</p>", "See part 2 below."),
    ],
)
def test_numbers_of_footnotes_are_left_out_and_powers_are_not(markup, text):
    assert texts(markup) == [text]


def test_a_quotation_gets_its_marks_unless_it_has_them():
    assert texts("<p>He said <q>we go</q>, and went.</p>") == ["He said “we go”, and went."]
    assert texts("<p>Он сказал: <q>мы едем</q>.</p>") == ["Он сказал: «мы едем»."]
    assert texts("<p>He said <q>“we go”</q>.</p>") == ["He said “we go”."]


def test_lines_of_verse_stay_apart_and_two_lines_are_joined():
    assert texts("<p>Over the river the fog,<br>two piers and a ferry,<br>nobody crosses,<br>nobody calls.</p>") == [
        "Over the river the fog,\ntwo piers and a ferry,\nnobody crosses,\nnobody calls."
    ]
    assert texts("<p>Ann Roe<br>Editor</p>") == ["Ann Roe Editor"]


def test_preformatted_text_is_divided_at_empty_lines():
    column = "a line that ends where the column of the old newspaper ended, at 72\n"
    assert texts(f"<pre>{column}{column}\n{column}</pre>") == [" ".join([column.strip()] * 2), column.strip()]
    assert texts("<pre>one\ntwo\nthree</pre>") == ["one\ntwo\nthree"]


def test_entities_that_were_escaped_twice_are_decoded():
    assert texts("<p>R&amp;amp;D at &amp;laquo;Irtysh&amp;raquo;&amp;nbsp;&amp;#8212; again &amp; again</p>") == [
        "R&D at «Irtysh» — again & again"
    ]
    assert texts("<p>AT&amp;T; and &amp;unknown; stay</p>") == ["AT&T; and &unknown; stay"]


def test_spans_shown_as_blocks_are_blocks():
    assert texts("<div><span style='display: block'>One.</span><span style='display:block'>Two.</span></div>") == [
        "One.",
        "Two.",
    ]


def test_a_link_around_several_paragraphs_is_no_link():
    page = read(html.fragment_fromstring("<a href='/1'><p>a</p><p>b</p><p>c</p></a>", create_parent="body"))
    assert [block.linked for block in page.blocks] == [0, 0, 0]


def test_cells_of_a_layout_are_blocks_and_cells_of_a_table_are_one_line():
    assert texts("<table><tr><td>May</td><td>The ice goes.</td></tr></table>") == ["May The ice goes."]
    story = "The ferry stays on the other bank until the ice goes. "
    first, second = f"{story}{story}Twice. {story}{story}", story * 3 + "Nobody minds."
    layout = f"<table><tr><td><a href='/'>Home</a></td><td>{first}<br><br>{second}</td></tr></table>"
    assert texts(layout) == ["Home", first.strip(), second]


RECORD = """
<div class="article__meta" itemscope itemtype="https://schema.org/Article">
 <div itemprop="mainEntityOfPage">https://steppe.example/1</div><a itemprop="url" href="https://steppe.example/1"> </a>
 <div itemprop="headline">A bridge is measured</div><div itemprop="datePublished">2026-03-01T10:00:00+05:00</div>
 <div itemprop="dateModified">2026-03-01T11:00:00+05:00</div><div itemprop="articleSection">bridges</div>
 <div itemprop="articleBody">The bridge over the Ural was measured on Sunday. It is longer than the map says.</div>
 <div itemprop="inLanguage">en-GB</div><div itemprop="license">https://steppe.example/licence</div>
</div>"""
SHOWN = """
<article itemscope itemtype="https://schema.org/Article"><h1 itemprop="headline">A bridge is measured</h1>
 <time itemprop="datePublished" datetime="2026-03-01T10:00:00+05:00">1 March</time><p itemprop="author">Ann Reed</p>
 <div itemprop="articleBody"><p>The bridge over the Ural was measured on Sunday.</p><p>It is longer.</p></div>
</article>"""


@pytest.mark.parametrize(("markup", "hidden"), [(RECORD, True), (SHOWN, False)])
def test_microdata_for_machines_is_hidden_and_an_article_with_properties_is_not(markup, hidden):
    blocks = read(html.fragment_fromstring(markup, create_parent="body")).blocks
    assert len(blocks) > 3
    assert {any(node.kind == "hidden" for node in block.node.chain()) for block in blocks} == {hidden}
