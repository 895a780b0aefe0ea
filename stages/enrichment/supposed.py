"""What services are supposed to answer before they are asked, and figures that tell how sure they are. Pure."""

from __future__ import annotations

from collections.abc import Callable

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What services are supposed to know, as shares.

    Measured with `scripts/bench requests`, whose services know every paper, and on papers of JOSE, JuliaCon and PubMed
    Central at services that know none of them. What prints no identifier is harder to find than an average work, and
    what Europe PMC does not give is harder still.
    """

    identified: float = 0.9  # of printed identifiers, at the first service that may have them
    citing: float = 0.4  # of papers that print their DOI
    found: float = 0.25  # of papers that do not, by a search for their title
    listed: float = 0.8  # of the open entries of a paper that a service knows
    joined: float = 0.3  # of entries, by a search for many at once
    searched: float = 0.15  # of entries, by each search of one's own


EXPECTED = Supposed()
AT_BEST = Supposed(identified=0.98, citing=1.0, found=1.0, listed=0.95, joined=0.7, searched=0.7)
AT_WORST = Supposed(identified=0.6, citing=0.0, found=0.0, listed=0.0, joined=0.0, searched=0.05)


@dataclass(frozen=True, slots=True)
class Span:
    """A figure as it is expected, the range in which it probably is, and what it can reach."""

    expected: float = 0.0
    at_most: float = 0.0
    low: float = 0.0
    high: float = 0.0

    def __add__(self, other: Span) -> Span:
        return self.beside(other, lambda one, another: one + another)

    def times(self, factor: float) -> Span:
        """All multiplied."""
        return self.each(lambda one: one * factor)

    def each(self, of: Callable[[float], float]) -> Span:
        """All put through a function that grows with what it is given."""
        return Span(of(self.expected), of(self.at_most), of(self.low), of(self.high))

    def beside(self, other: Span, of: Callable[[float, float], float]) -> Span:
        """All put through a function with those of the other."""
        return Span(
            of(self.expected, other.expected),
            of(self.at_most, other.at_most),
            of(self.low, other.low),
            of(self.high, other.high),
        )
