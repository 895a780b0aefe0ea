"""The statements by which rows move from room to room; built once, run for whole groups by `db.recording`.

Named for what they do to one row: `add_x` puts it into a room, `leave_x` takes it out, guarded by the attempt it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Float, Text, bindparam, insert, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from db.hot import Hot, Lot, Those, types_of
from db.rooms import ROOMS
from db.tables import (
    attempts,
    downloaded_references,
    duplicate_references,
    entries,
    failed_downloads,
    failed_enrichments,
    failed_extractions,
    merges,
    no_metadata,
    sources,
    to_download_references,
    with_metadata,
    work_aliases,
    work_keys,
    work_links,
    works,
)
from dl_lit.core.model import StageName

_STAMPS = ("processing_started_at", "processing_timestamp", "processing_duration_ms")
_FAILURE = ("reason", "detail", "evidence", "attempts")


def _insert(table: Any, *names: str) -> Hot:
    return Hot(insert(table).values({name: bindparam(name) for name in names}), names)


def _insert_new(table: Any, *names: str) -> Hot:
    """What is there already is left as it is."""
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return Hot(sqlite_insert(table).values(values).on_conflict_do_nothing(), names)


def _update(table: Any, where: Sequence[str], *names: str) -> Hot:
    """`names` are set; `where` names columns whose old values must be given, after those, as `old_x`."""
    statement = update(table).values({name: bindparam(name) for name in names})
    for column in where:
        statement = statement.where(table.c[column] == bindparam(f"old_{column}"))
    return Hot(statement, (*names, *(f"old_{column}" for column in where)))


def _change(table: Any, *names: str) -> Lot:
    """Rows of [the new values of `names`…, id]."""
    values = ", ".join(f"{name} = {_cell(table.c[name], place)}" for place, name in enumerate(names))
    here = f"{table.name}.id = {_cell(table.c.id, len(names))}"
    those = Those(table.name, names, ("id",), types_of(table, (*names, "id")))
    return Lot(f"UPDATE {table.name} SET {values} FROM json_each(?) AS j WHERE {here}", those)  # noqa: S608 - names of ours


def _cell(column: Column[Any], place: int) -> str:
    """The value at this place of the row `j.value`, as the column has it."""
    if isinstance(column.type, Text):
        return f"j.value ->> {place}"
    return f"CAST(j.value ->> {place} AS {'REAL' if isinstance(column.type, Float) else 'INTEGER'})"


def _leave(table: Any, key: str) -> Lot:
    """Rows of [id, attempts so far]."""
    here = f"r.{key} = {_cell(table.c[key], 0)} AND r.attempts = {_cell(table.c.attempts, 1)}"
    found = f"SELECT r.{key} FROM json_each(?) AS j JOIN {table.name} AS r ON {here}"  # noqa: S608 - names of ours
    keys = key, "attempts"
    return Lot(f"DELETE FROM {table.name} WHERE {key} IN ({found})", Those(table.name, (), keys, types_of(table, keys)))  # noqa: S608


extracted = _change(
    sources,
    "state",
    "doi",
    "title",
    "page_count",
    "found_references",
    "expected_references",
    "authors",
    "year",
    "arxiv_id",
    "coverage_score",
    "coverage",
    "short_forms",
    "cut_references",
    "due_at",
    "attempts",
    *_STAMPS,
)
extraction_failed = _change(sources, "state", "due_at", "attempts", *_STAMPS)
add_failed_extraction = _insert(failed_extractions, "source_id", *_FAILURE, *_STAMPS)
add_entry = _insert(entries, "id", "source_id", "position", "title", "doi", "reference")
add_cited_entry = _insert(entries, "id", "source_id", "position", "title", "doi", "reference", "contexts")
"""Of an entry that the text is known to cite: what has no contexts costs no more than before there were any."""
add_no_metadata = _insert(no_metadata, "entry_id", "source_id", "priority", *_STAMPS)
leave_no_metadata = _leave(no_metadata, "entry_id")
add_work = _insert(
    works,
    "id", "type", "title", "year", "doi", "openalex_id", "title_key", "version_key", "record", "metadata_source",
)  # fmt: skip
name_source = Lot(
    "UPDATE sources SET doi = j.value ->> 0 FROM json_each(?) AS j "  # noqa: S608 - names of ours
    f"WHERE sources.id = {_cell(sources.c.id, 1)} AND sources.doi IS NULL"
)
resolve_entry = _change(entries, "work_id", "matched_by", "match_score", "matched_as")
add_with_metadata = _insert(with_metadata, "work_id", "newest_source_id", "cited_by", "year", "priority", *_STAMPS)
add_failed_enrichment = _insert(failed_enrichments, "entry_id", *_FAILURE, "needs_review", *_STAMPS)
leave_with_metadata = _leave(with_metadata, "work_id")
add_key = _insert_new(work_keys, "kind", "value", "work_id")
add_to_download = _insert(
    to_download_references, "work_id", "newest_source_id", "cited_by", "year", "locations", "priority", *_STAMPS
)
add_failed_download = _insert(
    failed_downloads, "work_id", "stage", "locations", "held", *_FAILURE, "needs_review", *_STAMPS
)
add_duplicate = _insert(
    duplicate_references,
    "entry_id", "existing_work_id", "matched_on_field", "original_record", "date_detected", "merge_id",
)  # fmt: skip
add_merge = _insert(
    merges,
    "id", "kept_work_id", "gone_work_id", "brought", "matched_on", "matched_value", "evidence", "merged_at",
    "gone_record", "entry_ids", "keys",
)  # fmt: skip
add_title = _insert_new(work_aliases, "work_id", "title", "language", "title_key", "version_key", "source")
add_link = _insert_new(work_links, "work_id", "other_id", "kind", "matched_on", "linked_at")
leave_to_download = _leave(to_download_references, "work_id")
add_downloaded = _insert(
    downloaded_references,
    "work_id", "status", "file_path", "checksum_pdf", "size_bytes", "page_count", "url_source",
    "source_of_download", "version", "licence", "identity_score", "proof", "landing_url", "technique",
    "checksum_fetched", *_STAMPS,
)  # fmt: skip
add_attempt = _insert(
    attempts, "stage", "item_id", "attempt", "outcome", "reason", "detail", "started_at", "seconds", "trail"
)

_KEY = {stage: room.key.name for stage, room in ROOMS.items()}
put_off = {
    stage: _update(room.table, (_KEY[stage], "attempts"), "due_at", "attempts", "last_reason", "last_detail")
    for stage, room in ROOMS.items()
}
_CARRIED = {
    StageName.EXTRACTION: "priority",
    StageName.ENRICHMENT: "priority, source_id",
    StageName.QUEUEING: "priority, newest_source_id, cited_by, title_key, version_key, works.year",
    StageName.DOWNLOAD: "priority, newest_source_id, cited_by, locations",
}
_FENCED = {stage: room.table.name for stage, room in ROOMS.items()}
_FENCED[StageName.QUEUEING] += " JOIN works ON works.id = work_id"
fence = {
    stage: (
        f"SELECT {_KEY[stage]}, attempts, {_CARRIED[stage]} FROM {_FENCED[stage]} "  # noqa: S608 - names of ours
        f"WHERE {_KEY[stage]} IN (SELECT value FROM json_each(?))"
        + (" AND state = 'pending'" if stage is StageName.EXTRACTION else "")
    )
    for stage in ROOMS
}
highest_entry = "SELECT max(id) FROM entries"
# A merged work has gone, but its attempts and its citation key are filed under its number: that is not given again. The
# merge is looked up too, since attempts are written last: works may go and others come in one group of outcomes.
highest_work = (
    "SELECT max(coalesce((SELECT max(id) FROM works), 0), "
    "coalesce((SELECT max(item_id) FROM attempts WHERE stage = 'queueing'), 0), "
    "coalesce((SELECT max(gone_work_id) FROM merges WHERE undone_at IS NULL), 0), "
    "coalesce((SELECT max(work_id) FROM citation_keys WHERE retired_at IS NULL), 0), "
    "coalesce((SELECT max(work_id) FROM citation_keys WHERE retired_at IS NOT NULL), 0))"
)
