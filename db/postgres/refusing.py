"""What PostgreSQL says no with, as dl_lit calls it."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import errors

from dl_lit.core.database_address import shown
from dl_lit.core.errors import DatabaseDamaged, DatabaseFull, DatabaseUnusable

_NOT_NOW = (
    psycopg.OperationalError,  # no server, no connection, too many of them, shutting down, a lock not had in time
    psycopg.InterfaceError,  # a connection that was closed meanwhile
    errors.TransactionRollback,  # a deadlock
    errors.ReadOnlySqlTransaction,  # a standby
    errors.InsufficientPrivilege,
    errors.QueryCanceled,
)
_TRANSACTION = "25"
"""The class of codes of a transaction that is over, or may not write: it sat idle for too long, the session was lost
(https://www.postgresql.org/docs/current/errcodes-appendix.html, read 2026-11-23)."""


def in_our_words(error: BaseException, path: Path | None = None) -> DatabaseFull | DatabaseUnusable | None:
    """What the error says of the database; None where it is about what was asked."""
    cause = getattr(error, "orig", None) or error
    if not isinstance(cause, psycopg.Error):
        return None
    which = "the database" if path is None else f"the database {shown(path)}"
    says = " ".join(str(cause).split())
    if isinstance(cause, errors.DiskFull):
        return DatabaseFull(f"no space for {which}: {says}")
    if isinstance(cause, (errors.DataCorrupted, errors.IndexCorrupted)):
        return DatabaseDamaged(f"{which} is damaged ({says}): its server's keeper has to put a backup in its place")
    if isinstance(cause, _NOT_NOW) or (cause.sqlstate or "").startswith(_TRANSACTION):
        return DatabaseUnusable(f"{which} cannot be used now: {says}")
    return None
