"""The numbers of a PRISMA 2020 flow diagram, counted in the tables: for one run, or for the whole library.

http://www.prisma-statement.org/prisma-2020-flow-diagram (read 2026-11-23). Records are entries, reports are works:

    identified = duplicates removed + recognised works + not recognised + to be reviewed + waiting
    sought for retrieval = recognised works = retrieved + not retrieved + waiting
    retrieved = verified + unverified + needs review + wrong work
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from db.reading.scope import Scope
from dl_lit.core.reasons import Reason
from dl_lit.core.store import SourceKind
from dl_lit.core.values import dataclass

SCHEMA = "dl-lit/prisma/1"

_WRONG = Reason.WRONG_WORK.value
_UNVERIFIED = Reason.OK_UNVERIFIED.value

_SOURCES = """
SELECT s.kind, s.level, count(*), count(CASE WHEN s.state = 'extracted' THEN 1 END),
       count(CASE WHEN s.state = 'pending' THEN 1 END), total(s.cut_references)
FROM sources AS s WHERE s.id IN (SELECT id FROM chosen) GROUP BY s.kind, s.level ORDER BY s.level, s.kind
"""
_RECORDS = """
SELECT s.kind, s.level, count(*) FROM entries AS e JOIN sources AS s ON s.id = e.source_id
WHERE e.id IN (SELECT id FROM listed) GROUP BY s.kind, s.level
"""
_UNREAD = """
SELECT reason, count(*) FROM failed_extractions WHERE source_id IN (SELECT id FROM chosen) GROUP BY reason
"""
_RESOLVED = "SELECT count(work_id), count(DISTINCT work_id) FROM entries WHERE id IN (SELECT id FROM listed)"
_NOT_RECOGNISED = """
SELECT reason, count(*) FROM failed_enrichments
WHERE needs_review = 0 AND entry_id IN (SELECT id FROM listed) GROUP BY reason
"""
_FOR_REVIEW = "SELECT count(*) FROM failed_enrichments WHERE needs_review <> 0 AND entry_id IN (SELECT id FROM listed)"
_UNDECIDED = "SELECT count(*) FROM no_metadata WHERE entry_id IN (SELECT id FROM listed)"
_WAITING = """
SELECT (SELECT count(*) FROM with_metadata WHERE work_id IN (SELECT id FROM cited))
     + (SELECT count(*) FROM to_download_references WHERE work_id IN (SELECT id FROM cited))
"""
_FAILED = """
SELECT reason, count(*) FROM failed_downloads
WHERE needs_review = 0 AND work_id IN (SELECT id FROM cited) GROUP BY reason
"""
_FILES_FOR_REVIEW = (
    "SELECT count(*) FROM failed_downloads WHERE needs_review <> 0 AND work_id IN (SELECT id FROM cited)"
)
_IN_LIBRARY = (
    "SELECT status, count(*) FROM downloaded_references WHERE work_id IN (SELECT id FROM cited) GROUP BY status"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where records were identified: the sources of one kind and level."""

    kind: SourceKind
    level: int  # 0: given by people; n: found through a source of level n - 1
    sources: int
    read: int
    waiting: int  # sources that are not read yet
    records: int  # entries
    cut: int  # entries that were read and left out, by `snowball.max_references`

    @property
    def failed(self) -> int:
        """Sources that could not be read."""
        return self.sources - self.read - self.waiting

    @property
    def name(self) -> str:
        """In words, without the level: "references of PDFs"."""
        return _NAMES[self.kind]


