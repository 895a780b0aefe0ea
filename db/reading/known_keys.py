"""Which works are known under given keys."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from db.codec import encode
from db.recognition import Key

_LOT = 500
_KNOWN = """
SELECT k.kind, k.value, min(k.work_id) FROM json_each(?) AS j
JOIN work_keys AS k ON k.kind = j.value ->> 0 AND k.value = j.value ->> 1 GROUP BY k.kind, k.value
"""


def works_under(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """The work that each of the keys is of, where one is; the oldest of several."""
    wanted = list(dict.fromkeys(keys))
    found: dict[Key, int] = {}
    for first in range(0, len(wanted), _LOT):
        rows = connection.exec_driver_sql(_KNOWN, (encode(wanted[first : first + _LOT]),))
        found |= {(kind, value): int(work_id) for kind, value, work_id in rows}
    return found
