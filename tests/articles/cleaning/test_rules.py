"""Cleaning removes lines and elements around an article and keeps its text: one small page per case."""

import pytest

from articles.cleaning import tail_model
from articles.cleaning.decisions import BlockDecision, ColumnDecisions, PageFacts
from articles.cleaning.rules import RULES
from articles.cleaning.tail_features import NAMES, ColumnFeatures
from articles.extract import extract
from articles.page.blocks import Block, Node
from tests.articles.cleaning.making import QUIET, kept, outcome_with
from tests.articles.pages import ENGLISH, RUSSIAN, capture, page, paragraphs, wordpress


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("<p>Читайте также: <a href='/1'>Мост через реку построят к осени</a></p>", "related"),
        ("<blockquote>Читайте также: <a href='/1'>Мост через реку построят к осени</a></blockquote>", "related"),
        ("<p>Тағы оқыңыз: <a href='/1'>Өзен үстіндегі көпір күзге дейін салынады</a></p>", "related"),
        ("<p>Taip pat skaitykite: <a href='/1'>Tiltas per upę bus pastatytas rudenį</a></p>", "related"),
        ("<p>Lesen Sie auch: <a href='/1'>Die Brücke über den Fluss kommt im Herbst</a></p>", "related"),
        ("<p>READ MORE: <a href='/1'>The bridge will be built by autumn</a></p>", "related"),
        ("<p><a href='/1'>The bridge over the river will be built by autumn</a></p>", "related"),
        ("<p>Подписывайтесь на наш канал в Telegram и узнавайте новости первыми</p>", "promo"),
        ("<p>Біздің Telegram арнамызға жазылыңыз</p>", "promo"),
        ("<p>Sign up for our newsletter</p>", "promo"),
        ("<p>Follow us on Facebook and Instagram</p>", "promo"),
        ("<p>Фото: архив редакции</p>", "caption"),
        ("<p>Сурет: редакция мұрағаты</p>", "caption"),
        ("<p>Image default</p>", "caption"),
        ("<div>Lorries at the landing stage. Photo: A. Petrova/Reuters</div>", "caption"),
        ("<div><img src='x.jpg'><div>Lorries at the landing stage</div></div>", "caption"),
        ("<p>Advertisement</p>", "ad"),
        ("<p>Реклама</p>", "ad"),
        ("<p>Нашли ошибку? Выделите текст и нажмите Ctrl+Enter</p>", "report"),
        ("<div>Listen to this article</div>", "chrome"),
        ("<div>***</div>", "chrome"),
        ("<p>https://outlet.example/world/ferry-on-the-irtysh</p>", "chrome"),
        ("<div>Updated: 3 September 2022, 10:15</div>", "metadata"),
        ("<p>12 қыркүйек 2022, 10:30</p>", "metadata"),
        ("<div class='share-buttons'>Send to a friend</div>", "share"),
        (
            "<div class='td-post-related'><p>Something else that happened on the same day elsewhere.</p></div>",
            "related",
        ),
        ("<div class='newsletter-box'><p>Our best stories in your letter box every week.</p></div>", "promo"),
        ("<figure><img src='x.jpg'><figcaption>The landing stage in spring.</figcaption></figure>", "caption"),
        ("<div style='display:none'>What readers do not see they do not read either.</div>", "hidden"),
    ],
)
def test_a_line_inside_the_text_is_removed_with_its_reason(line, reason):
    outcome = outcome_with(inside=line)
    assert kept(outcome) == ENGLISH
    assert reason in {removal.reason for removal in outcome.removals}


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("<p>(Reporting by Ann Roe; editing by Tom Ashford)</p>", "credit"),
        ("<p>Associated Press writer Ann Roe in Omsk contributed to this report.</p>", "credit"),
        ("<p>All rights reserved.</p>", "legal"),
        ("<p>При использовании материалов ссылка на сайт обязательна</p>", "legal"),
        ("<p>Теги: <a href='/t/1'>река</a>, <a href='/t/2'>паром</a></p>", "tags"),
        (
            "<h3>Related posts</h3><ul><li><a href='/1'>A bridge by autumn</a></li><li><a href='/2'>Ice comes early</a></li></ul>",
            "related",
        ),
        ("<h3>Ең көп оқылған</h3><p><a href='/1'>Көпір күзге дейін салынады</a></p>", "related"),
        (
            "<ul><li>Roads: <a href='/1'>a bridge by autumn</a></li><li>Weather: <a href='/2'>ice comes early</a></li></ul>",
            "related",
        ),
        ("<h3>More on this</h3>", "related"),
    ],
)
def test_lines_below_the_text_are_removed_with_their_reason(end, reason):
    outcome = outcome_with(after=end)
    assert kept(outcome) == ENGLISH
    assert reason in {removal.reason for removal in outcome.removals}


