"""The alignment itself: candidates weighed, the certain ones first, order for the rest, one to one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from dl_lit.core.model import Listed, Reference
from dl_lit.core.values import dataclass
from dl_lit.matching.aligning.entries import arxiv_of, combined, is_bare, is_same_entry
from dl_lit.matching.aligning.likeness import (
    TITLE_EQUAL,
    TITLE_OTHER,
    How,
    Likeness,
    candidates,
    likeness,
    list_entry,
    printed_entry,
    word_weights,
)
from dl_lit.matching.aligning.order import Order, order_of
from dl_lit.matching.compare import Agreement

CANDIDATES = 8  # entries of the list that each printed entry is compared with
MARGIN = 0.04  # a pair must be this much better than any other that either of the two could form
DOUBTFUL_FROM = 10  # entries on both sides from which few pairs mean that the list is another work's
DOUBTFUL_SHARE = 0.2  # of the shorter side
ORDER_TEXT = 0.35  # share of the listed weight that must be printed where order decides
ORDER_SCORE = 0.6  # what a pair counts as that order alone makes: nothing of it can be compared
_BY_IDENTIFIER = frozenset({How.DOI, How.ARXIV, How.PMID})


@dataclass(frozen=True, slots=True)
class Pair:
    """A printed entry and the entry of the list that it is."""

    reference: Reference
    listed: Listed
    score: float  # 0 to 1
    how: How


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which entries belong together, and which are left on either side."""

    pairs: tuple[Pair, ...] = ()  # in printed order
    unlisted: tuple[Reference, ...] = ()  # printed, and with no counterpart or more than one
    unprinted: tuple[Listed, ...] = ()  # listed, likewise
    is_ordered: bool = False  # the list keeps the printed order
    is_doubtful: bool = False  # so little fits that the list may be another work's: only certain pairs are given

    @property
    def fit(self) -> float:
        """The share of the shorter side that was aligned, 0 to 1."""
        return len(self.pairs) / max(1, len(self.pairs) + min(len(self.unlisted), len(self.unprinted)))


def align(references: Sequence[Reference], listed: Sequence[Listed]) -> Alignment:
    """Align printed entries, in printed order, with the merged list of what their source cites.

    Bare entries of the list (`is_bare`) are aligned by identifier, else by order alone where the list keeps it.
    """
    return _Aligning(references, listed).run()


