"""What left the machine, added up by host, service, day or hour."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Literal

from db.ledger.schema import HOUR_S, VERSION, ledger_file
from db.sidefile import Missing, read_once, trouble_reading, where
from dl_lit.core.values import dataclass

By = Literal["host", "service", "day", "hour"]

_KEYS: dict[str, str] = {
    "host": "host",
    "service": "purpose",
    "day": "strftime('%Y-%m-%d', hour * 3600, 'unixepoch')",
    "hour": "strftime('%Y-%m-%dT%H:00Z', hour * 3600, 'unixepoch')",
}

_SUMS = """
coalesce(sum(requests), 0), coalesce(sum(sent_bytes), 0), coalesce(sum(received_bytes), 0),
coalesce(sum(CASE ending WHEN '2xx' THEN requests END), 0),
coalesce(sum(CASE ending WHEN '3xx' THEN requests END), 0),
coalesce(sum(CASE ending WHEN '4xx' THEN requests END), 0),
coalesce(sum(CASE ending WHEN '5xx' THEN requests END), 0),
coalesce(sum(CASE ending WHEN 'failed' THEN requests END), 0),
coalesce(sum(CASE ending WHEN 'blocked' THEN requests END), 0),
min(first_at), max(last_at), group_concat(DISTINCT purpose), group_concat(DISTINCT method)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """All requests that have `key` in common."""

    key: str  # the host, the service (or "files"), the day or the hour in UTC
    requests: int
    sent_bytes: int  # approximate: heads and bodies before encryption
    received_bytes: int  # likewise, as sent: before they are unpacked
    ok: int  # 2xx
    redirected: int  # 3xx
    refused: int  # 4xx
    errors: int  # 5xx
    failed: int  # without an answer
    blocked: int  # by our own guard, after the name was looked up: nothing was sent
    first_at: float | None  # epoch seconds; None where there is nothing
    last_at: float | None
    purposes: tuple[str, ...]  # services, or "files"
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerView:
    """The ledger, added up."""

    path: str
    by: By
    since: float | None  # epoch seconds, at the full hour before; None: everything
    total: LedgerLine
    lines: tuple[LedgerLine, ...]  # hosts and services with the most requests first, days and hours the newest first
    more: int  # lines that the limit left out


def ledger(state_folder: Path, *, by: By = "host", since: float | None = None, limit: int | None = None) -> LedgerView:
    """What left the machine since then; raises `DlLitError` where the ledger cannot be read."""
    path = ledger_file(state_folder)
    key = _KEYS[by]
    order = f"{key} DESC" if by in {"day", "hour"} else f"sum(requests) DESC, {key}"
    start = -1 if since is None else int(since // HOUR_S)
    some = "FROM departures WHERE hour >= ?"

    def read(connection: sqlite3.Connection) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        connection.execute("BEGIN")
        total = connection.execute(f"SELECT '', {_SUMS} {some}", (start,)).fetchall()
        lines = connection.execute(f"SELECT {key}, {_SUMS} {some} GROUP BY 1 ORDER BY {order}", (start,))
        return total, lines.fetchall()

    try:
        total, lines = read_once(path, VERSION, read)
    except Missing:
        total, lines = [("", *[0] * 9, None, None, None, None)], []
    except sqlite3.Error as error:
        raise trouble_reading("the network ledger", path, error) from error
    return LedgerView(
        path=where(path),
        by=by,
        since=None if since is None else float(start * HOUR_S),
        total=_line(total[0]),
        lines=tuple(_line(row) for row in lines[:limit]),
        more=0 if limit is None else max(0, len(lines) - limit),
    )


def requests_made(state_folder: Path) -> dict[tuple[str, str], int]:
    """Requests ever made by purpose (a service, "files", "robots") and ending ("2xx", ..., "failed", "blocked").

    Empty where there is no ledger, or none that can be read.
    """

    def read(connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
        return connection.execute("SELECT purpose, ending, requests FROM totals").fetchall()

    try:
        rows = read_once(ledger_file(state_folder), VERSION, read)
    except (Missing, sqlite3.Error):
        return {}
    return {(purpose, ending): requests for purpose, ending, requests in rows}


def _line(row: tuple[object, ...]) -> LedgerLine:
    key, requests, sent, received, ok, redirected, refused, errors, failed, blocked, first_at, last_at, uses, ways = row
    return LedgerLine(
        key=str(key),
        requests=_number(requests),
        sent_bytes=_number(sent),
        received_bytes=_number(received),
        ok=_number(ok),
        redirected=_number(redirected),
        refused=_number(refused),
        errors=_number(errors),
        failed=_number(failed),
        blocked=_number(blocked),
        first_at=first_at if isinstance(first_at, float) else None,
        last_at=last_at if isinstance(last_at, float) else None,
        purposes=_words(uses),
        methods=_words(ways),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _words(value: object) -> tuple[str, ...]:
    return tuple(sorted(str(value).split(","))) if value else ()
