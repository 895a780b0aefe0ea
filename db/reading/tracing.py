"""What belongs to a source: for following its items through a log that names them by number."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from sqlalchemy import Connection

_NUMBER = re.compile(r"s?([0-9]{1,18})", re.ASCII)
_CALLED = "SELECT id FROM sources WHERE path = ? OR path LIKE ? ESCAPE '!' ORDER BY id"
_CITES = "SELECT EXISTS (SELECT 1 FROM entries WHERE work_id = ? AND source_id IN (SELECT value FROM json_each(?)))"


def sources_called(connection: Connection, name: str) -> list[int]:
    """The sources that `name` may mean: "s3" or "3" by number, else by path or the end of one; empty where none is."""
    number = _NUMBER.fullmatch(name)
    if number is not None:
        found = connection.exec_driver_sql("SELECT id FROM sources WHERE id = ?", (int(number[1]),)).scalars().all()
        if found:
            return list(found)
    end = "%/" + re.sub(r"([!%_])", r"!\1", name)
    return list(connection.exec_driver_sql(_CALLED, (name, end)).scalars())


def is_cited_by(connection: Connection, work: int, sources: Collection[int]) -> bool:
    """Whether an entry of one of the sources was recognised as the work."""
    return bool(connection.exec_driver_sql(_CITES, (work, json.dumps(sorted(sources)))).scalar_one())
