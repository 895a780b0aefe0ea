"""Taking back what people changed by hand, with the files that go with it. Works beside a running pipeline."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from db.connect import connect, open_to_read
from db.deeds import Change, Deed, DeedKind, deeds
from db.files import owner_of
from db.reading.opening import reading
from db.undoing import Undone, undo
from dl_lit.app.deciding.handing_in import TAKEN
from dl_lit.app.shelving import shelf_of
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.library.kept import Shelf
from dl_lit.settings import Settings


def deeds_done(settings: Settings, most: int) -> list[Deed]:
    """What people changed by hand, at most `most`, the last first."""
    with reading(settings.database) as connection:
        return deeds(connection, most)


def undone(settings: Settings, number: int | None, clock: Clock) -> Undone:
    """Take back deed `number`, or the last one. Raises `BadInput` where that is not possible; nothing changed then.

    A file that was taken out of quarantine is there again; the copy of one that was handed in is removed from the
    library, if the file that was handed in still is where it was.
    """
    open_to_read(settings.database).dispose()  # says what is wrong with it; undoing makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    files = _Files(shelf_of(settings, clock))
    try:
        try:
            done = undo(engine, number, clock, before=files.prepare)
        except BaseException:
            files.withdraw()
            raise
        with engine.connect() as connection:
            if files.leaves is not None and owner_of(connection, files.leaves) is None:
                files.remove()
    finally:
        engine.dispose()
    return done


class _Files:
    """What becomes of the files of one deed."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.leaves: str | None = None  # the file that no row will speak of any more, relative to the library
        self._laid_back: str | None = None

    def prepare(self, deed: Deed, changes: list[Change]) -> None:
        """See to it that no content is lost by undoing; raises `BadInput` where it would be."""
        if deed.kind is DeedKind.HAND_IN:
            self._hand_in(deed, changes)
        elif deed.kind is DeedKind.KEEP_FILE:
            self._kept(deed, changes)

    def withdraw(self) -> None:
        """Nothing was undone."""
        if self._laid_back is not None:
            self._shelf.remove(self._laid_back)

    def remove(self) -> None:
        """Remove the file that no row speaks of any more."""
        if self.leaves is not None:
            self._shelf.remove(self.leaves)

    def _hand_in(self, deed: Deed, changes: list[Change]) -> None:
        row = _made(changes, "downloaded_references")
        if row is not None:
            self.leaves, url = row["file_path"], row["url_source"]
            contents = {row["checksum_fetched"] or row["checksum_pdf"]}
        else:
            held: dict[str, Any] = json.loads((_made(changes, "failed_downloads") or {}).get("held") or "{}")
            self.leaves, url = held.get("path"), held.get("location", {}).get("url", "")
            contents = {held.get("fetched_sha256"), held.get("sha256")}
        if self.leaves is None:
            return
        original = Path(unquote(urlsplit(url).path))
        places = (original, original.parent / TAKEN / original.name)
        if not any(self._is_other(path) and _sha256(path) in contents - {None} for path in places):
            self.leaves = None
            raise BadInput(
                f"deed {deed.id} ({deed.said}) cannot be undone: {original} is not there any more as it was handed in, "
                "and the library's copy is not to be the last one that is thrown away"
            )

    def _is_other(self, path: Path) -> bool:
        """Whether there is such a file, and it is not the one that leaves."""
        try:
            return self.leaves is None or not path.samefile(self._shelf.stand_in(self.leaves, ""))
        except OSError:
            return True  # one of the two is not there

    def _kept(self, deed: Deed, changes: list[Change]) -> None:
        row = _made(changes, "downloaded_references")
        was = next((one.was for one in changes if one.table == "failed_downloads" and one.was), None)
        if row is None or was is None:
            return
        held = json.loads(was["held"])
        sha256, place = held["sha256"], held["path"]
        kept = self._shelf.local(row["file_path"], sha256)
        if _sha256(kept) != sha256:
            raise BadInput(f"deed {deed.id} ({deed.said}) cannot be undone: {kept} has changed since")
        if self._shelf.lay_back(place, kept):
            self._laid_back = place
        elif self._shelf.sha256(place) != sha256:
            where = self._shelf.stand_in(place, sha256)
            raise BadInput(f"deed {deed.id} ({deed.said}) cannot be undone: {where} is another file now")
        self.leaves = row["file_path"]


def _made(changes: list[Change], table: str) -> dict[str, Any] | None:
    return next((change.made for change in changes if change.table == table and change.made), None)


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
