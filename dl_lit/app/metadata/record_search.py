"""Getting the whole record of one work by its identifiers: what is at hand first, then one polite request."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from db.known import opened_to_read
from db.reading.candidates import Candidate
from dl_lit.app.metadata.local_metadata import open_local_index
from dl_lit.app.network import Network
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import Clock
from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import doi_of_arxiv_id
from dl_lit.core.model import Name, Reference, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings
from stages.enrichment.asking import Asking, recalled_search, recalled_works
from stages.enrichment.by_known import KNOWN, LOCAL, without_identifiers
from stages.enrichment.identifiers import KINDS, Kind
from stages.enrichment.planning import may_be_asked
from stages.enrichment.triage import as_searched
from stages.sources.agencies import NOBODY, agency_of
from stages.sources.registry import ordered

MOST_ASKED = 2
"""Services asked for the record of a candidate; its summary is at hand where they do not have it."""

_KIND = {kind.name: kind for kind in KINDS}
_Identifiers = Sequence[tuple[Kind, str]]


@dataclass(frozen=True, slots=True)
class Record:
    """A record, or why there is none."""

    work: Work | None
    source: str  # who had it: "known", "local", or a service; empty where nobody has
    asked: tuple[Asked, ...] = ()
    errors: tuple[ServiceError, ...] = ()  # of services that could not be asked
    is_absent: bool = False  # nobody has it: whoever registers such identifiers says so, or all who could were heard
    is_summary: bool = False  # all there is: what was kept when the entry was compared

    @property
    def is_offline(self) -> bool:
        """Whether it may be had, but not without the network."""
        return any(error.reason is Reason.OFFLINE for error in self.errors)


class RecordSearch:
    """Looks records up, one at a time; the network is opened when it is first needed. For one thread."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._clock = clock
        self._sources = ordered(settings.sources.order)
        self._asking = Asking()
        self._stack = ExitStack()
        self._network: Network | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def of_candidate(self, candidate: Candidate, reference: Reference) -> Record:
        """The whole record of a candidate for `reference`: its summary where nobody can give more.

        Offline, and where nothing at hand has it, there is none: it may be had later.
        """
        identifiers = _identifiers(candidate)
        found = self._at_hand(identifiers) or self._searched_before(candidate, reference)
        if found is not None:
            return found
        if not identifiers:
            return Record(_summary(candidate), candidate.source, is_summary=True)
        asked = self._asked(identifiers, candidate.source, MOST_ASKED)
        if asked.work is not None or asked.is_offline:
            return asked
        return Record(_summary(candidate), candidate.source, asked.asked, asked.errors, is_summary=True)

    def of_doi(self, doi: str) -> Record:
        """The record of a DOI, asked of every service that may have it until one does."""
        identifiers = [(_KIND["doi"], doi)]
        return self._at_hand(identifiers) or self._asked(identifiers, "", len(self._sources))

    @property
    def _calls(self) -> ServiceCalls:
        if self._network is None:
            network = Network(self._settings, clock=self._clock, chance=random.Random())
            self._network = self._stack.enter_context(network)
        return self._network.calls

    def _at_hand(self, identifiers: _Identifiers) -> Record | None:
        """What our database, the imported metadata or the memory of answers has."""
        keys = [(kind.name, one) for kind, one in identifiers]
        with opened_to_read(self._settings.database, RECOGNISER) as known:
            works = known.known_works(keys)
        for key in keys:
            if key in works:
                return Record(works[key], KNOWN, (_found(KNOWN, key[0]),))
        local = open_local_index(self._settings.local_index)
        try:
            for name, one in keys if not local.is_empty else ():
                if work := local.by_ids(name, [one]).get(one):
                    return Record(work, LOCAL, (_found(LOCAL, name),))
        finally:
            local.close()
        for kind, one in identifiers:
            for source in self._sources:
                if kind.look_up_of(source) is None:
                    continue
                if work := recalled_works(self._calls, source.service, kind.name, [one]).get(one):
                    return Record(work, source.service, (_found(source.service, kind.name, is_remembered=True),))
        return None

    def _searched_before(self, candidate: Candidate, reference: Reference) -> Record | None:
        """The record in what is remembered of the search that brought the candidate."""
        if not candidate.source:
            return None
        printed = as_searched(without_identifiers(reference))
        source = next((one for one in self._sources if one.service == candidate.source), None)
        for work in (recalled_search(self._calls, source, printed) if source else None) or ():
            if _is_same(candidate, work):
                asked = _found(candidate.source, "search", is_remembered=True)
                return Record(work, candidate.source, (asked,))
        return None

    def _asked(self, identifiers: _Identifiers, first: str, most: int) -> Record:
        """Ask services until one has the record; the one called `first` before the others."""
        calls, asked, errors = self._calls, list[Asked](), list[ServiceError]()
        is_absent = is_heard = False
        for kind, one in identifiers:
            agency = agency_of(calls, [one]).get(one) if kind.name == "doi" else None
            is_settled = False
            for source in sorted(self._sources, key=lambda source: source.service != first):
                look_up = kind.look_up_of(source)
                if look_up is None or not calls.is_available(source.service) or len(asked) >= most:
                    continue
                if not may_be_asked(source, agency, is_settled=is_settled):
                    continue
                told = self._asking.look_up(calls, source.service, kind.name, [one], look_up)
                error, work = told.errors.get(one), told.values.get(one)
                reply = Reply.FAILED if error else Reply.FOUND if work else Reply.ABSENT
                asked.append(
                    Asked(
                        service=source.service,
                        how=kind.name,
                        reply=reply,
                        requests=told.requests,
                        credits=told.credits,
                        is_remembered=one in told.remembered,
                        detail=str(error or one)[:200],
                    )
                )
                if work is not None:
                    return Record(work, source.service, tuple(asked))
                if error is not None:
                    errors.append(error)
                    if error.reason is Reason.OFFLINE:
                        return Record(None, "", tuple(asked), tuple(errors))
                elif one in told.values:
                    is_heard |= one in told.remembered or told.requests > 0  # some know at sight what is not theirs
                    is_settled |= source.agencies is not None
            is_absent |= agency is not None and (is_settled or agency == NOBODY)
        return Record(None, "", tuple(asked), tuple(errors), is_absent=is_absent or (is_heard and not errors))


