"""Taking finished files of a watched folder over: read once, known by their content, written down together."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from db.connect import Engine
from db.intake import add_sources
from db.watched_files import TakenFile, forget_files, known_below, take_files
from dl_lit.app.deciding.handing_in import HandIn
from dl_lit.app.intake.inbox import content_of, open_regular, unreadable_source
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseDamaged, DlLitError, FetchError
from dl_lit.core.source_path import path_text
from dl_lit.core.store import NewSource
from dl_lit.runtime.watching.settling import Look, regular_look
from dl_lit.runtime.watching.taking import FinishedFile, Verdict

_PASSING = frozenset(
    {
        errno.EBUSY,
        errno.ESTALE,
        errno.EINTR,
        errno.ETIMEDOUT,
        errno.EAGAIN,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOTCONN,
        errno.EHOSTDOWN,
        errno.ENODEV,
    }
)
"""What keeps a file from being read for a moment."""

log = structlog.get_logger("dl_lit.watch")


class SourceTaker:
    """Makes sources of the files of one folder."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        clock: Clock,
        wake: Callable[[], None],
        *,
        give_up: Callable[[DlLitError], None] = lambda _error: None,
        send: Callable[[Sequence[NewSource]], None] = lambda _sources: None,
    ) -> None:
        """`wake` is called when there is work, `give_up` when the database turns out to be damaged.

        `send` puts sources where all hosts reach them, or raises.
        """
        self._give_up = give_up
        self._send = send
        self._engine = engine
        self._folder = folder
        self._clock = clock
        self._wake = wake

    def known(self) -> Iterable[tuple[Path, int, int]]:
        """See `Taker.known`."""
        return known_below(self._engine, self._folder)

    def take(self, files: Sequence[FinishedFile]) -> list[Verdict]:
        """See `Taker.take`."""
        try:
            return self._taken(files)
        except DatabaseDamaged as error:
            self._give_up(error)
            raise

    def _taken(self, files: Sequence[FinishedFile]) -> list[Verdict]:
        read = [_read(file) for file in files]
        taken = [
            TakenFile(source, file.look.changed_ns)
            for file, (verdict, source) in zip(files, read, strict=True)
            if source is not None and verdict is Verdict.TAKEN
        ]
        refused = [source for verdict, source in read if source is not None and verdict is Verdict.REFUSED]
        if taken:
            try:
                self._send([one.source for one in taken])
            except DlLitError as error:
                log.warning("not_sent", detail=str(error))
                return [Verdict.CHANGED if one is Verdict.TAKEN else one for one, _ in read]
            for one, added in zip(taken, take_files(self._engine, taken, self._clock), strict=True):
                log.info("source", path=one.source.path, source=added.id, new=added.is_new)
        for source in refused:
            log.warning("source_unreadable", path=source.path)
        if refused:
            add_sources(self._engine, refused, self._clock)
        if taken or refused:
            self._wake()
        return [verdict for verdict, _ in read]

    def forget(self, paths: Sequence[Path]) -> None:
        """See `Taker.forget`."""
        forget_files(self._engine, paths)


def _read(file: FinishedFile) -> tuple[Verdict, NewSource | None]:
    """The file by its content, if it still is as it was when it was found to be finished."""
    path = file.path
    try:
        with open_regular(path) as opened:
            if _look(opened.fileno()) != file.look:
                return Verdict.CHANGED, None
            sha256, size = content_of(opened)
            if _look(opened.fileno()) != file.look or path.stat().st_ino != file.look.inode:
                return Verdict.CHANGED, None
    except FileNotFoundError:
        return Verdict.GONE, None
    except OSError as error:
        if error.errno in _PASSING:
            return Verdict.CHANGED, None
        return Verdict.REFUSED, unreadable_source(path, error)
    return Verdict.TAKEN, NewSource(path_text(path), sha256, size)


def _look(file: int) -> Look:
    return Look.of(os.fstat(file))


class HandInTaker:
    """Binds the files of the hand-in folder to the works that wait for them."""

    def __init__(self, desk: HandIn) -> None:
        self._desk = desk

    def known(self) -> Iterable[tuple[Path, int, int]]:
        """None: what is left there is looked at again at every start."""
        return ()

    def take(self, files: Sequence[FinishedFile]) -> list[Verdict]:
        """See `Taker.take`."""
        verdicts = []
        for file in files:
            if (seen := regular_look(file.path)) != file.look:
                verdicts.append(Verdict.GONE if seen is None else Verdict.CHANGED)
                continue
            with suppress(FetchError):  # the library's disk: the desk tries it again
                self._desk.take(file.path, move=True)
            verdicts.append(Verdict.TAKEN)
        return verdicts

    def forget(self, paths: Sequence[Path]) -> None:
        """Nothing is remembered."""
