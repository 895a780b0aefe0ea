"""What is agreed between who watches a folder and who takes the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from dl_lit.core.values import dataclass
from dl_lit.runtime.watching.settling import Look


class Verdict(Enum):
    """What became of a finished file."""

    TAKEN = auto()
    CHANGED = auto()  # it was not finished after all: look at it again
    REFUSED = auto()  # it could not be read, and that has been written down: look again when something about it changes
    GONE = auto()


@dataclass(frozen=True, slots=True)
class FinishedFile:
    """A file that may be taken while it looks like this."""

    path: Path
    look: Look


class Taker(Protocol):
    """Who gets finished files. Called from one thread at a time."""

    def known(self) -> Iterable[tuple[Path, int, int]]:
        """Files taken in earlier lives: path, size in bytes, time of change in nanoseconds."""

    def take(self, files: Sequence[FinishedFile]) -> Sequence[Verdict]:
        """Take files over, durably, and say of each what became of it. If it raises, all are offered again."""

    def forget(self, paths: Sequence[Path]) -> None:
        """These files are no longer there."""
