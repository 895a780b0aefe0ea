"""What a run came to, counted in the tables alone.

So an interrupted and resumed run gives the numbers of an undisturbed one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from db.codec import decode_coverage
from db.reading.scope import Scope
from dl_lit.core.coverage_text import coverage_sentence
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass

SCHEMA = "dl-lit/run/1"


@dataclass(frozen=True, slots=True)
class Gap:
    """A source whose bibliography was not read whole, as far as it can tell."""

    source: int
    path: str
    said: str  # what is missing


@dataclass(frozen=True, slots=True)
class RunCoverage:
    """How completely the bibliographies of some sources were read."""

    judged: int  # sources that can tell how complete the reading is
    mean: float | None  # of their scores, 0 to 1
    incomplete: int  # of these, with a score below 1
    gaps: tuple[Gap, ...]  # the worst of them, at most 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What became of some sources, their entries, and the works these cite, each work once."""

    sources: int
    references: int
    resolved: int  # entries whose work is known
    works: int  # distinct works among them
    downloaded: int  # works
    needs_review: int  # entries and works a person may decide on; not counted as failed
    duplicates: int  # entries whose work was known already
    failed: dict[str, dict[str, int]]  # extraction, enrichment, download: reason → number, the most frequent first
    waiting: dict[str, int]  # by stage; all 0 when everything has ended
    coverage: RunCoverage
    without_grobid: int  # sources that GROBID was to read, too, and did not

    @property
    def is_finished(self) -> bool:
        """Whether nothing waits any more."""
        return not any(self.waiting.values())

    @property
    def failures(self) -> int:
        """All failed sources, entries and works."""
        return sum(number for reasons in self.failed.values() for number in reasons.values())

    def document(self) -> dict[str, Any]:
        """As JSON has it; the run adds what the tables cannot know (requests, seconds, stages, interrupted)."""
        return {
            "schema": SCHEMA,
            "sources": self.sources,
            "references": self.references,
            "resolved": self.resolved,
            "works": self.works,
            "downloaded": self.downloaded,
            "needs_review": self.needs_review,
            "duplicates": self.duplicates,
            "failed": self.failed,
            "waiting": self.waiting,
            "coverage": asdict(self.coverage),
            "without_grobid": self.without_grobid,
        }


_ENTRIES = """
SELECT count(*), count(work_id), count(DISTINCT work_id) FROM entries WHERE id IN (SELECT id FROM listed)
"""
_DUPLICATES = """
SELECT count(DISTINCT entry_id) FROM duplicate_references WHERE entry_id IN (SELECT id FROM listed)
"""
_FAILED_EXTRACTIONS = """
SELECT reason, count(*) FROM failed_extractions WHERE source_id IN (SELECT id FROM chosen) GROUP BY reason
"""
_FAILED_ENRICHMENTS = """
SELECT reason, count(*) FROM failed_enrichments
WHERE entry_id IN (SELECT id FROM listed) AND needs_review = 0 GROUP BY reason
"""
_REVIEW_ENRICHMENTS = """
SELECT count(*) FROM failed_enrichments WHERE entry_id IN (SELECT id FROM listed) AND needs_review <> 0
"""
_FAILED_DOWNLOADS = """
SELECT reason, count(*) FROM failed_downloads
WHERE work_id IN (SELECT id FROM cited) AND needs_review = 0 GROUP BY reason
"""
_WORKS = """
SELECT (SELECT count(*) FROM downloaded_references WHERE work_id IN (SELECT id FROM cited)),
       (SELECT count(*) FROM failed_downloads WHERE work_id IN (SELECT id FROM cited) AND needs_review <> 0),
       (SELECT count(*) FROM with_metadata WHERE work_id IN (SELECT id FROM cited)),
       (SELECT count(*) FROM to_download_references WHERE work_id IN (SELECT id FROM cited))
"""
_COVERAGE = """
SELECT count(coverage_score), avg(coverage_score), count(CASE WHEN coverage_score < 1 THEN 1 END)
FROM sources WHERE state = 'extracted' AND id IN (SELECT id FROM chosen)
"""
_GAPS = """
SELECT id, path, coverage FROM sources
WHERE state = 'extracted' AND coverage_score < 1 AND id IN (SELECT id FROM chosen)
ORDER BY coverage_score, id LIMIT 20
"""
_PENDING = "SELECT count(*) FROM sources WHERE state = 'pending' AND id IN (SELECT id FROM chosen)"
_WITHOUT_GROBID = """
SELECT count(DISTINCT item_id) FROM attempts
WHERE stage = 'extraction' AND outcome = 'done' AND instr(detail, 'read without GROBID: ') > 0
AND item_id IN (SELECT id FROM chosen)
"""
_NO_METADATA = "SELECT count(*) FROM no_metadata WHERE entry_id IN (SELECT id FROM listed)"


def run_summary(connection: Connection, source_ids: Iterable[int] | None = None) -> RunSummary:
    """What became of these sources (all of them when None)."""
    scope = Scope(source_ids)
    ((references, resolved, works),) = scope.rows(connection, _ENTRIES)
    ((downloaded, review, queueing, download),) = scope.rows(connection, _WORKS)
    return RunSummary(
        sources=scope.number(connection, "SELECT count(*) FROM chosen"),
        references=references,
        resolved=resolved,
        works=works,
        downloaded=downloaded,
        needs_review=review + scope.number(connection, _REVIEW_ENRICHMENTS),
        duplicates=scope.number(connection, _DUPLICATES),
        failed={
            "extraction": scope.counts(connection, _FAILED_EXTRACTIONS),
            "enrichment": scope.counts(connection, _FAILED_ENRICHMENTS),
            "download": scope.counts(connection, _FAILED_DOWNLOADS),
        },
        waiting={
            StageName.EXTRACTION.value: scope.number(connection, _PENDING),
            StageName.ENRICHMENT.value: scope.number(connection, _NO_METADATA),
            StageName.QUEUEING.value: queueing,
            StageName.DOWNLOAD.value: download,
        },
        coverage=_coverage(connection, scope),
        without_grobid=scope.number(connection, _WITHOUT_GROBID),
    )


def _coverage(connection: Connection, scope: Scope) -> RunCoverage:
    ((judged, mean, incomplete),) = scope.rows(connection, _COVERAGE)
    gaps = scope.rows(connection, _GAPS) if incomplete else ()
    said = tuple(Gap(id_, path, coverage_sentence(decode_coverage(text))) for id_, path, text in gaps)
    return RunCoverage(judged, None if mean is None else round(mean, 4), incomplete, said)


_WITH_WORK = """
SELECT id FROM sources WHERE state = 'pending'
UNION SELECT source_id FROM no_metadata
UNION SELECT e.source_id FROM with_metadata AS w JOIN entries AS e ON e.work_id = w.work_id
UNION SELECT e.source_id FROM to_download_references AS d JOIN entries AS e ON e.work_id = d.work_id
"""


def sources_with_work(connection: Connection, *, up_to: int | None = None) -> list[int]:
    """The sources of which something still waits for a stage, the oldest first; `up_to`: none with a higher id."""
    rows = connection.exec_driver_sql(f"{_WITH_WORK} ORDER BY 1")
    return [int(row[0]) for row in rows if up_to is None or row[0] <= up_to]
