"""Finding rows by words that are kept, the newest first, without reading more however many rows there are.

A word that is typed may be the beginning of many. Where few rows have any of these the full-text table looks for all
that begin so; where many have, it looks for those that stand in most rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import nlargest
from itertools import islice

from sqlalchemy import Connection

from db.finding.folding import Asked
from db.finding.texts import rows_of
from db.finding.word_index import Term, word_index
from dl_lit.core.values import dataclass

MOST_COMPARED = 500
"""Rows that are compared with what is asked for, at most."""

_MOST_PASSED = 5_000  # rows with the words, also those that are left out for another reason

_RARE = MOST_COMPARED  # rows that have a word: it alone is looked for, and all that fit are among them
_FEW = 5_000  # rows that have words with one beginning, up to which all of these are looked for
_TERMS = 500  # words with one beginning that are counted
_ALTERNATIVES = 8  # of these, where not all can be looked for
_NOT_KEPT = 500  # rows that are compared because their words are not kept yet
_LOTS = (32, 256)  # rows compared together: at first, and then
_LAST = "\U0010ffff"

_BEGINNING = "SELECT word, number FROM search_words WHERE what = ? AND word >= ? AND word < ? ORDER BY word LIMIT ?"
_EXACT = "SELECT word, number FROM search_words WHERE what = ? AND word = ?"
_CHANGED = "SELECT id FROM unsearched WHERE what = ? ORDER BY id DESC LIMIT ?"
_BEHIND = """
SELECT id FROM {} WHERE id > (SELECT through FROM searched WHERE what = ?) ORDER BY id DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found."""

    ids: tuple[int, ...]  # the newest first
    is_cut: bool  # there may be more


@dataclass(frozen=True, slots=True)
class _Looked:
    """A word that is asked for, as the full-text table is to look for it."""

    term: Term
    is_whole: bool  # all rows that have it are found


@dataclass(frozen=True, slots=True)
class _Kept:
    """Rows whose words are kept and may fit, the newest first."""

    what: str
    terms: tuple[Term, ...]  # none: there are none
    is_whole: bool  # all that fit are among them

    def ids(self, connection: Connection, most: int) -> Iterator[int]:
        """At most `most` of them; read as they are asked for."""
        if not self.terms:
            return iter(())
        return word_index(connection).ids(connection, self.what, self.terms, most)


def hits(connection: Connection, what: str, asked: Asked, limit: int, *, also: str = "TRUE") -> Hits:
    """At most `limit` rows of `what` in which all that is asked for stands, and of which the SQL `also` is true."""
    if not asked.runs:
        return Hits((), is_cut=False)
    kept, (loose, is_behind) = _kept(connection, what, asked), _not_kept(connection, what)
    found = set(fitting(connection, what, asked, loose, also=also))
    ids = kept.ids(connection, _MOST_PASSED)
    passed = compared = matched = 0
    size, later = _LOTS
    while matched < limit and compared < MOST_COMPARED and (lot := list(islice(ids, size))):
        rows = rows_of(connection, what, lot, also=also)
        fits = [id_ for id_, words in rows if asked.fits(words)]
        passed, compared, matched = passed + len(lot), compared + len(rows), matched + len(fits)
        found.update(fits)
        size = later
    is_over = matched < limit and compared < MOST_COMPARED and passed < _MOST_PASSED
    best = sorted(found, reverse=True)[:limit]
    return Hits(tuple(best), is_cut=len(found) > limit or is_behind or not (is_over and kept.is_whole))


def candidates(connection: Connection, what: str, asked: Asked, most: int) -> Hits:
    """At most `most` rows that have the words, not compared with these: some may have changed since."""
    if not asked.runs:
        return Hits((), is_cut=False)
    kept, (loose, is_behind) = _kept(connection, what, asked), _not_kept(connection, what)
    found = {*kept.ids(connection, most + 1), *fitting(connection, what, asked, loose)}
    is_cut = len(found) > most or is_behind or not kept.is_whole
    return Hits(tuple(sorted(found, reverse=True)[:most]), is_cut)


def fitting(connection: Connection, what: str, asked: Asked, ids: Sequence[int], *, also: str = "TRUE") -> list[int]:
    """Those of the rows that have what is asked for now."""
    return [id_ for id_, words in rows_of(connection, what, ids, also=also) if asked.fits(words)] if ids else []


def _kept(connection: Connection, what: str, asked: Asked) -> _Kept:
    looked = [
        *(_exact(connection, what, word) for word in asked.whole),
        *(_begun(connection, what, word) for word in asked.begun),
    ]
    if any(not one.term.number for one in looked):
        return _Kept(what, (), is_whole=True)
    rare = [one for one in looked if one.is_whole and one.term.number <= _RARE]
    return _Kept(
        what,
        tuple(one.term for one in rare or looked),
        is_whole=bool(rare) or all(one.is_whole for one in looked),
    )


def _exact(connection: Connection, what: str, word: str) -> _Looked:
    rows = connection.exec_driver_sql(_EXACT, (what, word)).all()
    return _Looked(Term((word,), sum(number for _, number in rows)), is_whole=True)


def _begun(connection: Connection, what: str, word: str) -> _Looked:
    rows = connection.exec_driver_sql(_BEGINNING, (what, word, word + _LAST, _TERMS)).all()
    number = sum(row[1] for row in rows)
    if len(rows) < _TERMS and number <= _FEW:
        return _Looked(Term((word,), number, goes_on=True), is_whole=True)
    best = nlargest(_ALTERNATIVES, rows, key=lambda row: (row[0] == word, row[1]))
    return _Looked(Term(tuple(row[0] for row in best), number), is_whole=len(rows) == len(best))


def _not_kept(connection: Connection, what: str) -> tuple[list[int], bool]:
    """Rows whose words are not kept as they are, the newest of them, and whether there are more."""
    rows = [
        *connection.exec_driver_sql(_CHANGED, (what, _NOT_KEPT + 1)).scalars(),
        *connection.exec_driver_sql(_BEHIND.format(what), (what, _NOT_KEPT + 1)).scalars(),
    ]
    newest = sorted(set(rows), reverse=True)
    return newest[:_NOT_KEPT], len(newest) > _NOT_KEPT
