"""Having what was written survive a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def flush(path: Path) -> None:
    """Bring a file's content, or the names in a folder, to the disk. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make the folder and those above it, where they are missing, lasting. Raises `OSError` where that cannot be."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    for one in made:
        with suppress(OSError):  # some file systems cannot, and keep names anyway
            flush(one.parent)
