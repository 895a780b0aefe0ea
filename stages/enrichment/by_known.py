"""What costs nothing: works of our own database, and metadata that was imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dl_lit.core.identifiers import doi_of_arxiv_id
from dl_lit.core.items import Resolved
from dl_lit.core.model import Reference, Work
from dl_lit.core.trail import Asked, Reply
from dl_lit.matching.confirm import confirms
from dl_lit.matching.decide import Accepted, decide
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.identifiers import KINDS, printed_ids
from stages.enrichment.trails import evidence_of
from stages.enrichment.triage import has_identifier

KNOWN = "known"
LOCAL = "local"
CANDIDATES = 10  # records that one local search gives


def recognise_known(desk: Desk, entries: Sequence[Entry]) -> None:
    """Resolve what our own database or the imported metadata has under a printed identifier."""
    still_open = [entry for entry in entries if entry.resolved is None]
    found = known_works(desk, [entry.reference for entry in still_open])
    for entry in still_open:
        _by_printed(entry, found, KNOWN)
    if desk.local.is_empty:
        return
    still_open = [entry for entry in still_open if entry.resolved is None]
    local = local_works(desk, [entry.reference for entry in still_open])
    for entry in still_open:
        _by_printed(entry, local, LOCAL)
        if entry.resolved is None and not has_identifier(entry.reference):
            search_locally(desk, entry)


def known_works(desk: Desk, references: Sequence[Reference]) -> Mapping[tuple[str, str], Work]:
    """The works of our database that these entries name by an identifier, by kind and identifier."""
    keys = dict.fromkeys(key for reference in references for key in _keys(reference))
    return desk.bibliographies.known_works(list(keys)) if keys else {}


def local_works(desk: Desk, references: Sequence[Reference]) -> dict[tuple[str, str], Work]:
    """Likewise of the imported metadata."""
    found: dict[tuple[str, str], Work] = {}
    if desk.local.is_empty:
        return found
    wanted = dict.fromkeys(key for reference in references for key in _keys(reference))
    for kind in KINDS:
        ids = [identifier for name, identifier in wanted if name == kind.name]
        works = desk.local.by_ids(kind.name, ids) if ids else {}
        found |= {(kind.name, identifier): work for identifier, work in works.items()}
    return found


def search_locally(desk: Desk, entry: Entry) -> list[Work]:
    """Search the imported metadata for the entry; the records found, whether or not one of them is it."""
    if desk.local.is_empty:
        return []
    printed = without_identifiers(entry.reference)
    found = desk.local.search(printed, CANDIDATES)
    decision = decide(printed, found)
    if isinstance(decision, Accepted) and not entry.contradicts(decision.work):
        entry.resolved = Resolved(work=decision.work, matched_by="search", score=decision.score)
        entry.candidates = evidence_of(decision)
    entry.note(Asked(service=LOCAL, how="search", reply=Reply.FOUND if found else Reply.ABSENT))
    return found


def recognise_listed(desk: Desk, listed: Sequence[tuple[Entry, str, str, str | None]]) -> None:
    """Resolve what our own database has under (entry, kind, identifier, DOI found for its source) of a list."""
    keys = list(dict.fromkeys((kind, identifier) for _, kind, identifier, _ in listed))
    works = desk.bibliographies.known_works(keys) if keys else {}
    for entry, kind, identifier, citing_doi in listed:
        work = works.get((kind, identifier))
        if entry.resolved is None and work is not None and _is_listed_right(entry, work):
            entry.resolved = Resolved(work=work, matched_by="citing-list", citing_doi=citing_doi)
            entry.why = f"known under the listed {kind} {identifier}"
            entry.note(Asked(service=KNOWN, how=kind, reply=Reply.FOUND))


def _is_listed_right(entry: Entry, work: Work) -> bool:
    return confirms(entry.reference, work) and not entry.contradicts(work)


def without_identifiers(reference: Reference) -> Reference:
    """The entry without what was looked up before and led nowhere."""
    return replace(reference, openalex_id=None, doi=None, arxiv_id=None, pmid=None, pmcid=None)


def matching_known(reference: Reference, works: Mapping[tuple[str, str], Work]) -> tuple[str, Work] | None:
    """The kind of identifier and the work that the entry is proven to be, among those found by its identifiers."""
    for kind, identifier in _keys(reference):
        work = works.get((kind, identifier))
        if work is not None and is_named_by(kind, reference, work):
            return kind, work
    return None


def is_named_by(kind: str, reference: Reference, work: Work) -> bool:
    """Whether the record behind an identifier of the entry is the entry's work, and not what a misprint points to.

    OpenAlex's identifiers are not printed: a program wrote them down, with the record before it.
    """
    return kind == "openalex" or confirms(reference, work)


def _by_printed(entry: Entry, works: Mapping[tuple[str, str], Work], service: str) -> None:
    found = matching_known(entry.reference, works)
    if found is None:
        return
    kind, work = found
    entry.resolved = Resolved(work=work, matched_by=kind)
    entry.why = f"{service} under the printed {kind}"
    entry.note(Asked(service=service, how=kind, reply=Reply.FOUND))


def _keys(reference: Reference) -> list[tuple[str, str]]:
    keys = [(kind.name, identifier) for kind, identifier in printed_ids(reference)]
    return [*keys, *(("doi", doi_of_arxiv_id(identifier)) for kind, identifier in keys if kind == "arxiv")]
