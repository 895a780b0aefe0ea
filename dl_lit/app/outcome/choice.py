"""Which works an export has, and how their files are named in it."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from dl_lit.core.values import dataclass
from dl_lit.exports.record import ExportRecord, ItemState
from dl_lit.exports.standing import is_withdrawn


class Wanted(StrEnum):
    """What became of works, as exports can be asked for them."""

    DOWNLOADED = "downloaded"
    MISSING = "missing"  # what has failed, and what a person may decide on
    WAITING = "waiting"
    NEEDS_REVIEW = "needs-review"
    FAILED = "failed"
    DUPLICATE = "duplicate"  # what entries turned out to be that had been known already
    RETRACTED = "retracted"


class Paths(StrEnum):
    """How the files of works are named."""

    RELATIVE = "relative"  # to the folder of the export
    ABSOLUTE = "absolute"
    NONE = "none"


_STATES = {
    Wanted.DOWNLOADED: {ItemState.DOWNLOADED},
    Wanted.MISSING: {ItemState.FAILED, ItemState.NEEDS_REVIEW},
    Wanted.WAITING: {ItemState.WAITING},
    Wanted.NEEDS_REVIEW: {ItemState.NEEDS_REVIEW},
    Wanted.FAILED: {ItemState.FAILED},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The works that are wanted."""

    source_ids: tuple[int, ...] | None = None  # cited by one of these; None: by any
    wanted: frozenset[Wanted] = frozenset()  # any of these; empty: whatever became of them

    def has(self, record: ExportRecord, *, is_duplicate: bool) -> bool:
        """Whether the record is of a work that is wanted; its sources have been looked at before."""
        return not self.wanted or any(_is(one, record, is_duplicate=is_duplicate) for one in self.wanted)


def _is(one: Wanted, record: ExportRecord, *, is_duplicate: bool) -> bool:
    if one is Wanted.DUPLICATE:
        return is_duplicate
    if one is Wanted.RETRACTED:
        return is_withdrawn(record.work)
    return record.state in _STATES[one]


@dataclass(frozen=True, slots=True)
class FilesNamed:
    """Names the library's files in an export."""

    library: Path  # absolute
    beside: Path  # the folder that the export is put into; absolute
    paths: Paths = Paths.RELATIVE

    def of(self, path: str) -> str | None:
        """The library's file at `path` in the export, with "/"; None where files are not to be named."""
        whole = self.library / path
        match self.paths:
            case Paths.NONE:
                return None
            case Paths.ABSOLUTE:
                return whole.as_posix()
            case _:
                return Path(os.path.relpath(whole, self.beside)).as_posix()
