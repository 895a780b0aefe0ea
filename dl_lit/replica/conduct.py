"""How a client behaved towards hosts, told from the log: gaps, connections, robots, useless repetitions. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from dl_lit.core.values import dataclass
from dl_lit.replica.log import Entry

HOST_GROUPS = frozenset({"publisher", "repository", "guest"})
_MAY_PASS = frozenset({0, 408, 425, 429})  # and everything from 500 on


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """What the hosts saw."""

    hosts: int
    requests: int
    smallest_gap_s: float | None  # between the starts of two requests to one host; None where no host had two
    gap_violations: tuple[tuple[str, float], ...]  # (site, seconds) of every gap that was too small
    overlaps: int  # requests that came while another one of the same host was under way
    forbidden: tuple[tuple[str, str], ...]  # (site, target) of every request that robots.txt had asked not to make
    repeated: tuple[tuple[str, str], ...]  # (site, target) of every request after an answer that time does not change


def conduct(
    entries: Iterable[Entry],
    *,
    gap_s: float | Callable[[str], float] = 0.0,
    tolerance_s: float = 0.0,
    groups: Iterable[str] = HOST_GROUPS,
) -> Conduct:
    """How the hosts of `groups` were treated.

    `gap_s` is what has to lie between two starts, for all or by site; arrivals come a little closer together than
    requests leave, `tolerance_s` is what is forgiven.
    """
    wanted = frozenset(groups)
    by_site: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda one: one.number):
        if entry.group in wanted:
            by_site[entry.site].append(entry)
    gaps = {site: _gaps(some) for site, some in by_site.items()}
    least = gap_s if callable(gap_s) else lambda _site: gap_s
    return Conduct(
        hosts=len(by_site),
        requests=sum(len(some) for some in by_site.values()),
        smallest_gap_s=min((gap for some in gaps.values() for gap in some), default=None),
        gap_violations=tuple(
            (site, gap) for site, some in gaps.items() for gap in some if gap < least(site) - tolerance_s
        ),
        overlaps=sum(entry.concurrency > 1 for some in by_site.values() for entry in some),
        forbidden=tuple((site, entry.target) for site, some in by_site.items() for entry in some if entry.forbidden),
        repeated=tuple((site, target) for site, some in by_site.items() for target in _repeated(some)),
    )


def smallest_gaps(entries: Iterable[Entry], *, groups: Iterable[str] = HOST_GROUPS) -> dict[str, float]:
    """The smallest seconds between the starts of two requests, by site; sites with one request are left out."""
    wanted = frozenset(groups)
    by_site: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.group in wanted:
            by_site[entry.site].append(entry)
    return {site: min(_gaps(some)) for site, some in by_site.items() if len(some) > 1}


def _gaps(entries: Sequence[Entry]) -> list[float]:
    starts = sorted(entry.at for entry in entries)
    return [later - earlier for earlier, later in pairwise(starts)]


def _repeated(entries: Sequence[Entry]) -> list[str]:
    """The targets that were asked for again after a refusal for good."""
    refused: set[str] = set()
    again = []
    for entry in entries:
        if entry.target in refused:
            again.append(entry.target)
        if entry.kind != "robots" and 400 <= entry.status < 500 and entry.status not in _MAY_PASS:
            refused.add(entry.target)
    return again
