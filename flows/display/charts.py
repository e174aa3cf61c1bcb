"""Charts of a snapshot as Vega-Lite, drawn by vl-convert on this machine (extra `report`). Nothing is loaded from elsewhere."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from articles.errors import InputError, UsageError
from storage.export.statistics import UNDATED, SnapshotStatistics, months_between, summed

Spec = dict[str, Any]
ID = re.compile(r' id="([^"]+)"')
WIDTH = 640  # pixels
STEP = 16  # of a row, pixels
INK = "#7a7a7a"  # of texts and axes: readable on a light and on a dark page
BLUE, RED = "#4c78a8", "#e45756"
PNG_SCALE = 2.0
DAY_CHARS = 10  # of a day in ISO 8601
MAX_TIMES = 5  # labels of an axis of times
WHOLE_NUMBERS = {"tickMinStep": 1, "format": ",d"}  # an axis of counts
MAX_MONTHS_LABELLED = 36
CONFIG = {
    "background": None,
    "view": {"stroke": None},
    "axis": {"labelColor": INK, "titleColor": INK, "gridColor": "#8886", "domainColor": INK, "tickColor": INK},
    "legend": {"labelColor": INK, "titleColor": INK},
    "title": {"color": INK},
}


def draw(spec: Spec, path: Path) -> None:
    """Write a chart into an .svg or .png file. Raises UsageError for another ending, InputError if it cannot be written."""
    ending = path.suffix.lower()
    if ending not in {".svg", ".png"}:
        raise UsageError(f"{path}: a picture ends in .svg or .png")
    data = svg(spec).encode() if ending == ".svg" else _library().vegalite_to_png(json.dumps(spec), scale=PNG_SCALE)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error


def svg(spec: Spec, name: str = "chart", *, inline: bool = False) -> str:
    """Return a chart as SVG, whose ids begin with `name`. Raises UsageError if the extra `report` is not installed.

    The library numbers ids through a whole process; here they are numbered anew, so that equal charts are equal texts.
    With `inline` texts and axes have the colour of the page's text.
    """
    found: str = _library().vegalite_to_svg(json.dumps(spec))
    for number, old in enumerate(dict.fromkeys(ID.findall(found))):
        found = re.sub(rf"(?<=[\"#]){re.escape(old)}(?=[\")])", f"{name}-{number}", found)
    return found.replace(INK, "currentColor") if inline else found


def coverage(found: SnapshotStatistics) -> Spec:
    """Return the documents by month and outlet; months without any between others are marked."""
    counts = {
        (one.month, one.outlet): one.documents
        for one in summed(found.counts, ("month", "outlet"))
        if one.month != UNDATED
    }
    missing = {(month, gap.outlet) for gap in found.gaps for month in months_between(gap.first, gap.last)}
    rows = [{"month": month, "outlet": outlet, "documents": number} for (month, outlet), number in counts.items()]
    marked = [{"month": month, "outlet": outlet} for month, outlet in sorted(missing)]
    known = sorted({month for month, _ in counts})
    months = months_between(known[0], known[-1]) if known else []
    step = max(1, len(months) // MAX_MONTHS_LABELLED + 1)
    x = {
        "field": "month",
        "type": "ordinal",
        "title": None,
        "scale": {"domain": months},
        "axis": {"values": months[::step]},
    }
    y = {"field": "outlet", "type": "nominal", "title": None}
    color = {"field": "documents", "type": "quantitative", "scale": {"type": "symlog", "scheme": "blues"}}
    return _chart(
        layer=[
            {"data": {"values": rows}, "mark": {"type": "rect"}, "encoding": {"x": x, "y": y, "color": color}},
            {
                "data": {"values": marked},
                "mark": {"type": "point", "shape": "cross", "color": RED, "size": 40, "filled": True},
                "encoding": {"x": x, "y": y},
            },
        ],
        height={"step": STEP},
    )


def bars(rows: Sequence[Mapping[str, Any]], x: str, y: str, color: str = "") -> Spec:
    """Return upright bars: `y` over `x`, stacked by `color`."""
    encoding = {
        "x": {"field": x, "type": "ordinal", "title": None, "axis": {"labelOverlap": True}},
        "y": {"field": y, "type": "quantitative", "title": y, "aggregate": "sum", "axis": WHOLE_NUMBERS},
        **({"color": {"field": color, "type": "nominal", "title": None}} if color else {}),
    }
    mark = {"type": "bar", **({} if color else {"color": BLUE})}
    return _chart(data={"values": list(rows)}, mark=mark, encoding=encoding, height=180)


def lying_bars(rows: Sequence[Mapping[str, Any]], x: str, y: str) -> Spec:
    """Return lying bars, the longest first: the number `x` of each `y`."""
    encoding = {
        "y": {"field": y, "type": "nominal", "sort": "-x", "title": None, "axis": {"labelLimit": 260}},
        "x": {"field": x, "type": "quantitative", "title": x, "axis": WHOLE_NUMBERS},
    }
    return _chart(
        data={"values": list(rows)}, mark={"type": "bar", "color": BLUE}, encoding=encoding, height={"step": STEP}
    )


def line(rows: Sequence[Mapping[str, Any]], x: str, y: str) -> Spec:
    """Return a line with points: `y` over the times `x` (ISO 8601)."""
    several_days = len({str(row[x])[:DAY_CHARS] for row in rows}) > 1
    times = {"format": "%Y-%m-%d" if several_days else "%Y-%m-%d %H:%M", "labelOverlap": True, "tickCount": MAX_TIMES}
    encoding = {
        "x": {"field": x, "type": "temporal", "title": None, "axis": times},
        "y": {"field": y, "type": "quantitative", "title": y, "axis": WHOLE_NUMBERS},
    }
    mark = {"type": "line", "point": True, "color": BLUE}
    return _chart(data={"values": list(rows)}, mark=mark, encoding=encoding, height=180)


def _chart(**parts: Any) -> Spec:
    return {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": WIDTH, "config": CONFIG, **parts}


def _library() -> Any:
    try:
        import vl_convert  # noqa: PLC0415  an extra
    except ImportError as error:
        raise UsageError(
            "pictures need an extra that is not installed; `pip install 'irtysh[report]'` installs it"
        ) from error
    return vl_convert
