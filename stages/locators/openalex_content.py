"""PDFs that OpenAlex keeps: with a key, for credits, and only where the settings allow it.

Read 2026-11-23: https://developers.openalex.org/download/full-text-pdfs (100 credits each, of 10,000 a day with a free
key; whether there is one says `has_content`, whose record costs nothing).
"""

from __future__ import annotations

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import HostType, Location, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from stages.answers import NOT_FOUND, decode, path_quote
from stages.locators.same_work import Told, dois_in, is_same_work
from stages.locators.settings import LocatorSettings

SERVICE = "openalex_content"
CREDITS = 100  # of one file
_RECORDS = "openalex"  # the service that knows which works have one, and whose credits are used


class _Content(msgspec.Struct):
    pdf: bool | None = None


class _Record(msgspec.Struct):
    id: str | None = None
    doi: str | None = None
    has_content: _Content | None = None


def parse(body: bytes) -> tuple[str, Told] | None:
    """Read a record: the work's OpenAlex number and what it is; `None` where OpenAlex keeps no PDF of it.

    Raises `ServiceError`.
    """
    record = decode(body, _Record, _RECORDS)
    number = (record.id or "").rpartition("/")[2]
    has_pdf = record.has_content is not None and bool(record.has_content.pdf)
    return (number, Told(dois=dois_in([record.doi]))) if has_pdf and number.startswith("W") else None


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for the record, which is free. Raises `ServiceError`: `budget-exhausted` where the day's credits are used.

    Which version it is is not known, nor whether the file is a PDF at all: the proof finds out.
    """
    key = work.openalex_id or f"doi:{work.doi}"
    answer = calls.get(_RECORDS, f"/works/{path_quote(key)}", [("select", "id,doi,has_content")])
    found = None if answer.status == NOT_FOUND else parse(answer.body)
    if found is None:
        return ()
    number, told = found
    if number != work.openalex_id and not is_same_work(work, told):
        return ()
    if calls.credits_left(_RECORDS) < CREDITS + settings.openalex_credits_kept:
        detail = f"it has the PDF, and fewer than {CREDITS} of the day's credits may be used for files"
        raise ServiceError(SERVICE, Reason.BUDGET_EXHAUSTED, detail, costs_attempt=False)
    url = f"{settings.openalex_content_url}/works/{number}.pdf"
    return (Location(url=url, host_type=HostType.REPOSITORY, found_by=SERVICE),)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For works that OpenAlex may know."""
    del known
    return bool(work.openalex_id or work.doi)
