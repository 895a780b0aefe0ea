"""Folders that survive a power cut, and with them what is written into them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, where they are missing, lasting. Raises `OSError` where that cannot be."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in made:
        with suppress(OSError):  # some file systems cannot, and keep names anyway
            handle = os.open(one.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
