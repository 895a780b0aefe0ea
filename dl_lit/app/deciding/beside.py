"""The library as a process that works beside a pipeline uses it, and the children it opens PDFs with."""

from __future__ import annotations

from db.files import owner_of, path_of_content
from db.reading.opening import reading
from dl_lit.app.shelving import library_of
from dl_lit.core.clock import Clock
from dl_lit.library.kept import KeptLibrary
from dl_lit.pdf.reader import ChildChecker
from dl_lit.settings import Settings
from dl_lit.settings.model import MB


def checker_beside(settings: Settings) -> ChildChecker:
    """One child, started when it is first needed; to be closed."""
    pdf = settings.pdf
    return ChildChecker(1, timeout_s=pdf.timeout_s, memory_bytes=pdf.memory_mb * MB, max_bytes=pdf.max_mb * MB)


def library_beside(settings: Settings, clock: Clock, checker: ChildChecker) -> KeptLibrary:
    """The library that is there, never made anew; `checker` writes into copies where that is wished for."""

    def owner(path: str) -> int | None:
        with reading(settings.database) as connection:
            return owner_of(connection, path)

    def same(sha256: str) -> str | None:
        with reading(settings.database) as connection:
            return path_of_content(connection, sha256)

    return library_of(
        settings,
        clock,
        find_same=same,
        owner_of=owner,
        annotate=checker.annotate if settings.files.write_metadata else None,
        is_new=False,
    )
