"""The library's files for those who read them: of a folder, and of an object store."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dl_lit.library.copies import Copies
from dl_lit.library.disk import flush, move_without_overwriting, sha256_of

if TYPE_CHECKING:
    from dl_lit.library.buckets import Bucket


class FolderShelf:
    """Files that lie in a folder: see `Shelf`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._root)

    def local(self, path: str, sha256: str) -> Path:
        """The file itself."""
        return self.stand_in(path, sha256)

    def stand_in(self, path: str, _sha256: str) -> Path:
        """The file itself."""
        return self._root / path

    def has(self, path: str) -> bool:
        """See `Shelf.has`."""
        return (self._root / path).is_file()

    def sizes(self) -> Iterator[tuple[str, int]]:
        """See `Shelf.sizes`."""
        for place, folders, names in os.walk(self._root):
            folders.sort()
            for name in sorted(names):
                file = Path(place, name)
                with suppress(OSError):  # gone meanwhile
                    yield file.relative_to(self._root).as_posix(), file.stat().st_size

    def sha256(self, path: str) -> str:
        """See `Shelf.sha256`."""
        try:
            return sha256_of(self._root / path)
        except OSError as error:
            return f"cannot be read: {error.strerror}"

    def read(self, path: str) -> bytes | None:
        """See `Shelf.read`."""
        try:
            return (self._root / path).read_bytes()
        except OSError:
            return None

    def lay_back(self, path: str, file: Path) -> bool:
        """See `Shelf.lay_back`."""
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{secrets.token_hex(6)}.restoring")
        try:
            shutil.copyfile(file, draft)
            flush(draft)
            move_without_overwriting(draft, place)
            flush(place.parent)
        except FileExistsError:
            return False
        finally:
            draft.unlink(missing_ok=True)
        return True

    def remove(self, path: str) -> None:
        """See `Shelf.remove`."""
        place = self._root / path
        with suppress(FileNotFoundError):
            place.unlink()
            flush(place.parent)

    def publish(self, path: str, file: Path) -> None:
        """It is there already: the library's local folder is the library."""


class BucketShelf:
    """Files that an object store keeps: see `Shelf`."""

    def __init__(self, bucket: Bucket, copies: Copies) -> None:
        """`copies` are those of this host."""
        self._bucket = bucket
        self._copies = copies

    @property
    def name(self) -> str:
        """The address."""
        return self._bucket.name

    def local(self, path: str, sha256: str) -> Path:
        """A copy, brought where it is not here."""
        name = Path(path).name
        brought = self._copies.get(name, sha256, lambda into: self._bucket.fetch(path, into))
        return brought or self._copies.place(name, sha256)

    def stand_in(self, path: str, sha256: str) -> Path:
        """Where the copy is put."""
        return self._copies.place(Path(path).name, sha256)

    def has(self, path: str) -> bool:
        """See `Shelf.has`."""
        return self._bucket.size(path) is not None

    def sizes(self) -> Iterator[tuple[str, int]]:
        """See `Shelf.sizes`."""
        return self._bucket.sizes()

    def sha256(self, path: str) -> str:
        """See `Shelf.sha256`: the object is read through."""
        return self._bucket.sha256(path) or "cannot be read: it is not there"

    def read(self, path: str) -> bytes | None:
        """See `Shelf.read`."""
        return self._bucket.get(path)

    def lay_back(self, path: str, file: Path) -> bool:
        """See `Shelf.lay_back`."""
        return self._bucket.put_new(path, file)

    def remove(self, path: str) -> None:
        """See `Shelf.remove`."""
        self._bucket.remove(path)

    def publish(self, path: str, file: Path) -> None:
        """See `Shelf.publish`."""
        self._bucket.put(path, file)
