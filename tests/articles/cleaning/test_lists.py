"""Cards, lists of links, tables of contents and linked lines are removed; lists that belong to the text are kept."""

from tests.articles.cleaning.making import QUIET, kept, outcome_with
from tests.articles.pages import ENGLISH

GOODS = "".join(f"<li><a href='https://shop.example.org/{n}'>Rope number {n}, 40 tenge</a></li>" for n in range(4))


def test_cards_of_other_articles_are_removed_with_their_teasers():
    card = "<div class='c1'><h4><a href='/{0}'>The bridge number {0} will be built</a></h4><p>{1}</p></div>"
    teaser = "A short account of what the builders of the bridge have promised this time, and to whom."
    outcome = outcome_with(after="".join(card.format(n, f"{teaser} Part {n}.") for n in range(4)))
    assert kept(outcome) == ENGLISH


def test_a_list_of_links_to_other_sites_inside_the_text_is_kept():
    assert "Rope number 3, 40 tenge" in kept(outcome_with(inside=f"<ul>{GOODS}</ul>"))
    assert "What ropes cost" in kept(
        outcome_with(inside="<h3><a href='https://shop.example.org/'>What ropes cost</a></h3>")
    )


def test_a_list_of_links_within_the_site_or_below_the_text_is_removed():
    within = GOODS.replace("https://shop.example.org", "https://www.outlet.example")
    nested = within.replace("<a", "<div><p><a").replace("</a>", "</a></p></div>")
    assert kept(outcome_with(inside=f"<ul>{within}</ul>")) == ENGLISH
    assert kept(outcome_with(inside=f"<ul>{nested}</ul>")) == ENGLISH
    assert kept(outcome_with(after=f"<ul>{GOODS}</ul>")) == ENGLISH


def test_a_card_whose_headline_is_doubled_is_removed():
    card = "<div class='c1'><h4><a href='/{0}'>Bridge number {0} comes</a> <span>Bridge number {0} comes</span></h4><p>{1}</p></div>"
    outcome = outcome_with(after="".join(card.format(n, f"{QUIET} {n}") for n in range(3)))
    assert kept(outcome) == ENGLISH


def test_a_list_of_links_below_a_read_more_line_is_removed():
    items = "".join(f"<li>Torn between ropes? See our <a href='/{n}'>guide to ropes {n}</a> now</li>" for n in range(4))
    assert kept(outcome_with(after=f"<div>Read more:</div><ul>{items}</ul>")) == ENGLISH
    plain = "<ul><li>Ropes are sold in the village shop.</li><li>Boats are not sold anywhere.</li></ul>"
    assert "Boats are not sold anywhere." in kept(outcome_with(inside=f"<div>Read more:</div>{plain}"))


def test_a_table_of_contents_is_removed_and_a_line_with_a_footnote_is_kept_without_its_number():
    contents = (
        "<ul><li><a href='#one'>What the drivers say</a></li><li><a href='#two'>What the office says</a></li></ul>"
    )
    outcome = outcome_with(before=contents, inside=f"<p>{QUIET}<a href='#note'>[1]</a></p>")
    assert kept(outcome) == (*ENGLISH[:2], QUIET, *ENGLISH[2:])
    assert "links:contents" in {removal.rule for removal in outcome.removals}


def test_everything_below_the_heading_of_a_list_at_the_end_is_removed():
    tail = "<h2>Nos vidéos</h2><div><h3>The bridge at last</h3><h3>The ice comes</h3></div>"
    assert kept(outcome_with(after=tail)) == ENGLISH
    assert "The ice comes" in kept(outcome_with(inside="<h3>The ice comes</h3>"))


def test_a_review_of_other_papers_in_linked_sentences_is_kept():
    review = "".join(f"<p><a href='https://paper{n}.example.org/'>{text}</a></p>" for n, text in enumerate(ENGLISH[:2]))
    assert kept(outcome_with(inside=f"<h3>Papers</h3>{review}", texts=ENGLISH[2:]))[3:5] == ENGLISH[:2]


