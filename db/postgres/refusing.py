"""What PostgreSQL says no with, as dl_lit calls it."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
from psycopg import errors

from dl_lit.core.database_address import shown
from dl_lit.core.errors import DatabaseAway, DatabaseDamaged, DatabaseFull, DatabaseUnusable

_NOT_NOW = (
    psycopg.OperationalError,  # no server, no connection, too many of them, shutting down, a lock not had in time
    psycopg.InterfaceError,  # a connection that was closed meanwhile
    errors.TransactionRollback,  # a deadlock
    errors.ReadOnlySqlTransaction,  # a standby
    errors.QueryCanceled,
)
_TRANSACTION = "25"
"""The class of codes of a transaction that is over, or may not write: it sat idle for too long, the session was lost
(https://www.postgresql.org/docs/current/errcodes-appendix.html, read 2026-11-23)."""

_FOR_GOOD: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"password authentication failed|no password supplied|authentication failed for user"),
        "see to the user and the password of its address, or to ~/.pgpass",
    ),
    (re.compile(r'role ".*" does not exist'), "see to the user of its address"),
    (
        re.compile(r'database ".*" does not exist'),
        "see to the name in its address, or have the server's keeper make it (createdb)",
    ),
    (
        re.compile(r"no pg_hba\.conf entry|pg_hba\.conf rejects|not permitted to log in|permission denied"),
        "its server's keeper has to let this user in from here",
    ),
    (
        re.compile(r"certificate|does not support SSL|SSL is required|invalid sslmode|invalid connection option"),
        "see to what its address says of SSL (sslmode, sslrootcert)",
    ),
)
"""What no waiting mends where there is no connection, and what to do: of that the server's own words tell, no code does
(https://www.postgresql.org/docs/current/client-authentication-problems.html, read 2026-11-24). A server that says it
in another language is waited for."""


_AT = re.compile(r"^(connection failed: |consuming input failed: |sending query failed: |flushing failed: )+")


def in_our_words(error: BaseException, path: Path | None = None) -> DatabaseFull | DatabaseUnusable | None:
    """What the error says of the database; None where it is about what was asked.

    `DatabaseAway` where it may pass by itself.
    """
    cause = getattr(error, "orig", None) or error
    if not isinstance(cause, psycopg.Error):
        return None
    which = "the database" if path is None else f"the database {shown(path)}"
    says = said(cause)
    if isinstance(cause, errors.DiskFull):
        return DatabaseFull(f"no space for {which}: {says}")
    if isinstance(cause, (errors.DataCorrupted, errors.IndexCorrupted)):
        return DatabaseDamaged(f"{which} is damaged ({says}): its server's keeper has to put a backup in its place")
    if isinstance(cause, errors.InsufficientPrivilege):
        return DatabaseUnusable(f"{which} cannot be used: {says}; its server's keeper has to give this user the right")
    if isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None and (advice := _advice(says)):
        return DatabaseUnusable(f"{which} cannot be used: {says}; {advice}")
    if isinstance(cause, _NOT_NOW) or (cause.sqlstate or "").startswith(_TRANSACTION):
        return DatabaseAway(f"{which} cannot be used now: {says}")
    return None


def said(error: BaseException) -> str:
    """The driver's words in one line, without what it guesses, which is indented, and what it was at."""
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith("\t")]
    return _AT.sub("", " ".join(" ".join(lines or [str(error)]).split()))


def _advice(says: str) -> str | None:
    return next((advice for pattern, advice in _FOR_GOOD if pattern.search(says)), None)
