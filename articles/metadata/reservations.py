"""Which uses of a document its publisher reserves, by the statements that were recorded with it (`Right`).

Only what a published text defines is interpreted; all else stays recorded, word for word. If two statements disagree,
the stricter one counts (draft-ietf-aipref-vocab, "Combining Preferences"). A reservation is no statement of law: it is
what a careful user of a corpus would obey.
"""

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # options of commands name the uses, and need no data classes
    from collections.abc import Iterable

    from articles.model import Right


class Use(StrEnum):
    """What a corpus is used for, from the narrowest use on. Who reserves a use reserves those below it, too."""

    ARCHIVE = "archive"  # to keep the text
    RESEARCH = "research"  # to give it to researchers, who mine it
    TRAINING = "training"  # to train generative models on it


USES = tuple(Use)
# Robots directives. Microsoft (2023) keeps NOARCHIVE content, and all but the snippet of NOCACHE content, out of training.
DIRECTIVES = {
    "noarchive": Use.ARCHIVE,
    "nocache": Use.RESEARCH,
    "noai": Use.TRAINING,
    "noml": Use.TRAINING,
}
EVERY_ROBOT = frozenset(
    {"meta:robots", "header:x-robots-tag", "meta:irtysh", "header:x-robots-tag:irtysh"}
)  # others are addressed to robots that we are not
TDM_RESERVED = frozenset({"1", "true"})  # TDMRep: 1 means that the rights are reserved
# Content-Usage: draft-ietf-aipref-vocab, and the labels of its earlier versions.
USAGE_LABELS = {
    "train-ai": Use.TRAINING,
    "train-genai": Use.TRAINING,
    "tdm": Use.RESEARCH,
    "bots": Use.RESEARCH,
}
SIGNAL_LABELS = {"ai-train": Use.TRAINING}  # Content-Signal: contentsignals.org
DENIED = {"content-usage": frozenset({"n"}), "content-signal": frozenset({"no"})}
LABELS = {"content-usage": USAGE_LABELS, "content-signal": SIGNAL_LABELS}
PATH = re.compile(r"/\S*(?:\s+|$)")  # before the preferences of a line in robots.txt
PREFERENCE = re.compile(r"(?P<label>[a-z*][a-z0-9_.*-]{0,63})\s*(?:=\s*(?P<value>[^\s,;=]{1,64})\s*)?(?:;.*)?")


def reservation(rights: "Iterable[Right]", use: Use) -> str:
    """Return the first statement that reserves a use ("tdm-reservation 1 (header:tdm-reservation)"); empty if none."""
    for right in rights:
        reserved = _reserved(right)
        if reserved is not None and USES.index(reserved) <= USES.index(use):
            return f"{right.kind} {right.value} ({right.where})"
    return ""


def _reserved(right: "Right") -> Use | None:
    """Return the narrowest use that a statement reserves; None if it reserves none, or is not understood."""
    if right.kind == "robots":
        return DIRECTIVES.get(right.value) if right.where in EVERY_ROBOT else None
    if right.kind == "tdm-reservation":
        return Use.RESEARCH if right.value.strip().lower() in TDM_RESERVED else None
    if right.kind == "price":
        return Use.ARCHIVE
    if right.kind in LABELS:
        labels = LABELS[right.kind]
        reserved = [labels[label] for label in _denied(right) if label in labels]
        return min(reserved, key=USES.index, default=None)
    return None


def _denied(right: "Right") -> list[str]:
    """Return the labels that a statement of preferences denies; none if it has another form."""
    text = right.value.strip().lower()
    path = PATH.match(text)
    found = []
    for part in (text[path.end() :] if path else text).split(","):
        preference = PREFERENCE.fullmatch(part.strip())
        if preference is None:
            return []
        if preference["value"] in DENIED[right.kind]:
            found.append(preference["label"])
    return found
