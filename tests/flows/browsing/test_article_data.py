"""What the pages of `irtysh browse` show, from the tables of an SQLite pull."""

import json
import sqlite3
from contextlib import closing

from articles.history.changing import SHAPE
from articles.history.edits import EditKind
from articles.history.versions import ChangeKind
from articles.links.line_marks import SHAPE_END, line_mark
from flows.browsing.article_data import compare
from storage.export.sqlite_details import BLANK_LINE, TABLES


def test_a_comparison_shows_lines_that_change_with_every_fetch_as_unchanged():
    names = TABLES["versions"]
    changing = json.dumps([SHAPE + line_mark("Lesijat 5")[:SHAPE_END]])
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        database.execute(f"CREATE TABLE versions ({', '.join(names)})")
        for number, text in enumerate((("He is 61.", "Lesijat 12"), ("He is 62.", "Lesijat 19")), 1):
            row = dict.fromkeys(names, "") | {"document_id": "d", "version": number, "text": BLANK_LINE.join(text)}
            row |= {"first_seen": "2026-11-01", "last_seen": "2026-11-02", "lang": "en", "changing": changing}
            database.execute(f"INSERT INTO versions VALUES ({', '.join('?' * len(row))})", tuple(row.values()))  # noqa: S608  our own names
        step = compare(database, "d", 1, 2)
    assert [edit.kind for edit in step.edits] == [EditKind.NUMBER]
    assert [one.change for one in step.changes] == [ChangeKind.CHANGED, ChangeKind.EQUAL]
