"""One article in the forms that templates give it is one article in every pull."""

import html
import re
from datetime import UTC, datetime

import pytest

from articles.links.clusters import ClusterMember, clusters
from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.duplicates import link
from articles.links.pair_budget import PairBudget
from articles.model import Capture, CaptureRef
from articles.pipeline import DocumentRow, read_capture
from articles.topics import topic

TITLE = "A Lost Ferry; the Town Looks for Another Way to the Market"
NOTE = "*Editor’s Note: Since March the town forbids to call the ferry a “ferry” in print; it has to be named a crossing craft."
BODY = (
    "Semey’s ferry, which has crossed the Irtysh for forty years, seems to have made its last journey to the market bank on Monday.",
    "“We heard a crack, and then the rope was gone,” said Anna Berg, who sells apples on the other side and has nine crates to bring over.",
    "The owner of the boat promised to mend it by autumn. Nobody in the queue believed him, and several people went home with their sacks.",
    "A bridge was planned in 1998, but its piles were sold to a quarry near Taraz in the year after that, as the mayor’s clerk remembers.",
    "For the time being the market will be held on both banks: one day here, the next day there, and on Sundays in neither of the two places.",
)
PLAIN = "".join(f"<p>{html.escape(text)}</p>" for text in BODY)
STRAIGHT = PLAIN.replace("“", '"').replace("”", '"').replace("’", "'")
NOTED = f"<p>{html.escape(NOTE)}</p>"
HALF_A_SENTENCE = BODY[-1][: len(BODY[-1]) // 2]
CAPTION = '<figure><img src="/b.jpg" alt=""><figcaption>The ferry. Photo: Press service</figcaption></figure>'

FORMS = {
    "plain": (TITLE, PLAIN),
    "asterisk and note": (f"{TITLE}*", NOTED + PLAIN),
    "note without asterisk": (TITLE, f'<div class="note">{NOTED}</div>{PLAIN}'),
    "straight quotes": (TITLE, STRAIGHT),
    "guillemets and dashes": (TITLE.replace(";", " —"), PLAIN.replace("“", "«").replace("”", "»").replace("-", "–")),
    "no-break spaces": (TITLE.replace(" ", "\u00a0"), re.sub(r" (\w{1,3}) ", "\u00a0\\1 ", PLAIN)),
    "soft hyphens": (TITLE, re.sub(r"(\w{4})(\w{4})", "\\1\u00ad\\2", PLAIN)),
    "site name": (f"{TITLE} | Steppe Herald", PLAIN),
    "kicker": (f"MARKETS: {TITLE}", PLAIN),
    "other title": ("No boat, two markets", PLAIN),
    "caption": (TITLE, CAPTION + PLAIN),
    "subscription line": (TITLE, f"{PLAIN}<p>Subscribe to our newsletter to get the best of the steppe.</p>"),
    "other date": (TITLE, f"<p>July 1, 2022 - 10:14 am</p>{PLAIN}"),
    "truncated": (TITLE, PLAIN.replace(html.escape(BODY[-1]), f"{html.escape(HALF_A_SENTENCE)}…")),
    "line breaks": (TITLE, f"<div>{PLAIN.replace('<p>', '').replace('</p>', '<br><br>')}</div>"),
}


@pytest.mark.parametrize("hosts", [1, len(FORMS)])
def test_all_forms_are_one_cluster(hosts):
    judges = {"any": topic.builtin("any")}
    rows: list[DocumentRow] = []
    for number, (title, body) in enumerate(FORMS.values()):
        page = f"<!doctype html><html lang=en><title>{title}</title><body><article><h1>{title}</h1>{body}</article></body></html>"
        outlet = f"o{number % hosts}.example"
        capture = Capture(
            CaptureRef("", number, ""),
            f"https://{outlet}/{number}/ferry",
            outlet,
            datetime(2026, 1, 1, tzinfo=UTC),
            200,
            (),
            page.encode(),
            "any",
        )
        rows += read_capture(capture, judges).rows
    assert len(rows) == len(FORMS)
    entries = [
        DuplicateEntry(
            row.row_id, row.document.article_id, row.document.outlet, row.version_key, row.sketch, row.document.title
        )
        for row in rows
    ]
    texts = {row.row_id: row.document.text for row in rows}
    found = link(entries, DuplicateIndex(), lambda wanted: {name: texts[name] for name in wanted}, PairBudget())
    members = [ClusterMember(row.row_id, row.row_id, False, "", len(row.document.text)) for row in rows]
    assert len(set(clusters(members, found).values())) == 1
