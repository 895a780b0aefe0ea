"""Files that came in part, kept for the next attempt: in a folder bounded by age and size, each with its validator.

A part is used only with what says that the rest belongs to it: the strong entity tag or the date of the file at that
very address, and its length (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5). Trouble with the folder costs the
part, never the fetch.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import suppress
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path

from dl_lit.core.clock import Clock
from dl_lit.core.values import dataclass

KEPT_S = 8 * 86_400.0
"""Longer than the longest rest between two attempts."""

LEAST_BYTES = 262_144
"""What is shorter is fetched anew as cheaply."""

_STRONG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')


@dataclass(frozen=True, slots=True)
class Part:
    """What must hold of a file for its rest to be asked for."""

    url: str  # that sent it, after redirects
    validator: str  # a strong entity tag, or the date of its last change
    total_bytes: int
    content_type: str

    @property
    def name(self) -> str:
        """What it goes by in the folder: another version of the file has another name."""
        return blake2b(json.dumps(asdict(self)).encode(), digest_size=16).hexdigest()


def validator_of(etag: str, last_modified: str) -> str | None:
    """What tells this version of a file from others; None where the server says nothing that does."""
    if _STRONG.fullmatch(etag.strip()):
        return etag.strip()
    return last_modified.strip() or None


class PartialFiles:
    """The folder. Thread-safe, also between processes: a part is taken by whoever renames it first."""

    def __init__(self, folder: Path, clock: Clock, *, max_bytes: int) -> None:
        """Nothing is made before it is needed; with `max_bytes` 0 nothing is kept."""
        self._folder = folder
        self._clock = clock
        self._max_bytes = max_bytes
        self._is_swept = False

    def keep(self, part: Part, path: Path, size: int) -> None:
        """Move the first `size` bytes of the file at `path` here, if they are worth that."""
        with suppress(OSError):
            if LEAST_BYTES <= size <= self._max_bytes:
                with path.open("r+b") as file:
                    file.truncate(size)
                    os.fsync(file.fileno())
                self._folder.mkdir(parents=True, exist_ok=True)
                self._sweep(size)
                self._move(path, self._folder / f"{part.name}.part")
                note = self._folder / f"{_key(part.url)}.json"
                unfinished = note.with_suffix(f".{os.getpid()}.tmp")
                unfinished.write_text(json.dumps(asdict(part)), encoding="utf-8")
                unfinished.replace(note)

    def take(self, url: str, into: Path) -> Part | None:
        """Move what came of `url` to `into`, in place of what is there; None where nothing is kept."""
        note = self._folder / f"{_key(url)}.json"
        try:
            if not self._is_swept:
                self._sweep(0)
            part = Part(**json.loads(note.read_text(encoding="utf-8")))
            kept = self._folder / f"{part.name}.part"
            if part.url != url or kept.stat().st_mtime < self._clock.time() - KEPT_S:
                return None
            self._move(kept, into)
            note.unlink(missing_ok=True)
        except (OSError, ValueError, TypeError):
            return None
        return part if into.stat().st_size < part.total_bytes else None

    def _move(self, source: Path, target: Path) -> None:
        """At one stroke where both are on one disk; else by way of a copy that nobody takes for whole."""
        try:
            source.replace(target)
        except OSError:
            copy = target.with_name(f"{target.name}.{os.getpid()}.tmp")
            try:
                shutil.copyfile(source, copy)
                copy.replace(target)
            finally:
                copy.unlink(missing_ok=True)
            source.unlink(missing_ok=True)

    def _sweep(self, coming_bytes: int) -> None:
        """Remove what is too old, then the oldest until there is room."""
        self._is_swept = True
        now, kept = self._clock.time(), []
        for path in self._folder.iterdir():
            with suppress(OSError):
                found = path.stat()
                if found.st_mtime < now - KEPT_S:
                    path.unlink(missing_ok=True)
                elif path.suffix in {".part", ".tmp"}:
                    kept.append((found.st_mtime, found.st_size, path))
        room = self._max_bytes - coming_bytes - sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if room >= 0:
                break
            with suppress(OSError):
                path.unlink(missing_ok=True)
                room += size


def _key(url: str) -> str:
    return blake2b(url.encode(), digest_size=16).hexdigest()
