"""Where a corpus's files lie: a folder, or an object store behind an address; written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from dl_lit.core.errors import BadInput, DlLitError
from dl_lit.core.object_address import SCHEMES
from dl_lit.core.source_path import path_of, path_text


class CannotWrite(DlLitError):
    """The place refuses: full, not allowed, gone. The message says which."""


class Place(Protocol):
    """Files by their names, which are paths with slashes below it."""

    name: str  # for people, and to find it again

    def names(self, below: str) -> Iterator[str]:
        """The files whose names begin with the folder `below`, in order; none where there is no such folder."""

    def read(self, name: str) -> bytes | None:
        """What is in the file; None where there is none. Raises `OSError` or `DlLitError`."""

    def write(self, name: str, content: bytes, *, only_new: bool = False) -> bool:
        """Put a file there whole, in one step, in the place of what is there; False: `only_new`, and one is there.

        Raises `CannotWrite`.
        """

    def remove(self, name: str) -> None:
        """Remove the file, where there is one. Raises `CannotWrite`."""

    def file(self, name: str) -> Any:
        """A context that gives a `Path` of the file to be read, here or a copy. Raises `OSError`, `DlLitError`."""


def is_address(text: str) -> bool:
    """Whether `text` names an object store rather than something on this machine."""
    scheme, found, _ = text.partition("://")
    return bool(found) and scheme.lower() in SCHEMES


def place_at(text: str) -> Place:
    """The place of that name: an address, or a path as `path_text` has it. Raises `BadInput`, `NeedsConfiguration`."""
    if text == ANYWHERE:
        return Anywhere()
    if is_address(text):
        from dl_lit.app.corpus.objects import Objects  # noqa: PLC0415 - brings an extra

        return Objects(text)
    if "://" in text:
        raise BadInput(f"{text}: no such kind of store: {', '.join(f'{one}://' for one in SCHEMES)}, or a folder")
    return Folder(path_of(text))


class Folder:
    """A folder, on this machine's disks or on a file system that all nodes share."""

    def __init__(self, path: Path) -> None:
        """It need not exist."""
        self.path = path.absolute()
        self.name = path_text(self.path)

    def names(self, below: str) -> Iterator[str]:
        """See `Place`; what is being written, or was when a process was killed, is left out."""
        try:
            with os.scandir(self.path / below) as entries:
                found = sorted(entry.name for entry in entries if not entry.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return
        yield from (f"{below}/{name}" for name in found)

    def read(self, name: str) -> bytes | None:
        """See `Place`."""
        try:
            return (self.path / path_of(name)).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, name: str, content: bytes, *, only_new: bool = False) -> bool:
        """See `Place`: a hidden file beside it, synced, then renamed or linked."""
        target = self.path / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fchmod(file.fileno(), 0o666 & ~_umask())
                    os.fsync(file.fileno())
                if only_new:
                    return _linked(draft, target)
                Path(draft).replace(target)
                draft = ""
            finally:
                if draft:
                    with suppress(OSError):
                        Path(draft).unlink()
            _sync_folder(target.parent)
        except OSError as error:
            raise CannotWrite(f"cannot write {target}: {error.strerror or error}") from error
        return True

    def remove(self, name: str) -> None:
        """See `Place`."""
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise CannotWrite(f"cannot remove {self.path / name}: {error.strerror or error}") from error

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """The file itself."""
        yield self.path / path_of(name)


ANYWHERE = "list:"
"""The name of the place whose files' names say by themselves where they are."""


class Anywhere:
    """Files that a list names, each by its absolute path or its address; nothing is written there."""

    name = ANYWHERE

    def names(self, below: str) -> Iterator[str]:
        """None: the list names them."""
        del below
        return iter(())

    def read(self, name: str) -> bytes | None:
        """See `Place`."""
        with self.file(name) as path:
            return path.read_bytes()

    def write(self, name: str, content: bytes, *, only_new: bool = False) -> bool:
        """Refuse."""
        del content, only_new
        raise CannotWrite(f"a list is no place to write {name} to")

    def remove(self, name: str) -> None:
        """Refuse."""
        raise CannotWrite(f"a list is no place to remove {name} from")

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """The file, or a copy of the object."""
        if not is_address(name):
            yield path_of(name)
            return
        folder, _, last = name.rpartition("/")
        with place_at(folder).file(last) as path:
            yield path


def sweep_drafts(folder: Path) -> None:
    """Remove what killed processes left half written; only while nobody writes."""
    for draft in folder.glob("*/.part-*"):
        with suppress(OSError):
            draft.unlink()


def _linked(draft: str, target: Path) -> bool:
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some shared file systems have no such thing
            raise
    finally:
        os.close(handle)


def _umask() -> int:
    """What the process's mask takes away; read from the kernel, since asking for it otherwise changes it."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    except (OSError, ValueError):
        pass
    return 0o022
