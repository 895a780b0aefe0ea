"""A page of the database that is not what was written: at rest and at work, each kind of page once."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from proofs.machine.course import PATIENCE_S, Account, Ground, finish
from proofs.machine.home import Ended, Home, Unmet, await_
from proofs.machine.row import Trial

_PAGE = 4_096
_TABLES = ("sources", "entries", "works", "no_metadata", "with_metadata", "to_download_references", "attempts")
_INDEXES = ("ix_no_metadata_ready", "ix_to_download_references_ready", "ix_work_keys_work_id", "ix_sources_ready")
_ENDS_S = 400.0
_KINDS = ("header", "size of pages", "schema", "table", "index", "free list", "overflow")


def rows(ground: Ground) -> Iterator[Trial]:
    """Before a start."""
    home = Home(ground.base / "whole", ground.scene).made()
    backup = _half_done(home)
    for number, kind in enumerate((*_KINDS, "table", "table", "index")):
        yield _at_rest(ground, number, kind, home, backup)


def rows_at_work(ground: Ground) -> Iterator[Trial]:
    """Under a daemon at work."""
    for number, kind in enumerate(("table", "table", "index", "index", "schema", "header")):
        yield _at_work(ground, number, kind)


def _half_done(home: Home) -> Path:
    """A home whose work is half done and at rest, and its backup."""
    home.put(*range(len(home.papers)))
    home.start()
    await_(lambda: home.items() >= 25, "25 outcomes", PATIENCE_S)
    home.stop()
    return _backup(home)


def _backup(home: Home) -> Path:
    folder = home.folder / "backups"
    ended = home.run("backup", str(folder), "--files")
    if ended.code != 0:
        raise Unmet(f"no backup: {ended.line}")
    return max(folder.iterdir())


def _at_rest(ground: Ground, number: int, kind: str, whole: Home, backup: Path) -> Trial:
    chance = random.Random(f"damaged at rest {ground.seed} {number}")
    folder = ground.base / f"damaged-{number}"
    shutil.copytree(whole.folder, folder, ignore=shutil.ignore_patterns("c.sock", "backups", "stderr"))
    home = Home(folder, ground.scene)
    account = Account("page of the database damaged, at rest", kind)
    account.hit += _damage(home.database, kind, chance)
    before = _sha256(home.database)
    ended = home.process()
    _judge(account, ended.code, ended.line, ended.amiss())
    if _sha256(home.database) != before:
        account.failures.append("something was written into the damaged file")
    told = home.run("doctor")
    account.see(f"doctor: exit {told.code}")
    if told.code != 1:
        account.failures.append("doctor does not say that it is damaged")
    _restored(home, backup, account)
    return account.closed(home, ground.expected)


def _judge(account: Account, code: int | None, line: str, amiss: list[str]) -> None:
    """One line that says what to do, and exit 1."""
    account.see(f"exit {code}", Ended(1, "", line).said)
    account.failures += [f"untyped: {one}" for one in amiss]
    if code != 1 or "restore" not in line:
        account.failures.append(f"ended with {code}: {line}")


def _at_work(ground: Ground, number: int, kind: str) -> Trial:
    chance = random.Random(f"damaged at work {ground.seed} {number}")
    items = chance.randint(5, 28)
    account = Account("page of the database damaged, at work", f"{kind} after {items} outcomes")
    home = Home(ground.base / f"damaged-working-{number}", ground.scene).made()
    try:
        home.put(0, 1)
        home.start()
        await_(lambda: home.items() >= items or not home.is_alive, f"{items} outcomes", PATIENCE_S)
        backup = _backup(home)
        account.hit += _damage(home.database, kind, chance, at_rest=False)
        home.put(2)
        await_(lambda: not home.is_alive or home.is_done(), "what the daemon makes of it", _ENDS_S)
        if home.is_alive:
            account.see("not met: the page was not read again, or was written anew")
            code = home.stop()
            if code not in {0, 1}:
                account.failures.append(f"the daemon's end: {code}")
        else:
            lines = home.stderr.read_text(errors="replace").splitlines()
            told = [line for line in lines if line.startswith("dl-lit: ")]
            code = home.daemon.returncode if home.daemon is not None else None
            _judge(account, code, told[-1] if told else "", [])
    except Unmet as error:
        account.failures.append(str(error))
        return account.closed(home, None)
    finally:
        home.kill()
    _restored(home, backup, account)
    return account.closed(home, ground.expected)


def _restored(home: Home, backup: Path, account: Account) -> None:
    """What a person is told to do: put the backup back, and go on."""
    ended = home.run("restore", str(backup))
    account.see(f"restore: exit {ended.code}")
    if ended.code != 0:
        account.failures.append(f"restore ended with {ended.code}: {ended.line}")
    finish(home, account)


# --- the damage


def _damage(database: Path, kind: str, chance: random.Random, *, at_rest: bool = True) -> str:
    """Overwrite one page of the kind, or the part that makes it one; which."""
    if at_rest and kind in _PREPARED:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            _PREPARED[kind](connection)
    with closing(sqlite3.connect(database, timeout=30.0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or the page is read from the log
        page, name = _page_of(connection, kind, chance)
    start, size = _PARTS.get(kind, ((page - 1) * _PAGE, _PAGE))
    garbage = chance.randbytes(size) if chance.random() < 1 / 2 else bytes(size)
    with database.open("r+b") as file:
        file.seek(start)
        file.write(garbage)
    return f" (page {page}{name}, {'zeros' if not any(garbage) else 'random bytes'})"


def _free_list(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE proof AS SELECT randomblob(3000) AS b FROM entries")
    connection.execute("DROP TABLE proof")


def _overflow(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE entries SET reference = reference || ?", (" " * 12_000,))  # means nothing in JSON


_PREPARED: dict[str, Callable[[sqlite3.Connection], None]] = {"free list": _free_list, "overflow": _overflow}
_PARTS = {"header": (0, 100), "size of pages": (16, 2)}


def _page_of(connection: sqlite3.Connection, kind: str, chance: random.Random) -> tuple[int, str]:
    """A page of the kind, and whose it is."""
    if kind in _PARTS:
        return 1, ""
    if kind == "free list":
        (path,) = connection.execute("SELECT file FROM pragma_database_list").fetchone()
        return struct.unpack_from(">I", Path(path).read_bytes(), 32)[0], ""
    names = {"schema": ("sqlite_schema",), "table": _TABLES, "index": _INDEXES, "overflow": ("entries",)}[kind]
    query = "SELECT pageno, name FROM dbstat WHERE name IN (SELECT value FROM json_each(?)) AND pagetype = ?"
    wanted = "overflow" if kind == "overflow" else "leaf"
    found = connection.execute(query, (_json(names), wanted)).fetchall()
    page, name = chance.choice(sorted(found))
    return page, f" of {name}"


def _json(names: tuple[str, ...]) -> str:
    return "[" + ",".join(f'"{name}"' for name in names) + "]"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
