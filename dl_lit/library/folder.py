"""The library: a folder of PDFs, into which files come whole and durably or not at all.

A file is streamed to `.incoming/work-<id>-<random>.part`. To place it: flush it to the disk, write its receipt, link it
to its final name (which fails rather than overwrite), flush the folder. The receipt goes when the work's row is
committed; after a crash `recover` finds by the receipts what was placed and not written down.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.items import Downloaded
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof
from dl_lit.core.reasons import Reason
from dl_lit.library.names import candidates
from dl_lit.library.receipts import encode, receipt_path, receipts_in

INCOMING = ".incoming"
_PAUSE_S = 60.0
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EXDEV, errno.EACCES})
_BLOCK = 1 << 20


class FolderLibrary:
    """Keeps the files in `root`. Thread-safe; one process at a time uses a folder.

    Whatever the disk refuses is a `FetchError` disk-full or write-error that costs no attempt.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        """Make the folder where it is missing; afterwards it is never made again: a missing one is a lost mount."""
        self._root = root
        self._incoming = root / INCOMING
        self._clock = clock
        with _disk():
            self._incoming.mkdir(parents=True, exist_ok=True)

    def incoming(self, work_id: int) -> Path:
        """A new empty file for the unfinished download of a work."""
        path = self._incoming / f"work-{work_id}-{secrets.token_hex(6)}.part"
        with _disk():
            path.open("xb").close()
        return path

    def discard(self, path: Path) -> None:
        """Remove an unfinished file, if it is still there."""
        with suppress(OSError):
            path.unlink()

    def place(
        self,
        work_id: int,
        work: Work,
        fetched: Fetched,
        location: Location,
        page_count: int,
        *,
        proof: Proof,
        landing_url: str | None = None,
        technique: str | None = None,
    ) -> Downloaded:
        """Move the file into the library under its name, durably, and leave a receipt until `clear`.

        The same content under the name of the same work is taken over, not doubled; another file is never overwritten.
        """
        with _disk():
            _flush(fetched.path)
            for name in candidates(work, fetched.sha256):
                facts = Downloaded(
                    path=name,
                    sha256=fetched.sha256,
                    size_bytes=fetched.size_bytes,
                    page_count=page_count,
                    location=location,
                    final_url=fetched.final_url,
                    proof=proof,
                    landing_url=landing_url,
                    technique=technique,
                )
                if self._placed(work_id, fetched.path, facts):
                    return facts
        raise FetchError(Reason.WRITE_ERROR, f"every name for the file is taken: {name}")

    def clear(self, work_id: int) -> None:
        """Remove the receipt: the row is committed."""
        with suppress(OSError):
            receipt_path(self._incoming, work_id).unlink()

    def recover(self) -> list[tuple[int, Downloaded]]:
        """After a start: what is in place but may lack its row. All other unfinished things are removed.

        The receipts of what is returned stay until `clear`.
        """
        adopted = []
        with _disk():
            for path, receipt in receipts_in(self._incoming):
                if receipt is not None and _holds(self._root / receipt.facts.path, receipt.facts):
                    adopted.append((receipt.work_id, receipt.facts))
                    continue
                if receipt is not None:
                    self._remove_placeholder(self._root / receipt.facts.path)
                path.unlink(missing_ok=True)
            for path in (*self._incoming.glob("*.part"), *self._incoming.glob("*.tmp")):
                path.unlink(missing_ok=True)
        return adopted

    def _placed(self, work_id: int, part: Path, facts: Downloaded) -> bool:
        """Put the file under its name; False where another file has it.

        No lock: of two works after one name the second finds it taken, and its receipt is written anew.
        """
        final = self._root / facts.path
        if final.exists() and not _holds(final, facts):
            return False
        self._write_receipt(work_id, facts)
        try:
            _move_without_overwriting(part, final)
        except FileExistsError:
            if not _holds(final, facts):
                return False
            part.unlink(missing_ok=True)
        _flush(self._root)
        return True

    def _write_receipt(self, work_id: int, facts: Downloaded) -> None:
        path = receipt_path(self._incoming, work_id)
        unfinished = path.with_suffix(".tmp")
        with unfinished.open("wb") as file:
            file.write(encode(facts, self._clock.now()))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _flush(self._incoming)

    def _remove_placeholder(self, final: Path) -> None:
        """An empty file of that name is what a crash leaves where links do not exist."""
        with suppress(OSError):
            if final.is_file() and final.stat().st_size == 0:
                final.unlink()


@contextmanager
def _disk() -> Iterator[None]:
    """Say what the disk refuses in our words."""
    try:
        yield
    except OSError as error:
        reason = Reason.DISK_FULL if error.errno in _FULL else Reason.WRITE_ERROR
        raise FetchError(reason, str(error), after=_PAUSE_S, costs_attempt=False) from error


def _move_without_overwriting(part: Path, final: Path) -> None:
    """Give the file its name unless it is taken (`FileExistsError`), also where the file system knows no links."""
    try:
        os.link(part, final)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with final.open("xb"):
            pass
        part.replace(final)
    else:
        part.unlink()


def _flush(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _holds(path: Path, facts: Downloaded) -> bool:
    """Whether the file is there with the content that the facts name."""
    try:
        if path.stat().st_size != facts.size_bytes or not path.is_file():
            return False
        with path.open("rb") as file:
            digest = hashlib.sha256()
            while block := file.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError:
        return False
    return digest.hexdigest() == facts.sha256
