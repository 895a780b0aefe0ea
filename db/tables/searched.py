"""How far the words of sources, works and entries are kept for searching, and the words themselves.

Nothing of this is written where outcomes are recorded: whoever answers searches reads on from where the words end
(`db.finding.keeping`). Triggers note what changes behind that mark, which is seldom: a work that comes back
under its number, a record that is looked up again.
"""

# ruff: noqa: S608 - all that is put together here are names and texts of ours

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from db.tables.base import metadata

KINDS = ("sources", "works", "entries")
"""The tables whose rows are searched."""

searched = Table(
    "searched",
    metadata,
    Column("what", Text, primary_key=True),  # one of `KINDS`
    Column("through", Integer, nullable=False, server_default="0"),  # the id up to which its words are kept
    sqlite_with_rowid=False,
)

unsearched = Table(  # rows up to there that have changed since
    "unsearched",
    metadata,
    Column("what", Text, primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

search_words = Table(  # each word that stands somewhere, for the words that begin with what is typed
    "search_words",
    metadata,
    Column("what", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("number", Integer, nullable=False),  # of rows, those included that have lost it since
    sqlite_with_rowid=False,
)


def index_of(what: str) -> str:
    """The full-text table with the words of `what`."""
    return f"words_of_{what}"


INDEXES = tuple(
    f"CREATE VIRTUAL TABLE {index_of(what)} USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')"
    for what in KINDS
)
"""They hold words alone, not where these stand nor the text: what is found is compared with the row itself."""

SEARCHED_BEGINNING = "INSERT INTO searched (what) VALUES ('sources'), ('works'), ('entries')"

_TEXTS = {"sources": ("title", "path", "doi", "authors"), "works": ("record",), "entries": ("reference",)}
"""The columns with words."""


def search_triggers() -> list[str]:
    """The statements that make the triggers."""
    made = []
    for what, columns in _TEXTS.items():
        behind = f"NEW.id <= (SELECT through FROM searched WHERE what = '{what}')"
        note = f"BEGIN INSERT OR IGNORE INTO unsearched (what, id) VALUES ('{what}', NEW.id); END"
        differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
        changed = f"AFTER UPDATE OF {', '.join(columns)} ON {what} WHEN ({differs}) AND {behind}"
        made += [
            f"CREATE TRIGGER tr_{what}_searched_back AFTER INSERT ON {what} WHEN {behind} {note}",
            f"CREATE TRIGGER tr_{what}_searched_change {changed} {note}",
        ]
    return made
