"""Which key a work gets: the first of its candidates that is nobody's."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from dl_lit.core.model import Work
from dl_lit.core.values import dataclass

_KEPT_HINTS = 10_000
_ONE_BY_ONE = 4  # candidates that are tried before they are leapt over


@dataclass(frozen=True, slots=True)
class KeyMaker:
    """How keys are made of works."""

    bare: Callable[[Work], str]
    candidate: Callable[[str, int], str]  # of a bare key: the one after so many others
    number: Callable[[str, str], int | None]  # the other way round, of a bare key and a key


class Chooser:
    """Finds free keys; many works of one bare key cost no more than a few."""

    def __init__(self, maker: KeyMaker) -> None:
        """Keys are made by `maker`."""
        self._maker = maker
        self._hints: dict[str, int] = {}

    def choose(self, work: Work, is_taken: Callable[[str], bool]) -> str:
        """A key of the work that is not taken, while the one before it is, if there is one before it."""
        bare = self._maker.bare(work)
        folded = bare.casefold()

        def taken(number: int) -> bool:
            return is_taken(self._maker.candidate(bare, number))

        number = self._hints.get(folded, 0)
        if number and not taken(number - 1):
            number = 0  # what was known of it does not hold any more
        number = _first_free(taken, number)
        if len(self._hints) >= _KEPT_HINTS:
            self._hints.clear()
        if number:
            self._hints[folded] = number
        return self._maker.candidate(bare, number)

    def keep(self, work: Work, key: str, is_taken: Callable[[str], bool]) -> str | None:
        """`key`, which is the work's, in the letters in which it would be chosen today; None where it would not be."""
        bare = self._maker.bare(work)
        number = self._maker.number(bare, key)
        if number is None or (number and not is_taken(self._maker.candidate(bare, number - 1))):
            return None
        return self._maker.candidate(bare, number)


def _first_free(taken: Callable[[int], bool], start: int) -> int:
    """A number from `start` on that is free, by leaps that grow: keys are only ever given."""
    last, number = start - 1, start  # all is taken up to `last`
    leap = 1
    while taken(number):
        last = number
        if number - start >= _ONE_BY_ONE:
            leap *= 2
        number += leap
    while number - last > 1:
        middle = (number + last) // 2
        if taken(middle):
            last = middle
        else:
            number = middle
    return number


_GIVEN = "SELECT 1 FROM citation_keys WHERE folded = ? AND work_id <> ?"
_BROUGHT = (
    "SELECT 1 FROM entries WHERE citation_key IS NOT NULL AND citation_key = ? COLLATE NOCASE AND work_id IS NOT ? "
    "LIMIT 1"
)


def is_another_works(connection: Connection, key: str, work_id: int) -> bool:
    """Whether the key was ever given to another work, upper and lower case being the same."""
    return connection.exec_driver_sql(_GIVEN, (key.casefold(), work_id)).first() is not None


def is_not_free(connection: Connection, key: str, work_id: int) -> bool:
    """Whether no pattern may choose the key: it is another's, or was brought with an entry whose work is not known."""
    return (
        is_another_works(connection, key, work_id)
        or connection.exec_driver_sql(_BROUGHT, (key, work_id)).first() is not None
    )