def test_a_comment_thread_with_neutral_class_names_is_removed_whole():
    entry = "<div class='r'><div>{}</div><div>2022-09-04 12:1{}</div><p>{}</p><a href='#'>Ответить</a></div>"
    words = "Я езжу этой дорогой двадцать лет, и паром каждую осень ломается, а виноватых как не было, так и нет."
    thread = "".join(entry.format(name, n, f"{words} {name}.") for n, name in enumerate(("Иван", "Ольга", "Тимур")))
    assert kept(outcome_with(after=thread, texts=RUSSIAN, lang="ru")) == RUSSIAN
    assert kept(outcome_with(after=f"<h3>Комментарии</h3>{thread}", texts=RUSSIAN, lang="ru")) == RUSSIAN


@pytest.mark.parametrize(
    "sentence",
    [
        "Напомним, что паром уже останавливали в прошлом году, и тогда водители ждали переправы одиннадцать дней подряд.",
        "Нагадаємо, що пором уже зупиняли торік, і тоді водії чекали на переправу одинадцять днів поспіль.",
        "Photo shops on the embankment have closed one after another since the tourists stopped coming by river.",
        "Share prices of the company fell by a tenth on Friday, its worst day since the bridge at Pavlodar was opened.",
        "Comments made by the governor on television last week were understood as a promise to pay for the repairs.",
        "Subscribe to the view that rivers divide, said the geographer, and you will never understand this town at all.",
        "On 3 September 2022 the last lorry crossed at 10:15 in the evening, and the captain switched off the engine.",
    ],
)
def test_a_real_paragraph_that_begins_like_a_phrase_is_kept(sentence):
    assert sentence in kept(outcome_with(inside=f"<p>{sentence}</p>"))


def test_a_lead_outside_of_the_body_is_kept():
    html = wordpress(above="").replace(
        '<div class="entry-content">', f'<p class="standfirst">{QUIET}</p></div><div class="entry-content">', 1
    )
    assert kept(extract(capture(html)))[0] == QUIET


def test_subheadings_are_kept_and_headings_without_text_are_removed():
    outcome = outcome_with(inside="<h2>What the drivers say</h2>", after="<h2>Elsewhere on the river</h2>")
    assert "What the drivers say" in kept(outcome)
    assert "Elsewhere on the river" not in kept(outcome)


def test_an_element_with_most_of_the_text_is_kept_whatever_its_class_name():
    html = page(f"<h1>No Ferry</h1><div class='related-promo sidebar'>{paragraphs(ENGLISH)}</div>", title="No Ferry")
    assert kept(extract(capture(html))) == ENGLISH


def test_a_drop_cap_stays_with_its_word():
    html = wordpress().replace("<p>The ferry", "<p><span class='article-text__drop-cap'>T</span>he ferry")
    assert kept(extract(capture(html))) == ENGLISH


def test_an_article_in_a_script_is_read_if_the_elements_show_none():
    escaped = (
        paragraphs(RUSSIAN).replace("<", "\\u003c").replace(">", "\\u003e").replace("\n", "\\n").replace('"', '\\"')
    )
    html = page(f'<h1>Паром</h1><div id="root"></div><script>self.__f.push([1,"{escaped}"])</script>', lang="ru")
    assert kept(extract(capture(html))) == RUSSIAN