def test_a_short_linked_sentence_inside_the_text_is_kept_and_a_linked_headline_is_removed():
    sentence = "You can look up the timetable of the new ferry here."
    inside = (
        f"<p><a href='/timetable'>{sentence}</a></p><p><a href='/bridge'>Bridge to replace the ferry next year</a></p>"
    )
    assert kept(outcome_with(inside=inside)) == (*ENGLISH[:2], sentence, *ENGLISH[2:])


def test_items_of_a_list_that_are_written_as_headings_are_kept_at_the_end():
    items = "".join(f"<li><h3>{name}</h3></li>" for name in ("ropes", "anchors", "oars"))
    outcome = outcome_with(after=f"<h2>What the shop sells</h2><ul>{items}</ul>")
    assert kept(outcome) == (*ENGLISH, "What the shop sells", "ropes", "anchors", "oars")


def test_a_list_that_the_text_announces_is_kept_whatever_its_class_name():
    losses = "".join(f"<li>{text};</li>" for text in ("two boats", "a landing stage", "nets of five families"))
    outcome = outcome_with(inside=f"<p>The ice destroyed:</p><div class='article__list'><ul>{losses}</ul></div>")
    assert "a landing stage;" in kept(outcome)
    cited = losses.replace("nets", "<a href='/x'>nets</a>")
    outcome = outcome_with(inside=f"<p>The ice destroyed:</p><div class='article__list'><ul>{cited}</ul></div>")
    assert "nets of five families;" in kept(outcome)
    linked = losses.replace("<li>", "<li><a href='/x'>").replace("</li>", "</a></li>")
    outcome = outcome_with(inside=f"<p>The ice destroyed:</p><div class='article__list'><ul>{linked}</ul></div>")
    assert "a landing stage;" not in kept(outcome)


def test_a_linked_line_that_the_next_paragraph_takes_up_heads_it():
    line = "<p><a href='/sellers'>Sellers of ropes gather at the landing</a></p>"
    below = "<p>Sellers gather at the landing every Friday, and most of them sell ropes to those who cross the ice.</p>"
    assert "Sellers of ropes gather at the landing" in kept(outcome_with(inside=line + below))
    assert "Sellers of ropes gather at the landing" not in kept(outcome_with(inside=line))
    above = "<p>Sellers of ropes gather at the landing, and the drivers of the three villages come to them.</p>"
    assert "Sellers of ropes gather at the landing" not in kept(
        outcome_with(inside=above + line + below)
    )  # a related link


def test_a_linked_subhead_among_subheads_without_links_is_kept():
    plain = "".join(f"<h3 class='s'>What {who} says</h3><p>{QUIET} {who}.</p>" for who in ("the office", "the driver"))
    linked = f"<h3 class='s'><a href='/shop'>What the shop of the village says</a></h3><p>{QUIET} Nobody.</p>"
    assert "What the shop of the village says" in kept(outcome_with(inside=plain + linked))
    assert "What the shop of the village says" not in kept(outcome_with(inside=linked))
    bare = (plain + linked).replace(" class='s'", "")  # without a class all headings have one form
    assert "What the shop of the village says" not in kept(outcome_with(inside=bare))


def test_a_list_of_links_that_a_line_of_the_text_announces_is_kept():
    within = GOODS.replace("https://shop.example.org", "https://www.outlet.example")
    line = "<p>These are the ropes that the drivers of the three villages have asked the office for:</p>"
    goods = within.replace("Rope number", "A long rope of</a> hemp for a village, <a href='/hemp'>number")
    assert "A long rope of hemp for a village, number 3, 40 tenge" in kept(
        outcome_with(inside=f"{line}<ul>{goods}</ul>")
    )
    assert "Rope number 3, 40 tenge" not in kept(outcome_with(inside=f"{line}<ul>{within}</ul>"))


def test_a_heading_that_links_to_itself_is_no_line_of_a_table_of_contents():
    linked = f"<h2><a href='#drivers'>What the drivers say</a></h2><p>{QUIET}</p>"
    assert "What the drivers say" in kept(outcome_with(inside=linked))
