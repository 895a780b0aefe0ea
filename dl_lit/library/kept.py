"""What a library is to the program, whether a folder keeps it or an object store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from dl_lit.core.items import Downloaded
from dl_lit.core.model import Work
from dl_lit.core.ports import Library
from dl_lit.core.proof import Proof


class KeptLibrary(Library, Protocol):
    """Files come in whole or not at all, and are taken out again. Thread-safe.

    What the library refuses is a `FetchError` disk-full or write-error that costs no attempt.
    """

    def trouble(self) -> str | None:
        """Why no file can be put here now, in a few words; None where it can."""

    def release(self, work_id: int, work: Work, held: Downloaded, proof: Proof) -> Downloaded:
        """Give a file of the quarantine its name in the library as well, with a receipt until `clear`."""

    def remove(self, path: str) -> None:
        """Remove a file that no row speaks of any more; none there is as well."""

    def supersede(self, path: str) -> str | None:
        """Put a file, in whose place a better one came, apart; its path there, None if it was gone."""

    def clear(self, work_id: int) -> None:
        """Remove the receipt: the row is committed."""

    def recover(self) -> list[tuple[int, Downloaded]]:
        """After a start: what is in place but may lack its row. All other unfinished things of the dead are removed."""


class Shelf(Protocol):
    """The library's files as those find them who only read, or bring back what was there. Thread-safe.

    What an object store refuses is a `DlLitError`, what a disk refuses an `OSError`.
    """

    @property
    def name(self) -> str:
        """What people call it: its folder, or its address."""

    def local(self, path: str, sha256: str) -> Path:
        """Where the file can be read on this host; nothing is there where the library has no such file.

        What an object store keeps is copied here first, and held against its SHA-256.
        """

    def stand_in(self, path: str, sha256: str) -> Path:
        """Where `local` puts it, without bringing it."""

    def has(self, path: str) -> bool:
        """Whether there is a file of that path."""

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every file by its path, unfinished ones and receipts included, with its size in bytes."""

    def sha256(self, path: str) -> str:
        """The file's SHA-256 as it is now, or why it cannot be told."""

    def read(self, path: str) -> bytes | None:
        """A small file; None where there is none."""

    def lay_back(self, path: str, file: Path) -> bool:
        """Put a copy of `file` where none is, durably; False where one is. No receipt is left."""

    def remove(self, path: str) -> None:
        """Remove a file; none there is as well."""

    def publish(self, path: str, file: Path) -> None:
        """Let `file`, which lies in the library's local folder, be what is at `path`."""
