"""Looking again: where works are open now, asked for many at once, and whether a better copy of one can be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from dl_lit.core.items import Downloaded, DownloadItem
from dl_lit.core.job import Claim, Done, Reject, Retry, Snooze, Stage
from dl_lit.core.model import Location, StageName, Version, Work
from dl_lit.core.ports import Located, Locating, ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Trail
from dl_lit.core.upgrading import Held, better_locations
from dl_lit.core.values import dataclass
from stages.sources import openalex

RankOf = Callable[[Version | None], int]
"""How much a version is wanted: the smaller the better."""

_ARXIV_DOI = "10.48550/arxiv."


@dataclass(frozen=True, slots=True)
class Better:
    """A file came that promised to be better; it is in the library's folder, with its receipt."""

    facts: Downloaded
    trail: Trail | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing better is to be had now. `again` (epoch seconds) where something is known of when."""

    why: str
    again: float | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """It is not the work's turn: what is known has to be asked for in `after` seconds."""

    reason: Reason
    after: float


@dataclass(frozen=True, slots=True)
class Failed:
    """What promised to be better could not be had for a reason that may pass."""

    reason: Reason
    detail: str


Upgrade = Better | Nothing | Later | Failed


def fresh_locations(calls: ServiceCalls, works: Mapping[int, Work]) -> dict[int, tuple[Location, ...]]:
    """Where OpenAlex knows these works to be open now, 50 to a request; those it said nothing about are left out.

    It takes the place of what came with the record of a work. Never raises: who cannot be asked says nothing.
    """
    if not calls.is_available(openalex.SERVICE):
        return {}
    dois = {work_id: doi for work_id, work in works.items() if (doi := _doi(work))}
    found = openalex.by_dois(calls, list(dict.fromkeys(dois.values()))).works
    return {work_id: found[doi].locations for work_id, doi in dois.items() if doi in found}


class Upgrader:
    """Looks for a better copy of a work in the library, and fetches it. Thread-safe."""

    def __init__(self, locating: Locating, download: Stage, rank_of: RankOf) -> None:
        """`download` tries what it is given and nothing further; `rank_of` is the user's order of versions."""
        self._locating = locating
        self._download = download
        self._rank_of = rank_of

    def upgrade(self, work_id: int, work: Work, held: Held, *, ticket: float | None = None) -> Upgrade:
        """Try the locations that promise something strictly better than what is held.

        `ticket` is the moment (epoch seconds) that an earlier `Later` came to.
        """
        located = self._locating.first(work)
        places = self._wanted(located.locations, held)
        if not places:
            opening = self._wanted(located.embargoed, held)
            again = min((one.open_from for one in opening if one.open_from), default=None)
            if again is not None:
                return Nothing(f"a better version opens on {again.isoformat()}", _midnight(again))
            if located.errors:
                return Failed(located.errors[0].reason, str(located.errors[0]))
            return Nothing("nobody asked knows a better version")
        claim = Claim(StageName.DOWNLOAD, work_id, DownloadItem(work, places), ticket=ticket)
        for _, answer in self._download.handle([claim]):
            match answer:
                case Done(Downloaded() as facts, trail):
                    return Better(facts, trail)
                case Snooze(reason, after):
                    return Later(reason, after)
                case Retry(reason, detail):
                    return Failed(reason, detail)
                case Reject(reason, detail):
                    return Nothing(f"{reason.value}: {detail}")
        return Nothing("the download stage gave no answer")

    def close(self) -> None:
        """Remove what was put by for a later turn."""
        self._download.close()

    def _wanted(self, locations: tuple[Location, ...], held: Held) -> tuple[Location, ...]:
        """What is better, and not less wanted by the user's own order of versions."""
        most = self._rank_of(held.version)
        return tuple(one for one in better_locations(locations, held) if self._rank_of(one.version) <= most)


class Only:
    """Obeys `core.ports.Locating` for a download stage that is to try what it is given, and nothing else."""

    def __init__(self, locating: Locating) -> None:
        """`locating` is asked for the first round only."""
        self.first = locating.first

    def further(self, work: Work, known: Sequence[Location]) -> Located:
        """Nothing: whoever looks again for a better version does not dig for lesser ones."""
        del work, known
        return Located()


def with_fresh(work: Work, fresh: tuple[Location, ...] | None) -> Work:
    """The work with the locations that are known now; as it is where nobody said anything."""
    return work if fresh is None else replace(work, locations=fresh)


def _doi(work: Work) -> str | None:
    return work.doi or (f"{_ARXIV_DOI}{work.arxiv_id.lower()}" if work.arxiv_id else None)


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
