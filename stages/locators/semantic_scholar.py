"""Semantic Scholar as a locator, with a key only: the open copy that its crawler saw.

Read 2026-11-23: https://api.semanticscholar.org/api-docs/graph (`openAccessPdf`: its `url` may be empty), one request a
second over everything: https://www.semanticscholar.org/product/api.
"""

from __future__ import annotations

from dl_lit.core.model import Location, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import NOT_FOUND, path_quote
from stages.locators.settings import LocatorSettings
from stages.sources import semantic_scholar

SERVICE = semantic_scholar.SERVICE


def parse(body: bytes) -> tuple[Location, ...]:
    """Read the open copy of one record. Raises `ServiceError`."""
    return semantic_scholar.parse_open_copy(body)


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask by DOI, else by arXiv identifier or PMID. Raises `ServiceError`."""
    del settings
    name = _name(work)
    if name is None:
        return ()
    answer = calls.get(SERVICE, f"/paper/{path_quote(name)}", [("fields", "openAccessPdf")])
    return () if answer.status == NOT_FOUND else parse(answer.body)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """While no file is known, unless it described the work: what it knows came along then."""
    return _name(work) is not None and work.metadata_source != SERVICE and not any(one.is_pdf for one in known)


def _name(work: Work) -> str | None:
    names = (("DOI", work.doi), ("ARXIV", work.arxiv_id), ("PMID", work.pmid))
    return next((f"{kind}:{value}" for kind, value in names if value), None)
