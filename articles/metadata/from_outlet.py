"""Metadata found by an outlet's own selectors, which takes precedence over all other candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from articles import dates
from articles.metadata import authors, person_names, zones
from articles.metadata.published import ADDRESS, same_day
from articles.metadata.read import Metadata
from articles.model import Choice, Evidence
from articles.page.outlet_selectors import FIELD_BY_ATTRIBUTE

SOURCE = "outlet"
WHY = "the outlet's file says where it stands on its pages"


def improve(meta: Metadata, selected: Mapping[str, Sequence[str]], fetched: datetime, clock: str = "") -> Metadata:
    """Return the metadata with the values in `selected` (selector attribute -> texts) before all other candidates.

    Times without a zone are those of `clock`, a country's top-level domain, if it is not empty.
    """
    found = _with_selected(meta, selected, fetched) if selected else meta
    published, modified = (_with_zone(value, clock) for value in (found.published, found.modified))
    return replace(found, published=published, modified=modified)


def _with_zone(value: str, clock: str) -> str:
    """Return a date with the offset of a country's clocks, if it has a time without a zone."""
    if not clock or "T" not in value or dates.instant(value) is not None:
        return value
    minutes = zones.minutes_at(clock, datetime.fromisoformat(value))
    return value if minutes is None else f"{datetime.fromisoformat(value).isoformat()}{dates.offset(minutes)}"


def _with_selected(meta: Metadata, selected: Mapping[str, Sequence[str]], fetched: datetime) -> Metadata:
    title = next(iter(selected.get("title", ())), "")
    people = person_names.people(selected.get("author", ()), meta.site)
    dated = [
        value for text in selected.get("date", ()) if (value := dates.parse(text)) and dates.plausible(value, fetched)
    ]
    address = next((one.value for one in meta.evidence if one.field == "published" and one.source == ADDRESS), "")
    if address:  # a selector may also find the dates of other articles
        dated = [value for value in dated if same_day(value, address)]
    # The date that the page states elsewhere is the same, or more precise.
    known = dated and meta.published.startswith(dated[0])
    believed = {"title": bool(title), "author": bool(people), "date": bool(dated) and not known}
    replaced = {FIELD_BY_ATTRIBUTE[attribute] for attribute, sure in believed.items() if sure}
    evidence = list(meta.evidence)
    for attribute, name in FIELD_BY_ATTRIBUTE.items():
        values = dated[:1] if attribute == "date" else selected.get(attribute, ())
        if not values:
            continue
        evidence = [
            replace(candidate, chosen=False) if believed[attribute] and candidate.field == name else candidate
            for candidate in evidence
        ]
        first = next((index for index, candidate in enumerate(evidence) if candidate.field == name), len(evidence))
        value = "; ".join(values)[: authors.MAX_EVIDENCE_CHARS]
        evidence.insert(first, Evidence(name, SOURCE, value, chosen=believed[attribute]))
    return replace(
        meta,
        title=title or meta.title,
        titles=(title, *meta.titles) if title else meta.titles,
        authors=people or meta.authors,
        published=dated[0] if believed["date"] else meta.published,
        evidence=tuple(evidence),
        choices=tuple(Choice(choice.field, WHY) if choice.field in replaced else choice for choice in meta.choices),
    )