def test_rules_have_distinct_names_and_docstrings():
    names = [f"{rule.__module__}.{rule.__name__}" for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(rule.__doc__ for rule in RULES)


@pytest.mark.parametrize("names", ["hidden", "box d-none", "notice is-hidden"])
def test_a_block_hidden_by_a_class_is_removed(names):
    outcome = outcome_with(inside=f"<div class='{names}'><p>{QUIET}</p></div>")
    assert kept(outcome) == ENGLISH
    assert "hidden" in {removal.reason for removal in outcome.removals}


@pytest.mark.parametrize("names", ["hidden md:block", "d-none d-lg-flex", "hidden-gem", "overflow-hidden"])
def test_a_block_shown_on_wider_screens_is_kept(names):
    assert QUIET in kept(outcome_with(inside=f"<div class='{names}'><p>{QUIET}</p></div>"))


def test_a_headline_slug_as_a_class_name_is_ignored():
    slug = "slide how-the-village-will-share-its-ferry-with-related-towns"
    assert QUIET in kept(outcome_with(inside=f"<div class='{slug}'><p>{QUIET}</p></div>"))
    assert QUIET not in kept(outcome_with(inside=f"<div class='slide share-bar'><p>{QUIET}</p></div>"))


def cut_in_two(between, names="post-body"):
    first, rest = paragraphs(ENGLISH[:3]), paragraphs(ENGLISH[3:])
    halves = f"<div class='{names}'>{first}</div>{between}<div class='{names}'>{rest}</div>"
    links = "".join(f"<p><a href='/{n}'>The bridge number {n} will be built by autumn</a></p>" for n in range(40))
    return extract(capture(page(f"<h1>No Ferry</h1><div class='w'>{halves}<div>{links}</div></div>", title="No Ferry")))


def test_a_body_split_by_its_template_is_read_whole():
    links = "".join(f"<p><a href='/{n}'>The village number {n} wants a ferry</a></p>" for n in range(20))
    outcome = cut_in_two(f"<div>{links}</div>")
    assert kept(outcome) == ENGLISH
    assert "column:between" in {removal.rule for removal in outcome.removals}


def test_a_second_body_under_another_headline_is_not_read():
    links = "".join(f"<p><a href='/{n}'>The village number {n} wants a ferry</a></p>" for n in range(20))
    assert kept(cut_in_two(f"<div>{links}</div><h1>Another Ferry</h1>")) == ENGLISH[:3]


def test_the_text_of_a_slide_is_kept_and_its_caption_is_removed():
    slides = f"<section class='slideshow'><p>{QUIET}</p><div class='credit'>The landing stage</div></section>"
    outcome = outcome_with(inside=slides)
    assert QUIET in kept(outcome)
    assert "The landing stage" not in kept(outcome)


def test_a_paragraph_too_long_for_a_caption_is_kept():
    assert f"{QUIET} {QUIET} {QUIET}" in kept(
        outcome_with(inside=f"<div class='caption'><p>{QUIET} {QUIET} {QUIET}</p></div>")
    )
    assert kept(outcome_with(inside=f"<div class='caption'><p>{QUIET}</p></div>")) == ENGLISH


def test_a_long_phrase_removes_a_paragraph_and_a_short_one_does_not():
    notice = (
        "This article was originally published by a paper on the other bank, and is printed here with its leave. " * 3
    )
    assert kept(outcome_with(inside=f"<p>{notice}</p>")) == ENGLISH
    sentence = (
        "Source of the river, they say in the villages, is the ice that never melts, and nobody has seen it. " * 3
    )
    assert sentence.strip() in kept(outcome_with(inside=f"<p>{sentence}</p>"))


def test_an_acronym_with_other_capitals_than_an_agency_is_not_a_photo_credit():
    assert "The ferry is run by the Electronic Port Agency (ePA)" in kept(
        outcome_with(inside="<p>The ferry is run by the Electronic Port Agency (ePA)</p>")
    )
    assert kept(outcome_with(inside="<p>The ferry at its stage (EPA)</p>")) == ENGLISH


def test_a_repeated_question_is_kept_and_a_repeated_paragraph_is_removed():
    question = "What did the ferryman say to you about it on that morning?"
    body = f"<p>{question}</p><p>{QUIET}</p><p>{question}</p>"
    outcome = outcome_with(inside=body, after=f"<p>{QUIET}</p>")
    assert kept(outcome).count(question) == 2
    assert kept(outcome).count(QUIET) == 1


def test_headings_of_slides_are_kept():
    slides = f"<div class='gallery'><h3>1. The landing stage</h3><p>{QUIET}</p></div>"
    assert "1. The landing stage" in kept(outcome_with(inside=slides))


def test_a_call_to_write_is_removed_and_a_sentence_with_the_same_words_is_kept():
    assert kept(outcome_with(inside="<p>Do you live on the river? Get in touch at news@outlet.example</p>")) == ENGLISH
    sentence = (
        "Villagers who want to get in touch with their relatives on the other bank now write letters again, she said."
    )
    assert sentence in kept(outcome_with(inside=f"<p>{sentence}</p>"))


def test_header_and_footer_of_a_print_version_are_removed():
    assert kept(outcome_with(before="<div>Outlet | page 1234</div>")) == ENGLISH
    assert kept(outcome_with(after="<div>Outlet | page 1234</div>")) == ENGLISH
    assert "See the report, page 12" in kept(outcome_with(inside="<p>See the report, page 12</p>"))


def test_tables_of_figures_and_of_sentences_are_kept():
    figures = "".join(f"<tr><td>{2019 + n}</td><td>{n} ferries</td></tr>" for n in range(4))
    assert "2021 2 ferries" in kept(outcome_with(inside=f"<table>{figures}</table>"))
    assert "2021 2 ferries" in kept(
        outcome_with(inside=f"<figure class='wp-block-table'><table>{figures}</table></figure>")
    )
    table = f"<table><tr><td>Drivers</td></tr><tr><td>{QUIET}</td></tr><tr><td>{QUIET} Still.</td></tr></table>"
    assert QUIET in kept(outcome_with(inside=table))
    layout = f"<h1>No Ferry</h1><table><tr><td>{paragraphs(ENGLISH)}</td></tr></table>"
    assert kept(extract(capture(page(layout, title="No Ferry")))) == ENGLISH


def test_a_line_below_the_text_that_begins_with_the_name_of_the_site_is_removed():
    head = '<meta property="og:site_name" content="River Herald">'
    body = f"<h1>No Ferry</h1><div>{paragraphs(ENGLISH)}<p>{{}}</p></div>"
    assert kept(extract(capture(page(body.format("River Herald / Weekly Post"), head=head)))) == ENGLISH
    other = "Tickets at the River Herald office"
    assert other in kept(extract(capture(page(body.format(other), head=head))))


def test_a_sentence_that_begins_with_watch_is_kept():
    sentence = "Watch the river for an hour, says the ferryman, and you will know what kind of winter there will be."
    assert sentence in kept(outcome_with(inside=f"<p>{sentence}</p>"))


def test_the_id_of_a_heading_says_nothing_of_its_kind():
    assert "Are bridges popular?" in kept(outcome_with(inside="<h2 id='are-bridges-popular'>Are bridges popular?</h2>"))
    assert QUIET not in kept(outcome_with(inside=f"<div id='most-popular'><p>{QUIET}</p></div>"))


def test_a_pull_quote_is_removed_where_a_paragraph_contains_it():
    quote = "nobody picks up the telephone,” said a driver who carries onions"
    outcome = outcome_with(inside=f"<blockquote><p>“{quote}”</p></blockquote>")
    assert kept(outcome) == ENGLISH
    assert "repeat:quote" in {removal.rule for removal in outcome.removals}


def test_a_notice_that_begins_with_a_phrase_is_removed_and_a_sentence_is_kept():
    notice = "Использование материалов разрешается только при наличии гиперссылки на наш сайт, просим это помнить."
    sentence = "Использование материалов из соседнего карьера удешевит ремонт причала, подсчитали в управлении."
    assert notice not in kept(outcome_with(after=f"<p>{notice}</p>"))
    assert sentence in kept(outcome_with(after=f"<p>{sentence}</p>"))


def test_the_model_names_its_score_and_what_weighed_most():
    column = ColumnDecisions(Node("body", None, "", 0), [], PageFacts())
    assert tail_model.lines(column) == []
    lines = [*ENGLISH, "Our Score:", "Our Score:", "Please wait..."]
    top = Node("body", None, "", 0, last=len(lines))
    nodes = [
        Node("p" if index < len(ENGLISH) else "span", top, "", 1, first=index, last=index + 1)
        for index in range(len(lines))
    ]
    blocks = [Block(text, node, index) for index, (text, node) in enumerate(zip(lines, nodes, strict=True))]
    column = ColumnDecisions(top, [BlockDecision(block) for block in blocks], PageFacts())
    features = ColumnFeatures(column)
    assert {len(features.of(index)) for index in range(len(lines))} == {len(NAMES)}
    scores = tail_model.text_scores([features.of(index) for index in range(len(lines))])
    assert min(scores[: len(ENGLISH)]) > max(scores[-3:])
    assert len(tail_model.reasons(features.of(len(lines) - 1))) == tail_model.NAMED_FEATURES
    assert scores == [tail_model.text_scores([ColumnFeatures(column).of(index)])[0] for index in range(len(lines))]
