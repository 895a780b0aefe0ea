"""What handing in needs, opened beside a pipeline that may be running: children, library, database; no network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from db.handing_in import path_of_content
from db.reading.opening import reading
from db.upgrading import owner_of
from dl_lit.app.handing_in import HandIn
from dl_lit.app.naming import naming
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DlLitError
from dl_lit.library.folder import FolderLibrary
from dl_lit.pdf.reader import ChildChecker
from dl_lit.settings import Settings
from dl_lit.settings.model import MB


@contextmanager
def hand_in_desk(settings: Settings) -> Iterator[HandIn]:
    """A `HandIn` with everything it needs. Raises `DlLitError` where the library is not there."""
    clock = SystemClock()

    def owner(path: str) -> int | None:
        with reading(settings.database) as connection:
            return owner_of(connection, path)

    def same(sha256: str) -> str | None:
        with reading(settings.database) as connection:
            return path_of_content(connection, sha256)

    with ChildChecker(
        1,
        timeout_s=settings.pdf.timeout_s,
        memory_bytes=settings.pdf.memory_mb * MB,
        max_bytes=settings.pdf.max_mb * MB,
    ) as checker:
        library = FolderLibrary(
            settings.library,
            clock,
            naming=naming(settings.files),
            annotate=checker.annotate if settings.files.write_metadata else None,
            find_same=same,
            owner_of=owner,
            is_new=False,
        )
        if (trouble := library.trouble()) is not None:
            raise DlLitError(trouble)
        desk = HandIn(settings.database, library, checker, clock, synchronous=settings.synchronous)
        try:
            yield desk
        finally:
            desk.close()
