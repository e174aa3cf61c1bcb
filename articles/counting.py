"""Numbers with their nouns, for messages: "1 segment", "2 segments"."""


def many(number: int, noun: str, plural: str = "") -> str:
    """Return a number with a noun in the right form. `plural` is for nouns that do not just take an "s"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def are(number: int, verb: str = "are") -> str:
    """Return "is", "was" or "has" after one thing, and the plural of the verb after several."""
    return {"are": "is", "were": "was", "have": "has"}[verb] if number == 1 else verb
