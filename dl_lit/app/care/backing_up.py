"""Backups: the database as of one moment and, where wished for, the library's files, each proven before it counts.

A backup is a folder `dl-lit-<time>` with `dl-lit.db`, `manifest.json` and `files/`. It is made under another name and
renamed when it is whole. Files that the backup before has too are linked, not copied again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from db.backup import Contents, contents, copy_database, proven
from db.durable import flush
from dl_lit import __version__
from dl_lit.app.care.server_keeper import backed_up_by_us
from dl_lit.app.shelving import shelf_of
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput, DatabaseUnusable, DlLitError
from dl_lit.core.retry_rules import DAY_S
from dl_lit.core.values import dataclass
from dl_lit.library.kept import Shelf
from dl_lit.settings import Settings

DATABASE, MANIFEST, FILES = "dl-lit.db", "manifest.json", "files"
SCHEMA = "dl-lit/backup/1"
_NAME = re.compile(r"dl-lit-\d{8}T\d{6}Z")
_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR})
_BLOCK = 1 << 20
_INSTEAD = "no backup was made, older ones stay; dl-lit doctor tells more, dl-lit restore puts an older one back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What stands in a backup's manifest."""

    schema: str
    made_at: str  # ISO 8601 in UTC
    version: str  # of dl_lit
    schema_version: str
    database_sha256: str
    database_bytes: int
    sources: int
    entries: int
    works: int
    files: int  # that the database knows
    has_files: bool  # whether they are in the backup
    missing: tuple[str, ...] = ()  # of these, those that were not in the library as the database knows them


_decode = msgspec.json.Decoder(Manifest).decode


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    path: Path
    manifest: Manifest
    copied_bytes: int  # written; what is linked costs nothing
    removed: tuple[Path, ...]  # older ones, beyond what was to be kept
    spared: tuple[Path, ...]  # ... and those that stay beyond it, since they have what this one lacks


