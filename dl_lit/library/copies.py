"""Local copies of files that are known by their content: fetched once, verified, the least used removed first."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dl_lit.core.clock import Clock

Fetch = Callable[[Path], str | None]
"""Writes the content into a new file; its SHA-256, None where it is not to be had."""

SPARED_S = 900.0
"""What was used within this time stays, whatever the bound says: somebody may be reading it."""


class Copies:
    """Copies below `folder`, `SHA-256[:16]/NAME`, together at most `most_bytes`. Thread-safe, across processes too."""

    def __init__(self, folder: Path, most_bytes: int, clock: Clock) -> None:
        """Nothing is made before it is needed."""
        self.folder = folder
        self._most = most_bytes
        self._clock = clock
        self._lock = threading.Lock()

    def place(self, name: str, sha256: str) -> Path:
        """Where the copy of that content is, or would be."""
        return self.folder / sha256[:16] / name

    def get(self, name: str, sha256: str, fetch: Fetch) -> Path | None:
        """The copy, fetched where it is not here; None where it cannot be had with this content.

        Raises what `fetch` raises, and `OSError`.
        """
        place = self.place(name, sha256)
        with suppress(OSError):
            now = self._clock.time()
            os.utime(place, (now, now))  # used now
            return place
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{secrets.token_hex(6)}.part")
        try:
            if fetch(draft) != sha256:
                return None
            now = self._clock.time()
            os.utime(draft, (now, now))
            self._make_room(draft)
            place.parent.mkdir(exist_ok=True)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
            with suppress(OSError):
                place.parent.rmdir()  # where nothing came
        return place

    def _make_room(self, draft: Path) -> None:
        """Remove what was used least lately, drafts of the dead included, until `draft` is within the bound."""
        with self._lock:
            there = []
            for path in self.folder.glob("*/*"):
                with suppress(OSError):
                    look = path.stat()
                    there.append((look.st_mtime, look.st_size, path))
            used = sum(one for _, one, _ in there)
            now = self._clock.time()
            for used_at, bytes_, path in sorted(there):
                if used <= self._most or path == draft or now - used_at < SPARED_S:
                    break
                with suppress(OSError):
                    path.unlink()
                    used -= bytes_
                with suppress(OSError):
                    path.parent.rmdir()
