"""Putting files away that have been read: into `completed/`, or into `failed/` with the reason beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from db.connect import Engine
from db.watched_files import (
    COMPLETED,
    Changes,
    EndedFile,
    Filed,
    ended_files,
    lost_and_found,
    note_filed,
    plan_places,
    planned_files,
    read_again,
    unplan,
)
from dl_lit.app.intake.inbox import content_of, open_regular
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError
from dl_lit.core.reasons import Reason
from dl_lit.exports.reason_text import REASON_TEXT
from dl_lit.runtime.watching import placing
from dl_lit.runtime.watching.filesystem import mounts, silent_mount
from dl_lit.runtime.watching.wanted import FILED
from dl_lit.runtime.watching.writers import is_being_written
from dl_lit.settings.daemon import Afterwards

TO_COMPLETED, TO_FAILED = FILED

AGAIN_S = 30.0
"""After how long files that could not be put away are tried again."""

_MOST_AT_ONCE = 1_000

log = structlog.get_logger("dl_lit.watch")


class Filing:
    """Looks for files whose source has ended, and puts them where such files belong. For one thread."""

    def __init__(
        self,
        engine: Engine,
        folders: Sequence[Path],
        afterwards: Afterwards,
        clock: Clock,
        *,
        on_found: Callable[[], None] = lambda: None,
    ) -> None:
        """`folders` are the watched ones; `on_found` is called when a source that had vanished can be read again."""
        self._engine = engine
        self._folders = tuple(folders)
        self._afterwards = afterwards
        self._clock = clock
        self._on_found = on_found
        self._changes = Changes(engine)
        self._again_at = float("inf")
        self._troubles: dict[Path, str] = {}
        self._unhealed = set(folders)
        self._is_remote = False  # the folder at hand: there it cannot be told who writes

    def close(self) -> None:
        """Let go of the database."""
        self._changes.close()

    def trouble(self, folder: Path) -> str | None:
        """Why files of `folder` cannot be put away at present; None where they can. From any thread."""
        return self._troubles.get(folder)

    def once(self) -> int:
        """Put away what can be; how many files that were. Costs next to nothing while the database does not change."""
        now = self._clock.monotonic()
        if not self._changes.any_since() and now < self._again_at:
            return 0
        self._again_at = now + AGAIN_S if self._unhealed else float("inf")
        self.heal()
        self._find_lost()
        if self._afterwards == "leave":
            return 0
        return sum(self._file_folder(folder) for folder in self._folders)

    def heal(self) -> None:
        """Finish what a sudden end interrupted between a move and its being written down."""
        for folder in tuple(self._unhealed):
            self._unhealed.discard(folder)
            try:
                for file in planned_files(self._engine, folder):
                    self._heal(folder, file)
            except DlLitError:
                self._unhealed.add(folder)  # the next time
                raise

    def _find_lost(self) -> None:
        """Files that were renamed just before they were to be read are read where they are now."""
        for lost in lost_and_found(self._engine):
            if placing.is_unchanged(lost.path, lost.size, lost.changed_ns):
                read_again(self._engine, lost.source_id, lost.path)
                log.info("source_found", source=lost.source_id, path=str(lost.path))
                self._on_found()

    def _file_folder(self, folder: Path) -> int:
        put, after = 0, None
        self._is_remote = silent_mount(folder.resolve(), mounts()) is not None
        while files := ended_files(self._engine, folder, after=after):
            after = files[-1].path
            try:
                put += self._put_away(folder, files)
            except OSError as error:
                why = f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
                if folder not in self._troubles:
                    log.warning("files_not_filed", folder=str(folder), why=why)
                self._troubles[folder] = why
                self._again_at = self._clock.monotonic() + AGAIN_S
                return put
            if put >= _MOST_AT_ONCE:
                self._again_at = float("-inf")
                break
        self._troubles.pop(folder, None)
        return put

    def _put_away(self, folder: Path, files: Sequence[EndedFile]) -> int:
        """Choose places, write them down, put the files there, write down that they are there."""
        movable = [file for file in files if self._is_at_rest(file)]
        places: dict[Path, Path] = {}
        for file in movable:
            place = placing.free_place(_home(folder, file), self._is_taken(file, places))
            placing.make_folder(place.parent)
            places[file.path] = place
        if self._afterwards == "move":
            plan_places(self._engine, places.items())
        done: list[Filed] = []
        try:
            for file in movable:
                filed = self._put(folder, file, places[file.path])
                if filed is not None:
                    done.append(filed)
        finally:
            placing.make_lasting({place.parent for one in done for place in (one.now, one.link) if place is not None})
            note_filed(self._engine, done)
        for one in done:
            log.info("file_filed", path=str(one.path), now=str(one.link or one.now or ""), verdict=one.verdict)
        return len(done)

    def _is_taken(self, file: EndedFile, chosen: dict[Path, Path]) -> Callable[[Path], bool]:
        """Whether a place cannot be had: a file that is there already may stay, and its own link is no obstacle."""

        def is_taken(place: Path) -> bool:
            if place == file.path or (self._afterwards == "link" and _is_one(place, file.path)):
                return False
            return placing.is_occupied(place) or place in chosen.values()

        return is_taken

    def _is_at_rest(self, file: EndedFile) -> bool:
        """Whether the file still is what was read, and nobody writes to it; otherwise it is looked at again."""
        if not placing.is_unchanged(file.path, file.size, file.changed_ns):
            return False  # it is new, or gone: the watcher will say
        if not self._is_remote and is_being_written(file.path):
            self._again_at = min(self._again_at, self._clock.monotonic() + AGAIN_S)
            return False
        return True

    def _put(self, folder: Path, file: EndedFile, place: Path) -> Filed | None:
        verdict = file.reason.value if file.reason is not None else COMPLETED
        if self._afterwards == "link" and not _is_filed(folder, file.path):
            self._link(folder, file, place)
            filed = Filed(file.path, file.path, verdict, link=place)
        else:
            try:
                self._move(file, place)
            except (placing.Changed, FileExistsError):
                unplan(self._engine, file.path)
                self._again_at = min(self._again_at, self._clock.monotonic() + AGAIN_S)
                return None
            except OSError:
                unplan(self._engine, file.path)
                raise
            filed = self._without_double(folder, file, Filed(file.path, place, verdict))
        if file.reason is not None and filed.now is not None:
            placing.write_beside(place, _told(file, file.reason))
        return filed

    def _move(self, file: EndedFile, place: Path) -> None:
        if place == file.path:
            return
        placing.move(file.path, place, is_same=lambda copy: _sha256(copy) == file.sha256)
        placing.erase_beside(file.path)

    def _link(self, folder: Path, file: EndedFile, place: Path) -> None:
        if not _is_one(place, file.path):
            placing.link(file.path, place)
        # A file that was mended where it stands is mended in its links, too: none says that it failed any more.
        elsewhere = _homes(folder, file)
        for old in {*elsewhere.values(), *([file.place] if file.place is not None else [])} - {place}:
            if _is_one(old, file.path):
                old.unlink()
                placing.erase_beside(old)

    def _without_double(self, folder: Path, file: EndedFile, filed: Filed) -> Filed:
        """A copy of a file that is there already, under the very name, is not kept twice."""
        wanted, place = _home(folder, file), filed.now
        if place is None or place == wanted or not wanted.is_file() or wanted.stat().st_size != file.size:
            return filed
        if _sha256(wanted) != file.sha256 or _sha256(place) != file.sha256:
            return filed
        place.unlink()
        return Filed(filed.path, None, filed.verdict, link=wanted)

    def _heal(self, folder: Path, file: EndedFile) -> None:
        place = file.place
        is_linked = file.filed is not None and not _is_filed(folder, file.path)
        if place is None or place == file.path or is_linked:
            return
        is_there = placing.is_unchanged(place, file.size, file.changed_ns)
        if is_there and placing.is_unchanged(file.path, file.size, file.changed_ns):
            # A copy on another file system: the file itself was still to go.
            if _sha256(place) != file.sha256:
                unplan(self._engine, file.path)
                return
            file.path.unlink()
        if is_there:
            verdict = file.reason.value if file.reason is not None else TO_FAILED
            verdict = COMPLETED if place.is_relative_to(folder / TO_COMPLETED) else verdict
            note_filed(self._engine, [Filed(file.path, place, verdict)])
            if file.reason is not None and verdict != COMPLETED:
                placing.write_beside(place, _told(file, file.reason))
            placing.erase_beside(file.path)
            log.info("file_filed", path=str(file.path), now=str(place), verdict=verdict)
            return
        if place.is_file() and place.stat().st_size == 0 and file.size and file.path.exists():
            place.unlink()  # the name that was held for the file
        # Where neither is there, the folder may not be: then the plan tells where to look when it is.
        if file.path.exists() or _has_files(folder):
            unplan(self._engine, file.path)
        else:
            self._unhealed.add(folder)


def _has_files(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False


def _home(folder: Path, file: EndedFile) -> Path:
    """Where the file belongs, if nothing stands there."""
    return _homes(folder, file)[TO_COMPLETED if file.reason is None else TO_FAILED]


def _homes(folder: Path, file: EndedFile) -> dict[str, Path]:
    """Where the file belongs, in each of the folders for files that have been read."""
    inside = next(
        (file.path.relative_to(folder / name) for name in FILED if file.path.is_relative_to(folder / name)),
        file.path.relative_to(folder),
    )
    return {name: folder / name / inside for name in FILED}


def _is_filed(folder: Path, path: Path) -> bool:
    return any(path.is_relative_to(folder / name) for name in FILED)


def _is_one(first: Path, second: Path) -> bool:
    """Whether both are names of one file."""
    try:
        return first.samefile(second)
    except OSError:
        return False


def _sha256(path: Path) -> str | None:
    try:
        with open_regular(path) as file:
            return content_of(file)[0]
    except OSError:
        return None


def _told(file: EndedFile, reason: Reason) -> str:
    """What stands beside a file that failed."""
    text = REASON_TEXT[reason]
    lines = [reason.value, "", text.what]
    if file.detail:
        lines.append(f"({file.detail})")
    if text.advice:
        lines.append(text.advice)
    lines += ["", "A mended file goes into the watched folder itself, not here: it is a source of its own."]
    lines += [f"More: dl-lit explain s{file.source_id}", ""]
    return "\n".join(lines)
