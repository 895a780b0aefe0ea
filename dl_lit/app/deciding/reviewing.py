"""Deciding on entries that were not recognised: what `dl-lit review` does, on a terminal and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from db.connect import connect, open_to_read
from db.reading.candidates import Candidate, offered
from db.reading.opening import reading
from db.reading.review import Case, case, cases, cases_waiting
from db.reading.sources import sources_named
from db.recording import REVIEWED
from db.reviewing import Action, Decided, Seen, accept, reject, undo
from dl_lit.app.deciding.reviewing_files import FileReview
from dl_lit.app.metadata.record_search import Record, RecordSearch
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import BadInput
from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.items import MatchedAs, Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import Reference, Work
from dl_lit.core.trail import Trail
from dl_lit.core.values import dataclass
from dl_lit.matching.confirm import confirms
from dl_lit.matching.containers import decide_container
from dl_lit.matching.decide import Accepted, Ambiguous
from dl_lit.matching.evidence import Evidence, is_container, weigh
from dl_lit.settings import Settings


@dataclass(frozen=True, slots=True)
class Proposal:
    """A work that an entry may be said to be, before it is said."""

    case: Case
    record: Record
    work: Work
    matched_as: MatchedAs
    evidence: Evidence
    doubt: str  # why the record and the entry do not seem to agree; empty where they do
    how: str  # how the person came to it: "candidate 2 of 3", "DOI 10.1/x entered"


@dataclass(frozen=True, slots=True)
class Left:
    """An entry that was left as it is, and why."""

    why: str
    is_offline: bool = False


class Review:
    """One person's, or one program's, decisions. Works beside a running pipeline, through the tables. One thread."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Raises `DatabaseUnusable` where there is no database that can be read; nothing else is opened yet."""
        self._settings = settings
        self._clock = clock or SystemClock()
        open_to_read(settings.database).dispose()  # says what is wrong with it; deciding makes no database
        self._engine = connect(settings.database, synchronous=settings.synchronous)
        self._records = RecordSearch(settings, self._clock)
        self.files = FileReview(settings, self._clock)
        """Decisions on files in quarantine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._records.__exit__(kind, error, trace)
        self.files.__exit__(kind, error, trace)
        self._engine.dispose()

    def waiting(self, sources: Sequence[str] = (), *, vetoed: bool = False) -> tuple[int, ...]:
        """The entries that wait for a decision, in printed order. Raises `BadInput` for sources that do not exist."""
        with reading(self._settings.database) as connection:
            ids = [found for name in sources for found in sources_named(connection, name)]
            return cases_waiting(connection, sources=ids if sources else None, vetoed=vetoed)

    def cases(self, entries: Sequence[int]) -> list[Case]:
        """These entries, as far as they have failed to be recognised."""
        with reading(self._settings.database) as connection:
            return cases(connection, entries)

    def case(self, entry_id: int) -> Case:
        """The entry as it is now. Raises `BadInput` where it has not failed to be recognised."""
        with reading(self._settings.database) as connection:
            return case(connection, entry_id)

    def propose_candidate(self, one: Case, number: int, *, vetoed: bool = False) -> Proposal | Left:
        """Candidate `number` of the entry, with its whole record. Raises `BadInput` where it is not offered."""
        _check_open(one)
        if not 1 <= number <= len(one.candidates):
            count = len(one.candidates)
            raise BadInput(f"e{one.entry.id} has {count} candidate{'' if count == 1 else 's'}, no {number}")
        chosen = one.candidates[number - 1]
        if chosen not in offered(one.candidates, vetoed=vetoed):
            raise BadInput(f"candidate {number} of e{one.entry.id} is vetoed ({chosen.veto}): --vetoed offers it")
        record = self._records.of_candidate(chosen, one.entry.reference)
        if record.work is None:
            return Left("offline, and its whole record is not at hand: accept it when online", is_offline=True)
        how = f"candidate {number} of {len(one.candidates)}, score {chosen.score:.2f}"
        return self._proposal(one, record, record.work, how)

    def propose_doi(self, one: Case, text: str) -> Proposal | Left:
        """The work with the DOI that a person entered. Raises `BadInput` where that is no DOI."""
        doi = normalise_doi(text)
        if doi is None:
            raise BadInput(f"{text!r} is no DOI: it begins with 10. and has a slash, as 10.1000/182")
        record = self._records.of_doi(doi)
        if record.work is not None:
            return self._proposal(one, record, record.work, f"DOI {doi} entered")
        if record.is_offline:
            return Left(f"offline, and nothing is at hand about {doi}: enter it when online", is_offline=True)
        if record.is_absent:
            return Left(f"no service has a record of {doi}: is it misspelt?")
        why = f" ({record.errors[0]})" if record.errors else ""
        return Left(f"{doi} could not be looked up now{why}: enter it again later")

    def accept(self, proposal: Proposal) -> Decided:
        """Write down that the entry is the proposed work. Raises `BadInput` where somebody else decided meanwhile."""
        one = proposal.case
        found = Resolved(
            work=proposal.work,
            matched_by=REVIEWED,
            score=proposal.evidence.score,
            matched_as=proposal.matched_as,
        )
        as_book = ", as the book that contains it" if proposal.matched_as is MatchedAs.CONTAINER else ""
        against = f"; although {proposal.doubt}" if proposal.doubt else ""
        decision = f"accepted in review: {proposal.how}{as_book}{against}"
        candidates = tuple(one.failure.evidence) if isinstance(one.failure.evidence, list) else ()
        trail = Trail(asked=proposal.record.asked, candidates=candidates, decision=decision)
        return accept(self._engine, _seen(one), Done(found, trail), RECOGNISER, self._clock)

    def reject(self, one: Case) -> Decided:
        """Write down that none of the candidates is the entry. Raises `BadInput` as `accept`."""
        _check_open(one)
        return reject(self._engine, _seen(one), self._clock)

    def undo(self, decided: Decided) -> None:
        """Take a decision back. Raises `BadInput` where the pipeline has gone on with it."""
        undo(self._engine, decided, self._clock)

    def _proposal(self, one: Case, record: Record, work: Work, how: str) -> Proposal:
        reference = one.entry.reference
        evidence = weigh(reference, work)
        matched_as = what_it_is(reference, work)
        doubt = "" if matched_as is MatchedAs.CONTAINER or confirms(reference, work) else _doubt(evidence, work)
        return Proposal(one, record, work, matched_as, evidence, doubt, how)


def what_it_is(reference: Reference, work: Work) -> MatchedAs:
    """Whether a record is the entry itself, as far as can be told, or the book that the entry is a part of."""
    if confirms(reference, work):
        return MatchedAs.WORK
    is_book = is_container(reference, work) or isinstance(decide_container(reference, [work]), (Accepted, Ambiguous))
    return MatchedAs.CONTAINER if is_book else MatchedAs.WORK


def _doubt(evidence: Evidence, work: Work) -> str:
    parts = [f"the title agrees to {evidence.title:.0%} only"] if evidence.title < 0.9 else []
    fields = {"author": evidence.author, "year": evidence.year, "volume": evidence.volume, "page": evidence.first_page}
    parts += [f"the {name} is another" for name, agreement in fields.items() if agreement == "conflict"]
    parts += [f"it is vetoed: {evidence.veto}"] if evidence.veto else []
    named = work.title if len(work.title) <= 100 else work.title[:99] + "…"
    return f"the record, {named!r} ({work.year or 'n. d.'}), is not what is printed: " + (
        "; ".join(parts) or "too little agrees"
    )


def _check_open(one: Case) -> None:
    if not one.is_open:
        raise BadInput(
            f"e{one.entry.id} has nothing to choose from ({one.failure.reason}): "
            f"enter its DOI, or look for it again with dl-lit retry e{one.entry.id}"
        )


def _seen(one: Case) -> Seen:
    return Seen(one.entry.id, one.failure.reason, one.failure.attempts, one.failure.at)


__all__ = ["Action", "Candidate", "Case", "Decided", "Left", "Proposal", "Review", "what_it_is"]
