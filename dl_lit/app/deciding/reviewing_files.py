"""Deciding on files in quarantine: into the library, or refused and removed. Works beside a running pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from db.adopting import ACCEPTED
from db.connect import connect, open_to_read
from db.files import owner_of
from db.held_files import HeldFile, accept_file, held_file, held_files, refuse_file
from db.reading.opening import reading
from dl_lit.app.care.left_over import dispose
from dl_lit.app.deciding.beside import checker_beside, library_beside
from dl_lit.app.recognising import RECOGNISER
from dl_lit.app.shelving import shelf_of
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import BadInput
from dl_lit.core.items import Downloaded
from dl_lit.core.proof import Verdict
from dl_lit.settings import Settings

BY_A_PERSON = "a person has looked at it"
"""The first evidence of a file that was accepted in review."""


class FileReview:
    """One person's, or one program's, decisions on files. One thread."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Raises `DatabaseUnusable` where there is no database that can be read."""
        self._settings = settings
        self._clock = clock or SystemClock()
        open_to_read(settings.database).dispose()
        self._engine = connect(settings.database, synchronous=settings.synchronous)
        self._checker = checker_beside(settings)
        self._shelf = shelf_of(settings, self._clock)
        self._library = library_beside(settings, self._clock, self._checker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._checker.close()
        self._engine.dispose()

    def waiting(self) -> list[HeldFile]:
        """The files that wait for a decision."""
        with reading(self._settings.database) as connection:
            return held_files(connection)

    def one(self, work_id: int) -> HeldFile:
        """The file of one work. Raises `BadInput` where none waits."""
        with reading(self._settings.database) as connection:
            return held_file(connection, work_id)

    def path(self, held: HeldFile) -> Path:
        """Where the file is, to be looked at."""
        return self._shelf.local(held.facts.path, held.facts.sha256)

    def accept(self, held: HeldFile) -> Downloaded:
        """Move the file into the library under its name: it is the work.

        Raises `BadInput` where somebody else decided meanwhile, and `FetchError` where the disk refuses.
        """
        proof = held.facts.proof
        by_hand = replace(proof, verdict=Verdict.VERIFIED, reason=None, evidence=(BY_A_PERSON, *proof.evidence))
        released = self._library.release(held.work_id, held.work, held.facts, by_hand)
        try:
            decision = f"{ACCEPTED}: {released.path}"
            accept_file(self._engine, held, released, RECOGNISER, self._clock, decision)
        except BadInput:
            if self._owner_of(released.path) is None:
                self._library.remove(released.path)
            self._library.clear(held.work_id)
            raise
        self._library.clear(held.work_id)
        self._put_away()
        return released

    def refuse(self, held: HeldFile) -> bool:
        """Remove the file: it is not the work, and is not taken again; whether other locations are tried now.

        Raises `BadInput` where somebody else decided meanwhile.
        """
        goes_on = refuse_file(self._engine, held, self._clock)
        self._put_away()
        return goes_on

    def _owner_of(self, path: str) -> int | None:
        with self._engine.connect() as connection:
            return owner_of(connection, path)

    def _put_away(self) -> None:
        dispose(self._engine, self._library, keep=self._settings.recheck.keep_superseded)
