"""Uploaded PDFs: received into a draft, checked, known by their content, kept under the name that their sender gave.

    uploads/.….part            a draft, locked by whoever receives it; those of the dead are removed at the next start
    uploads/CONTENT/NAME.pdf   a source's file; one whose source was not written down any more is adopted

They lie beside the database; `retention.uploads_days` says how long they are kept after they have been read.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import unicodedata
from contextlib import suppress
from pathlib import Path

import structlog

from db.abandoned import remove_abandoned
from db.connect import Engine
from db.durable import flush, make_folder
from db.taking import Take, known_source, paths_below, paths_read_before, take_source
from dl_lit.app.intake.inbox import new_source
from dl_lit.app.intake.sent import send
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError
from dl_lit.core.source_path import path_of, path_text
from dl_lit.settings import Settings
from dl_lit.settings.model import MB
from dl_lit.web.contract import Refused

HEAD = 1024
"""Bytes within which %PDF- has to stand: ISO 32000-2, annex I (read 2026-11-23)."""

_MAGIC = b"%PDF-"
_NAME_BYTES = 200
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

log = structlog.get_logger("dl_lit.control")


def uploads_folder(settings: Settings) -> Path:
    """Where uploads are kept."""
    return settings.database.parent / "uploads"


def require_pdf(head: bytes) -> None:
    """Raise `Refused` where a file that begins with `head` is no PDF."""
    if not head:
        raise Refused(422, "empty-file", "the file is empty")
    if _MAGIC not in head[:HEAD]:
        raise Refused(422, "not-a-pdf", "the file is no PDF: it does not begin with %PDF-")


class UploadDraft:
    """A file that is being received. For one thread at a time."""

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        """Makes an empty file in `folder`, locked for as long as it is a draft. Raises `Refused` or `DlLitError`."""
        self.path = folder / f".{secrets.token_hex(8)}.part"
        self.size = 0
        self._most = most_bytes
        self._digest = hashlib.sha256()
        self._head = b""
        try:
            make_folder(folder, 0o750)
            self._file: int | None = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _unwritable(folder, error) from error

    @property
    def sha256(self) -> str:
        """Of what was written so far."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Append. Raises `Refused` as soon as it shows that this is no PDF, or is too large."""
        self.size += len(data)
        if self.size > self._most:
            raise Refused(413, "too-large", f"more than {self._most // MB} MB, see serve.max_upload_mb")
        if len(self._head) < HEAD:
            self._head += data[: HEAD - len(self._head)]
            if len(self._head) == HEAD:
                require_pdf(self._head)
        self._digest.update(data)
        try:
            rest = memoryview(data)
            while rest and self._file is not None:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            raise _unwritable(self.path.parent, error) from error

    def seal(self) -> None:
        """All of it is there: raise `Refused` where that is no PDF."""
        require_pdf(self._head)

    def keep(self, name: str) -> Path:
        """Bring it to the disk under its content and this name; where it is now. It is no draft any more."""
        target = self.path.parent / self.sha256[:16] / name
        try:
            if self._file is not None:
                os.fsync(self._file)
            target.parent.mkdir(exist_ok=True, mode=0o750)
            self.path.replace(target)
            for folder in (target.parent, self.path.parent):
                flush(folder)
        except OSError as error:
            raise _unwritable(self.path.parent, error) from error
        self._close()
        return target

    def discard(self) -> None:
        """Remove it; harmless when it is kept, or gone."""
        if self._file is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
            self._close()

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _unwritable(folder: Path, error: OSError) -> DlLitError:
    if error.errno in _FULL:
        return Refused(507, "disk-full", "the disk is full", after_s=60)
    return DlLitError(f"cannot write to {folder}: {error.strerror}")


def require_room(folder: Path, settings: Settings, size: int) -> None:
    """Raise `Refused` where `size` bytes more would leave less than `disk.everything_below_mb` free."""
    place = next(one for one in (folder, *folder.parents) if one.exists())
    if shutil.disk_usage(place).free - size < settings.disk.everything_below_mb * MB:
        raise Refused(507, "disk-low", "too little disk space is free (disk.everything_below_mb)", after_s=60)


def file_name(wanted: str | None) -> str:
    """The name for people that a sender's name allows: one component, no surprises, a PDF's; "upload.pdf" for none."""
    text = unicodedata.normalize("NFC", (wanted or "").replace("\\", "/")).rpartition("/")[2]
    text = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text)
    stem = re.sub(r"\s+", " ", re.sub(r"(?i)\.pdf$", "", text.strip())).strip(" .~")
    short = stem.encode()[: _NAME_BYTES - len(".pdf")].decode("utf-8", "ignore").strip()
    return f"{short or 'upload'}.pdf"


def tidy(settings: Settings, engine: Engine, clock: Clock) -> None:
    """After a sudden end: remove drafts that nobody receives any more, and add files that have no source."""
    folder = uploads_folder(settings)
    if not folder.is_dir():
        return
    for draft in folder.glob(".*.part"):
        with suppress(OSError):
            remove_abandoned(draft)
    known = {path_of(text) for text in paths_below(engine, folder)}
    for path in folder.glob("*/*.pdf"):
        if path not in known:
            _adopt(settings, path, engine, clock)
    for place in folder.iterdir():
        with suppress(OSError):  # it is not empty, or no folder
            place.rmdir()


def forget_uploads(settings: Settings, reader: Engine, before: float) -> int:
    """Remove the files of uploads that were read before the epoch's second `before`; how many went.

    Their sources stay, and are known when the same is uploaded again. What could not be read stays, too: it may be
    tried again.
    """
    folder, gone = uploads_folder(settings), 0
    if not folder.is_dir():
        return 0
    for text in paths_read_before(reader, folder, before):
        path = path_of(text)
        with suppress(OSError):
            path.unlink()
            gone += 1
        with suppress(OSError):
            path.parent.rmdir()
    return gone


def _adopt(settings: Settings, path: Path, engine: Engine, clock: Clock) -> None:
    new = new_source(path)
    known = known_source(engine, new.sha256)
    if known is not None and path_of(known.path).exists():
        path.unlink(missing_ok=True)  # a second copy: its source is read elsewhere
        return
    send(settings, [new])
    taken = take_source(engine, Take(new=new, moves=True), clock)
    log.info("upload_adopted", source=taken.id, path=path_text(path), new=taken.is_new)
