"""Which rows speak of the files that lie in the library."""

from __future__ import annotations

from sqlalchemy import Connection

OWNER_OF = """
SELECT work_id FROM downloaded_references WHERE file_path = ?1
UNION ALL SELECT work_id FROM downloaded_references WHERE replaces = ?1
UNION ALL SELECT work_id FROM failed_downloads WHERE held ->> '$.path' = ?1
UNION ALL SELECT work_id FROM refused_files WHERE path = ?1 LIMIT 1
"""
IS_AWAITED = "SELECT 1 FROM to_download_references WHERE work_id = ?"
PATH_OF_CONTENT = "SELECT file_path FROM downloaded_references WHERE checksum_pdf = ?"


def owner_of(connection: Connection, path: str) -> int | None:
    """The work whose row speaks of the library's file at `path`, if only to put it away; None where none does."""
    owner = connection.exec_driver_sql(OWNER_OF, (path,)).scalar()
    return None if owner is None else int(owner)


def path_of_content(connection: Connection, sha256: str) -> str | None:
    """Where the library has a file with this SHA-256; its relative path."""
    path = connection.exec_driver_sql(PATH_OF_CONTENT, (sha256,)).scalar()
    return None if path is None else str(path)
