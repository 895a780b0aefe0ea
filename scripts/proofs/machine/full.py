"""Disks that are really full, one folder after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from proofs.machine.course import Account, Fault, Ground, finish, lived_through
from proofs.machine.disk import Disk, require_mounts
from proofs.machine.home import Home
from proofs.machine.row import Trial

from dl_lit.core.conditions import Ailment

_LOW, _UNWRITABLE = Ailment.DISK_LOW.value, Ailment.DATABASE_UNWRITABLE.value
_NOT_TAKEN = Ailment.FILES_NOT_TAKEN.value


@dataclass(frozen=True, slots=True)
class _Full:
    """One folder whose disk fills up while the daemon works."""

    name: str
    told: frozenset[str]
    items: int = 10
    names: bool = False  # there is room, and none for another name
    words: tuple[str, ...] = ()
    papers: tuple[int, ...] = (1, 2)  # those that come during the fault


_FULL = (
    _Full("database", frozenset({_UNWRITABLE, _LOW})),
    _Full("database", frozenset({_UNWRITABLE, _LOW}), items=1),
    _Full("library", frozenset({_LOW})),
    _Full("state", frozenset()),
    _Full("cache", frozenset()),
    _Full("watched folder", frozenset({_NOT_TAKEN}), items=1, names=True, words=("--afterwards", "link"), papers=()),
    _Full("log", frozenset()),
)


def rows(ground: Ground) -> Iterator[Trial]:
    """A disk for each folder, full while the daemon works; and one that is full when it starts."""
    require_mounts()
    for number, one in enumerate(_FULL):
        home = Home(ground.base / f"full-{number}", ground.scene).made()
        disk = Disk(home.places[one.name])
        try:
            yield lived_through(ground, home, _fault(one, disk))
        finally:
            disk.close()
    yield _before_it_starts(ground)


def _fault(one: _Full, disk: Disk) -> Fault:
    def begin(_home: Home) -> None:
        disk.fill_names() if one.names else disk.fill()

    return Fault(
        row=f"disk full: {one.name}",
        hit=f"a tmpfs without room for {'names' if one.names else 'a byte'}, after {one.items} outcomes",
        begin=begin,
        end=lambda _home: disk.make_room(),
        told=one.told,
        items=one.items,
        words=one.words,
        papers=one.papers,
    )


def _before_it_starts(ground: Ground) -> Trial:
    """The log and its index (`-wal`, `-shm`, which is mapped) have to be made on a disk that is full already."""
    account = Account("disk full: database, at the start", "a tmpfs with 0, 4, 8, 40, 120 KB when a run is started")
    home = Home(ground.base / "full-start", ground.scene).made()
    disk = Disk(home.data)
    try:
        home.run("init-db")
        for room in (0, 4, 8, 40, 120):
            disk.fill(leaving_kb=room)
            ended = home.process(ENGINE_STALL_S="3")
            account.see(f"exit {ended.code}", ended.said)
            account.failures += [f"untyped: {room} KB free: {one}" for one in ended.amiss()]
            disk.make_room()
        finish(home, account)
        return account.closed(home, ground.expected)
    finally:
        disk.close()
