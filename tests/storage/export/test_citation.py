"""A citation of what a page says stays one citation, whatever the page says."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from storage.export.citation import Citation, bibtex, csl, plain

HOSTILE = 'x},\n note = {\\input{/etc/passwd}}, @misc{y, $\\write18{id}$ "%" # & _ ~ ^ \r\n}'


def made(text):
    return Citation("key-1", "article-newspaper", text, (text, "A and B"), text, text, text, text, text, text)


def check(entry):
    """An entry of BibTeX whose braces match and whose values name no command but our own."""
    depth = 0
    for place, character in enumerate(entry):
        depth += (character == "{") - (character == "}")
        assert depth >= 0
        assert depth or place == 0 or entry[:place].count("{") == 0 or entry[place:].strip() in ("}", "")
    assert depth == 0
    values = [re.fullmatch(r"  \w+ = \{(.*)\},", line) for line in entry.splitlines()[1:-1]]
    assert all(values)
    commands = set(re.findall(r"\\([a-zA-Z]+)", "".join(value[1] for value in values if value)))
    assert commands <= {"textbackslash", "textasciitilde", "textasciicircum"}


def test_a_title_adds_no_field_and_no_command():
    check(bibtex(made(HOSTILE)))
    assert csl(made(HOSTILE))["title"] == HOSTILE
    assert "issued" not in csl(made(HOSTILE))
    assert "(no date)" in plain(made(HOSTILE))


def test_dates_are_days_or_left_out():
    for text, day in (
        ("2026-11-01T08:00:00+05:00", "2026-11-01"),
        ("2026-11", "2026-11"),
        ("2026", "2026"),
        ("2026-13", ""),
    ):
        assert (f"date = {{{day}}}" in bibtex(made(text))) is bool(day)


@given(st.text(max_size=60) | st.lists(st.sampled_from(["{", "}", "\\", "\n", "@", ",", "=", "%", "a"])).map("".join))
def test_any_text_gives_one_entry(text):
    check(bibtex(made(text)))
    json.dumps(csl(made(text)))
