"""Files that were uploaded: on their way, there, or gone. Who uploads and does not delete is found out here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count


class FileState(StrEnum):
    """How far an upload has come, as Gemini tells it."""

    PROCESSING = "PROCESSING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"


@dataclass(slots=True)
class StoredFile:
    """One uploaded file."""

    name: str  # without any prefix
    display_name: str
    content_type: str
    announced: int  # bytes that were said to come
    content: bytes | None = None  # None: not sent yet
    digest: str = ""  # SHA-256 of the content, hexadecimal
    created: float = 0.0  # seconds since the Unix epoch
    ready_at: float = 0.0  # monotonic
    fails: bool = False


@dataclass(slots=True)
class FileStore:
    """The files of one project; only those sent whole are told of."""

    processing_s: float
    _files: dict[str, StoredFile] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    uploads: int = 0  # ever
    deletions: int = 0  # ever, of files that were there

    def announce(self, prefix: str, display_name: str, content_type: str, size: int, wall: float) -> StoredFile:
        """A place for a file that is about to be sent."""
        number = next(self._numbers)
        name = prefix + hashlib.blake2b(f"{number}|{display_name}".encode(), digest_size=9).hexdigest()
        stored = StoredFile(name, display_name, content_type, size, created=wall)
        self._files[name] = stored
        return stored

    def fill(self, stored: StoredFile, content: bytes, now: float) -> None:
        """The file has been sent. `now` is monotonic, in seconds."""
        stored.content = content
        stored.digest = hashlib.sha256(content).hexdigest()
        stored.ready_at = now + self.processing_s
        self.uploads += 1

    def announced(self, name: str) -> StoredFile | None:
        """A file that is waited for or there."""
        return self._files.get(name)

    def get(self, name: str) -> StoredFile | None:
        """A file that was sent and not deleted."""
        stored = self._files.get(name)
        return stored if stored is not None and stored.content is not None else None

    def state(self, stored: StoredFile, now: float) -> FileState:
        """How far it has come."""
        if now < stored.ready_at:
            return FileState.PROCESSING
        return FileState.FAILED if stored.fails else FileState.ACTIVE

    def delete(self, name: str) -> bool:
        """Forget it; False where there was none."""
        if self.get(name) is None:
            return False
        del self._files[name]
        self.deletions += 1
        return True

    def left(self) -> Sequence[StoredFile]:
        """The files that nobody deleted, the newest first, as providers list them."""
        return [stored for stored in reversed(self._files.values()) if stored.content is not None]
