"""Differences of edition 2: planted edits, a deleted article, and pages where only the template changes."""

from typing import Final, NamedTuple


class Edit(NamedTuple):
    """One planted edit of an article. `kind` is headline, number, quote, paragraph or correction."""

    kind: str
    old: str
    new: str


EDITS: Final = {
    ("steppe", "wagons"): (
        Edit(
            "headline",
            "title: Wagons move again as Kazakhstan and Russia settle a quarrel over brake blocks",
            "title: Wagons move again, for now, as Kazakhstan and Russia settle a quarrel over brake blocks",
        ),
        Edit("number", "puts the loss at 4.1 billion tenge", "puts the loss at 5.3 billion tenge"),
        Edit(
            "quote",
            "“Every time, the rails are fine. It is always a stamp.”",
            "“The rails are fine every time. What fails is always a stamp, and the courage to do without one.”",
        ),
    ),
    ("orda", "satellite"): (
        Edit(
            "correction",
            "said that they had learned of the handover from a notice on the door of the bakery.",
            "said that they had learned of the handover from a notice on the door of the post office.",
        ),
    ),
    ("azat", "gaz"): (
        Edit(
            "paragraph",
            "Зимой в посёлке снова будут топить углём.",
            "Второго октября в российской компании сообщили, что сварка участка до границы начнётся на месяц позже.\n\n"
            "Зимой в посёлке снова будут топить углём.",
        ),
    ),
    ("dala", "talaba"): (Edit("number", "38 мың азаматымыз", "36 мың азаматымыз"),),
}  # (outlet, slug) -> edits
MODIFIED: Final = "2024-10-05T09:15:00"  # local time of the edits, for templates that show it
DELETED: Final = frozenset({("kurier", "most")})  # (outlet, slug) of articles that return 410
REDESIGNED: Final = frozenset({("steppe", "consulate")})  # same text in other surroundings
