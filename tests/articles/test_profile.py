"""Site profiles: lines of the template are learned, phrases that articles repeat are not."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.errors import CorruptError
from articles.extract import extract
from articles.model import Reason
from articles.profile import MIN_ARTICLES, MIN_OWN_ARTICLES, PageLines, decode, encode, learn, page_lines, sealed
from articles.site import NO_SELECTORS, PLAIN, Profile, Site, address_hash, folded_line, title_hash
from tests.articles.pages import ENGLISH, capture, page, paragraphs

CREED = "The Monitor is written by people who have crossed the river at every season and have the boots to prove it."
SAID = "“No bridge was ever built by a press conference,” the mayor of the left bank has said on every occasion."
TAIL = "River level today: 312 cm"
SUBHEAD = "What happened before"
PLACES = ("Semey", "Pavlodar", "Omsk", "Kurchatov", "Rubtsovsk", "Ridder", "Barnaul", "Aksu", "Tara", "Zaisan")
ADDRESS = "https://outlet.example/world/{}"


def story(number: int) -> list[str]:
    """Return paragraphs that no other story has."""
    place = PLACES[number % len(PLACES)]
    words = (f"{place} {number * 7 + offset} {text}" for offset, text in enumerate(ENGLISH))
    return [f"In the matter of case {place}-{number}: {line}" for line in words]


def headline(number: int) -> str:
    return f"Ferry report {number}: {PLACES[number % len(PLACES)]} waits, the river rises, and nobody picks up the telephone"


def article(number: int, *, before: str = "", amid: str = "", after: str = "", title: str = "", url: str = ""):
    """Return a page whose template adds lines around the text, in elements with neutral names."""
    name = title or headline(number)
    first, rest = story(number)[:3], story(number)[3:]
    main = f"<article><h1>{name}</h1>{before}{paragraphs(first)}{amid}{paragraphs(rest)}{after}</article>"
    return capture(page(main, title=name), url=url or ADDRESS.format(number))


def lines_of(captures) -> list[PageLines]:
    found = [page_lines(one, NO_SELECTORS) for one in captures]
    read = [one for one in found if one is not None]
    assert len(read) == len(found)
    return read


def learned(captures, known=()) -> Profile:
    return learn(lines_of(captures), known).profile


def text(one, profile: Profile) -> tuple[str, ...]:
    (document,) = extract(one, Site(profile=profile)).documents
    return document.paragraphs


def rules(one, profile: Profile) -> dict[str, str]:
    return {removal.text: removal.rule for removal in extract(one, Site(profile=profile)).removals}


TEMPLATE = f"<p>{CREED}</p><div>{TAIL}</div>"


def test_a_line_of_every_page_is_learned_and_removed_with_its_count():
    profile = learned([article(number, after=TEMPLATE) for number in range(6)])
    assert profile.articles == 6
    assert profile.lines == {folded_line(CREED): 6, folded_line(TAIL): 6}
    fresh = article(77, after=TEMPLATE.replace("312", "318"))
    assert CREED in extract(fresh).documents[0].paragraphs
    assert text(fresh, profile) == tuple(story(77))
    assert rules(fresh, profile)[CREED] == "site:line 6 of 6"


@pytest.mark.parametrize(("pages", "expected"), [(MIN_ARTICLES - 1, False), (MIN_ARTICLES, True)])
def test_a_short_line_needs_three_articles(pages, expected):
    profile = learned([article(number, after=f"<div>{TAIL}</div>") for number in range(pages)])
    assert (folded_line(TAIL) in profile.lines) is expected


@pytest.mark.parametrize(("pages", "expected"), [(MIN_OWN_ARTICLES - 1, False), (MIN_OWN_ARTICLES, True)])
def test_a_paragraph_needs_more_articles(pages, expected):
    profile = learned([article(number, after=f"<p>{CREED}</p>") for number in range(pages)])
    assert (folded_line(CREED) in profile.lines) is expected


@pytest.mark.parametrize("words", [f"<p>{SAID}</p>", f"<h2>{SUBHEAD}</h2>", "<p>— No.</p>", "<p>Nobody knows.</p>"])
def test_phrases_that_some_articles_repeat_are_not_learned(words):
    """A quote, subheading or answer in seven of forty articles, as in a story that runs for weeks."""
    captures = [article(number, before=words if number < 7 else "") for number in range(40)]
    assert learned(captures).lines == {}


def test_titles_that_differ_only_in_numbers_are_not_learned():
    captures = [article(number, title=f"Level of the river on {number + 1} May, as it was read") for number in range(8)]
    assert learned(captures).lines == {}


def test_one_article_under_many_urls_counts_once():
    captures = [article(1, after=f"<div>{TAIL}</div>", url=ADDRESS.format(f"copy-{number}")) for number in range(9)]
    captures.append(article(2, after=f"<div>{TAIL}</div>"))
    assert learned(captures).articles == 2
    assert learned(captures).lines == {}


def test_a_reprint_under_another_headline_is_the_same_article():
    captures = [article(1, title=f"Headline number {word} of one story", url=ADDRESS.format(word)) for word in PLACES]
    assert learned(captures).articles == 1


def test_at_the_start_of_a_text_only_lines_of_most_pages_are_removed():
    captures = [article(number, before=f"<p>{CREED}</p>" if number % 3 == 0 else "") for number in range(18)]
    profile = learned(captures)
    assert profile.lines == {folded_line(CREED): 6}
    assert text(captures[0], profile)[0] == CREED  # in a third of the articles: it may belong to this article
    profile = learned([article(number, before=f"<p>{CREED}</p>") for number in range(6)])
    assert text(captures[0], profile) == tuple(story(0))


EXCUSES = (
    "This page is being moved to the new house of the Monitor, which has more windows, and it will come back by spring.",
    "Until then our readers may call the ferryman, who knows most of what has stood here, and tells it rather better.",
    "Please do not write to the editors about it, because their letters are being moved in the same boat, and in no order.",
)


def test_a_page_with_only_template_lines_is_no_article():
    pages = [article(number, after=paragraphs(EXCUSES)) for number in range(6)]
    profile = learned(pages)
    assert len(profile.lines) == len(EXCUSES)
    html = page(f"<main><h1>Wagons of line nine</h1>{paragraphs(EXCUSES)}</main>", title="Wagons of line nine")
    one = capture(html, url=ADDRESS.format("nine"))
    assert extract(one).documents
    found = extract(one, Site(profile=profile))
    assert (found.reason, found.documents) == (Reason.NO_ARTICLE, ())


def known(*numbers: int, titles: bool = True) -> Profile:
    hashes = []
    for number in numbers:
        address = ADDRESS.format(number)
        hashes += [address_hash(address, address)]
        hashes += [title_hash(headline(number))] if titles else []
    return sealed(Profile(9, {}, sorted(hashes)))


def announced(*numbers: int, link: bool) -> str:
    items = []
    for number in numbers:
        name = (
            f'<a href="/world/{number}?utm_source=list">{headline(number)}</a>, a report of {number} May in the archive'
        )
        items.append(f'<div class="z{number}">{name if link else headline(number)}</div>')
    return "".join(items)


@pytest.mark.parametrize("link", [False, True])
def test_a_list_of_other_articles_of_the_site_is_removed(link):
    one = article(77, amid=announced(3, 4, 5, link=link))
    assert len(extract(one).documents[0].paragraphs) == 8  # the general rules alone leave it in the text
    profile = known(3, 4, 5, titles=not link)
    assert text(one, profile) == tuple(story(77))
    assert list(rules(one, profile).values()).count("site:links 3") == 3


def test_lists_of_unknown_articles_and_single_mentions_are_kept():
    one = article(77, amid=announced(3, 4, link=False))
    assert text(one, known(5, 6)) == extract(one).documents[0].paragraphs
    assert {headline(3), headline(4)} <= set(text(one, known(5, 6)))
    assert headline(3) in text(article(77, amid=announced(3, link=False)), known(3, 4))


def test_paragraphs_that_link_to_other_articles_are_kept():
    words = "".join(
        f'<p>As we have written in <a href="/world/{number}">an earlier report</a>, the ferry stood still on day {number} '
        "of the flood too, and nobody had been told of it beforehand.</p>"
        for number in (3, 4)
    )
    one = article(77, after=words)
    assert text(one, known(3, 4)) == extract(one).documents[0].paragraphs


def test_a_link_of_a_page_to_itself_does_not_count():
    one = article(3, amid=announced(3, 4, link=True))
    assert "site:links" not in " ".join(rules(one, known(3, titles=False)).values())


def test_a_site_without_knowledge_changes_nothing():
    one = article(77, after=TEMPLATE)
    assert extract(one) == extract(one, PLAIN)


@pytest.mark.parametrize(
    ("line", "other"),
    [("Read by 1,204 people", "READ BY 9,317 PEOPLE!"), ("«Wagons» – 2024", '"Wagons" - 1999')],
)
def test_lines_are_compared_by_their_words(line, other):
    assert folded_line(line) == folded_line(other) != ""


@pytest.mark.parametrize("line", ["", "* * *", "12.05.2024", "word " * 200])
def test_text_without_words_or_with_too_many_is_no_line(line):
    assert folded_line(line) == ""


WORDS = st.text("abcdeя ", min_size=1, max_size=8)
PAGES = st.lists(
    st.builds(
        lambda names, lines: PageLines(tuple(names), lines, frozenset(lines)),
        st.lists(WORDS, max_size=2),
        st.dictionaries(WORDS, st.booleans(), max_size=5),
    ),
    max_size=14,
)


@settings(deadline=None)
@given(pages=PAGES, known=st.lists(st.integers(0, 2**64 - 1)), data=st.data())
def test_a_profile_does_not_depend_on_the_order_of_pages(pages, known, data):
    mixed = data.draw(st.permutations(pages))
    assert learn(mixed, reversed(known)).profile == learn(pages, known).profile


@given(lines=st.dictionaries(st.text(min_size=1), st.integers(1)), known=st.sets(st.integers(1, 2**64 - 1)))
def test_a_profile_survives_encoding_and_decoding(lines, known):
    profile = sealed(Profile(len(lines), lines, sorted(known)))
    back = decode(encode(profile))
    assert (back.articles, back.lines, list(back.known), back.sha256) == (
        profile.articles,
        profile.lines,
        list(profile.known),
        profile.sha256,
    )
    assert encode(back) == encode(profile)
    numbers = count(1)
    assert all(back.knows(one) for one in known)
    assert not back.knows(next(number for number in numbers if number not in known))
    assert not back.knows(0)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"version": 2}', b"\xff", b'{"version":1,"known":"x"}'])
def test_invalid_data_raises_corrupt_error(data):
    with pytest.raises(CorruptError):
        decode(data)


def test_a_refused_page_has_no_lines():
    assert page_lines(capture("", status=404), NO_SELECTORS) is None
    assert page_lines(capture(b"%PDF-1.7"), NO_SELECTORS) is None


def test_a_sentence_needs_the_same_end_of_the_articles():
    def lines(number, place):
        words = [f"own {number} {word}" for word in "abcdefgh"]
        return PageLines((), dict.fromkeys([*words[:place], CREED, *words[place:]], True), frozenset())

    assert learn([lines(number, 8) for number in range(6)], ()).profile.lines == {CREED: 6}
    assert learn([lines(number, 1) for number in range(6)], ()).profile.lines == {CREED: 6}
    assert learn([lines(number, 4) for number in range(6)], ()).profile.lines == {}
    assert learn([lines(number, 8 * (number % 2)) for number in range(6)], ()).profile.lines == {}
