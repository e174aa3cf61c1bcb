"""Say why a pull has fewer documents than its snapshot."""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {  # field of `storage.export.selection.Selection`, or `since`: what it leaves out
    "with_duplicates": "duplicates of others (--with-duplicates adds them)",
    "with_review": "whose topic is in doubt (--with-review adds them)",
    "langs": "in other languages than --lang",
    "outlets": "of other outlets than --outlet",
    "published": "of other dates than --published, or without a date",
    "topic_min": "with a score below --topic-min",
    "purpose": "whose publishers reserve --purpose",
    "since": "that the snapshot of --changed-since has",
    "query": "without the words of --query",
}


def sentence(left_out: Mapping[str, int]) -> str:
    """Return how many documents are left out, and by what; empty if none is."""
    parts = [f"{left_out[name]:,} {text}" for name, text in SENTENCES.items() if left_out.get(name)]
    return f"left out: {', '.join(parts)}" if parts else ""
