"""All tests on PostgreSQL: scripts/test --on postgresql [pytest arguments].

Whatever path a test opens a database at leads to a database of its own on the run's server, with dl_lit's tables; where
`tests.fakes.databases` names the path, to one that is empty at first. Tests that look into the SQLite file itself, or
damage it, are skipped: they are about that file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from postgres_server import Server

from db.postgres.engine import forget

VARIABLE = "DL_LIT_TESTS_ON"


class Everywhere(dict[Path, str]):
    """Addresses of databases that are made when somebody asks for them."""

    def __init__(self, server: Server, template: str) -> None:
        """`template` has dl_lit's tables."""
        super().__init__()
        self._server, self._template = server, template
        self._empty: set[str] = set()
        self._made: set[str] = set()

    def __contains__(self, path: object) -> bool:
        return isinstance(path, Path)

    def get(self, path: Path, default: object = None) -> str:  # type: ignore[override]
        """The address."""
        if not super().__contains__(path):
            self[path] = self._server.url(_name_for(path))
        address = self[path]
        name = _name_in(address)
        if name.startswith("at_") and name not in self._made:
            self._made.add(name)
            self._server.new_database(name, None if name in self._empty else self._template)
        return address

    def address_for(self, file: Path, *, empty: bool) -> str:
        """The address of the database in place of the file, which is made when somebody asks for it."""
        name = _name_for(file)
        if empty and name not in self._made:
            self._empty.add(name)
        else:
            self._empty.discard(name)
        return self._server.url(name)

    def drop(self, paths: Iterable[Path]) -> None:
        """Let go of the connections to these databases, and of the databases."""
        for path in paths:
            forget(path)
            name = _name_in(self.pop(path))
            self._made.discard(name)
            self._server.drop_database(name)


def _name_for(path: Path) -> str:
    return "at_" + hashlib.sha256(str(path).encode()).hexdigest()[:16]


def _name_in(address: str) -> str:
    return address.partition("?")[0].rpartition("/")[2]
