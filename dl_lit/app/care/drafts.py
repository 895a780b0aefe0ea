"""Files that are replaced at one stroke, by way of drafts; what a killed process left goes at the next time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from db.abandoned import remove_abandoned

_DRAFT = ".draft"


def replace_file(path: Path, pieces: Iterable[str]) -> None:
    """Write a file whole or not at all. Raises `OSError`."""
    draft = path.with_name(f".{path.name}.{os.getpid()}{_DRAFT}")
    try:
        with _held(draft) as file:
            file.writelines(pieces)
            file.flush()
            draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _held(draft: Path) -> TextIO:
    """The draft, open and locked; anew where another process swept it away in between."""
    while True:
        file = draft.open("w", encoding="utf-8")
        with suppress(OSError):  # some file systems have no locks: there `sweep` gets none, either
            fcntl.flock(file, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if draft.stat().st_ino == os.fstat(file.fileno()).st_ino:
                return file
        file.close()


def sweep(folder: Path) -> None:
    """Remove the drafts in `folder` whose writers have died; what the disk refuses is left."""
    for draft in folder.glob(f".*{_DRAFT}"):
        with suppress(OSError):
            remove_abandoned(draft)
