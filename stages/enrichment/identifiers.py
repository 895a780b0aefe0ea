"""The kinds of identifiers that an entry can print, and which look-up of a source takes each. Pure."""

from __future__ import annotations

from collections.abc import Callable

from dl_lit.core.model import Listed, Reference
from dl_lit.core.values import dataclass
from stages.enrichment.triage import arxiv_id_of, doi_of
from stages.sources.registry import BatchLookUp, Source


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identifier."""

    name: str  # "openalex", "doi", "arxiv", "pmid", "pmcid", "isbn": as in `Resolved.matched_by` and in works' keys
    printed: Callable[[Reference], str | None]
    listed: Callable[[Listed], str | None]
    look_up_of: Callable[[Source], BatchLookUp | None]


KINDS: tuple[Kind, ...] = (
    Kind(
        "openalex",
        lambda reference: reference.openalex_id,
        lambda _listed: None,  # a list of OpenAlex's brings the records themselves
        lambda source: source.by_openalex_ids,
    ),
    Kind("doi", doi_of, lambda listed: listed.doi, lambda source: source.by_dois),
    Kind("arxiv", arxiv_id_of, lambda listed: listed.arxiv_id, lambda source: source.by_arxiv_ids),
    Kind("pmid", lambda reference: reference.pmid, lambda listed: listed.pmid, lambda source: source.by_pmids),
    Kind("pmcid", lambda reference: reference.pmcid, lambda _listed: None, lambda source: source.by_pmcids),
    Kind("isbn", lambda reference: reference.isbn, lambda listed: listed.isbn, lambda source: source.by_isbns),
)
"""In the order in which they are looked up: a record itself, what names one text, last what names a book."""


def printed_ids(reference: Reference) -> list[tuple[Kind, str]]:
    """The identifiers that an entry prints."""
    return [(kind, found) for kind in KINDS if (found := kind.printed(reference))]


def listed_ids(listed: Listed) -> list[tuple[Kind, str]]:
    """The identifiers that a list of cited works has for an entry."""
    return [(kind, found) for kind in KINDS if (found := kind.listed(listed))]
