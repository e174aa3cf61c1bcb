"""Metadata that an outlet's own selectors find comes before all other candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from articles import dates
from articles.metadata import authors
from articles.metadata.read import Metadata
from articles.model import Choice, Evidence
from articles.page.outlet_selectors import FIELDS

SOURCE = "outlet"
WHY = "the outlet's file says where it stands on its pages"


def improve(meta: Metadata, said: Mapping[str, Sequence[str]], fetched: datetime) -> Metadata:
    """Return the metadata with what the outlet's selectors found before all else that speaks of the same."""
    if not said:
        return meta
    title = next(iter(said.get("title", ())), "")
    people = authors.people(said.get("author", ()), meta.site)
    dated = [value for text in said.get("date", ()) if (value := dates.parse(text)) and dates.plausible(value, fetched)]
    known = dated and meta.published.startswith(
        dated[0]
    )  # what the page states elsewhere is the same day or more precise
    believed = {"title": bool(title), "author": bool(people), "date": bool(dated) and not known}
    ours = {FIELDS[attribute] for attribute, sure in believed.items() if sure}
    evidence = list(meta.evidence)
    for attribute, name in FIELDS.items():
        values = dated[:1] if attribute == "date" else said.get(attribute, ())
        if not values:
            continue
        evidence = [
            replace(one, chosen=False) if believed[attribute] and one.field == name else one for one in evidence
        ]
        first = next((index for index, one in enumerate(evidence) if one.field == name), len(evidence))
        told = "; ".join(values)[: authors.EVIDENCE]
        evidence.insert(first, Evidence(name, SOURCE, told, chosen=believed[attribute]))
    return replace(
        meta,
        title=title or meta.title,
        titles=(title, *meta.titles) if title else meta.titles,
        authors=people or meta.authors,
        published=dated[0] if believed["date"] else meta.published,
        evidence=tuple(evidence),
        choices=tuple(Choice(one.field, WHY) if one.field in ours else one for one in meta.choices),
    )
