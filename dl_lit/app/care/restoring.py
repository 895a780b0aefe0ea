"""Putting a backup in the place of what is there, which is kept beside it; files of the library only come back."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from db.backup import Contents, proven, set_aside
from db.connect import open_database
from db.durable import flush, make_folder
from db.lock import PipelineLock
from dl_lit.app.care.backing_up import DATABASE, FILES, Manifest, copied, verified
from dl_lit.app.care.server_keeper import restored_by_us
from dl_lit.app.shelving import shelf_of
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError
from dl_lit.core.values import dataclass
from dl_lit.library.kept import Shelf
from dl_lit.settings import Settings


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    manifest: Manifest
    aside: Path | None  # the database that was there before
    upgraded: bool  # the backup had an older schema
    files_back: int  # put back into the library
    files_missing: tuple[str, ...]  # known to the database, neither in the library nor in the backup
    broken: tuple[str, ...]  # promises that the restored database breaks


def restore(settings: Settings, backup: Path, clock: Clock) -> Restored:
    """Restore the verified `backup`. Raises as `verified`, `DatabaseBusy` while a pipeline works the database.

    `BadInput` where that is on a server.
    """
    database = settings.database
    restored_by_us(database)
    manifest, held = verified(backup)
    with PipelineLock(database, f"restore {backup}", clock, over_anything=True):
        try:
            aside = _put_in_place(backup / DATABASE, database, clock.now())
            upgrades: list[Path] = []
            open_database(database, on_upgrade=upgrades.append).dispose()
            back, missing = _files_back(backup if manifest.has_files else None, shelf_of(settings, clock), held)
        except OSError as error:
            raise DlLitError(f"cannot restore {backup}: {error.filename or ''}: {error.strerror}") from error
        broken = tuple(finding.name for finding in proven(database))
    return Restored(manifest, aside, bool(upgrades), back, missing, broken)


def _put_in_place(copy: Path, database: Path, now: datetime) -> Path | None:
    """Let the copy be the database at one stroke; where the one before is now."""
    make_folder(database.parent)
    draft = database.with_name(f"{database.name}.{os.getpid()}.restoring")
    draft.unlink(missing_ok=True)
    while (aside := database.with_name(f"{database.name}.before-restore.{now:%Y%m%dT%H%M%SZ}")).exists():
        now += timedelta(seconds=1)
    try:
        copied(copy, draft)
        if database.exists():
            set_aside(database, aside)
        draft.replace(database)
        flush(database.parent)
    finally:
        draft.unlink(missing_ok=True)
    return aside if aside.exists() else None


def _files_back(backup: Path | None, shelf: Shelf, held: Contents) -> tuple[int, tuple[str, ...]]:
    """Bring back what the library lacks; how many came, and what is missing. What is there is never overwritten."""
    back, missing = 0, []
    for path, sha256, _ in held.files:
        if shelf.has(path) and shelf.sha256(path) == sha256:
            continue
        kept = backup / FILES / path if backup is not None else None
        if kept is not None and kept.is_file() and shelf.lay_back(path, kept):
            back += 1
        else:
            missing.append(path)
    return back, tuple(missing)
