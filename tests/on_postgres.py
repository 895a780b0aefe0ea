"""All tests on PostgreSQL: DL_LIT_TESTS_ON=postgresql scripts/test [pytest arguments].

Whatever path a test opens a database at leads to a database of its own on the run's server. Tests that look into the
SQLite file itself, or damage it, fail then: they are about that file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from db.postgres.engine import forget

VARIABLE = "DL_LIT_TESTS_ON"


class Everywhere(dict[Path, str]):
    """Addresses of databases that are made when somebody asks for them."""

    def __init__(self, make: Callable[[str], str], drop: Callable[[str], None]) -> None:
        """`make` makes a database of that name and gives its address; `drop` throws it away."""
        super().__init__()
        self._make, self._drop = make, drop

    def __contains__(self, path: object) -> bool:
        return isinstance(path, Path)

    def get(self, path: Path, default: object = None) -> str:  # type: ignore[override]
        """The address."""
        if not super().__contains__(path):
            self[path] = self._make("at_" + hashlib.sha256(str(path).encode()).hexdigest()[:16])
        return self[path]

    def drop(self, paths: Iterable[Path]) -> None:
        """Let go of the connections to these databases, and of the databases."""
        for path in paths:
            forget(path)
            self._drop(self.pop(path).rpartition("/")[2])
