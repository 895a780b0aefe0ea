"""What dl-lit leaves to who keeps the PostgreSQL server, with the command that does it."""

from __future__ import annotations

import shlex
from pathlib import Path

from dl_lit.core.database_address import is_signpost, server_address, shown
from dl_lit.core.errors import BadInput

_SCHEMA = "dl_lit"


def backed_up_by_us(database: Path, library: str | None) -> None:
    """Raises `BadInput` where the database is on a server; `library` is told of where its files are wished for."""
    if not is_signpost(database):
        return
    beside = "" if library is None else f"; the files of {library} are copied as they are"
    raise BadInput(
        f"the database is on a PostgreSQL server, whose own tools copy it, with nothing stopped: pg_dump "
        f"--format=custom --schema={_SCHEMA} --file=dl-lit.dump {_named(database)}{beside}"
    )


def restored_by_us(database: Path) -> None:
    """Raises `BadInput` where the database is on a server."""
    if is_signpost(database):
        raise BadInput(
            "the database is on a PostgreSQL server, whose own tools put a copy back, once every dl-lit that works it "
            f"has ended: pg_restore --clean --if-exists --single-transaction --dbname={_named(database)} "
            "dl-lit.dump"
        )


def _named(database: Path) -> str:
    return shlex.quote(server_address(shown(database)))
