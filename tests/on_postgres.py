"""All tests on PostgreSQL: DL_LIT_TESTS_ON=postgresql scripts/test [pytest arguments].

Whatever path a test opens a database at leads to a database of its own on the run's server. Tests that look into the
SQLite file itself, or damage it, fail then: they are about that file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from db.postgres.engine import forget
from dl_lit.core import database_address as address

VARIABLE = "DL_LIT_TESTS_ON"


class Everywhere(dict[Path, str]):
    """Addresses of databases that are made when somebody asks for them."""

    def __init__(self, make: Callable[[str], str]) -> None:
        """`make` makes a database of that name."""
        super().__init__()
        self._make = make

    def __contains__(self, path: object) -> bool:
        return isinstance(path, Path)

    def get(self, path: Path, default: object = None) -> str:  # type: ignore[override]
        """The address."""
        if not super().__contains__(path):
            self[path] = self._make("at_" + hashlib.sha256(str(path).encode()).hexdigest()[:16])
        return self[path]

    def close(self) -> None:
        """Let go of the connections."""
        for path in list(self):
            forget(path)


def everywhere(make: Callable[[str], str]) -> Everywhere:
    """From now on every path leads to the server."""
    places = Everywhere(make)
    address._addresses = places
    return places
