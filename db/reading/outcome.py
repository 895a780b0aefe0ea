"""What sources came to, in words that mean the same in any database: to hold one run beside another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

_SOURCES = """
SELECT s.id, s.sha256, s.path, s.size_bytes, s.kind, s.origin, s.level, s.state, f.reason, s.found_references
FROM sources AS s LEFT JOIN failed_extractions AS f ON f.source_id = s.id
WHERE s.id IN (SELECT value FROM json_each(?)) ORDER BY s.id
"""
_ENTRIES = """
SELECT s.sha256, e.position, w.doi, w.title, e.matched_by,
    coalesce(f.reason, n.last_reason), d.status, coalesce(d.checksum_fetched, d.checksum_pdf),
    fd.reason, coalesce(t.last_reason, m.last_reason),
    CASE WHEN n.entry_id IS NOT NULL THEN 'no_metadata' WHEN f.entry_id IS NOT NULL THEN 'failed_enrichments'
        WHEN m.work_id IS NOT NULL THEN 'with_metadata' WHEN t.work_id IS NOT NULL THEN 'to_download_references'
        WHEN d.work_id IS NOT NULL THEN 'downloaded_references' ELSE 'failed_downloads' END
FROM entries AS e JOIN sources AS s ON s.id = e.source_id
LEFT JOIN no_metadata AS n ON n.entry_id = e.id LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
LEFT JOIN works AS w ON w.id = e.work_id LEFT JOIN with_metadata AS m ON m.work_id = w.id
LEFT JOIN to_download_references AS t ON t.work_id = w.id LEFT JOIN downloaded_references AS d ON d.work_id = w.id
LEFT JOIN failed_downloads AS fd ON fd.work_id = w.id
WHERE e.source_id IN (SELECT value FROM json_each(?)) ORDER BY e.source_id, e.position
"""
_REFERENCES = "SELECT reference FROM entries WHERE source_id = ? ORDER BY position"
_FILES = """
SELECT DISTINCT d.checksum_pdf, d.file_path FROM downloaded_references AS d JOIN entries AS e ON e.work_id = d.work_id
WHERE e.source_id IN (SELECT value FROM json_each(?))
"""
_NAMES = ("doi", "title", "matched_by", "waits_or_failed_for", "status", "sha256", "failed_for", "waits_for", "place")


def sources_told(connection: Connection, source_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The sources, the first first; those that are no files with their entries as they were brought."""
    told = []
    names = ("sha256", "path", "size_bytes", "kind", "origin", "level", "state", "reason", "found")
    for id_, *values in connection.exec_driver_sql(_SOURCES, (json.dumps(list(source_ids)),)).all():
        one = dict(zip(names, values, strict=True))
        if one["kind"] != "pdf" and not one["level"]:
            rows = connection.exec_driver_sql(_REFERENCES, (id_,)).scalars()
            one["references"] = [json.loads(row) for row in rows]
        told.append(one)
    return told


def outcome_told(connection: Connection, source_ids: Sequence[int]) -> dict[str, dict[str, Any]]:
    """What became of each source ("s" and its SHA-256's beginning) and of each entry (that, ":" and its position)."""
    told: dict[str, dict[str, Any]] = {}
    for one in sources_told(connection, source_ids):
        told[f"s{one['sha256'][:12]}"] = {"state": one["state"], "reason": one["reason"], "found": one["found"]}
    for sha256, position, *values in connection.exec_driver_sql(_ENTRIES, (json.dumps(list(source_ids)),)):
        facts = dict(zip(_NAMES, values, strict=True))
        told[f"s{sha256[:12]}:{position}"] = {name: value for name, value in facts.items() if value is not None}
    return told


def files_of(connection: Connection, source_ids: Sequence[int]) -> dict[str, str]:
    """The files of the works that these sources cite: SHA-256 and path in the library."""
    return {row[0]: row[1] for row in connection.exec_driver_sql(_FILES, (json.dumps(list(source_ids)),))}
