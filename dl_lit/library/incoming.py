"""The folder of unfinished files: each says by its name which process of which host is at it."""

from __future__ import annotations

import os
import re
import secrets
from collections import deque
from pathlib import Path

from dl_lit.core.clock import Clock
from dl_lit.library.disk import disk
from dl_lit.library.holder import OTHERS_PARTS_S, Holder, is_running
from dl_lit.library.placing import REMEMBERED

INCOMING = ".incoming"
"""What the folder is called."""

_PART = re.compile(r"work-\d+-(\d{1,9})-([0-9a-f]{6})[0-9a-f]{6}\.part")


class Incoming:
    """Makes unfinished files, and removes them again. Thread-safe."""

    def __init__(self, folder: Path, holder: Holder, clock: Clock) -> None:
        """The folder need not be there yet."""
        self.folder = folder
        self._holder = holder
        self._clock = clock
        self._left: deque[Path] = deque(maxlen=REMEMBERED)  # that could not be removed

    def new(self, work_id: int) -> Path:
        """A new empty file for the unfinished download of a work. Raises `FetchError`."""
        name = f"work-{work_id}-{os.getpid()}-{self._holder.host}{secrets.token_hex(3)}.part"
        path = self.folder / name
        with disk():
            path.open("xb").close()
        for _ in range(len(self._left)):  # the disk takes changes again
            self.discard(self._left.popleft())
        return path

    def discard(self, path: Path) -> None:
        """Remove an unfinished file, if it is still there; where the disk refuses, as soon as it takes files again."""
        try:
            path.unlink()
        except OSError as error:
            if not isinstance(error, FileNotFoundError) or not self.folder.is_dir():  # gone with its disk
                self._left.append(path)

    def sweep(self) -> None:
        """Remove what nobody is at any more. Raises `OSError`."""
        for path in (*self.folder.glob("*.part"), *self.folder.glob("*.tmp")):
            if not self._is_anothers(path):
                path.unlink(missing_ok=True)

    def age_s(self, path: Path) -> float:
        """How long ago a file was written to."""
        try:
            return self._clock.time() - path.stat().st_mtime
        except OSError:
            return 0.0

    def _is_anothers(self, part: Path) -> bool:
        """Whether another process that runs is at this unfinished file: somebody handing a file in, for example."""
        match = _PART.fullmatch(part.name)
        if match is None:
            return False
        if match[2] != self._holder.host:
            return self.age_s(part) < OTHERS_PARTS_S
        return int(match[1]) != os.getpid() and is_running(int(match[1]))
