"""What each block of one page became and why, and what the page says of itself: a reading told for people.

Pure: `articles.extract` reads the page as in processing; nothing is judged here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from articles import documents, extract
from articles.extract import Extraction, Origin
from articles.metadata import rights
from articles.model import Capture, Document, Evidence, Outcome
from articles.page.blocks import HEADINGS, Block
from articles.page.column import prose
from articles.site import PLAIN, Site

EXPLAINED = ("title", "authors", "published", "modified", "section")
LISTED = ", "  # between the names or tags of one field


class BlockVerdict(StrEnum):
    """What became of a block."""

    KEPT = "kept"
    STRUCK = "struck"
    REPLACED = "replaced"  # no rule struck it, but the text was taken from elsewhere on the page
    FRAME = "frame"  # the site's, around the article: it never was a candidate


@dataclass(frozen=True, slots=True)
class ExplainedBlock:
    """A block of the page, in page order, and its fate."""

    position: int
    text: str
    tag: str
    verdict: BlockVerdict
    rule: str = ""  # that struck it
    reason: str = ""  # the rule's class; of a kept block, what it is taken for
    lang: str = ""  # of the document that it stands in
    in_column: bool = False


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """Something known of the article besides its text, with every candidate for it."""

    name: str
    value: str
    remark: str = ""
    candidates: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A page explained. `rows` and `fields` are empty where the page was refused before anybody read it."""

    capture: Capture
    outcome: Outcome
    rows: tuple[ExplainedBlock, ...] = ()
    fields: tuple[ExplainedField, ...] = ()
    origin: Origin = Origin.COLUMN

    def count(self, verdict: BlockVerdict) -> int:
        """Return how many blocks became so."""
        return sum(row.verdict is verdict for row in self.rows)

    @property
    def verdict(self) -> str:
        """What became of the page, in a line."""
        if self.outcome.reason is not None:
            detail = f": {self.outcome.detail}" if self.outcome.detail else ""
            return f"rejected, {self.outcome.reason.value}{detail}"
        made = LISTED.join(f"{document.lang} ({document.role.value})" for document in self.outcome.documents)
        number = len(self.outcome.documents)
        return f"{number} document{'s' if number > 1 else ''}: {made}"


def explain(capture: Capture, site: Site = PLAIN) -> Explanation:
    """Explain what a capture became; for every capture, however it was refused."""
    outcome, reading = extract.examine(capture, site)
    if reading is None:
        return Explanation(capture, outcome)
    fields = _fields(reading, outcome, capture)
    return Explanation(capture, outcome, _rows(reading, outcome), fields, reading.origin)


def _rows(reading: Extraction, outcome: Outcome) -> tuple[ExplainedBlock, ...]:
    fates = {fate.block.position: fate for fate in (*reading.fates, *reading.around)}
    from_column = reading.origin is Origin.COLUMN  # else the positions of removals may be those of another page
    aside = {removal.position: removal for removal in outcome.removals} if from_column else {}
    rows = []
    for block in reading.page.blocks:
        row = ExplainedBlock(
            block.position, block.text, block.tag, BlockVerdict.FRAME, in_column=block.position in reading.column
        )
        fate = fates.get(block.position)
        if fate and (fate.rule or block.position in aside):
            struck = fate if fate.rule else aside[block.position]
            row = replace(row, verdict=BlockVerdict.STRUCK, rule=struck.rule, reason=struck.reason)
        elif fate:
            verdict = BlockVerdict.KEPT if from_column else BlockVerdict.REPLACED
            row = replace(row, verdict=verdict, reason=_part(block, in_column=row.in_column))
        rows.append(row)
    return tuple(_with_languages(rows, outcome.documents))


def _part(block: Block, *, in_column: bool) -> str:
    """Say what a kept block is taken for."""
    if not in_column:
        return "lead"
    if block.tag in HEADINGS:
        return "heading"
    if any(node.tag == "li" for node in block.node.chain()):
        return "list item"
    return "paragraph" if prose(block) else "line"


def _with_languages(rows: Sequence[ExplainedBlock], documents: Sequence[Document]) -> list[ExplainedBlock]:
    """Name the document that each kept block stands in: their paragraphs come in page order."""
    left = {document.lang: list(reversed(document.paragraphs)) for document in documents}
    found = []
    for row in rows:
        lang = ""
        if row.verdict is BlockVerdict.KEPT:
            lang = next((lang for lang, texts in left.items() if texts and texts[-1] == row.text), "")
            if lang:
                left[lang].pop()
        found.append(replace(row, lang=lang))
    return found


def _fields(reading: Extraction, outcome: Outcome, capture: Capture) -> tuple[ExplainedField, ...]:
    """Return what is known of the article, what is missing of title, authors and date included."""
    meta, made, stated = reading.meta, reading.credits, reading.stated
    main = outcome.documents[0] if outcome.documents else None
    why = {one.field: one.why for one in documents.choices(meta, made)}
    about = {name: tuple(one for one in meta.evidence if one.field == name) for name in EXPLAINED}
    if made.authors:
        credited = Evidence("authors", "credits", LISTED.join(made.authors), chosen=True)
        about["authors"] = (credited, *(replace(one, chosen=False) for one in about["authors"]))
    values = {
        "title": meta.title,
        "authors": LISTED.join(made.authors or meta.authors),
        "published": meta.published,
        "modified": meta.modified,
    }
    languages = LISTED.join(
        f"{document.lang} ({len(document.paragraphs)} paragraphs, {document.role.value})"
        for document in outcome.documents
    )
    fields = [
        *(
            ExplainedField(name, value, why.get(name, "") if value else "", about[name])
            for name, value in values.items()
        ),
        ExplainedField("translators", LISTED.join(made.translators or meta.translators)),
        ExplainedField("editors", LISTED.join(made.editors or meta.editors)),
        ExplainedField("source", made.source_outlet or meta.agency, why.get("source", "")),
        ExplainedField("source URL", made.source_url, "the page links to the original" if made.original_linked else ""),
        ExplainedField("source date", made.source_date, _precision(made.source_date)),
        ExplainedField("journal", made.journal),
        ExplainedField("note", made.note),
        ExplainedField("section", meta.section, "", about["section"]),
        ExplainedField("tags", LISTED.join(meta.tags)),
        ExplainedField("description", meta.lead),
        ExplainedField("site", meta.site),
        ExplainedField("canonical URL", main.canonical_url if main else stated.canonical),
        *(
            ExplainedField("alternate", one.url, f"{one.lang} {one.source}".strip())
            for one in (main.alternates if main else ())
        ),
        ExplainedField("form", LISTED.join(main.flags) if main else ""),
        ExplainedField("languages", languages),
        ExplainedField("declared language", stated.lang),
        *(
            ExplainedField(one.kind, one.value, one.where)
            for one in (*meta.rights, *rights.of_response(capture.headers))
        ),
        *(
            ExplainedField("link", f"{link.kind.value}: {link.a_lang}, {link.b_lang}", link.evidence)
            for link in outcome.links
        ),
    ]
    asked = {"title", "authors", "published"}
    return tuple(field for field in fields if field.value or field.candidates or field.name in asked)


def _precision(date: str) -> str:
    """Say what an ISO 8601 date leaves open."""
    day, _, time = date.partition("T")
    if not day:
        return ""
    if not time:
        return "a date without a time"
    return "" if time.endswith("Z") or "+" in time or "-" in time else "local time: the page names no zone"
