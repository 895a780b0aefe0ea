"""What works are called in exports and reports: keys that are kept, in the database that is being read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from db.citing.choosing import Chooser, KeyMaker
from db.citing.giving import KeyGiver
from db.reading.citation_keys import CitationKeys
from db.reading.opening import Connection
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import DatabaseDamaged, DatabaseFull, DatabaseUnusable
from dl_lit.core.key_pattern import KeyPattern
from dl_lit.exports.keys import bare_key, candidate, number_of


def key_maker(pattern: str) -> KeyMaker:
    """Makes keys by a pattern, which has been checked."""
    return KeyMaker(partial(bare_key, pattern=KeyPattern.parse(pattern)), candidate, number_of)


def give_keys_ahead(
    database: Path, pattern: str, source_ids: Iterable[int] | None = None, clock: Clock | None = None
) -> str | None:
    """Give keys to the works that these sources cite (all there are when None), before they are read.

    What kept it from being done, in words, for `citing`; None: nothing did.
    """
    with KeyGiver(database, key_maker(pattern), clock or SystemClock()) as giver:
        try:
            giver.give_ahead(source_ids)
        except DatabaseDamaged:
            raise
        except (DatabaseUnusable, DatabaseFull) as error:
            return str(error)
    return None


@contextmanager
def citing(
    connection: Connection, database: Path, pattern: str, clock: Clock | None = None, *, trouble: str | None = None
) -> Iterator[CitationKeys]:
    """The keys of the works that `connection` sees of the `database`; `pattern` is `export.citation_key`.

    Works without a key get theirs when they are first asked about; many should get them before (`give_keys_ahead`,
    with whose `trouble` they get none).
    """
    maker = key_maker(pattern)
    with (
        KeyGiver(database, maker, clock or SystemClock()) as giver,
        closing(CitationKeys(connection, Chooser(maker), giver.give, trouble)) as keys,
    ):
        yield keys


def keys_not_kept(keys: CitationKeys) -> str | None:
    """What to tell people where keys could not be written down; None where there is nothing to tell."""
    if keys.trouble is None:
        return None
    return f"works without a citation key got one for this once only, it could not be kept: {keys.trouble}"
