"""Finding candidates by words, on one connection: the rarest words first, more only where those do not convince."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from itertools import combinations

from db.local_index.ranking import Candidate, ranked, weights
from db.local_index.spelling import respelt
from db.local_index.words import Asked, joined_again

RARE = 500  # records that a word may stand in to be looked up by itself
RARE_TOGETHER = 1_500
PAIRED_WORDS = 7  # the rarest of the others, looked up two by two
TITLE_WORDS = 8  # looked up all together
HITS = 300  # of each combination
COMPARED = 40  # candidates whose records are read
CONVINCING = 0.75  # of what the title tells stands in the entry

_BY_WORD = "SELECT rowid FROM words WHERE words MATCH ?"
_BY_WORDS = "SELECT rowid FROM words WHERE words MATCH ? LIMIT ?"


class Search:
    """One search for one entry."""

    def __init__(self, connection: sqlite3.Connection, asked: Asked) -> None:
        """Look up how rare the words are."""
        self._connection = connection
        self._asked = asked
        self._records = connection.execute("SELECT max(id) FROM records").fetchone()[0] or 0
        self._is_behind = self._fact("terms") == "behind"
        self._scores: dict[int, float] = {}
        self._counts = self._count([*asked.words, *asked.joined])
        self._telling = weights(self._counts, self._records)

    def candidates(self) -> list[Candidate]:
        """The works that the entry may be, the likeliest first; at most `COMPARED`."""
        self._look_up_rare(self._counts)
        found = self._compared()
        if not found or found[0].coverage < CONVINCING:
            self._look_up_title()
            self._look_up_respelt()
            self._look_up_pairs()
            found = self._compared()
        return found

    def _look_up_rare(self, counts: dict[str, int]) -> None:
        together = 0
        for word in sorted(counts, key=lambda word: (counts[word], word)):
            together += counts[word]
            if counts[word] > RARE or together > RARE_TOGETHER:
                break
            self._add(self._connection.execute(_BY_WORD, (_all_of([word]),)), self._telling[word])

    def _look_up_title(self) -> None:
        """Titles of common words alone are found by all of them together."""
        known = sorted((word for word in self._asked.title if word in self._counts), key=self._rarity)[:TITLE_WORDS]
        if len(known) > 1:
            self._look_up_together(known)

    def _look_up_respelt(self) -> None:
        """Words that stand nowhere are misspelt: look up what they may have been."""
        unknown = [word for word in self._asked.words if word not in self._counts]
        again = respelt(self._connection, unknown)
        if not again:
            return
        counts = {**self._count(joined_again(again, self._asked)), **again}
        fresh = {word: count for word, count in counts.items() if word not in self._counts}
        self._telling |= weights(fresh, self._records)
        self._counts |= fresh
        self._look_up_rare(fresh)

    def _look_up_pairs(self) -> None:
        words = [
            word
            for word in sorted(self._counts, key=self._rarity)
            if word.isalpha() and len(word) > 2 and self._counts[word] > 3
        ]
        for pair in combinations(words[:PAIRED_WORDS], 2):
            self._look_up_together(pair)

    def _look_up_together(self, words: Sequence[str]) -> None:
        hits = self._connection.execute(_BY_WORDS, (_all_of(words), HITS))
        self._add(hits, sum(self._telling[word] for word in words))

    def _add(self, hits: Iterable[tuple[int]], weight: float) -> None:
        scores = self._scores
        for (record,) in hits:
            scores[record] = scores.get(record, 0.0) + weight

    def _compared(self) -> list[Candidate]:
        best = nlargest(COMPARED, self._scores, key=self._scores.__getitem__)
        return ranked(_read(self._connection, best), self._telling)

    def _rarity(self, word: str) -> tuple[int, str]:
        return self._counts[word], word

    def _count(self, words: Sequence[str]) -> dict[str, int]:
        """How many records each of the words stands in; those that stand nowhere are left out."""
        marks = ",".join("?" * len(words))
        counts = dict(self._connection.execute(f"SELECT term, records FROM terms WHERE term IN ({marks})", words))  # noqa: S608 - marks only
        if self._is_behind:
            for word in words:
                if word not in counts:
                    row = self._connection.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
                    counts |= {word: row[0]} if row else {}
        return counts

    def _fact(self, name: str) -> str | None:
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])


def _read(connection: sqlite3.Connection, records: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """The records with these ids that are still there."""
    marks = ",".join("?" * len(records))
    yield from connection.execute(f"SELECT id, data FROM records WHERE id IN ({marks})", records)  # noqa: S608 - marks only


def _all_of(words: Iterable[str]) -> str:
    return " AND ".join(f'"{word}"' for word in words)
