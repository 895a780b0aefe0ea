"""The disk as it may stand after the power went: what was synced, and of the rest what a disk may choose to keep.

Two disks are known. A *strict* one keeps what POSIX promises and no more: a file's bytes by its own fsync, a name by an
fsync of its folder, in no order. A *journaled* one (ext4, XFS) keeps changes of names in their order, all of them at
any fsync; bytes are late there, too. A rename happens whole on both.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from proofs.power.tape import ROOT, Name, Naming, Sizing, Syncing, Tape, Writing, played

SECTOR = 512
PAGE = 4_096
NOT_DURABLE = "-shm"  # SQLite's shared memory: not read after a crash


class Kept(StrEnum):
    """What becomes of what was not synced."""

    NOTHING = "nothing"
    ALL = "all"
    PREFIX = "prefix"  # what came first; the last write torn within
    SOME = "some"  # any of it, torn at sectors or pages
    EMPTY = "empty"  # of bytes: the size without them, zeros; of names: all


@dataclass(frozen=True, slots=True)
class Outage:
    """A power cut: after how many calls, and what the disk keeps of what it had not written."""

    cut: int  # the first call that did not happen
    is_strict: bool
    names: Kept
    bytes: Kept | None  # None: chosen for each file
    seed: int

    def __str__(self) -> str:
        """All that repeats it."""
        disk = "strict" if self.is_strict else "journaled"
        return f"cut {self.cut} on a {disk} disk, names {self.names}, bytes {self.bytes or 'mixed'}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Remains:
    """What is on the disk afterwards: for each folder its names, for each file that has one its content."""

    names: dict[int, dict[str, int]]
    content: dict[int, bytes]


def any_outage(cut: int, chance: random.Random) -> Outage:
    """One of all outages at this moment."""
    return Outage(
        cut,
        is_strict=chance.random() < 0.5,
        names=chance.choice((Kept.NOTHING, Kept.ALL, Kept.PREFIX, Kept.SOME)),
        bytes=chance.choice((*Kept, None)),
        seed=chance.randrange(1_000_000),
    )


def remains(tape: Tape, outage: Outage) -> Remains:
    """What is left of the tape's folder by this outage."""
    chance = random.Random(outage.seed)
    steps = [step for step in tape.steps if step.at < outage.cut]
    synced = {step.node: step.at for step in steps if isinstance(step, Syncing)}
    names = {folder: dict(inside) for folder, inside in tape.first.items()}
    for step in _kept_names([step for step in steps if isinstance(step, Naming)], synced, outage, chance):
        for (folder, name), node in step.effects:
            if node is None:
                names[folder].pop(name, None)
            else:
                names[folder][name] = node
    changes: dict[int, list[Writing | Sizing]] = {}
    for step in steps:
        if isinstance(step, Writing | Sizing):
            changes.setdefault(step.node, []).append(step)
    content = {}
    for node in _reached(names, tape):
        ordered = changes.get(node, [])
        sure = [step for step in ordered if step.at < synced.get(node, -1)]
        kind = outage.bytes or chance.choice(tuple(Kept))
        content[node] = played(tape.nodes[node].content, [*sure, *_kept_bytes(ordered[len(sure) :], kind, chance)])
    return Remains(names, content)


def materialise(tape: Tape, left: Remains, target: Path) -> None:
    """Make the folder of what is left at `target`, which must not exist."""
    places: dict[int, Path] = {}
    _make(tape, left, ROOT, target, places)


def files_in(tape: Tape, left: Remains, folder: int = ROOT, above: str = "") -> Iterator[tuple[str, bytes]]:
    """The path and the content of each file that is left, but for links and what nobody reads afterwards."""
    for name, number in left.names[folder].items():
        node = tape.nodes[number]
        if node.is_folder:
            yield from files_in(tape, left, number, f"{above}{name}/")
        elif not (node.is_link or node.is_socket or name.endswith(NOT_DURABLE)):
            yield f"{above}{name}", left.content[number]


