"""How services stand for all hosts, for those who only look."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from db.postgres.engine import engine_at
from db.postgres.fleet.states import SCHEMA, states_there
from db.postgres.making import is_there
from dl_lit.core.database_address import shown
from dl_lit.core.errors import DlLitError
from dl_lit.core.sharing import ServiceState

T = TypeVar("T")


def fleet_states(signpost: Path) -> dict[str, ServiceState]:
    """The services' states; none where there are none yet, or the database cannot be asked."""
    try:
        return _looked(signpost)
    except (psycopg.Error, SQLAlchemyError, DlLitError):
        return {}


def fleet_trouble(signpost: Path) -> str | None:
    """Why they cannot be read; None where they can."""
    try:
        _looked(signpost)
    except (psycopg.Error, SQLAlchemyError, DlLitError) as error:
        return f"what the services allow is not known: the states in {shown(signpost)} cannot be read: {error}"
    return None


def _looked(signpost: Path) -> dict[str, ServiceState]:
    with engine_at(signpost, read_only=True).connect() as connection:
        cursor = connection.connection.cursor()
        return states_there(cursor) if is_there(cursor, SCHEMA) else {}
