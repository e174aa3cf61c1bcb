"""Where Irtysh spends its time."""

import cProfile
import pstats
import time
from pathlib import Path

from benchmarks.scoring.extractors import irtysh
from benchmarks.scoring.sets import BenchmarkSet

STAGES = {  # functions that do not call each other
    "articles/page/intake.check": "looking at the bytes",
    "articles/page/intake.decoded": "decoding",
    "articles/page/intake.parse": "parsing (lxml)",
    "articles/page/structured.read": "JSON-LD, meta and link elements",
    "articles/page/outlet_selectors.select": "an outlet's selectors",
    "articles/page/block_reader.read": "blocks",
    "articles/page/intake.excess": "costs",
    "articles/page/column.find": "the main column",
    "articles/page/column.parts": "the main column's parts",
    "articles/metadata/context.headline": "the headline",
    "articles/metadata/credits.read": "credits over the text",
    "articles/metadata/read.read": "title, authors, dates, rights",
    "articles/page/lead.find": "the lead",
    "articles/cleaning/clean.decide": "rules",
    "articles/cleaning/clean.surroundings": "what stands around the column",
    "articles/page/walls.refusal": "bot walls, notices",
    "articles/page/walls.paywalled": "paywalls",
    "articles/page/page_kinds.classify": "lists, live blogs, digests",
    "articles/documents.documents_of": "languages and documents",
}


def where(pages: BenchmarkSet) -> None:
    """Print where Irtysh spends its time: CPU of each stage, including what it calls, as a share of the whole.

    The profiler overstates the cost of calls: stages of many small functions (blocks, rules) look larger by a third.
    """
    bodies = [pages.body(page) for page in pages.full]
    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    for body, page in zip(bodies, pages.full, strict=True):
        irtysh(body, page.url)
    profiler.disable()
    found: dict[str, float] = {}
    whole = 0.0
    for (path, _, function), (_, _, own, cumulative, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]  # undocumented, but there is no other way
        whole += own
        stage = f"{Path(path).parent.name}/{Path(path).stem}.{function}"
        if stage in STAGES:
            found[stage] = max(found.get(stage, 0.0), cumulative)  # a method of the same name is called by the function
    print(f"\nwhere irtysh's time goes on {pages.name}:")
    for stage, seconds in sorted(found.items(), key=lambda entry: -entry[1]):
        print(f"  {100 * seconds / whole:5.1f} %  {STAGES[stage]}")
    print(f"  {100 * (1 - sum(found.values()) / whole):5.1f} %  all else")
