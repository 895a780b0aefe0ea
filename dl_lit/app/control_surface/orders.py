"""What can be ordered from outside: taking PDFs in, pausing, resuming, trying again.

Every order goes through the database, so it is the same in the daemon and beside it: the process that works the
database notices.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from db.codec import stamp
from db.connect import connect, open_to_read
from db.pausing import pause, paused, resume
from db.refusing import named
from db.retrying import put_back
from db.taking import Known, Take, known_source
from dl_lit.app.intake.adding import AddingTogether
from dl_lit.app.intake.inbox import new_source
from dl_lit.app.intake.sent import send
from dl_lit.app.intake.uploads import HEAD, UploadDraft, file_name, require_pdf, require_room, tidy, uploads_folder
from dl_lit.app.putting_back import failures_wanted, retried, stage_named
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseAway, DatabaseUnusable
from dl_lit.core.model import StageName
from dl_lit.core.source_path import path_of, path_text
from dl_lit.core.store import NewSource
from dl_lit.settings import Settings
from dl_lit.settings.model import MB
from dl_lit.web.contract import Document, Draft, Refused, Wanted

PATIENCE_S = 3.0
"""What pausing, resuming and trying again wait for the database; whoever ordered is told to come back then."""

_STATES = {"pending": "waiting", "extracted": "extracted", "failed": "failed"}

log = structlog.get_logger("dl_lit.control")


class TakingOrders:
    """Carries orders out on one database. Thread-safe."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        folders: Callable[[], Sequence[Path]] = tuple,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`folders` are those that files may be named in, besides serve.folders; `wake` is called when work came."""
        self._settings = settings
        self._clock = clock
        self._folders = folders
        self._wake = wake
        self._uploads = uploads_folder(settings)
        try:
            open_to_read(settings.database).dispose()  # says what is wrong with it; orders make no database
        except DatabaseAway as error:  # whoever asks or orders is told, until it answers
            log.warning("serving_without_database", error=str(error))
        self._engine = connect(settings.database, synchronous=settings.synchronous)
        self._reader = connect(settings.database, read_only=True)
        self._adding = AddingTogether(self._engine, clock)
        self._ordering = connect(settings.database, synchronous=settings.synchronous, patience_s=PATIENCE_S)
        self._line = threading.Lock()  # one of us at a time stands in the line for the database's write lock
        with suppress(DatabaseAway):
            tidy(settings, self._engine, clock)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()
        self._ordering.dispose()
        self._reader.dispose()

    # --- PDFs

    def draft(self, size: int | None) -> UploadDraft:
        """See `Orders.draft`."""
        require_room(self._uploads, self._settings, size or 0)
        return UploadDraft(self._uploads, most_bytes=self._settings.serve.max_upload_mb * MB)

    def take(self, draft: Draft, wanted: Wanted) -> Document:
        """See `Orders.take`."""
        if not isinstance(draft, UploadDraft):
            raise TypeError("a draft of ours is wanted")
        name, sha256, size = file_name(wanted.name), draft.sha256, draft.size
        known = known_source(self._reader, sha256)
        if known is not None and self._is_readable(known):
            draft.discard()
            new = NewSource(known.path, sha256, size)
        else:
            kept = draft.keep(name)
            new = NewSource(path_text(kept), sha256, size)
        taken = self._add(new, wanted, moves=known is not None and not self._is_readable(known))
        if taken.path != new.path:
            path_of(new.path).unlink(missing_ok=True)  # somebody else brought the same a moment before
        return self._told(taken, new, name, wanted)

    def take_path(self, path: str, wanted: Wanted) -> Document:
        """See `Orders.take_path`."""
        file = self._allowed(path)
        new = new_source(file)
        if not new.size_bytes:
            raise Refused(422, "unreadable-file", f"{path} is empty, or cannot be read")
        taken = self._add(new, wanted, moves=True)
        return self._told(taken, new, file.name, wanted)

    def _is_readable(self, known: Known) -> bool:
        """Whether the file is there, or is needed no more."""
        return known.state == "extracted" or path_of(known.path).exists()

    def _add(self, new: NewSource, wanted: Wanted, *, moves: bool) -> Known:
        send(self._settings, [new])
        taken = self._adding.add(Take(new=new, priority=wanted.priority, moves=moves))
        log.info("source", path=taken.path, source=taken.id, new=taken.is_new, by="control")
        self._wake()
        return taken

    def _told(self, taken: Known, new: NewSource, name: str, wanted: Wanted) -> Document:
        id_ = f"s{taken.id}"
        return {
            "schema": "dl-lit/process/1",
            "id": id_,
            "new": taken.is_new,
            "duplicate": not taken.is_new,
            "state": _STATES[taken.state],
            "name": name,
            "sha256": new.sha256,
            "size_bytes": new.size_bytes,
            "priority": wanted.priority,
            "links": {
                "explain": f"/api/explain/{id_}",
                "references": f"/api/references?source={id_}",
                "events": "/events",
            },
        }

    def _allowed(self, path: str) -> Path:
        """The file by its folder's name, links in between followed, if it may be named.

        What lies elsewhere is refused in the same words, whether it exists or not.
        """
        real = _resolved(path)
        file = None if real is None else self._by_its_folder(real)
        if real is None or file is None:
            raise Refused(
                403, "path-not-allowed", "only files below the watched folders and serve.folders may be named, by paths"
            )
        try:
            number = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Refused(422, "unreadable-file", f"{path} cannot be read: {error.strerror}") from error
        try:
            info = os.fstat(number)
            if not stat.S_ISREG(info.st_mode):
                raise Refused(422, "not-a-pdf", f"{path} is no file")
            if info.st_size > self._settings.pdf.max_mb * MB:
                raise Refused(413, "too-large", f"{path} has more than {self._settings.pdf.max_mb} MB (pdf.max_mb)")
            require_pdf(os.read(number, HEAD))
        finally:
            os.close(number)
        return file

    def _by_its_folder(self, real: Path) -> Path | None:
        """The file under the name that its folder is watched by; None where it lies in none."""
        for folder in (*self._folders(), *map(Path, self._settings.serve.folders)):
            root = os.path.realpath(folder)
            if real.is_relative_to(root):
                return Path(os.path.abspath(folder)) / real.relative_to(root)  # noqa: PTH100 - its own links stay
        return None

    # --- the work

    def pause(self, stages: Sequence[str], by: str) -> Document:
        """See `Orders.pause`."""
        wanted = _stages(stages)
        with self._turn():
            changed = pause(self._ordering, wanted, by, self._clock)
        log.info("paused", stages=[stage.value for stage in changed], by=by)
        return self._pauses("pause", changed)

    def resume(self, stages: Sequence[str]) -> Document:
        """See `Orders.resume`."""
        wanted = _stages(stages)
        with self._turn():
            changed = resume(self._ordering, wanted)
        log.info("resumed", stages=[stage.value for stage in changed], by="control")
        return self._pauses("resume", changed)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One's turn to write. Raises `DatabaseUnusable` where those before wait for the database already."""
        if not self._line.acquire(timeout=PATIENCE_S):
            raise DatabaseUnusable("the database is being written to by another program: try again soon")
        try:
            yield
        finally:
            self._line.release()

    def _pauses(self, verb: str, changed: Sequence[StageName]) -> Document:
        self._wake()
        with named(), self._reader.connect() as connection:
            now = paused(connection)
        return {
            "schema": f"dl-lit/{verb}/1",
            "changed": [stage.value for stage in changed],
            "paused": [{"stage": one.stage.value, "since": stamp(one.since), "by": one.by} for one in now],
        }

    def retry(self, ids: Sequence[str], stages: Sequence[str], reasons: Sequence[str], *, every: bool) -> Document:
        """See `Orders.retry`."""
        wanted = failures_wanted(ids, stages, reasons, every_reason=every)
        with self._turn():
            done = put_back(self._ordering, wanted, self._clock)
        if done.total:
            log.info("put_back", total=done.total, by="control")
            self._wake()
        return retried(done)


def _resolved(path: str) -> Path | None:
    """Where the path leads, all links followed; None where it is not absolute, or can be no path."""
    try:
        return Path(os.path.realpath(path)) if path.startswith("/") else None
    except ValueError:  # a null character, half a surrogate pair
        return None


def _stages(words: Sequence[str]) -> list[StageName]:
    """The stages of these names, in pipeline order; all where none is named. Raises `BadInput`."""
    wanted = [stage_named(word) for word in words]
    return [stage for stage in StageName if not wanted or stage in wanted]
