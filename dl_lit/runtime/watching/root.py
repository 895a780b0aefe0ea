"""Whether the watched folder is there: an empty mount point is not a folder that has been emptied."""

from __future__ import annotations

import os
from pathlib import Path

from dl_lit.core.values import dataclass
from dl_lit.runtime.watching.filesystem import MOUNTS, mount_of, mounts


@dataclass(frozen=True, slots=True)
class Here:
    """The folder is there."""

    is_another: bool  # not the one of the last time: it was made anew, or its file system mounted anew


@dataclass(frozen=True, slots=True)
class Away:
    """The folder cannot be seen."""

    why: str  # one clause


class Root:
    """Looks whether the folder is there, and whether it still is the same one."""

    def __init__(self, folder: Path, table: Path = MOUNTS) -> None:
        """Nothing is looked at yet."""
        self._folder = folder
        self._table = table
        self._identity: tuple[int, int] | None = None
        self._mount: str | None = None  # where the file system of the last time was mounted

    def look(self) -> Here | Away:
        """How it is now. Costs one stat as long as nothing has changed."""
        try:
            status = self._folder.stat()
            if not self._folder.is_dir():
                return Away("it is not a folder")
            identity = (status.st_dev, status.st_ino)
            if identity == self._identity and os.access(self._folder, os.R_OK | os.X_OK):
                return Here(is_another=False)
            os.scandir(self._folder).close()
            real = self._folder.resolve()
        except FileNotFoundError:
            return Away("it does not exist")
        except OSError as error:
            return Away(f"it cannot be read ({error.strerror})")
        known = mounts(self._table)
        if self._mount is not None and self._mount not in {mount.point for mount in known}:
            return Away(f"nothing is mounted at {self._mount}")
        mount = mount_of(real, known)
        self._mount = mount.point if mount is not None else None
        is_another = identity != self._identity
        self._identity = identity
        return Here(is_another=is_another)
