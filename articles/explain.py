"""Explain the extraction of one page for readers: the decision on each block, and the metadata with all candidates.

Pure: `articles.extract` extracts the page as in processing; nothing is decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from articles import documents, extract
from articles.extract import Extraction, Origin
from articles.metadata import canonical, rights
from articles.model import Capture, Document, Evidence, Outcome
from articles.page.blocks import HEADINGS, Block
from articles.page.column import prose
from articles.page.second_opinion import Opinion
from articles.site import PLAIN, Site

FIELDS_WITH_CANDIDATES = ("title", "authors", "published", "modified", "section")
LIST_SEPARATOR = ", "  # between names or tags of one field


class BlockVerdict(StrEnum):
    """Decision on a block."""

    KEPT = "kept"
    STRUCK = "struck"
    REPLACED = "replaced"  # kept by all rules, but the text was taken from elsewhere on the page
    FRAME = "frame"  # part of the site's frame around the article: never a candidate


@dataclass(frozen=True, slots=True)
class ExplainedBlock:
    """A block of the page and the decision on it."""

    position: int
    text: str
    tag: str
    verdict: BlockVerdict
    rule: str = ""  # that removed it
    reason: str = ""  # class of the rule; of a kept block, its kind: lead, heading, list item, paragraph, line
    lang: str = ""  # of the document that contains it
    in_column: bool = False


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """A metadata field of the article, with all candidates."""

    name: str
    value: str
    remark: str = ""
    candidates: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Explanation of a page. `rows` and `fields` are empty if the page was refused before extraction."""

    capture: Capture
    outcome: Outcome
    rows: tuple[ExplainedBlock, ...] = ()
    fields: tuple[ExplainedField, ...] = ()
    origin: Origin = Origin.COLUMN

    def count(self, verdict: BlockVerdict) -> int:
        """Return the number of blocks with a verdict."""
        return sum(row.verdict is verdict for row in self.rows)

    @property
    def verdict(self) -> str:
        """Outcome of the page in one line."""
        if self.outcome.reason is not None:
            detail = f": {self.outcome.detail}" if self.outcome.detail else ""
            return f"rejected, {self.outcome.reason.value}{detail}"
        listed = LIST_SEPARATOR.join(f"{document.lang} ({document.role.value})" for document in self.outcome.documents)
        number = len(self.outcome.documents)
        return f"{number} document{'s' if number > 1 else ''}: {listed}"


def explain(capture: Capture, site: Site = PLAIN) -> Explanation:
    """Explain the outcome of a capture; works for refused captures too."""
    outcome, extraction = extract.examine(capture, site)
    if extraction is None:
        return Explanation(capture, outcome)
    fields = _fields(extraction, outcome, capture)
    return Explanation(capture, outcome, _rows(extraction, outcome), fields, extraction.origin)


def _rows(extraction: Extraction, outcome: Outcome) -> tuple[ExplainedBlock, ...]:
    decisions = {decision.block.position: decision for decision in (*extraction.decisions, *extraction.surroundings)}
    from_column = extraction.origin is Origin.COLUMN  # otherwise positions of removals may refer to an embedded page
    set_aside = {removal.position: removal for removal in outcome.removals} if from_column else {}
    rows = []
    for block in extraction.page.blocks:
        row = ExplainedBlock(
            block.position, block.text, block.tag, BlockVerdict.FRAME, in_column=block.position in extraction.column
        )
        decision = decisions.get(block.position)
        if decision and (decision.rule or block.position in set_aside):
            removed = decision if decision.rule else set_aside[block.position]
            row = replace(row, verdict=BlockVerdict.STRUCK, rule=removed.rule, reason=removed.reason)
        elif decision:
            verdict = BlockVerdict.KEPT if from_column else BlockVerdict.REPLACED
            row = replace(row, verdict=verdict, reason=_part(block, in_column=row.in_column))
        rows.append(row)
    return tuple(_with_languages(rows, outcome.documents))


def _part(block: Block, *, in_column: bool) -> str:
    """Return the kind of a kept block."""
    if not in_column:
        return "lead"
    if block.tag in HEADINGS:
        return "heading"
    if any(node.tag == "li" for node in block.node.chain()):
        return "list item"
    return "paragraph" if prose(block) else "line"


