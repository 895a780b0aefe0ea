"""From a dump's record to a work: which service described it, and when it last changed it."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from dl_lit.core.errors import DlLitError, ServiceError
from dl_lit.core.identifiers import normalise_openalex_id
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass
from stages.sources import crossref, openalex

OUR_OWN = "dl-lit"
"""The service that a record of our own exports is said to come from where it names none."""


class NoRecord(DlLitError):
    """What stands there is no record of a work."""


@dataclass(frozen=True, slots=True)
class Read:
    """A record, read."""

    work: Work | None  # None: it has no title
    updated: str | None  # ISO 8601; None: not said


class _When(msgspec.Struct, rename={"date_time": "date-time"}):
    date_time: str | None = None


class _Any(msgspec.Struct, rename={"crossref_doi": "DOI"}):
    """What tells whose record it is."""

    crossref_doi: msgspec.Raw = msgspec.Raw()
    id: msgspec.Raw = msgspec.Raw()
    work: msgspec.Raw = msgspec.Raw()
    metadata_source: msgspec.Raw = msgspec.Raw()
    updated_date: msgspec.Raw = msgspec.Raw()
    indexed: msgspec.Raw = msgspec.Raw()


_any = msgspec.json.Decoder(_Any)
_work = msgspec.json.Decoder(Work)
_text = msgspec.json.Decoder(str)
_when = msgspec.json.Decoder(_When)


def read_record(data: bytes) -> Read:
    """The work that a record of OpenAlex, of Crossref or of our own exports describes; raises `NoRecord`."""
    try:
        found = _any.decode(data)
        if bytes(found.crossref_doi):
            updated = _when.decode(found.indexed).date_time if bytes(found.indexed).startswith(b"{") else None
            return Read(crossref.parse_item(data), updated)
        if bytes(found.work).startswith(b"{"):
            return Read(_ours(bytes(found.work)), None)
        if bytes(found.metadata_source).startswith(b'"'):
            return Read(_ours(data), None)
        if _is_work_of_openalex(bytes(found.id)):
            updated = _text.decode(found.updated_date) if bytes(found.updated_date).startswith(b'"') else None
            return Read(openalex.parse_record(data), updated)
    except ServiceError as error:
        raise NoRecord(f"{error.service}: {error.detail}"[:200]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoRecord(f"of an odd shape: {error}"[:200]) from error
    raise NoRecord("neither a work of OpenAlex nor one of Crossref nor of our own")


def _is_work_of_openalex(identifier: bytes) -> bool:
    return identifier.startswith(b'"') and normalise_openalex_id(_text.decode(identifier)) is not None


def _ours(data: bytes) -> Work | None:
    work = _work.decode(data)
    if not work.title.strip():
        return None
    return work if work.metadata_source else replace(work, metadata_source=OUR_OWN)
