"""Recognising entries by identifiers, printed or listed, those of a whole plan together in full batches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dl_lit.core.errors import RequestRefused
from dl_lit.core.items import Resolved
from dl_lit.core.model import Work, WorkType
from dl_lit.core.trail import Asked
from dl_lit.core.values import dataclass
from dl_lit.matching.decide import Accepted, decide
from dl_lit.matching.evidence import weigh
from stages.enrichment.asking import Told
from stages.enrichment.by_known import is_named_by, without_identifiers
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry, reply_of, shortened
from stages.enrichment.identifiers import KINDS, Kind, printed_ids
from stages.enrichment.planning import may_be_asked
from stages.enrichment.triage import is_bare_isbn
from stages.sources.agencies import NOBODY, agency_of
from stages.sources.registry import Source


@dataclass(frozen=True, slots=True)
class Pointer:
    """That an entry may be the work with this identifier."""

    entry: Entry
    kind: Kind
    identifier: str
    is_listed: bool = False  # a list of what the source cites names it; False: the entry prints it itself
    citing_doi: str | None = None  # of the source, where it was found on the way
    is_guess: bool = False  # only its place in the list speaks for it: the record must be proven by itself
    is_supposed: bool = False  # a language model named it: likewise, and what is printed must not contradict it

    @property
    def is_naming(self) -> bool:
        """Whether nothing is final before somebody said what is behind the identifier: an ISBN may be but a hint."""
        is_hint = self.kind.name == "isbn" and not is_bare_isbn(self.entry.reference)
        return not (self.is_listed or self.is_supposed or is_hint)

    @property
    def may_be_container(self) -> bool:
        """Whether the record may be of the book that the entry is a chapter of."""
        is_hint = self.kind.name == "isbn" and not (self.is_listed or self.is_supposed)
        return is_hint and self.entry.reference.type is not WorkType.BOOK

    def fits(self, work: Work) -> bool:
        """Whether the record behind the identifier is what is printed."""
        if self.is_listed and self.entry.contradicts(work):
            return False
        if self.is_supposed and (weigh(self.entry.reference, work).veto or self.entry.contradicts(work)):
            return False
        if self.is_guess or self.is_supposed:
            return isinstance(decide(without_identifiers(self.entry.reference), [work]), Accepted)
        return is_named_by(self.kind.name, self.entry.reference, work)


def printed(entries: Sequence[Entry]) -> list[Pointer]:
    """What the entries themselves print."""
    return [Pointer(entry, kind, identifier) for entry in entries for kind, identifier in printed_ids(entry.reference)]


def supposed(entries: Sequence[Entry]) -> list[Pointer]:
    """What a language model has named for entries that do not print it."""
    kinds = {kind.name: kind for kind in KINDS}
    return [
        Pointer(entry, kinds[name], identifier, is_supposed=True)
        for entry in entries
        for name, identifier in entry.reference.supposed
        if name in kinds
    ]


def recognise_by_identifiers(desk: Desk, pointers: Sequence[Pointer]) -> None:
    """Ask the sources in turn for what is still open.

    What the record says must fit what is printed: a misprinted identifier points to another work. Each entry keeps
    whether a service answered for an identifier it prints, and the errors of those that did not.
    """
    for kind in KINDS:
        still_open = [one for one in pointers if one.kind is kind and one.entry.resolved is None]
        agencies: Mapping[str, str | None] | None = None
        doubtful: set[tuple[int, str]] = set()  # by entry: somebody who may have it could not be asked
        for one in still_open:
            one.entry.unheard |= {one.identifier} if one.is_naming else set()
        settled: set[str] = set()  # those that the agency itself has answered for
        for source in desk.sources:
            look_up = kind.look_up_of(source)
            if look_up is None or not still_open or not desk.calls.is_available(source.service):
                continue
            if source.agencies is not None and kind.name == "doi" and agencies is None:
                agencies = agency_of(desk.calls, list(dict.fromkeys(one.identifier for one in still_open)))
                _heard_of_nobodys(still_open, agencies)
            wanted = _wanted(source, still_open, agencies if kind.name == "doi" else None, settled)
            if not wanted:
                continue
            told = desk.asking.look_up(desk.calls, source.service, kind.name, wanted, look_up)
            desk.outages.note(source.service, told, desk.clock.monotonic())
            if source.agencies is not None:
                settled |= told.values.keys()
            rest = [one for one in still_open if one.identifier not in wanted]
            for identifier, waiting in wanted.items():
                rest += _settle(source, identifier, waiting, told, doubtful)
            still_open = [one for one in rest if one.entry.resolved is None]
        for one in still_open:
            one.entry.unheard |= {one.identifier} if (one.entry.id, one.identifier) in doubtful else set()


def _heard_of_nobodys(pointers: Sequence[Pointer], agencies: Mapping[str, str | None]) -> None:
    """A DOI whose prefix is nobody's is misprinted: nobody else need be heard about it."""
    for one in pointers:
        if one.is_naming and agencies.get(one.identifier) == NOBODY:
            one.entry.is_answered = True
            one.entry.unheard.discard(one.identifier)


