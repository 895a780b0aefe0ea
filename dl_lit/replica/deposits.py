"""What publishers deposit of their reference lists, and what OpenAlex makes of it: never all of it.

Realistic gaps by the seed: some publishers deposit no references, some only the printed text, some fields without the
text; DOIs are missing, and OpenAlex leaves out what it did not match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Cited, Record, title_key

_EVERY = 10_000  # numbers below which chances are drawn


def deposited(catalogue: Catalogue, record: Record) -> tuple[Cited, ...]:
    """The reference list as its publisher deposited it: in printed order, with gaps."""
    shares = catalogue.shares
    if _draw(catalogue, record, "deposits") >= shares.deposits:
        return ()
    return tuple(
        _as_deposited(catalogue, record, cited)
        for cited in record.references
        if _draw(catalogue, record, f"listed {cited.key}") < shares.deposited
    )


def referenced(catalogue: Catalogue, record: Record) -> list[Record]:
    """The works of the reference list that OpenAlex matched."""
    unique = {match.position: match for match in _matches(catalogue, record) if match.position != record.position}
    return [match for match in unique.values() if catalogue.access(match).in_openalex]


def matched(catalogue: Catalogue, cited: Cited) -> Record | None:
    """The record a reference list's entry stands for: by DOI, else by its whole title."""
    if cited.doi:
        return catalogue.by_doi(cited.doi)
    if not cited.title:
        return None
    key = title_key(cited.title)
    for hit in catalogue.universe.search.all_words(cited.title, 5, title_only=True).hits:
        if title_key(hit.record.title) == key:
            return hit.record
    return None


def _matches(catalogue: Catalogue, record: Record) -> Iterator[Record]:
    for cited in record.references:
        share = catalogue.shares.matched_by_doi if cited.doi else catalogue.shares.matched_by_title
        if _draw(catalogue, record, f"matched {cited.key}") < share:
            found = matched(catalogue, cited)
            if found is not None:
                yield found


def _as_deposited(catalogue: Catalogue, record: Record, cited: Cited) -> Cited:
    """One entry as text, as a bare DOI, or in fields: those of the work's own record where the list has no others."""
    shares, form = catalogue.shares, _draw(catalogue, record, "deposits form")
    is_text = form < shares.deposits_as_text
    is_bare = not is_text and form < shares.deposits_as_text + shares.deposits_as_dois
    known = catalogue.by_doi(cited.doi) if cited.doi else None
    has_doi = _draw(catalogue, record, f"doi {cited.key}") < shares.deposited_doi
    doi = cited.doi if has_doi else None
    if is_text and cited.unstructured:
        return Cited(key=cited.key, doi=doi, unstructured=cited.unstructured)
    if is_bare and doi:
        return Cited(key=cited.key, doi=doi)
    told = replace(cited, doi=doi, unstructured=None)
    if known is not None:
        told = replace(
            told,
            title=told.title or known.title,
            author=told.author or (known.authors[0].family if known.authors else None),
            year=told.year or (str(known.year) if known.year else None),
            container=told.container or known.container,
            volume=told.volume or known.volume,
            first_page=told.first_page or ((known.pages or "").partition("-")[0] or None),
        )
    if told.container and _draw(catalogue, record, f"title {cited.key}") >= shares.deposited_title:
        told = replace(told, title=None)
    is_told = told.title or (told.author and told.year)
    if is_told:
        return told
    return replace(cited, doi=doi) if cited.unstructured or doi else cited


def _draw(catalogue: Catalogue, record: Record, name: str) -> float:
    return catalogue.number(record, name, _EVERY) / _EVERY