class _Aligning:
    """One alignment on its way."""

    def __init__(self, references: Sequence[Reference], listed: Sequence[Listed]) -> None:
        self._printed = [printed_entry(one) for one in references]
        self._entries = [list_entry(one) for one in listed]
        self._weights = word_weights([*(one.words for one in self._printed), *(one.words for one in self._entries)])
        self._likeness = self._compare()
        self._given: dict[int, tuple[int, Likeness, How]] = {}
        self._taken: dict[int, int] = {}
        self._order: Order | None = None

    def run(self) -> Alignment:
        self._take_identified()
        self._take_clear()
        signed = self._signed()
        positions = {place: position for place, at in signed.items() if (position := self._position(at)) is not None}
        anchors = self._anchors()
        self._order = order_of({**positions, **anchors}) or order_of(anchors)
        is_doubtful = self._is_doubtful()
        if is_doubtful:
            self._drop_uncertain()
        else:
            self._take_signed(signed)
            if self._order:
                self._take_clear()
                self._take_by_order()
        return self._result(is_doubtful=is_doubtful)

    def _compare(self) -> list[dict[int, Likeness]]:
        by_identifier: dict[str, list[int]] = {}
        for place, entry in enumerate(self._entries):
            for key in _identifiers(entry.listed):
                by_identifier.setdefault(key, []).append(place)
        found = []
        nearest = candidates(self._printed, self._entries, self._weights, CANDIDATES)
        for one, near in zip(self._printed, nearest, strict=True):
            identified = [place for key in _identifiers(one.reference) for place in by_identifier.get(key, ())]
            places = dict.fromkeys([*identified, *near])
            found.append({place: likeness(one, self._entries[place], self._weights) for place in places})
        return found

    def _take_identified(self) -> None:
        """Take what an identifier proves; of several printed entries with one identifier the one that is most alike."""
        wanting: dict[int, list[int]] = {}
        for place, likely in enumerate(self._likeness):
            for at, how in likely.items():
                if how.how in _BY_IDENTIFIER:
                    wanting.setdefault(at, []).append(place)
        for at, places in wanting.items():
            free = [place for place in places if place not in self._given]
            if len(free) == 1 and at not in self._taken:
                self._give(free[0], at)

    def _take_clear(self) -> None:
        """Take pairs that are each other's best by a margin, until nothing more is clear."""
        while True:
            taken = [pair for place in range(len(self._printed)) if (pair := self._clear(place)) is not None]
            if not taken:
                return
            for place, at in taken:
                if place not in self._given and at not in self._taken:
                    self._give(place, at)

    def _clear(self, place: int) -> tuple[int, int] | None:
        if place in self._given:
            return None
        able = self._able(place)
        if not able:
            return None
        best = max(able, key=lambda at: self._score(place, at))
        top = self._score(place, best)
        rivals = [at for at in able if at != best and top - self._score(place, at) < MARGIN]
        if any(not is_same_entry(self._entries[best].listed, self._entries[at].listed) for at in rivals):
            return None
        others = [
            other
            for other in range(len(self._printed))
            if other not in self._given and other != place and best in self._able(other)
        ]
        return None if any(self._score(other, best) > top - MARGIN for other in others) else (place, best)

    def _able(self, place: int) -> list[int]:
        """The entries that printed entry `place` may be on grounds of its own, and that are still free."""
        likely = self._likeness[place]
        return [at for at, one in likely.items() if one.how is not None and at not in self._taken]

    def _score(self, place: int, at: int) -> float:
        """How alike two are; where the list keeps the order, an entry out of order loses."""
        score = self._likeness[place][at].score
        position = self._entries[at].listed.position
        if self._order and position is not None and not self._order.fits(place, position):
            return score - 2 * MARGIN
        return score

    def _give(self, place: int, at: int, how: How | None = None) -> None:
        found = self._likeness[place].get(at) or likeness(self._printed[place], self._entries[at], self._weights)
        self._given[place] = (at, found, how or found.how or How.ORDER)
        self._taken[at] = place

    def _anchors(self) -> dict[int, int]:
        return {
            place: position for place, (at, _, _) in self._given.items() if (position := self._position(at)) is not None
        }

    def _signed(self) -> dict[int, int]:
        """Printed entries and entries of the list that author and year single out on both sides."""
        fitting = {
            place: [at for at in self._likeness[place] if at not in self._taken and self._is_signed(place, at)]
            for place in range(len(self._printed))
            if place not in self._given
        }
        counts = Counter(at for places in fitting.values() for at in places)
        return {place: ats[0] for place, ats in fitting.items() if len(ats) == 1 and counts[ats[0]] == 1}

    def _take_signed(self, signed: Mapping[int, int]) -> None:
        """Take those that the order bears out, or where nothing is known of it something of the place."""
        for place, at in signed.items():
            position = self._position(at)
            if self._order and position is not None:
                if self._order.fits(place, position) or (place, position) in self._order:
                    self._give(place, at, self._likeness[place][at].how or How.ORDER)
            elif self._likeness[place][at].placed > 0:
                self._give(place, at, How.COORDINATES)

    def _position(self, at: int) -> int | None:
        return self._entries[at].listed.position

    def _is_doubtful(self) -> bool:
        shorter = min(len(self._printed), len(self._entries))
        fitting = max(len(self._given), len(self._order.places) if self._order else 0)
        return shorter >= DOUBTFUL_FROM and fitting < DOUBTFUL_SHARE * shorter

    def _drop_uncertain(self) -> None:
        for place, (at, found, how) in list(self._given.items()):
            is_certain = (found.title or 0.0) >= TITLE_EQUAL and found.author.is_positive and found.year.is_positive
            if how not in _BY_IDENTIFIER and not is_certain:
                del self._given[place]
                del self._taken[at]

    def _take_by_order(self) -> None:
        """Take what lies between the same neighbours on both sides and is not contradicted."""
        gaps: dict[tuple[int, int], list[int]] = {}
        assert self._order is not None  # noqa: S101 - the caller saw to it
        for place in range(len(self._printed)):
            if place not in self._given:
                low, high, _, _ = self._order.bracket(place)
                gaps.setdefault((low, high), []).append(place)
        for places in gaps.values():
            _, _, before, after = self._order.bracket(places[0])
            free = [
                at
                for at, entry in enumerate(self._entries)
                if at not in self._taken
                and (position := entry.listed.position) is not None
                and (before is None or before < position)
                and (after is None or position < after)
            ]
            free.sort(key=lambda at: self._entries[at].listed.position or 0)
            self._fill(places, free, is_closed=before is not None and after is not None)

    def _fill(self, places: Sequence[int], free: Sequence[int], *, is_closed: bool) -> None:
        """Fill one gap: by author and year where they single one out, by place where both sides have equally many."""
        for place in places:
            fitting = [at for at in free if at not in self._taken and self._is_signed(place, at)]
            mutual = [
                other for other in places if fitting and other not in self._given and self._is_signed(other, fitting[0])
            ]
            if len(fitting) == 1 and mutual == [place]:
                self._give(place, fitting[0], How.ORDER)
        left = [place for place in places if place not in self._given]
        over = [at for at in free if at not in self._taken]
        if is_closed and len(places) == len(free) and len(left) == len(over):
            for place, at in zip(left, over, strict=True):
                if self._may_be_by_place(place, at):
                    self._give(place, at, How.ORDER)

    def _is_signed(self, place: int, at: int) -> bool:
        """Whether author and year agree, and the titles do not say otherwise."""
        found, one = self._seen(place, at), self._printed[place]
        if not found.is_possible or found.placed < 0 or found.year is not Agreement.AGREE:
            return False
        if found.title is not None and found.title < TITLE_OTHER and one.title:
            return False
        # Of a printed entry's people only the first stands in lists: one further back is another entry's first.
        return found.author is Agreement.AGREE or (found.author is Agreement.CLOSE and not one.people)

    def _may_be_by_place(self, place: int, at: int) -> bool:
        entry, found = self._entries[at], self._seen(place, at)
        if not found.is_possible:
            return False
        if is_bare(entry.listed):
            return found.author is not Agreement.CONFLICT and found.year is not Agreement.CONFLICT
        agrees = found.author.is_positive or found.year is Agreement.AGREE
        conflicts = Agreement.CONFLICT in {found.author, found.year}
        return agrees and not conflicts and found.text >= ORDER_TEXT

    def _seen(self, place: int, at: int) -> Likeness:
        found = self._likeness[place].get(at)
        if found is None:
            found = self._likeness[place][at] = likeness(self._printed[place], self._entries[at], self._weights)
        return found

    def _result(self, *, is_doubtful: bool) -> Alignment:
        pairs, spent = [], set(self._taken)
        for place in sorted(self._given):
            at, found, how = self._given[place]
            listed = self._entries[at].listed
            for twin, one in self._likeness[place].items():
                other = self._entries[twin].listed
                if twin not in spent and one.how is not None and is_same_entry(listed, other):
                    listed = combined(listed, other)
                    spent.add(twin)
            score = ORDER_SCORE if how is How.ORDER and is_bare(self._entries[at].listed) else found.score
            pairs.append(Pair(self._printed[place].reference, listed, round(score, 4), how))
        return Alignment(
            pairs=tuple(pairs),
            unlisted=tuple(one.reference for place, one in enumerate(self._printed) if place not in self._given),
            unprinted=tuple(one.listed for at, one in enumerate(self._entries) if at not in spent),
            is_ordered=self._order is not None,
            is_doubtful=is_doubtful,
        )


def _identifiers(one: Listed | Reference) -> list[str]:
    return [
        f"{kind}:{value}" for kind, value in (("doi", one.doi), ("arxiv", arxiv_of(one)), ("pmid", one.pmid)) if value
    ]