def _make(tape: Tape, left: Remains, folder: int, place: Path, places: dict[int, Path]) -> None:
    place.mkdir()
    for name, number in left.names[folder].items():
        path, node = place / name, tape.nodes[number]
        if node.is_folder:
            _make(tape, left, number, path, places)
        elif name.endswith(NOT_DURABLE):
            continue
        elif number in places:
            os.link(places[number], path)
        elif node.is_socket:
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(str(path))
        elif node.is_link:
            path.symlink_to(os.fsdecode(node.content))
        else:
            path.write_bytes(left.content[number])
            if node.changed_ns is not None:
                os.utime(path, ns=(node.changed_ns, node.changed_ns))
            places[number] = path


def _reached(names: dict[int, dict[str, int]], tape: Tape) -> set[int]:
    """The files that have a name below the root."""
    reached, open_folders = set(), [ROOT]
    while open_folders:
        for node in names[open_folders.pop()].values():
            if tape.nodes[node].is_folder:
                open_folders.append(node)
            else:
                reached.add(node)
    return reached


def _kept_names(steps: Sequence[Naming], synced: dict[int, int], outage: Outage, chance: random.Random) -> list[Naming]:
    """The changes of names that are on the disk, in order."""
    if outage.is_strict:
        sure = [any(step.at < synced.get(folder, -1) for (folder, _), _ in step.effects) for step in steps]
    else:
        sure = [step.at < max(synced.values(), default=-1) for step in steps]
    open_ones = sum(not one for one in sure)
    match outage.names:
        case Kept.NOTHING:
            few, share = 0, 0.0
        case Kept.ALL | Kept.EMPTY:
            few, share = open_ones, 1.0
        case Kept.SOME if outage.is_strict:
            few, share = open_ones, chance.random()
        case _:
            few, share = chance.randint(0, open_ones), 1.0
    kept: list[bool] = []
    for is_sure in sure:
        few -= not is_sure
        kept.append(is_sure or (few >= 0 and chance.random() < share))
    # A name's history has no holes: what is kept needs what was done to the same names before it.
    needed: set[Name] = set()
    for place in range(len(steps) - 1, -1, -1):
        touched = {name for name, _ in steps[place].effects}
        if kept[place] or touched & needed:
            kept[place] = True
            needed |= touched
    return [step for step, is_kept in zip(steps, kept, strict=True) if is_kept]


def _kept_bytes(steps: Sequence[Writing | Sizing], kind: Kept, chance: random.Random) -> list[Writing | Sizing]:
    """What is on the disk of what was written to one file and not synced; cuts of the file stay in their order."""
    match kind:
        case Kept.NOTHING:
            return []
        case Kept.ALL:
            return list(steps)
        case Kept.EMPTY:
            return [step if isinstance(step, Sizing) else _hollow(step) for step in steps]
        case Kept.PREFIX:
            few = chance.randint(0, len(steps))
            torn = [part for step in steps[few : few + 1] if isinstance(step, Writing) for part in _parts(step, SECTOR)]
            return [*steps[:few], *torn[: chance.randint(0, len(torn))]]
    kept: list[Writing | Sizing] = []
    share = chance.random()
    for step in steps:
        if isinstance(step, Sizing):
            if chance.random() < 0.5:
                return kept
            kept.append(step)
        else:
            unit = chance.choice((SECTOR, PAGE))
            kept += [part for part in _parts(step, unit) if chance.random() < share]
    return kept


def _parts(step: Writing, unit: int) -> list[Writing]:
    """A write cut where the disk's blocks end."""
    parts, at, end = [], step.offset, step.offset + len(step.data)
    while at < end:
        until = min(end, (at // unit + 1) * unit)
        parts.append(Writing(step.at, step.node, at, step.data[at - step.offset : until - step.offset]))
        at = until
    return parts


def _hollow(step: Writing) -> Writing:
    return Writing(step.at, step.node, step.offset, bytes(len(step.data)))