_NAMES = {
    SourceKind.PDF: "references of PDFs",
    SourceKind.BIBLIOGRAPHY: "imported bibliographies",
    SourceKind.LIST: "lists of identifiers and titles",
    SourceKind.SEARCH: "searches",
    SourceKind.CITING: "citing works",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrismaNumbers:
    """The numbers; reasons map to how many, the most frequent first."""

    run: int | None  # None: of the whole library
    origins: tuple[Origin, ...]  # by level, then by kind
    unread: Mapping[str, int]  # sources that could not be read, by reason
    resolved: int  # entries whose work is known
    recognised: int  # distinct works of these
    not_recognised: Mapping[str, int]
    recognition_for_review: int  # entries on which a person is to decide
    recognition_waiting: int  # entries
    retrieval_waiting: int  # works
    not_retrieved: Mapping[str, int]  # works of which no file came, by reason
    verified: Mapping[str, int]  # files that are proven to be the work, by their kind of success
    unverified: int  # files in the library of which nothing shows that they are another work
    files_for_review: int  # files in quarantine on which a person is to decide
    wrong_work: int  # works of which only files of other works came

    @property
    def identified(self) -> int:
        """All records."""
        return sum(one.records for one in self.origins)

    @property
    def cut(self) -> int:
        """Entries that were read and left out: not among the identified."""
        return sum(one.cut for one in self.origins)

    @property
    def duplicates(self) -> int:
        """Records of works that another record names as well."""
        return self.resolved - self.recognised

    @property
    def screened(self) -> int:
        """Records without the duplicates."""
        return self.identified - self.duplicates

    @property
    def sought(self) -> int:
        """Works whose file is wanted."""
        return self.recognised

    @property
    def retrieved(self) -> int:
        """Works of which a file came: what is assessed."""
        return sum(self.verified.values()) + self.unverified + self.files_for_review + self.wrong_work

    @property
    def included(self) -> int:
        """Works in the library."""
        return sum(self.verified.values()) + self.unverified

    def problems(self) -> list[str]:
        """Sums that are not what they should be: none, unless the database is broken."""
        screened = (
            self.recognised + sum(self.not_recognised.values()) + self.recognition_for_review + self.recognition_waiting
        )
        sought = self.retrieved + sum(self.not_retrieved.values()) + self.retrieval_waiting
        found = []
        if screened != self.screened:
            found.append(f"{self.screened} records were screened, {screened} are somewhere")
        if sought != self.sought:
            found.append(f"{self.sought} works were sought, {sought} are somewhere")
        if sum(self.unread.values()) != sum(one.failed for one in self.origins):
            found.append("the sources that could not be read have other reasons than there are of them")
        return found

    def document(self) -> dict[str, Any]:
        """As JSON, schema dl-lit/prisma/1."""
        return {
            "schema": SCHEMA,
            "run": self.run,
            "identification": {
                "records": self.identified,
                "origins": [_origin_document(one) for one in self.origins],
                "sources_not_read": dict(self.unread),
                "left_out_of_long_lists": self.cut,
                "duplicates_removed": self.duplicates,
            },
            "screening": {
                "screened": self.screened,
                "recognised": self.recognised,
                "not_recognised": dict(self.not_recognised),
                "for_review": self.recognition_for_review,
                "waiting": self.recognition_waiting,
            },
            "retrieval": {
                "sought": self.sought,
                "not_retrieved": dict(self.not_retrieved),
                "waiting": self.retrieval_waiting,
                "retrieved": self.retrieved,
            },
            "assessment": {
                "assessed": self.retrieved,
                "verified": dict(self.verified),
                "unverified": self.unverified,
                "for_review": self.files_for_review,
                "wrong_work": self.wrong_work,
                "included": self.included,
            },
            "adds_up": not self.problems(),
        }


def _origin_document(one: Origin) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "level": one.level,
        "sources": one.sources,
        "read": one.read,
        "failed": one.failed,
        "waiting": one.waiting,
        "records": one.records,
        "left_out": one.cut,
    }


def prisma_numbers(connection: Connection, run_id: int | None = None) -> PrismaNumbers:
    """The numbers of a run's sources, or of the whole library where `run_id` is None; reads in one transaction.

    A run's numbers are those of its sources as they stand now: what a later run did for them counts.
    """
    scope = Scope() if run_id is None else Scope.of_run(run_id)
    ((resolved, recognised),) = scope.rows(connection, _RESOLVED)
    failed = scope.counts(connection, _FAILED)
    held = scope.counts(connection, _IN_LIBRARY)
    return PrismaNumbers(
        run=run_id,
        origins=_origins(connection, scope),
        unread=scope.counts(connection, _UNREAD),
        resolved=resolved,
        recognised=recognised,
        not_recognised=scope.counts(connection, _NOT_RECOGNISED),
        recognition_for_review=scope.number(connection, _FOR_REVIEW),
        recognition_waiting=scope.number(connection, _UNDECIDED),
        retrieval_waiting=scope.number(connection, _WAITING),
        not_retrieved={reason: number for reason, number in failed.items() if reason != _WRONG},
        verified={status: number for status, number in held.items() if status != _UNVERIFIED},
        unverified=held.get(_UNVERIFIED, 0),
        files_for_review=scope.number(connection, _FILES_FOR_REVIEW),
        wrong_work=failed.get(_WRONG, 0),
    )


def _origins(connection: Connection, scope: Scope) -> tuple[Origin, ...]:
    records = {(kind, level): number for kind, level, number in scope.rows(connection, _RECORDS)}
    return tuple(
        Origin(
            kind=SourceKind(kind),
            level=level,
            sources=sources,
            read=read,
            waiting=waiting,
            records=records.get((kind, level), 0),
            cut=int(cut),
        )
        for kind, level, sources, read, waiting, cut in scope.rows(connection, _SOURCES)
    )