def back_up(settings: Settings, folder: Path, clock: Clock, *, files: bool = False, keep: int | None = None) -> Backup:
    """Make a backup in `folder`, then remove the oldest of those made there before, so that `keep` are left.

    One that has files which the new one lacks is never removed. Raises `DatabaseUnusable` where there is nothing to
    copy or the copy is not whole, `BadInput` where its server's tools are to copy it, `DlLitError` for a disk's
    refusal; the folder is then as it was.
    """
    backed_up_by_us(settings.database, str(settings.library) if files else None)
    if not settings.database.exists():
        raise DatabaseUnusable(f"there is no database at {settings.database}: nothing to back up")
    now = clock.now()
    draft = folder / f".dl-lit-{now:%Y%m%dT%H%M%S.%fZ}.{os.getpid()}.partial"
    before = backups_in(folder)
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        draft.mkdir(parents=True, mode=0o700)
        held = _copied_database(settings.database, draft / DATABASE)
        missing, copied = _copy_files(shelf_of(settings, clock), held, draft, before) if files else ((), 0)
        manifest = _manifest(draft, held, f"{now:%Y-%m-%dT%H:%M:%SZ}", has_files=files, missing=missing)
        (draft / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        for name in (DATABASE, MANIFEST):
            flush(draft / name)
        for inside in (draft, *(one for one in draft.rglob("*") if one.is_dir())):
            flush(inside)
        final = _named(draft, folder, now)
        for above in {folder, *(one.parent for one in made)}:
            flush(above)
    except OSError as error:
        raise DlLitError(f"cannot write the backup to {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        with suppress(OSError):  # as soon as one of them holds something
            for one in made:
                one.rmdir()
    beyond = before[: max(0, len(before) + 1 - keep)] if keep else []
    spared = tuple(one for one in beyond if _has_more(one, manifest))
    removed = tuple(one for one in beyond if one not in spared)
    kept_s = settings.retention.temporary_days * DAY_S
    for path in (*removed, *(_abandoned(folder, now.timestamp() - kept_s) if kept_s else ())):
        shutil.rmtree(path, ignore_errors=True)
    return Backup(final, manifest, copied + manifest.database_bytes, removed, spared)


def _named(draft: Path, folder: Path, now: datetime) -> Path:
    """Give the whole draft its name, that of its second, or of the next one that no backup has. Raises `OSError`."""
    while True:
        final = folder / f"dl-lit-{now:%Y%m%dT%H%M%SZ}"
        try:
            draft.rename(final)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            now += timedelta(seconds=1)
        else:
            return final


def backups_in(folder: Path) -> list[Path]:
    """The backups in `folder`, the oldest first; what is not one of ours is left out."""
    with suppress(OSError):
        return sorted(one for one in folder.iterdir() if _NAME.fullmatch(one.name) and (one / MANIFEST).is_file())
    return []


def _has_more(older: Path, manifest: Manifest) -> bool:
    """Whether the older backup has files that the one of `manifest` should have too and has not."""
    if not manifest.has_files:
        return (older / FILES).is_dir()
    return any((older / FILES / path).exists() for path in manifest.missing)


def _abandoned(folder: Path, before: float) -> Iterator[Path]:
    """Drafts of backups that a sudden end left there, not touched since the epoch's second `before`."""
    for draft in folder.glob(".dl-lit-*.partial"):
        with suppress(OSError):
            if draft.stat().st_mtime < before:
                yield draft


def verified(backup: Path) -> tuple[Manifest, Contents]:
    """What the backup at `backup` holds, once all of it has been read and is as it was made.

    Raises `BadInput` where it is no backup, `DatabaseUnusable` where something of it is damaged.
    """
    try:
        manifest = _decode((backup / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput(f"{backup} is no backup of dl-lit: name a folder that `dl-lit backup` made") from error
    if manifest.schema != SCHEMA:
        raise BadInput(f"{backup} was made by another version of dl-lit ({manifest.schema})")
    copy = backup / DATABASE
    if sha256_of(copy) != manifest.database_sha256:
        raise DatabaseUnusable(f"{copy} is not as it was made: take an older backup")
    if broken := _broken(copy):
        raise DatabaseUnusable(f"{copy} breaks what is promised ({broken}): take an older backup")
    held = contents(copy)
    if manifest.has_files:
        astray = [path for path, sha256 in _promised(manifest, held) if sha256_of(backup / FILES / path) != sha256]
        if astray:
            more = f" and {len(astray) - 1} more" if len(astray) > 1 else ""
            raise DatabaseUnusable(f"{backup / FILES / astray[0]}{more}: not as it was made: take an older backup")
    return manifest, held


def sha256_of(path: Path) -> str | None:
    """The SHA-256 of a file; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def copied(source: Path, target: Path) -> str:
    """Copy a file durably to `target`, which gets its folders; the SHA-256 of what was copied. Raises `OSError`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as file, target.open("xb") as copy:
        while block := file.read(_BLOCK):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _promised(manifest: Manifest, held: Contents) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of each file that is to be in the backup."""
    missing = set(manifest.missing)
    return ((path, sha256) for path, sha256, _ in held.files if path not in missing)


def _copy_files(shelf: Shelf, held: Contents, draft: Path, before: list[Path]) -> tuple[tuple[str, ...], int]:
    """Put the files that the database knows into the draft; those that are not as it knows them, and bytes written."""
    last = next((one for one in reversed(before) if (one / FILES).is_dir()), None)
    known = {path: sha256 for path, sha256, _ in _contents_of(last)} if last else {}
    missing, written = [], 0
    for path, sha256, size in held.files:
        target = draft / FILES / path
        if last is not None and known.get(path) == sha256 and _linked(last / FILES / path, target, size):
            continue
        source = shelf.local(path, sha256)
        try:
            is_right = copied(source, target) == sha256
        except OSError as error:
            if error.filename != str(source):
                raise  # the backup's own disk
            is_right = False
        if is_right:
            written += size
        else:
            target.unlink(missing_ok=True)
            missing.append(path)
    return tuple(missing), written


def _contents_of(backup: Path) -> tuple[tuple[str, str, int], ...]:
    try:
        return contents(backup / DATABASE).files
    except DatabaseUnusable:
        return ()


def _linked(source: Path, target: Path, size: int) -> bool:
    """Whether the file of the backup before could be given a name in this one."""
    try:
        if source.stat().st_size != size:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(source)
    except OSError:
        return False
    return True


def _manifest(draft: Path, held: Contents, made_at: str, *, has_files: bool, missing: tuple[str, ...]) -> Manifest:
    copy = draft / DATABASE
    return Manifest(
        schema=SCHEMA,
        made_at=made_at,
        version=__version__,
        schema_version=held.schema_version,
        database_sha256=sha256_of(copy) or "",
        database_bytes=copy.stat().st_size,
        sources=held.sources,
        entries=held.entries,
        works=held.works,
        files=len(held.files),
        has_files=has_files,
        missing=missing,
    )


def _copied_database(database: Path, copy: Path) -> Contents:
    """Copy the database and prove the copy; what it holds. Where that fails it is the database that is told of."""
    copy_database(database, copy)
    try:
        broken, held = _broken(copy), contents(copy)
    except DatabaseUnusable as error:
        why = str(error).replace(str(copy), "its copy")
        raise DatabaseUnusable(f"the database {database} is damaged ({why}): {_INSTEAD}") from error
    if broken:
        raise DatabaseUnusable(f"the database {database} breaks what is promised ({broken}): {_INSTEAD}")
    return held


def _broken(copy: Path) -> str:
    """What the copy breaks of what is promised, in words; "" where it is whole."""
    return "; ".join(f"{one.name}: {', '.join(one.examples)}" for one in proven(copy))
