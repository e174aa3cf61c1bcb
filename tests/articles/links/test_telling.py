"""Which aligned texts are translations or rewrites, and which only report one event."""

from articles.links import telling
from articles.links.alignment import Alignment


def aligned(count: int, coverage: tuple[float, float], likeness: float = 0.8) -> Alignment:
    """Return an alignment of so many sentences one after another."""
    return Alignment(tuple((number, number, likeness) for number in range(count)), coverage)


def test_sentences_further_apart_than_those_of_the_languages_are_no_translation() -> None:
    found = aligned(14, (0.71, 0.72))
    assert telling.translated(found, 0.5, 0.01, 20, is_claimed=False) == telling.FULL
    assert telling.translated(found, 0.5, -0.01, 20, is_claimed=False) == telling.NEITHER
    assert telling.translated(found, 0.5, -0.01, 20, is_claimed=True) == telling.FULL


def test_a_brief_text_is_translated_nearly_whole_unless_its_sentences_are_close() -> None:
    found = aligned(5, (0.77, 0.80))
    assert telling.translated(found, 0.5, 0.02, 7, is_claimed=False) == telling.NEITHER
    assert telling.translated(found, 0.5, 0.08, 7, is_claimed=False) == telling.FULL
    assert telling.translated(aligned(6, (0.90, 1.0)), 0.5, 0.02, 7, is_claimed=False) == telling.FULL
    assert telling.translated(aligned(5, (0.5, 1.0)), 0.5, 0.02, 5, is_claimed=False) == telling.PARTIAL


def test_kindred_languages_need_closer_sentences() -> None:
    assert telling.least_cosine("ru", "uk") > telling.least_cosine("kk", "ru") > telling.MIN_COSINE
    assert telling.least_cosine("ja", "ru") == telling.MIN_COSINE


def test_a_rewrite_needs_coverage_and_close_sentences_together() -> None:
    assert telling.rewritten(aligned(8, (1.0, 1.0), 0.79)) == telling.FULL
    assert telling.rewritten(aligned(5, (0.6, 1.0), 0.81)) == telling.PARTIAL
    assert telling.rewritten(aligned(6, (0.87, 0.87), 0.76)) == telling.NEITHER  # two reports of one press release


def test_three_close_sentences_are_a_translation_whatever_names_they_share() -> None:
    part = aligned(3, (1.0, 0.5))
    assert telling.translated(part, 0.1, 0.10, 3, is_claimed=False) == telling.PARTIAL
    assert telling.translated(part, 0.1, 0.09, 3, is_claimed=False) == telling.NEITHER
    scattered = Alignment(((0, 0, 0.9), (1, 2, 0.9), (2, 4, 0.9)), (1.0, 0.5))
    assert telling.translated(scattered, 0.1, 0.10, 3, is_claimed=False) == telling.NEITHER


def test_two_close_sentences_are_a_translation_only_of_a_whole_text() -> None:
    assert telling.translated(aligned(2, (1.0, 0.9)), 0.1, 0.10, 2, is_claimed=False) == telling.FULL
    assert telling.translated(aligned(2, (1.0, 0.5)), 0.1, 0.10, 2, is_claimed=False) == telling.NEITHER


def test_a_rewrite_in_another_language_covers_both_texts_in_one_order() -> None:
    whole = aligned(6, (0.94, 1.0))
    assert telling.translated(whole, 0.5, -0.03, 7, is_claimed=False) == telling.FULL
    assert telling.translated(whole, 0.5, -0.04, 7, is_claimed=False) == telling.NEITHER
    assert telling.translated(aligned(5, (1.0, 1.0)), 0.5, -0.03, 5, is_claimed=False) == telling.NEITHER
    assert telling.translated(swapped(7, 0.8), 0.5, -0.01, 7, is_claimed=False) == telling.NEITHER


def test_brief_reports_that_tell_in_another_order_are_no_translation_or_rewrite() -> None:
    assert telling.translated(swapped(6, 0.65), 0.5, 0.02, 7, is_claimed=False) == telling.NEITHER
    assert telling.rewritten(swapped(6, 0.76)) == telling.NEITHER
    assert telling.rewritten(swapped(6, 0.85)) == telling.FULL
    assert telling.rewritten(swapped(20, 0.76)) == telling.FULL


def test_a_shorter_text_that_is_covered_whole_in_order_may_be_worded_more_freely() -> None:
    assert telling.rewritten(aligned(5, (0.6, 1.0), 0.69)) == telling.PARTIAL
    assert telling.rewritten(aligned(5, (0.6, 1.0), 0.64)) == telling.NEITHER
    assert telling.rewritten(aligned(6, (0.6, 0.87), 0.76)) == telling.NEITHER


def swapped(count: int, likeness: float) -> Alignment:
    """Return an alignment that covers both texts, whose first two sentences are exchanged."""
    pairs = [(0, 1, likeness), (1, 0, likeness), *((number, number, likeness) for number in range(2, count))]
    return Alignment(tuple(pairs), (1.0, 1.0))


def test_close_sentences_that_translators_merged_cover_less_of_a_part() -> None:
    merged = aligned(6, (0.48, 0.71))
    assert telling.translated(merged, 0.5, 0.10, 8, is_claimed=False) == telling.PARTIAL
    assert telling.translated(merged, 0.5, 0.09, 8, is_claimed=False) == telling.NEITHER
