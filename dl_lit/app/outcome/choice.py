"""Which works an export has, and how their files are named in it."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from dl_lit.core.model import Work
from dl_lit.core.object_address import ObjectPlace
from dl_lit.core.values import dataclass
from dl_lit.exports.record import ItemState
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

    def has(self, work: Work, state: ItemState, *, is_duplicate: bool) -> bool:
        """Whether a work of which this became is wanted; its sources have been looked at before."""
        return not self.wanted or any(_is(one, work, state, is_duplicate=is_duplicate) for one in self.wanted)


def _is(one: Wanted, work: Work, state: ItemState, *, is_duplicate: bool) -> bool:
    if one is Wanted.DUPLICATE:
        return is_duplicate
    if one is Wanted.RETRACTED:
        return is_withdrawn(work)
    return state in _STATES[one]


class FilesNamed:
    """Names the library's files in an export."""

    def __init__(self, library: Path | ObjectPlace, beside: Path, paths: Paths = Paths.RELATIVE) -> None:
        """The library, and the folder that the export is put into; both absolute. Objects have their addresses."""
        if isinstance(library, ObjectPlace):
            folder = str(library)
        else:
            folder = os.path.relpath(library, beside) if paths is Paths.RELATIVE else os.fspath(library)
        self._before = "" if folder == "." else folder.rstrip("/") + "/"
        self._are_named = paths is not Paths.NONE

    def of(self, path: str) -> str | None:
        """The library's file at `path` in the export, with "/"; None where files are not to be named."""
        return f"{self._before}{path}" if self._are_named else None
