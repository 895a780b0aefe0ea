"""From a folder of files to sources: which PDFs there are, and what each one is by its content."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from dl_lit.core.errors import BadInput
from dl_lit.core.source_path import path_text
from dl_lit.core.store import NewSource
from dl_lit.runtime.watching.wanted import Wanted


def pdfs_in(folder: Path) -> list[Path]:
    """Every PDF below `folder` in the order of their names; hidden and temporary files left out. Raises `BadInput`."""
    require_folder(folder)
    return sorted(Path(entry.path) for entry in Wanted(folder).walk())


def require_folder(folder: Path) -> None:
    """Raise `BadInput` that says what is wrong with `folder`, if anything."""
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise BadInput(f"{folder} {what}: name a folder with PDFs in it")
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise BadInput(f"cannot read the folder {folder}: {error.strerror}") from error


HUGE_BYTES = 2 << 30
"""Beyond this a file is not read whole to be known again; by default such files are not opened (`pdf.max_mb`)."""

_BLOCK = 1 << 20


def new_source(path: Path) -> NewSource:
    """The file as a source; one that cannot be read is a source too, so that its failure is told and not lost."""
    path = path.absolute()
    try:
        with open_regular(path) as file:
            sha256, size = content_of(file)
    except OSError as error:
        return unreadable_source(path, error)
    return NewSource(path_text(path), sha256, size)


def unreadable_source(path: Path, error: OSError) -> NewSource:
    """A file that cannot be read: without its content the path must stand for it."""
    identity = f"unreadable:{path_text(path)}:{error.errno}"
    return NewSource(path_text(path), hashlib.sha256(identity.encode()).hexdigest(), 0)


def content_of(file: BinaryIO) -> tuple[str, int]:
    """What stands for the content of an open file (SHA-256), and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    whole = os.fstat(file.fileno()).st_size
    if whole > HUGE_BYTES:
        # It will be refused anyway; reading all of it could take hours. Ends and size stand for the content.
        digest.update(f"huge:{whole}:".encode() + file.read(_BLOCK))
        file.seek(whole - _BLOCK)
    while size < HUGE_BYTES and (block := file.read(_BLOCK)):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), max(size, whole)


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read; what has no end or no beginning (pipes, devices) is refused rather than waited for."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return file


def new_sources(paths: Iterable[Path]) -> Iterator[NewSource]:
    """`new_source` of each."""
    return (new_source(path) for path in paths)
