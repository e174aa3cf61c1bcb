from articles.text import MAX_CACHED_CHARS, cached_if_short


def test_results_for_long_texts_are_not_kept():
    calls = []

    @cached_if_short(8)
    def length(text: str) -> int:
        calls.append(text)
        return len(text)

    short, long = "a" * MAX_CACHED_CHARS, "a" * (MAX_CACHED_CHARS + 1)
    assert [length(text) for text in (short, short, long, long)] == [len(text) for text in (short, short, long, long)]
    assert calls == [short, long, long]
