"""Disks that may only be read, and disks that are gone for a while: library, watched folder and database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from proofs.machine.course import Account, Fault, Ground, lived_through
from proofs.machine.disk import Disk, require_mounts
from proofs.machine.home import Home
from proofs.machine.row import Trial

from dl_lit.core.conditions import Ailment


@dataclass(frozen=True, slots=True)
class _Away:
    """One folder that is read-only, or gone."""

    name: str
    told: frozenset[str]
    read_only: bool = False


_AWAY = (
    _Away("library", frozenset({Ailment.LIBRARY_UNREACHABLE.value}), read_only=True),
    _Away("library", frozenset({Ailment.LIBRARY_UNREACHABLE.value})),
    _Away("watched folder", frozenset({Ailment.WATCHER_BLIND.value})),
    _Away("database", frozenset({Ailment.DATABASE_UNUSABLE.value})),
)


def rows(ground: Ground) -> Iterator[Trial]:
    """Each folder, on a disk of its own."""
    require_mounts()
    for number, one in enumerate(_AWAY):
        home = Home(ground.base / f"away-{number}", ground.scene).made()
        disk = Disk(home.places[one.name])
        try:
            yield lived_through(ground, home, _fault(one, disk))
        finally:
            disk.close()


def _fault(one: _Away, disk: Disk) -> Fault:
    def begin(_home: Home) -> None:
        disk.read_only() if one.read_only else disk.take_away()

    def end(_home: Home) -> None:
        disk.writable() if one.read_only else disk.bring_back()

    def look_below(_home: Home, account: Account) -> None:
        """What is written where the disk was is under the mount point for ever."""
        if not one.read_only and (below := sorted(path.name for path in disk.place.iterdir())):
            account.failures.append(f"written below the mount point: {', '.join(below)}")

    return Fault(
        row=f"{'read-only' if one.read_only else 'gone'}: {one.name}",
        hit=f"a tmpfs {'that may only be read' if one.read_only else 'taken away and brought back'}",
        begin=begin,
        end=end,
        told=one.told,
        while_it_lasts=look_below,
        papers=(1,) if one.name != "watched folder" else (),
    )
