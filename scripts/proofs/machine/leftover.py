"""What `kill -9` leaves of the write-ahead log, as it is and as a lost power supply or a person may have left it."""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from proofs.machine.course import PATIENCE_S, Account, Ground, finish
from proofs.machine.home import Home, Unmet, await_
from proofs.machine.row import Trial

_HEAD = 32  # bytes before the first frame: https://www.sqlite.org/fileformat2.html#walformat (read 2026-11-23)
_FRAME = 24  # bytes before each page in it
_PAGE = 4_096
_BACKFILLED_AT = 96  # where the index says how many frames are in the database: https://www.sqlite.org/walformat.html
_MORE = ("as it is", "without -shm", "-shm of another run", "-shm of zeros", "cut", "cut", "cut", "torn")


def rows(ground: Ground) -> Iterator[Trial]:
    """Each way once, and cuts at further bytes, one for each fifty rounds."""
    ways = [*_MORE, *("cut" for _ in range(ground.rounds // 50))]
    for number, way in enumerate(ways):
        yield _left_over(ground, number, way)


def _left_over(ground: Ground, number: int, way: str) -> Trial:
    chance = random.Random(f"left over {ground.seed} {number}")
    items = chance.randint(2, 44)
    account = Account("write-ahead log left over", f"kill -9 after {items} outcomes, log {way}")
    home = Home(ground.base / f"leftover-{number}", ground.scene).made()
    try:
        home.put(*range(len(home.papers)))
        home.start()
        await_(lambda: home.items() >= items or home.is_done(), f"{items} outcomes", PATIENCE_S)
    except Unmet as error:
        account.failures.append(str(error))
    home.kill()
    account.hit += _WAYS[way](ground, home, chance)
    ended = home.process()
    account.see(f"exit {ended.code}", *([ended.line] if ended.line else []))
    account.failures += [f"untyped: {one}" for one in ended.amiss()]
    finish(home, account)
    return account.closed(home, ground.expected)


def _log(home: Home) -> Path:
    return Path(f"{home.database}-wal")


def _index(home: Home) -> Path:
    return Path(f"{home.database}-shm")


def _as_it_is(_ground: Ground, home: Home, _chance: random.Random) -> str:
    return f" ({_size(_log(home))} bytes)"


def _without_index(_ground: Ground, home: Home, _chance: random.Random) -> str:
    _index(home).unlink(missing_ok=True)
    return ""


def _anothers_index(ground: Ground, home: Home, _chance: random.Random) -> str:
    others = sorted(ground.base.glob("leftover-*.shm"))
    if others:
        shutil.copyfile(others[0], _index(home))
        return f" ({others[0].name})"
    other = ground.base / "leftover-other.shm"
    shutil.copyfile(_index(home), other)
    data = bytearray(other.read_bytes())
    data[16:24] = struct.pack("<II", 7, 9)  # how many frames there are, and how many pages: of a shorter log
    _index(home).write_bytes(data)
    return ""


def _zeros(_ground: Ground, home: Home, _chance: random.Random) -> str:
    _index(home).write_bytes(bytes(_size(_index(home))))
    return ""


def _cut(_ground: Ground, home: Home, chance: random.Random) -> str:
    """The end of the log is gone; what is in the database already was synced before it went there."""
    place = chance.randint(*_losable(home))
    with _log(home).open("r+b") as file:
        file.truncate(place)
    _index(home).unlink(missing_ok=True)
    return f" at byte {place}"


def _torn(_ground: Ground, home: Home, chance: random.Random) -> str:
    """A sector of the end of the log never reached the disk, while what is behind it did."""
    first, last = _losable(home)
    place = chance.randint(first, last) // 512 * 512
    if place >= max(first, 512):
        with _log(home).open("r+b") as file:
            file.seek(place)
            file.write(bytes(512))
    _index(home).unlink(missing_ok=True)
    return f" at byte {place}"


def _losable(home: Home) -> tuple[int, int]:
    """From where to where the log may be lost: what has been moved into the database had been synced before."""
    size, index = _size(_log(home)), _index(home)
    moved = 0
    if _size(index) >= _BACKFILLED_AT + 4:
        (moved,) = struct.unpack_from("=I", index.read_bytes(), _BACKFILLED_AT)
    return min(size, _HEAD + moved * (_FRAME + _PAGE) if moved else 0), size


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


_WAYS: dict[str, Callable[[Ground, Home, random.Random], str]] = {
    "as it is": _as_it_is,
    "without -shm": _without_index,
    "-shm of another run": _anothers_index,
    "-shm of zeros": _zeros,
    "cut": _cut,
    "torn": _torn,
}
