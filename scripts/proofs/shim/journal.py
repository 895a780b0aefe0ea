"""Reading the journal that the shim writes."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct("<IIIBBHHHIQqqI12s")  # as `struct record` in writes.c
_MAGIC = 0x4A4C4C44
OTHER = "other"  # what lies below the root and is of no kind


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changed the disk, or was not allowed to."""

    kind: str
    number: int  # among the calls on its kind, from 1
    pid: int
    call: str  # "open", "write", "pwrite", "fsync", "rename"…
    path: str  # absolute; the target's text of a symlink
    second: str  # the new name of rename, link and symlink; else empty
    inode: int  # the file's after the call; 0 where there is none
    offset: int
    size: int  # bytes written; the new size for ftruncate
    flags: int
    failed: bool
    data: bytes

    @property
    def named(self) -> str:
        """Kind, call and number: what repeats a fault on it."""
        return f"{self.kind} {self.call} {self.number}"


def calls(journal: Path, kinds: Sequence[str]) -> Iterator[Call]:
    """What stands in the journal, in order; `kinds` in the order in which the shim was given them."""
    content = journal.read_bytes()
    at = 0
    while at + _HEAD.size <= len(content):
        magic, number, pid, kind, failed, first, second, _, flags, inode, offset, size, data_size, name = (
            _HEAD.unpack_from(content, at)
        )
        if magic != _MAGIC:
            raise ValueError(f"{journal} is no journal at byte {at}")
        at += _HEAD.size
        cuts = (at, at + first, at + first + second, at + first + second + data_size)
        yield Call(
            kind=kinds[kind] if kind < len(kinds) else OTHER,
            number=number,
            pid=pid,
            call=name.rstrip(b"\0").decode(),
            path=content[cuts[0] : cuts[1]].decode(errors="surrogateescape"),
            second=content[cuts[1] : cuts[2]].decode(errors="surrogateescape"),
            inode=inode,
            offset=offset,
            size=size,
            flags=flags,
            failed=bool(failed),
            data=content[cuts[2] : cuts[3]],
        )
        at = cuts[3]
