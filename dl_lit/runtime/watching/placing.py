"""Putting files into other folders without ever overwriting anything, or losing what was written meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from dl_lit.core.fitting import LONGEST, fitting

REASON_SUFFIX = ".reason.txt"
"""What is appended to the name of a file in `failed/` for the file that says why."""

_DRAFT = ".dl-lit-draft"


class Changed(Exception):
    """The file was written to while it was being put away; it is where it was."""


def free_place(wanted: Path, is_taken: Callable[[Path], bool]) -> Path:
    """`wanted`, or where something stands there, the first of `name-2.pdf`, `name-3.pdf`… that is free."""
    return next(place for place in _numbered(wanted) if not is_taken(place))


def make_folder(folder: Path) -> None:
    """Make the folder of a place and those above it, where they are missing: before a file goes there, lasting."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    make_lasting({one.parent for one in made})


def is_occupied(place: Path) -> bool:
    """Whether anything stands there, or the explanation of something that did."""
    return os.path.lexists(place) or os.path.lexists(reason_beside(place))


def reason_beside(place: Path) -> Path:
    """Where is said why the file at `place` is there: its name and the suffix, shortened where that is too long."""
    return _beside(place, after=REASON_SUFFIX)


def is_unchanged(path: Path, size: int, changed_ns: int) -> bool:
    """Whether `path` itself is a regular file of this size and time of change."""
    try:
        status = path.lstat()
    except OSError:
        return False
    is_same = (status.st_size, status.st_mtime_ns) == (size, changed_ns)
    return is_same and path.is_file() and not path.is_symlink()


def move(path: Path, place: Path, *, is_same: Callable[[Path], bool]) -> None:
    """Move a file to `place`, which has to be free; `is_same` says whether a copy has the content that is meant.

    Raises `Changed`, `FileExistsError` where something stands there, or another `OSError`: the file is where it was.
    """
    before = path.lstat()
    os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        path.rename(place)  # only over what we have just made
    except OSError as error:
        if error.errno == errno.EXDEV:
            _carry(path, place, before, is_same)
            return
        place.unlink(missing_ok=True)
        raise
    after = place.lstat()
    if _state(after) != _state(before):
        _put_back(place, path)
        raise Changed


def link(path: Path, place: Path) -> None:
    """Give the file a second name, or where a file system knows no such thing, a second copy.

    Raises `FileExistsError` where something stands there, and other `OSError`.
    """
    try:
        os.link(path, place, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        draft = _beside(place, before=".", after=_DRAFT)
        try:
            shutil.copy2(path, draft)
            _flush(draft)
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)


def write_beside(place: Path, text: str) -> None:
    """Say beside the file at `place` why it is there; replaces what was said before."""
    target = reason_beside(place)
    draft = _beside(place, before=".", after=_DRAFT)
    try:
        draft.write_text(text, encoding="utf-8")
        _flush(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def erase_beside(place: Path) -> None:
    """Take back what was said beside `place`."""
    with suppress(OSError):
        reason_beside(place).unlink()


def make_lasting(folders: set[Path]) -> None:
    """Have names in these folders survive a power cut."""
    for folder in folders:
        with suppress(OSError):  # some file systems cannot, and keep them anyway
            _flush(folder)


def _carry(path: Path, place: Path, before: os.stat_result, is_same: Callable[[Path], bool]) -> None:
    """Move to another file system: the file goes when its copy is safe and proven."""
    draft = _beside(place, before=".", after=_DRAFT)
    is_safe = False
    try:
        shutil.copyfile(path, draft)
        shutil.copystat(path, draft)
        _flush(draft)
        if not is_same(draft) or _state(path.lstat()) != _state(before):
            raise Changed
        draft.replace(place)
        make_lasting({place.parent})
        is_safe = True
        path.unlink()
    finally:
        draft.unlink(missing_ok=True)
        if not is_safe:
            place.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _put_back(place: Path, path: Path) -> None:
    """Undo a move: nothing that was written to the old name meanwhile is overwritten."""
    for back in _numbered(path):
        try:
            os.link(place, back)
        except FileExistsError:
            continue
        except OSError:
            if os.path.lexists(back):
                continue
            place.rename(back)
            return
        place.unlink()
        return


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _beside(place: Path, name: str | None = None, *, before: str = "", after: str = "") -> Path:
    """A name that fits, in the folder of `place`; of the name of `place` unless another is given."""
    try:
        longest = os.pathconf(place.parent, "PC_NAME_MAX")
    except (OSError, ValueError):
        longest = LONGEST
    fits = fitting(place.name if name is None else name, before=before, after=after, longest=longest)
    return place.with_name(fits)


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    number = 1
    while True:
        number += 1
        yield _beside(path, path.stem, after=f"-{number}{path.suffix}")
