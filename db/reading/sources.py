"""Everything about sources, in printed order: what the report and the JSON of a source are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from db.codec import decode_coverage, decode_names, decode_short_forms
from db.reading.places import EntryView, Failure, Place, Waiting, entries_of
from db.reading.scope import Scope
from dl_lit.core.errors import NothingKnown
from dl_lit.core.model import Coverage, Name, ShortForm, StageName
from dl_lit.core.source_path import path_text
from dl_lit.core.store import SourceKind
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source without its entries."""

    id: int
    path: str
    sha256: str
    size_bytes: int
    state: str  # pending, extracted, failed
    added_at: str
    doi: str | None  # of the citing work
    title: str | None  # of the citing work
    page_count: int | None
    found_references: int | None
    expected_references: int | None  # what the numbering promises; None where entries are not numbered
    authors: tuple[Name, ...]  # of the citing work
    year: int | None  # of the citing work
    arxiv_id: str | None  # of the citing work
    coverage: Coverage | None  # None: not read yet, or by a dl_lit that did not judge it
    short_forms: tuple[ShortForm, ...]
    extracted_at: str | None
    waiting: Waiting | None
    failure: Failure | None
    kind: SourceKind = SourceKind.PDF
    level: int = 0  # 0: given by people; n: found through a source of level n - 1
    from_work_id: int | None = None  # the work whose PDF it is
    cut_references: int = 0  # that were read and left out

    @property
    def place(self) -> Place:
        """Where it is."""
        if self.failure:
            return Place.FAILED
        return Place.WAITING if self.state == "pending" else Place.EXTRACTED


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source with all its entries in printed order."""

    facts: SourceFacts
    entries: tuple[EntryView, ...]


_SOURCES = """
SELECT s.id, s.path, s.sha256, s.size_bytes, s.state, s.added_at, s.doi, s.title, s.page_count, s.found_references,
       s.expected_references, s.processing_timestamp, s.due_at, s.attempts, s.last_reason, s.last_detail,
       f.reason, f.detail, f.evidence, f.attempts, f.processing_timestamp,
       s.authors, s.year, s.arxiv_id, s.coverage, s.short_forms, s.kind, s.level, s.from_work_id, s.cut_references
FROM sources AS s LEFT JOIN failed_extractions AS f ON f.source_id = s.id
WHERE s.id IN (SELECT id FROM chosen) ORDER BY s.id
"""


def sources_with_entries(connection: Connection, source_ids: Iterable[int] | None = None) -> list[SourceView]:
    """These sources (all of them when None) in the order they were added."""
    scope = Scope(source_ids)
    facts = source_facts(connection, scope)
    entries = {key: tuple(group) for key, group in groupby(entries_of(connection, scope), lambda e: e.source_id)}
    return [SourceView(one, entries.get(one.id, ())) for one in facts]


def source_facts(connection: Connection, scope: Scope) -> list[SourceFacts]:
    """The chosen sources without their entries."""
    return [_facts(row) for row in scope.rows(connection, _SOURCES)]


def sources_named(connection: Connection, name: str) -> list[int]:
    """The sources that `name` means: an id (5 or s5), or a file's path. Raises `NothingKnown` where there is none."""
    if match := re.fullmatch(r"s?([1-9]\d{0,17})", name, re.IGNORECASE | re.ASCII):
        found = connection.exec_driver_sql("SELECT id FROM sources WHERE id = ?", (int(match[1]),)).all()
    else:
        found = []
    found = (
        found
        or connection.exec_driver_sql(
            "SELECT id FROM sources WHERE path IN (?, ?) ORDER BY id",
            (path_text(Path(name)), path_text(Path(name).absolute())),
        ).all()
    )
    if not found:
        raise NothingKnown(f"there is no source {name!r}: dl-lit inspect-tables --table sources lists them")
    return [row[0] for row in found]


def _facts(row: Any) -> SourceFacts:
    waiting = Waiting(StageName.EXTRACTION, *row[12:16]) if row[4] == "pending" else None
    failure = None
    if row[16] is not None:
        evidence = None if row[18] is None else msgspec.json.decode(row[18])
        failure = Failure(StageName.EXTRACTION, row[16], row[17], evidence, row[19], needs_review=False, at=row[20])
    id_, path, sha256, size_bytes, state, added_at, doi, title, page_count, found, expected, extracted_at = row[:12]
    authors, year, arxiv_id, coverage, short_forms, kind, level, from_work_id, cut = row[21:]
    return SourceFacts(
        id=id_,
        path=path,
        sha256=sha256,
        size_bytes=size_bytes,
        state=state,
        added_at=added_at,
        doi=doi,
        title=title,
        page_count=page_count,
        found_references=found,
        expected_references=expected,
        authors=decode_names(authors) if authors else (),
        year=year,
        arxiv_id=arxiv_id,
        coverage=decode_coverage(coverage) if coverage else None,
        short_forms=decode_short_forms(short_forms) if short_forms else (),
        extracted_at=extracted_at,
        waiting=waiting,
        failure=failure,
        kind=SourceKind(kind),
        level=level,
        from_work_id=from_work_id,
        cut_references=cut,
    )
