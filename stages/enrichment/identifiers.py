"""The kinds of identifiers that an entry can print, and which look-up of a source takes each. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dl_lit.core.model import Listed, Reference
from stages.enrichment.triage import arxiv_id_of, doi_of
from stages.sources.registry import BatchLookUp, Source


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identifier."""

    name: str  # "doi", "arxiv", "pmid", "isbn": as in `Resolved.matched_by` and in the keys of known works
    printed: Callable[[Reference], str | None]
    listed: Callable[[Listed], str | None]
    look_up_of: Callable[[Source], BatchLookUp | None]


KINDS: tuple[Kind, ...] = (
    Kind("doi", doi_of, lambda listed: listed.doi, lambda source: source.by_dois),
    Kind("arxiv", arxiv_id_of, lambda listed: listed.arxiv_id, lambda source: source.by_arxiv_ids),
    Kind("pmid", lambda reference: reference.pmid, lambda listed: listed.pmid, lambda source: source.by_pmids),
    Kind("isbn", lambda reference: reference.isbn, lambda listed: listed.isbn, lambda source: source.by_isbns),
)
"""In the order in which they are looked up: what names one text first, what names a book last."""


def printed_ids(reference: Reference) -> list[tuple[Kind, str]]:
    """The identifiers that an entry prints."""
    return [(kind, found) for kind in KINDS if (found := kind.printed(reference))]


def listed_ids(listed: Listed) -> list[tuple[Kind, str]]:
    """The identifiers that a list of cited works has for an entry."""
    return [(kind, found) for kind in KINDS if (found := kind.listed(listed))]
