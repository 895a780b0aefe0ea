"""Which DOI a citing work has that does not print one: one search, accepted on proof alone."""

from __future__ import annotations

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.identifiers import doi_of_arxiv_id, normalise_doi
from dl_lit.core.model import CitingWork, Reference
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.trail import Asked, Reply
from dl_lit.core.values import dataclass
from dl_lit.matching.decide import Accepted, decide
from dl_lit.matching.evidence import TITLE_ACCEPT
from dl_lit.matching.normalise import squash, title_key
from stages.sources import crossref

HOW = "citing-work"
TITLE_MIN = 20  # characters of the normalised title; shorter ones are shared by too many works


@dataclass(frozen=True, slots=True)
class FoundDoi:
    """By which DOI a citing work is known, and what was asked to find out."""

    doi: str | None = None  # None: it could not be proven, or not be asked (then `error` is set)
    asked: tuple[Asked, ...] = ()
    error: ServiceError | None = None


def find_citing_doi(calls: ServiceCalls, citing: CitingWork) -> FoundDoi:
    """Take what the PDF prints; else search Crossref once by title, first author and year, and abstain without proof.

    Proof is a title that is (nearly) equal together with the author; without either nothing is asked. The answer is
    remembered, the abstention too. Never raises `ServiceError`.
    """
    if citing.doi or citing.arxiv_id:
        return FoundDoi(citing.doi or doi_of_arxiv_id(citing.arxiv_id or ""))
    title = " ".join((citing.title or "").split())
    if not citing.authors or len(squash(title_key(title))) < TITLE_MIN or " " not in title:
        return FoundDoi()
    key = _key(citing)
    remembered = calls.recall(crossref.SERVICE, [key])
    if key in remembered:
        body = remembered[key]
        doi = normalise_doi(body.decode()) if body else None
        return FoundDoi(doi, (_asked(doi, is_remembered=True),))
    if not calls.is_available(crossref.SERVICE):
        return FoundDoi()
    try:
        doi = _search(calls, _as_reference(citing, title))
    except RequestRefused as error:
        return FoundDoi(None, (_asked(None, Reply.REFUSED, str(error)),), error)
    except ServiceError as error:
        return FoundDoi(None, (_asked(None, Reply.FAILED, str(error)),), error)
    calls.remember(crossref.SERVICE, {key: doi.encode() if doi else None})
    return FoundDoi(doi, (_asked(doi),))


def _search(calls: ServiceCalls, reference: Reference) -> str | None:
    decision = decide(reference, crossref.search(calls, reference) or [])
    if not isinstance(decision, Accepted):
        return None
    evidence = decision.evidence
    return decision.work.doi if evidence.title >= TITLE_ACCEPT and evidence.author.is_positive else None


def _as_reference(citing: CitingWork, title: str) -> Reference:
    """The citing work as an entry that prints author, year and title."""
    people = ", ".join(person.sort_key for person in citing.authors)
    return Reference(
        position=0, raw=f"{people} ({citing.year or 'n.d.'}). {title}.", authors=citing.authors, title=title,
        year=citing.year,
    )  # fmt: skip


def _key(citing: CitingWork) -> str:
    first = title_key(citing.authors[0].sort_key)
    return f"citing:{squash(title_key(citing.title or ''))}|{squash(first)}|{citing.year or ''}"


def _asked(doi: str | None, reply: Reply | None = None, detail: str = "", *, is_remembered: bool = False) -> Asked:
    return Asked(
        service=crossref.SERVICE,
        how=HOW,
        reply=reply or (Reply.FOUND if doi else Reply.ABSENT),
        requests=0.0 if is_remembered else 1.0,
        is_remembered=is_remembered,
        detail=detail or (doi or "no record is proven to be the citing work"),
    )
