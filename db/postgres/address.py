"""Signposts on the disk.

They are written without the password: that comes with the address that was given, or from where libpq looks for it
(PGPASSWORD, ~/.pgpass).
"""

from __future__ import annotations

from pathlib import Path

from db.durable import make_folder
from dl_lit.core.database_address import know, known_address, without_password
from dl_lit.core.errors import BadInput, DatabaseUnusable

_FIRST_LINE = "This dl_lit database is on a PostgreSQL server:"


def put_up(path: Path) -> None:
    """Write the signpost at `path`, if it does not stand there. Raises `OSError`."""
    text = f"{_FIRST_LINE}\n{without_password(address_at(path))}\n"
    if not path.exists() or path.read_text(encoding="utf-8", errors="replace") != text:
        make_folder(path.parent)
        path.write_text(text, encoding="utf-8")


def address_at(path: Path) -> str:
    """Where the signpost at `path` leads, which is known to this process from then on; raises `DatabaseUnusable`."""
    known = known_address(path)
    if known is not None:
        return known
    try:
        first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatabaseUnusable(f"cannot read which database {path} leads to: {error}") from error
    address = rest.strip()
    try:
        without_password(address)
        is_ours = first == _FIRST_LINE
    except BadInput:
        is_ours = False
    if not is_ours:
        raise DatabaseUnusable(f"{path} does not lead to a database: name it with --db postgresql://…")
    know(path, address)
    return address
