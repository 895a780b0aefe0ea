"""Order as evidence: whether a list keeps the printed order, and between which neighbours an entry must lie. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from dl_lit.core.values import dataclass

ORDERED = 0.9  # share of the anchors that must ascend for order to count
MIN_ANCHORS = 3


@dataclass(frozen=True, slots=True)
class Order:
    """The anchors of a list that keeps the printed order: printed places ascending, and so the listed positions."""

    places: tuple[int, ...]
    positions: tuple[int, ...]

    def bracket(self, place: int) -> tuple[int, int, int | None, int | None]:
        """Between which anchors `place` lies: printed places (-1 and a big number at the ends), listed positions."""
        after = bisect_right(self.places, place)
        before = after - 1
        return (
            self.places[before] if before >= 0 else -1,
            self.places[after] if after < len(self.places) else 1_000_000_000,
            self.positions[before] if before >= 0 else None,
            self.positions[after] if after < len(self.places) else None,
        )

    def __contains__(self, anchor: tuple[int, int]) -> bool:
        place, position = anchor
        at = bisect_left(self.places, place)
        return at < len(self.places) and self.places[at] == place and self.positions[at] == position

    def fits(self, place: int, position: int) -> bool:
        """Whether an entry at this printed place may have this listed position."""
        _, _, low, high = self.bracket(place)
        return (low is None or low < position) and (high is None or position < high)


def order_of(anchors: Mapping[int, int]) -> Order | None:
    """The order that `anchors` (listed position by printed place) keep; `None` where they do not."""
    places = sorted(anchors)
    chain = _longest_ascending([anchors[place] for place in places])
    if len(chain) < MIN_ANCHORS or len(chain) < ORDERED * len(places):
        return None
    return Order(tuple(places[at] for at in chain), tuple(anchors[places[at]] for at in chain))


def _longest_ascending(values: Sequence[int]) -> list[int]:
    """The places of a longest strictly ascending subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for at, value in enumerate(values):
        place = bisect_left(tails, value)
        previous.append(ends[place - 1] if place else -1)
        if place == len(tails):
            tails.append(value)
            ends.append(at)
        else:
            tails[place], ends[place] = value, at
    chain: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(at)
        at = previous[at]
    return chain[::-1]
