"""The works' citation keys as exports and reports print them: those that are kept, and what works without one get."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from sqlalchemy import Connection

from db.citing.choosing import Chooser, is_another_works, is_not_free
from db.citing.giving import present_keys
from db.citing.said import SaidKeys
from db.codec import decode_work, encode
from dl_lit.core.errors import DatabaseDamaged, DatabaseFull, DatabaseUnusable
from dl_lit.core.key_pattern import fault_of

Give = Callable[[Iterable[int]], Mapping[int, str]]

_WORKS = "SELECT id, record FROM works WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"

_FORMER = """
WITH RECURSIVE part(root, id) AS (
    SELECT CAST(value AS INTEGER), CAST(value AS INTEGER) FROM json_each(?)
    UNION SELECT part.root, m.gone_work_id FROM part
    JOIN merges AS m ON m.kept_work_id = part.id AND m.undone_at IS NULL)
SELECT part.root, k.key, k.given_at FROM part
    JOIN citation_keys AS k ON k.work_id = part.id AND k.retired_at IS NOT NULL
UNION ALL SELECT part.root, k.key, k.given_at FROM part
    JOIN citation_keys AS k ON k.work_id = part.id AND k.retired_at IS NULL AND part.id <> part.root
ORDER BY 1, 3, 2
"""
_ARE_BROUGHT = "SELECT EXISTS (SELECT 1 FROM entries WHERE citation_key IS NOT NULL)"
# Of works that had a key when they were brought under another one. What two bring belongs to the one that came first.
_BROUGHT = """
SELECT e.work_id, e.citation_key FROM json_each(?) AS j JOIN entries AS e ON e.work_id = CAST(j.value AS INTEGER)
WHERE e.citation_key IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM entries AS o
        WHERE o.citation_key IS NOT NULL AND o.citation_key = e.citation_key COLLATE NOCASE
        AND o.work_id <> e.work_id AND (o.source_id, o.position) < (e.source_id, e.position))
ORDER BY e.work_id, e.source_id, e.position
"""


class CitationKeys:
    """What works are called. Memory does not grow with them, and no more are read than are asked about."""

    def __init__(self, connection: Connection, chooser: Chooser, give: Give | None, trouble: str | None = None) -> None:
        """`give` gives keys to works that have none, for ever; None: nothing is to be written.

        With `trouble`, which was met before, it is not asked.
        """
        self._connection, self._chooser, self._give = connection, chooser, give
        self.trouble = trouble
        """Why works without a key got one for this once only; None: all that were asked about have theirs for ever."""
        self._said = SaidKeys()

    def close(self) -> None:
        """Forget what was said."""
        self._said.close()

    def of(self, work_ids: Iterable[int]) -> dict[int, str]:
        """The keys of these works, by their ids; those that are not there are left out."""
        wanted = sorted(set(work_ids))
        keys = present_keys(self._connection, wanted)
        lacking = [work_id for work_id in wanted if work_id not in keys]
        if lacking:
            keys.update(self._said.of(lacking))
            keys.update(self._new([work_id for work_id in lacking if work_id not in keys]))
        return keys

    def former(self, work_ids: Iterable[int], keys: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
        """What these works, whose `keys` are known, were called before, or are in people's own files.

        The keys of works that were merged into them are among them. Works that have no other key are left out.
        """
        wanted = encode(sorted(set(work_ids)))
        found: dict[int, list[str]] = defaultdict(list)
        rows = [(work_id, key) for work_id, key, _ in self._connection.exec_driver_sql(_FORMER, (wanted,))]
        if self._connection.exec_driver_sql(_ARE_BROUGHT).scalar_one():
            brought = self._connection.exec_driver_sql(_BROUGHT, (wanted,)).all()
            rows += [(id_, key) for id_, key in brought if not is_another_works(self._connection, key, id_)]
        for work_id, key in rows:
            if key != keys.get(work_id) and key not in found[work_id] and fault_of(key) is None:
                found[work_id].append(key)
        return {work_id: tuple(former) for work_id, former in found.items() if former}

    def _new(self, work_ids: list[int]) -> dict[int, str]:
        if not work_ids:
            return {}
        keys: dict[int, str] = {}
        if self._give is not None and self.trouble is None:
            try:
                keys.update(self._give(work_ids))
            except DatabaseDamaged:
                raise
            except (DatabaseUnusable, DatabaseFull) as error:
                self.trouble = str(error)
        for work_id, key in keys.items():
            self._said.say(work_id, key)
        rest = encode([work_id for work_id in work_ids if work_id not in keys])
        for work_id, record in self._connection.exec_driver_sql(_WORKS, (rest,)).all():
            keys[work_id] = self._chooser.choose(decode_work(record), partial(self._is_taken, work_id))
            self._said.say(work_id, keys[work_id])
        return keys

    def _is_taken(self, work_id: int, key: str) -> bool:
        return is_not_free(self._connection, key, work_id) or self._said.has(key)
