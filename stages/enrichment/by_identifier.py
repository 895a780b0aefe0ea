"""Recognising entries by the identifiers they print, many entries to a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import EntryItem, Resolved
from dl_lit.core.job import Claim
from dl_lit.core.model import Reference
from dl_lit.core.ports import ServiceCalls
from dl_lit.matching.confirm import confirms
from stages.enrichment.triage import arxiv_id_of, doi_of
from stages.sources.agencies import agency_of, may_have
from stages.sources.registry import BatchLookUp, Source


@dataclass(slots=True)
class Entry:
    """One claim on its way through the look-ups."""

    claim: Claim
    reference: Reference
    is_answered: bool = False  # a service said whether it has a record of an identifier of the entry
    errors: list[ServiceError] = field(default_factory=list)
    is_resolved: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of identifier: how it is read off an entry, and which look-up of a source takes it."""

    matched_by: str
    id_of: Callable[[Reference], str | None]
    look_up_of: Callable[[Source], BatchLookUp | None]


_KINDS = (
    _Kind("doi", doi_of, lambda source: source.by_dois),
    _Kind("arxiv", arxiv_id_of, lambda source: source.by_arxiv_ids),
    _Kind("pmid", lambda reference: reference.pmid, lambda source: source.by_pmids),
)


def entries_of(claims: Sequence[Claim]) -> list[Entry]:
    """Unpack the claims; a claim of another stage is a bug and raises `TypeError`."""
    entries = []
    for claim in claims:
        if not isinstance(claim.item, EntryItem):
            raise TypeError(f"enrichment was handed {type(claim.item).__name__}")
        entries.append(Entry(claim, claim.item.reference))
    return entries


def resolve(
    calls: ServiceCalls, sources: Sequence[Source], entries: Sequence[Entry]
) -> Iterator[tuple[Entry, Resolved]]:
    """Ask the sources in turn for what is still open; give each entry as soon as it is resolved.

    What the record says must fit what is printed: a misprinted identifier points to another work. Each entry keeps
    whether a service answered for it, and the errors of those that did not.
    """
    for kind in _KINDS:
        still_open = [entry for entry in entries if not entry.is_resolved and kind.id_of(entry.reference)]
        for source in sources:
            look_up = kind.look_up_of(source)
            if look_up is None or not still_open or not calls.is_available(source.service):
                continue
            wanted: dict[str, list[Entry]] = {}
            for entry in still_open:
                wanted.setdefault(kind.id_of(entry.reference) or "", []).append(entry)
            if source.agencies is not None and kind.matched_by == "doi":
                agencies = agency_of(calls, list(wanted))
                wanted = {doi: rest for doi, rest in wanted.items() if may_have(source.agencies, agencies[doi])}
            if not wanted:
                continue
            found = look_up(calls, list(wanted))
            still_open = [entry for entry in still_open if kind.id_of(entry.reference) not in wanted]
            for identifier, waiting in wanted.items():
                work, error = found.works.get(identifier), found.unanswered.get(identifier)
                for entry in waiting:
                    if error:
                        entry.errors.append(error)
                        still_open.append(entry)
                        continue
                    entry.is_answered = True
                    if work is None:
                        still_open.append(entry)
                    elif confirms(entry.reference, work):
                        entry.is_resolved = True
                        yield entry, Resolved(work=work, matched_by=kind.matched_by)
