"""Candidates for an entry out of many records, by their rarest common words."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.matching_universe import Universe

from dl_lit.core.model import Reference, Work
from dl_lit.matching.normalise import first_page, surname_key, text_key, title_key

COMMON = 20_000  # records that have a word beyond which it tells nothing
TAKEN = 10  # words looked up of a title, the rarest


class Index:
    """Words of titles and surnames of all records but those left out; works that were added besides."""

    def __init__(self, universe: Universe, left_out: frozenset[int], added: Sequence[Work] = ()) -> None:
        self._universe = universe
        self._added = list(added)
        self._postings: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for number, title in enumerate(universe.titles):
            if number not in left_out:
                self._enter(number, title, universe.people[number], universe.years[number])
                place = universe.coordinates(number)
                if place.is_known:
                    self._postings[_place(place.volume, place.first_page)].append(number)
                    self._postings[f"@{universe.people[number]} p{place.first_page}"].append(number)
        for number, work in enumerate(self._added, len(universe)):
            people = [surname_key(name.sort_key) for name in (*work.authors, *work.editors)[:1]]
            self._enter(number, title_key(work.title), "".join(people), work.year)

    def _enter(self, number: int, title: str, person: str, year: int | None) -> None:
        for word in set(title.split()):
            self._postings[word].append(number)
        if person:
            self._postings[f"@{person}"].append(number)
            self._postings[f"@{person} {year}"].append(number)

    def work(self, number: int) -> Work:
        """The record with this number."""
        beyond = number - len(self._universe)
        return self._universe.work(number) if beyond < 0 else self._added[beyond]

    def search(self, reference: Reference, limit: int) -> list[int]:
        """The numbers of at most `limit` records, the likeliest first."""
        people = [surname_key(name.sort_key) for name in (*reference.authors[:2], *reference.editors[:1])]
        names = [mark for person in people for mark in (f"@{person}", f"@{person} {reference.year}")]
        page = first_page(reference.pages)
        names += [f"@{person} p{page}" for person in people]
        names.append(_place(reference.volume, page))
        scores = self._scored([*title_key(reference.title or "").split(), *names])
        found = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
        if not found or not reference.title:
            scores = self._scored([*text_key(reference.raw).split(), *names])
            found += sorted(scores, key=lambda number: (-scores[number], number))[:limit]
        return list(dict.fromkeys(found))[: 2 * limit]

    def _scored(self, words: Iterable[str]) -> dict[int, float]:
        known = [(len(self._postings[word]), word) for word in set(words) if word in self._postings]
        scores: dict[int, float] = defaultdict(float)
        for count, word in sorted(known)[:TAKEN]:
            if count > COMMON:
                break
            weight = math.log(len(self._universe) / count)
            for number in self._postings[word]:
                scores[number] += weight
        return scores


def _place(volume: str | None, page: str | None) -> str:
    return f"#{volume} {page}"