def _identifiers(candidate: Candidate) -> list[tuple[Kind, str]]:
    doi = candidate.doi or (doi_of_arxiv_id(candidate.arxiv_id) if candidate.arxiv_id else None)
    named = {"doi": doi, "arxiv": candidate.arxiv_id, "pmid": candidate.pmid}
    return [(kind, one) for kind in KINDS if (one := named.get(kind.name))]


def _is_same(candidate: Candidate, work: Work) -> bool:
    """Whether a record is the one that the candidate summarises."""
    ids = ((candidate.doi, work.doi), (candidate.openalex_id, work.openalex_id), (candidate.pmid, work.pmid))
    named = [(mine, theirs) for mine, theirs in ids if mine and theirs]
    if named:
        return all(mine.lower() == theirs.lower() for mine, theirs in named)
    return (candidate.title, candidate.year) == (work.title, work.year)


def _summary(candidate: Candidate) -> Work:
    known_types = {kind.value for kind in WorkType}
    return Work(
        title=candidate.title,
        type=WorkType(candidate.type) if candidate.type in known_types else WorkType.DOCUMENT,
        authors=tuple(Name(family=name) for name in candidate.authors if name),
        year=candidate.year,
        container_title=candidate.container_title,
        publisher=candidate.publisher,
        volume=candidate.volume,
        issue=candidate.issue,
        pages=candidate.pages,
        doi=candidate.doi,
        openalex_id=candidate.openalex_id,
        arxiv_id=candidate.arxiv_id,
        pmid=candidate.pmid,
        isbn=candidate.isbn,
        metadata_source=candidate.source,
    )


def _found(service: str, how: str, *, is_remembered: bool = False) -> Asked:
    return Asked(service=service, how=how, reply=Reply.FOUND, is_remembered=is_remembered)
