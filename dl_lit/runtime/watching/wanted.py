"""Which files below a folder are to be taken, by their names alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

FILED = ("completed", "failed")
"""The folders, directly below the watched one, for files that have been read."""

_OF_OTHERS = frozenset(
    {
        "taken",  # what was handed in
        "@eaDir", "@tmp", "#recycle", "@Recycle",  # NAS systems' thumbnails, drafts and bins
        "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX",
    }
)  # fmt: skip


def is_pdf_name(name: str) -> bool:
    """Whether a file of this name is to be taken: a PDF, and no writer's temporary file.

    Temporary are hidden names (rsync's `.a.pdf.XXXXXX`, Syncthing's `.syncthing.a.pdf.tmp`, the Mac's `._a.pdf`), those
    that begin with a tilde (`~$a.pdf`), and whatever does not end in `.pdf` yet (`.part`, `.crdownload`, `.tmp`).
    """
    return name.lower().endswith(".pdf") and not name.startswith((".", "~"))


class Wanted:
    """Judges paths below `folder`. Immutable, so any thread may ask."""

    def __init__(self, folder: Path, ignore: tuple[str, ...] = (), without: frozenset[Path] = frozenset()) -> None:
        """`ignore` has patterns of names or of paths below the folder, `without` whole folders that are left out."""
        self.folder = folder
        self._root = f"{folder}{os.sep}" if folder.name else str(folder)
        self._names = tuple(pattern.strip("/") for pattern in ignore if "/" not in pattern.strip("/"))
        self._paths = tuple(pattern.strip("/") for pattern in ignore if "/" in pattern.strip("/"))
        self._without = frozenset(map(str, without))

    def takes_file(self, path: Path) -> bool:
        """Whether a file of this path is to be taken."""
        inside = self._below(str(path))
        if not inside:
            return False
        if not is_pdf_name(path.name) or self._is_ignored(inside, path.name):
            return False
        return self._enters(inside.rpartition(os.sep)[0])

    def is_draft(self, path: Path) -> bool:
        """Whether a writer would call a file so that it has not finished; it renames the file when it has."""
        inside = self._below(str(path))
        return not is_pdf_name(path.name) or any(part.startswith(".") for part in Path(inside).parts)

    def enters(self, folder: Path) -> bool:
        """Whether files in this folder may be taken."""
        inside = self._below(str(folder))
        return folder == self.folder or (bool(inside) and self._enters(inside))

    def walk(
        self, start: Path | None = None, on_trouble: Callable[[OSError], None] = lambda _error: None
    ) -> Iterator[os.DirEntry[str]]:
        """The entries below `start` (the folder unless said) with names to be taken, whatever they turn out to be.

        Folders behind symbolic links are not entered. `on_trouble` is told of folders that cannot be read.
        """
        waiting = [str(start or self.folder)]
        while waiting:
            place = waiting.pop()
            try:
                with os.scandir(place) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                on_trouble(error)
                continue
            for entry in found:
                inside = self._below(entry.path)
                if is_pdf_name(entry.name) and not _is_folder(entry):
                    if not self._is_ignored(inside, entry.name) and not _leads_to_folder(entry):
                        yield entry
                elif _is_folder(entry) and self._enters_one(inside):
                    waiting.append(entry.path)

    def _below(self, path: str) -> str:
        return path[len(self._root) :] if path.startswith(self._root) else ""

    def _enters(self, inside: str) -> bool:
        while inside:
            if not self._enters_one(inside):
                return False
            inside = inside.rpartition(os.sep)[0]
        return True

    def _enters_one(self, inside: str) -> bool:
        name = inside.rpartition(os.sep)[2]
        return not (
            name.startswith(".")
            or name in _OF_OTHERS
            or inside in FILED
            or self._is_ignored(inside, name)
            or self._root + inside in self._without
        )

    def _is_ignored(self, inside: str, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._names) or any(
            fnmatchcase(inside, pattern) for pattern in self._paths
        )


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a link that leads in circles: it leads nowhere, which whoever reads it will be told
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