def _wanted(
    source: Source,
    pointers: Sequence[Pointer],
    agencies: Mapping[str, str | None] | None,
    settled: Collection[str],
) -> dict[str, list[Pointer]]:
    """The identifiers to ask this source for, each with those who point to it."""
    wanted: dict[str, list[Pointer]] = {}
    for one in pointers:
        agency = agencies.get(one.identifier) if agencies is not None else None
        if may_be_asked(source, agency, is_settled=one.identifier in settled):
            wanted.setdefault(one.identifier, []).append(one)
    return wanted


def _settle(
    source: Source, identifier: str, waiting: Sequence[Pointer], told: Told[Work], doubtful: set[tuple[int, str]]
) -> list[Pointer]:
    """Take over what was told of one identifier; those who point to it and have to go on asking for it."""
    is_broad = not (source.is_narrow or source.is_second_hand)
    error, work = told.errors.get(identifier), told.values.get(identifier)
    if error is None and identifier not in told.values:
        return list(waiting)  # not one of its own: it was not asked
    failure = None if isinstance(error, RequestRefused) else error  # what it refuses it will never have
    for one in waiting:
        is_fitting = work is not None and one.fits(work)
        _note(source.service, one, told, is_fitting=is_fitting, among=len(waiting))
        if one.is_naming:
            one.entry.is_answered |= error is None
            one.entry.errors += [failure] if failure else []
            one.entry.unheard -= {identifier} if failure is None else set()
            doubtful |= {(one.entry.id, identifier)} if failure and is_broad else set()
        if work is not None and is_fitting:
            _resolve(one, work)
        elif work is not None and one.may_be_container:
            one.entry.books.append(work)
    return list(waiting) if work is None else []


def _resolve(one: Pointer, work: Work) -> None:
    if one.entry.resolved is None:
        if one.is_supposed:
            score = weigh(without_identifiers(one.entry.reference), work).score
            one.entry.resolved = Resolved(work=work, matched_by="search", score=score)
            one.entry.why = f"a language model named {one.kind.name} {one.identifier}, and its record fits the print"
            return
        matched_by = "citing-list" if one.is_listed else one.kind.name
        one.entry.resolved = Resolved(work=work, matched_by=matched_by, citing_doi=one.citing_doi)
        one.entry.why = f"{one.kind.name} {one.identifier} is {'listed' if one.is_listed else 'printed'}"


def _note(service: str, one: Pointer, told: Told[Work], *, is_fitting: bool, among: int) -> None:
    error, work = told.errors.get(one.identifier), told.values.get(one.identifier)
    requests, credits_ = told.share_of(one.identifier)
    detail = one.identifier
    if error is not None:
        detail = str(error)
    elif work is not None and not is_fitting:
        detail = f"{one.identifier} is another work: {work.title}"
    one.entry.note(
        Asked(
            service=service,
            how=one.kind.name,
            reply=reply_of(error, is_found=work is not None),
            requests=requests / among,
            credits=credits_ / among,
            is_remembered=told.is_remembered(one.identifier),
            detail=shortened(detail),
        )
    )