def _with_languages(rows: Sequence[ExplainedBlock], documents: Sequence[Document]) -> list[ExplainedBlock]:
    """Set the language of the document that contains each kept block: paragraphs are in page order."""
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


def _fields(extraction: Extraction, outcome: Outcome, capture: Capture) -> tuple[ExplainedField, ...]:
    """Return the metadata fields that have a value or candidates; title, authors and date always."""
    meta, page_credits, stated = extraction.meta, extraction.credits, extraction.stated
    main = outcome.documents[0] if outcome.documents else None
    identity = canonical.read(capture.url, stated)
    why = {choice.field: choice.why for choice in documents.choices(meta, page_credits)}
    candidates = {
        name: tuple(found for found in meta.evidence if found.field == name) for name in FIELDS_WITH_CANDIDATES
    }
    if page_credits.authors:
        credited = Evidence("authors", "credits", LIST_SEPARATOR.join(page_credits.authors), chosen=True)
        candidates["authors"] = (credited, *(replace(candidate, chosen=False) for candidate in candidates["authors"]))
    values = {
        "title": meta.title,
        "authors": LIST_SEPARATOR.join(page_credits.authors or meta.authors),
        "published": meta.published,
        "modified": meta.modified,
    }
    languages = LIST_SEPARATOR.join(
        f"{document.lang} ({len(document.paragraphs)} paragraphs, {document.role.value})"
        for document in outcome.documents
    )
    fields = [
        *(
            ExplainedField(name, value, why.get(name, "") if value else "", candidates[name])
            for name, value in values.items()
        ),
        ExplainedField("translators", LIST_SEPARATOR.join(page_credits.translators or meta.translators)),
        ExplainedField("editors", LIST_SEPARATOR.join(page_credits.editors or meta.editors)),
        ExplainedField("source", page_credits.source_outlet or meta.agency, why.get("source", "")),
        ExplainedField(
            "source URL",
            page_credits.source_url,
            "the page links to the original" if page_credits.original_linked else "",
        ),
        ExplainedField("source date", page_credits.source_date, _precision(page_credits.source_date)),
        ExplainedField("journal", page_credits.journal),
        ExplainedField("note", page_credits.note),
        ExplainedField("section", meta.section, "", candidates["section"]),
        ExplainedField("tags", LIST_SEPARATOR.join(meta.tags)),
        ExplainedField("description", meta.lead),
        ExplainedField("site", meta.site),
        ExplainedField(
            "canonical URL",
            identity.url if main or identity.evidence else stated.canonical,
            LIST_SEPARATOR.join(choice.why for choice in identity.choices),
            identity.evidence,
        ),
        ExplainedField("continues", identity.continues, "an earlier page of the same article"),
        *(
            ExplainedField("alternate", one.url, f"{one.lang} {one.source}".strip())
            for one in (main.alternates if main else ())
        ),
        ExplainedField("form", LIST_SEPARATOR.join(main.flags) if main else ""),
        ExplainedField("languages", languages),
        ExplainedField("declared language", stated.lang),
        *(ExplainedField(one.kind, one.value, one.where) for one in (*meta.rights, *rights.of_capture(capture))),
        *_second_opinion(extraction.opinion),
        *(
            ExplainedField("link", f"{link.kind.value}: {link.a_lang}, {link.b_lang}", link.evidence)
            for link in outcome.links
        ),
    ]
    always = {"title", "authors", "published"}
    return tuple(field for field in fields if field.value or field.candidates or field.name in always)


def _second_opinion(opinion: Opinion | None) -> list[ExplainedField]:
    """Return why trafilatura was asked for the text, whom was believed and why; nothing if it was not asked."""
    if opinion is None:
        return []
    return [ExplainedField("second opinion", opinion.believed.value, f"asked: {opinion.doubt}; {opinion.why}")]


def _precision(date: str) -> str:
    """Return a remark on what an ISO 8601 date does not state."""
    day, _, time = date.partition("T")
    if not day:
        return ""
    if not time:
        return "a date without a time"
    return "" if time.endswith("Z") or "+" in time or "-" in time else "local time: the page names no zone"
