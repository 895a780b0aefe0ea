"""An object store as a place: S3 and its like, Google Cloud Storage, Azure; keys come from the environment."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dl_lit.app.corpus.places import CannotWrite
from dl_lit.core.errors import BadInput, DlLitError
from dl_lit.core.object_address import ObjectPlace
from dl_lit.library.opening import opened

_TIMEOUT_S = 120.0


class Objects:
    """The objects below an address such as s3://bucket/folder."""

    def __init__(self, address: str) -> None:
        """Nothing is asked of the store yet. Raises `NeedsConfiguration`, `BadInput`."""
        try:
            place = ObjectPlace.parse(address)
        except ValueError as error:
            raise BadInput(f"the address {error}") from None
        self.name = str(place)
        self._bucket = opened(place, timeout_s=_TIMEOUT_S)

    def names(self, below: str) -> Iterator[str]:
        """See `Place`."""
        yield from (name for name, _ in self._bucket.sizes(below))

    def listed(self) -> Iterator[tuple[str, int, str]]:
        """Name, bytes, and what changes with the content, of every object."""
        yield from ((name, size, f"{put:.3f}") for name, size, put in self._bucket.listed())

    def read(self, name: str) -> bytes | None:
        """See `Place`."""
        return self._bucket.get(name)

    def write(self, name: str, content: bytes, *, only_new: bool = False) -> bool:
        """See `Place`: an object is put whole or not at all."""
        try:
            if not only_new:
                self._bucket.put(name, content)
                return True
            # An answer can get lost after the object came to be: then it is there, and ours.
            return self._bucket.put_new(name, content) or self._bucket.get(name) == content
        except DlLitError as error:
            raise CannotWrite(f"cannot write {name}: {error}") from error

    def remove(self, name: str) -> None:
        """See `Place`."""
        try:
            self._bucket.remove(name)
        except DlLitError as error:
            raise CannotWrite(f"cannot remove {name}: {error}") from error

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """A copy below TMPDIR, for as long as it is needed."""
        with tempfile.TemporaryDirectory(prefix="dl-lit-") as folder:
            copy = Path(folder) / "copy.pdf"
            if self._bucket.fetch(name, copy) is None:
                raise FileNotFoundError(name)
            yield copy
