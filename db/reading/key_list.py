"""Citation keys for people: which work is called what, by whom, and what it was called before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from db.codec import encode
from dl_lit.core.errors import NothingKnown
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class KeyView:
    """What a work is called."""

    key: str
    work_id: int
    given_by: str  # `db.citing.giving.GivenBy`
    given_at: str  # ISO 8601 in UTC
    former: tuple[str, ...]  # what it was called before
    title: str
    merged_into: int | None  # the work that it is one with now and that goes by its own key; None: it is there


_KEYS = """
SELECT k.key, k.work_id, k.given_by, k.given_at,
    (SELECT json_group_array(o.key) FROM citation_keys AS o WHERE o.work_id = k.work_id AND o.retired_at IS NOT NULL),
    coalesce(w.title, (SELECT m.gone_record ->> 'title' FROM merges AS m
        WHERE m.gone_work_id = k.work_id AND m.undone_at IS NULL), ''),
    (SELECT m.kept_work_id FROM merges AS m WHERE m.gone_work_id = k.work_id AND m.undone_at IS NULL)
FROM citation_keys AS k LEFT JOIN works AS w ON w.id = k.work_id
WHERE k.retired_at IS NULL AND {} ORDER BY k.work_id {}
"""
_AFTER = _KEYS.format("k.work_id > ?", "LIMIT 500")
_OF_WORKS = _KEYS.format("k.work_id IN (SELECT value FROM json_each(?))", "")
_CALLED = "SELECT work_id FROM citation_keys WHERE folded = ?"
_WITHOUT = """
SELECT count(*) FROM works AS w
WHERE NOT EXISTS (SELECT 1 FROM citation_keys AS k WHERE k.work_id = w.id AND k.retired_at IS NULL)
"""


def keys_listed(connection: Connection) -> Iterator[KeyView]:
    """All keys that works have, in the order in which the works were found; some are read at a time."""
    last = 0
    while rows := connection.exec_driver_sql(_AFTER, (last,)).all():
        yield from map(_view, rows)
        last = rows[-1][1]


def keys_of_names(connection: Connection, names: Iterable[str]) -> list[KeyView]:
    """The keys of these works, each named by its number (w12) or by a key it has or had; raises `NothingKnown`."""
    wanted = {name: _work_of(connection, name) for name in names}
    views = [_view(row) for row in connection.exec_driver_sql(_OF_WORKS, (encode(sorted(set(wanted.values()))),))]
    there = {one.work_id for one in views}
    for name, work_id in wanted.items():
        if work_id not in there:
            raise NothingKnown(f"{name} has no citation key yet: its first export or report gives it one")
    return views


def works_without_key(connection: Connection) -> int:
    """How many works have no key yet."""
    return int(connection.exec_driver_sql(_WITHOUT).scalar_one())


def _work_of(connection: Connection, name: str) -> int:
    found = connection.exec_driver_sql(_CALLED, (name.casefold(),)).scalar()
    if found is not None:
        return int(found)
    if match := re.fullmatch(r"w?([1-9]\d{0,17})", name, re.IGNORECASE | re.ASCII):
        return int(match[1])
    raise NothingKnown(f"no work is or was called {name!r}: dl-lit keys lists them")


def _view(row: tuple[str, int, str, str, str, str, int | None]) -> KeyView:
    key, work_id, given_by, given_at, former, title, merged_into = row
    return KeyView(key, work_id, given_by, given_at, tuple(json.loads(former)), title, merged_into)
