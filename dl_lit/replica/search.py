"""Ranked search over an index: works that share rare words with the query come first, as at Crossref."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable

from dl_lit.core.values import dataclass
from dl_lit.replica.index import Index, Numbers
from dl_lit.replica.records import Record, words

_CANDIDATES = 3_000  # records looked at per query, those with its rarest words
_POSTINGS_READ = 20_000  # postings read per query; the commonest words only help to rank
_RANKED = 25  # candidates scored in full
_MEAN_WORDS = 18  # of a record's search text, for the length correction of BM25
_SATURATION = 1.2  # BM25's k1
_LENGTH_WEIGHT = 0.6  # BM25's b
_MOST_WORDS = 60  # words of a query that count

# Words so common that requiring them says nothing.
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "de",
        "der",
        "die",
        "do",
        "for",
        "from",
        "in",
        "is",
        "la",
        "le",
        "of",
        "on",
        "or",
        "the",
        "to",
        "und",
        "with",
    ]
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One found record and how well it fits: unbounded, comparable only within one query."""

    score: float
    record: Record


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits, and how many records share a word with the query (an estimate where it is large)."""

    total: int
    hits: tuple[Hit, ...]


class Search:
    """Finds records by the words of their title, authors, container, year and pages."""

    def __init__(self, index: Index) -> None:
        """Search `index`."""
        self._index = index

    def best(self, query: str, limit: int, *, title_only: bool = False) -> Found:
        """The `limit` best records for `query`: any shared word makes a hit."""
        found = self._postings(query)
        scores = self._candidates(found)
        most = max((len(positions) for _, positions in found), default=0)
        total = min(len(self._index), max(most + len(found) // 2, len(scores)))
        if not scores:
            return Found(0, ())
        weights = {word: self._idf(len(positions)) for word, positions in found}
        chosen = heapq.nlargest(max(_RANKED, limit), scores, key=scores.__getitem__)
        hits = [self._scored(self._index.record(position), weights, title_only=title_only) for position in chosen]
        hits.sort(key=lambda hit: (-hit.score, hit.record.position))
        return Found(total, tuple(hits[:limit]))

    def all_words(self, query: str, limit: int, *, title_only: bool) -> Found:
        """The records that have every word of `query`, ranked: how OpenAlex searches titles."""
        wanted = [word for word in dict.fromkeys(words(query)[:_MOST_WORDS]) if word not in _STOP]
        found = sorted(((word, self._index.postings(word)) for word in wanted), key=lambda pair: len(pair[1]))
        if not found or not len(found[0][1]):
            return Found(0, ())
        matching = set(found[0][1])
        for _, positions in found[1:]:
            matching = _both(matching, positions)
            if not matching:
                return Found(0, ())
        weights = {word: self._idf(len(positions)) for word, positions in found}
        hits = []
        for position in sorted(matching)[:_POSTINGS_READ]:
            record = self._index.record(position)
            if title_only and not set(wanted) <= set(words(record.title)):
                continue
            hits.append(self._scored(record, weights, title_only=title_only))
        hits.sort(key=lambda hit: (-hit.score, hit.record.position))
        return Found(len(hits), tuple(hits[:limit]))

    def ranked(self, records: Iterable[Record], wanted: Iterable[str], *, title_only: bool) -> list[Hit]:
        """The records, those first in which the wanted words weigh most."""
        weights = {word: self._idf(len(self._index.postings(word))) for word in wanted}
        hits = [self._scored(record, weights, title_only=title_only) for record in records]
        return sorted(hits, key=lambda hit: (-hit.score, hit.record.position))

    def _candidates(self, found: list[tuple[str, Numbers]]) -> dict[int, float]:
        """Records and the weight of the words they share: found by the rarest, judged by commoner ones too."""
        scores: dict[int, float] = {}
        read = 0
        for _, positions in found:
            weight = self._idf(len(positions))
            if not scores or len(scores) + len(positions) <= _CANDIDATES:
                for position in positions[:_CANDIDATES]:
                    scores[position] = scores.get(position, 0.0) + weight
            elif read + len(positions) <= _POSTINGS_READ:
                for position in scores.keys() & set(positions):
                    scores[position] += weight
            else:
                break
            read += len(positions)
        return scores

    def _postings(self, query: str) -> list[tuple[str, Numbers]]:
        """The query's known words, rarest first."""
        pairs = ((word, self._index.postings(word)) for word in dict.fromkeys(words(query)[:_MOST_WORDS]))
        return sorted((pair for pair in pairs if len(pair[1])), key=lambda pair: len(pair[1]))

    def _idf(self, count: int) -> float:
        return math.log(1.0 + (len(self._index) - count + 0.5) / (count + 0.5))

    def _scored(self, record: Record, weights: dict[str, float], *, title_only: bool) -> Hit:
        counts = Counter(words(record.title if title_only else record.search_text()))
        length = sum(counts.values())
        norm = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / _MEAN_WORDS)
        score = 0.0
        for word, weight in weights.items():
            count = counts.get(word)
            if count:
                score += weight * count * (_SATURATION + 1) / (count + norm)
        return Hit(round(score, 6), record)


def _both(matching: set[int], positions: Numbers) -> set[int]:
    """What is in both; a small set is looked up rather than the long list read."""
    return matching.intersection(positions)
