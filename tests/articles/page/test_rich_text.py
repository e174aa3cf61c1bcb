"""Lines of rich text in JSON."""

import pytest

from articles.page import rich_text

LONG = "A long body of an article that stands beside its parts."


def run(text: str, **more: object) -> dict[str, object]:
    return {"type": "text", "text": text, **more}


@pytest.mark.parametrize(
    ("node", "lines"),
    [
        ({"content": [run("First line"), {"type": "hardBreak"}, run("second line.")]}, ["First line second line."]),
        ({"content": [run("One."), {"type": "hardBreak"}, {"type": "hardBreak"}, run("Two.")]}, ["One.", "Two."]),
        (
            {
                "children": [
                    {"text": "A "},
                    {"type": "link", "url": "/a", "children": [{"text": "link"}]},
                    {"text": "."},
                ]
            },
            ["A link."],
        ),
        ({"children": [{"text": "A "}, {"type": "term", "children": [{"text": "word"}]}, {"text": "."}]}, ["A word."]),
        (
            {
                "type": "list-item",
                "children": [
                    {"text": "Parent item."},
                    {"type": "ul", "children": [{"type": "li", "children": [{"text": "Child one."}]}]},
                ],
            },
            ["Parent item.", "Child one."],
        ),
        (
            {"content": "Parent.", "items": [{"content": "A longer child.", "items": []}]},
            ["Parent.", "A longer child."],
        ),
        ({"data": {"items": [{"text": "One.", "checked": True}, {"text": "Two."}]}}, ["One.", "Two."]),
        (
            {"content": [{"type": "paragraph", "text": "Para one."}, {"type": "paragraph", "text": "Para two."}]},
            ["Para one.", "Para two."],
        ),
        ({"text": LONG, "children": [{"type": "image", "src": "a.jpg"}]}, [LONG]),
        ({"body": LONG, "items": [{"title": "Tag"}]}, [LONG]),
    ],
)
def test_only_runs_are_joined_and_a_nodes_own_text_is_kept(node, lines):
    assert list(rich_text.lines(node)) == lines
