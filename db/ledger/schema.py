"""The ledger's file: a row for all requests of one hour, host, purpose, method and kind of ending."""

from __future__ import annotations

from pathlib import Path

VERSION = 1
HOUR_S = 3_600

TOTALS = """
CREATE TABLE IF NOT EXISTS totals (
    purpose TEXT NOT NULL,
    ending TEXT NOT NULL,
    requests INTEGER NOT NULL,
    sent_bytes INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL,
    PRIMARY KEY (purpose, ending)
) WITHOUT ROWID;
"""
"""All that was ever noted, whatever has been let go of since; files of earlier releases get it when they are used."""

SCHEMA = (
    """
CREATE TABLE departures (
    hour INTEGER NOT NULL,
    host TEXT NOT NULL,
    purpose TEXT NOT NULL,
    method TEXT NOT NULL,
    ending TEXT NOT NULL,
    requests INTEGER NOT NULL,
    sent_bytes INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    PRIMARY KEY (hour, host, purpose, method, ending)
) WITHOUT ROWID;
"""
    + TOTALS
)
"""`hour` is counted from the Unix epoch, in UTC."""


def ledger_file(state_folder: Path) -> Path:
    """The ledger's file in the folder of what all dl_lit processes of the machine share."""
    return state_folder / "ledger.db"
