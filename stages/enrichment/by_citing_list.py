"""Recognising a bibliography by the lists that services have of what its source cites, aligned with what is printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dl_lit.core.items import Resolved
from dl_lit.core.model import CitingWork, Reference, Work
from dl_lit.core.trail import Asked
from dl_lit.matching.aligning import How, align
from dl_lit.matching.confirm import confirms
from dl_lit.matching.decide import Accepted, decide
from stages.citing import CitedLists, find_citing_doi, lists_for
from stages.enrichment.by_identifier import Pointer, recognise_by_identifiers
from stages.enrichment.by_known import recognise_listed, without_identifiers
from stages.enrichment.describing import describe
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.identifiers import listed_ids
from stages.enrichment.planning import is_worth_a_list, is_worth_finding
from stages.enrichment.trails import divided


def recognise_by_lists(desk: Desk, entries: Sequence[Entry], citing: Mapping[int, CitingWork]) -> None:
    """Align what is still open with the lists of its sources, and look up what these name without describing it."""
    by_source: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_source[entry.source_id].append(entry)
    known, found_here = _citing_with_doi(desk, by_source, citing)
    if not known:
        return
    lists = describe(desk, by_source, lists_for(desk.calls, desk.sources, known))
    pointers: list[Pointer] = []
    for source_id, cited in lists.items():
        pointers += _aligned(by_source[source_id], cited, found_here.get(source_id))
    if pointers:
        certain = [one for one in pointers if not one.is_guess]
        recognise_listed(desk, [(one.entry, one.kind.name, one.identifier, one.citing_doi) for one in certain])
        recognise_by_identifiers(desk, [one for one in pointers if one.entry.resolved is None])


def _citing_with_doi(
    desk: Desk, by_source: Mapping[int, Sequence[Entry]], citing: Mapping[int, CitingWork]
) -> tuple[list[CitingWork], dict[int, str]]:
    """The sources whose lists are worth asking for, and the DOIs that had to be found for that."""
    known: list[CitingWork] = []
    found_here: dict[int, str] = {}
    for source_id, entries in by_source.items():
        source = citing.get(source_id)
        still_open = _open(entries)
        if source is None or not is_worth_a_list(len(still_open)):
            continue
        if source.doi or source.arxiv_id:
            known.append(source)
        elif is_worth_finding(len(still_open)):
            found = find_citing_doi(desk.calls, source)
            _note(still_open, found.asked)
            if found.doi:
                found_here[source_id] = found.doi
                known.append(replace(source, doi=found.doi))
    return known, found_here


def _aligned(entries: Sequence[Entry], cited: CitedLists, citing_doi: str | None) -> list[Pointer]:
    """Resolve what the list describes itself; what it only names by an identifier is given back."""
    _note(_open(entries), cited.asked)
    if not cited.entries:
        return []
    # Those that are resolved already stand in the list as well, and keep their places from the others.
    printed = {entry.reference.position: entry for entry in entries}
    found = align([_as_known(entry) for entry in printed.values()], cited.entries)
    pointers: list[Pointer] = []
    for pair in found.pairs:
        entry = printed[pair.reference.position]
        if entry.resolved is not None:
            continue
        work = pair.listed.work
        is_guess = pair.how is How.ORDER
        if work is not None and entry.contradicts(work):
            continue
        if work is not None and is_borne_out(entry.reference, work, is_guess=is_guess):
            entry.resolved = Resolved(work=work, matched_by="citing-list", score=pair.score, citing_doi=citing_doi)
            entry.why = f"aligned by {pair.how.value} with the list of {pair.listed.source}"
        elif work is None:
            pointers += [
                Pointer(entry, kind, one, is_listed=True, citing_doi=citing_doi, is_guess=is_guess)
                for kind, one in listed_ids(pair.listed)
            ]
    return pointers


def is_borne_out(reference: Reference, work: Work, *, is_guess: bool) -> bool:
    """Whether a record of the list is the printed work: what order alone has aligned must be proven by itself."""
    if is_guess:
        return isinstance(decide(without_identifiers(reference), [work]), Accepted)
    return confirms(reference, work)


def _as_known(entry: Entry) -> Reference:
    """The printed entry, with the identifiers of the work that it is known to be."""
    if entry.resolved is None:
        return entry.reference
    work = entry.resolved.work
    return replace(
        entry.reference,
        doi=work.doi or entry.reference.doi,
        arxiv_id=work.arxiv_id or entry.reference.arxiv_id,
        pmid=work.pmid or entry.reference.pmid,
    )


def _open(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.resolved is None]


def _note(entries: Sequence[Entry], asked: Sequence[Asked]) -> None:
    for entry in entries:
        for one in asked:
            entry.note(divided(one, len(entries)))
