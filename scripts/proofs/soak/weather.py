"""The soak's weather: which faults are in force when, drawn once from a seed, the same whenever it is asked again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dl_lit.replica.faults import FaultKind

_EVERY_S = 75.0  # on average a new fault begins
_LEAST_S, _MOST_S = 45.0, 300.0  # for which one lasts
_HOST_SHARE = 0.4  # of the faults: those of publishers and repositories

SERVICES = (
    *("openalex", "crossref", "datacite", "unpaywall", "arxiv", "europepmc", "doi", "semantic_scholar"),
    *("pubmed", "hal", "open_library", "pmc"),
)
SERVICE_KINDS = (
    *(FaultKind.RESET, FaultKind.SLOW, FaultKind.NOT_JSON, FaultKind.TOO_MANY_REQUESTS, FaultKind.SERVER_ERROR),
    *(FaultKind.HTML, FaultKind.HANG, FaultKind.GARBAGE, FaultKind.WRONG_LENGTH, FaultKind.TRUNCATED, FaultKind.EMPTY),
)
HOST_KINDS = (
    *(FaultKind.RESET, FaultKind.CHALLENGE, FaultKind.LOGIN, FaultKind.COOKIE_WALL, FaultKind.FORBIDDEN),
    *(FaultKind.DAMAGED_PDF, FaultKind.OTHER_PDF, FaultKind.ENCRYPTED_PDF, FaultKind.REDIRECT_LOOP),
    *(FaultKind.REDIRECT_PRIVATE, FaultKind.WRONG_LENGTH, FaultKind.EMPTY, FaultKind.SLOW, FaultKind.DRIP),
    *(FaultKind.TOO_MANY_REQUESTS, FaultKind.SERVER_ERROR, FaultKind.GZIP_BOMB, FaultKind.HANG),
)


@dataclass(frozen=True, slots=True)
class Episode:
    """One fault, and from when to when it is in force (seconds of the soak)."""

    start_s: float
    end_s: float
    fault: dict[str, Any]  # as the replica's control takes it


def episodes(seed: int) -> Iterator[Episode]:
    """All faults by their beginning, without end."""
    chance = random.Random(f"weather {seed}")
    start_s = 0.0
    while True:
        start_s += chance.expovariate(1.0 / _EVERY_S)
        lasts_s = chance.uniform(_LEAST_S, _MOST_S)
        yield Episode(start_s, start_s + lasts_s, _fault(chance))


def in_force(seed: int, at_s: float) -> Sequence[dict[str, Any]]:
    """The faults at this second of the soak."""
    found: list[dict[str, Any]] = []
    for one in episodes(seed):
        if one.start_s > at_s:
            return found
        if at_s < one.end_s:
            found.append(one.fault)
    raise AssertionError("there is always a next fault")


def _fault(chance: random.Random) -> dict[str, Any]:
    at_hosts = chance.random() < _HOST_SHARE
    kind = chance.choice(HOST_KINDS if at_hosts else SERVICE_KINDS)
    group = chance.choice(("publisher", "repository")) if at_hosts else chance.choice(SERVICES)
    fault: dict[str, Any] = {"kind": kind.value, "group": group}
    if kind is FaultKind.SLOW:
        fault["delay_s"] = round(chance.uniform(1.0, 12.0), 1)
    elif kind is FaultKind.DRIP:
        fault["delay_s"] = 0.2
    if kind in {FaultKind.TOO_MANY_REQUESTS, FaultKind.SERVER_ERROR} and chance.random() < 0.7:
        fault |= {"retry_after_s": chance.choice((1, 5, 20, 60)), "as_date": chance.random() < 0.3}
    if chance.random() < 0.5:
        fault["probability"] = round(chance.uniform(0.2, 0.9), 2)  # some of the requests come through
    return fault
