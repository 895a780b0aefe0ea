"""What `dl-lit doctor` finds out about rights, limits and disks: what goes wrong only after weeks, or for others."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dl_lit.cli.checkup import Check, Level
from dl_lit.core.database_address import RemoteDatabase, is_signpost

if TYPE_CHECKING:
    from dl_lit.core.conditions import Condition
    from dl_lit.settings import Loaded, Settings

_FILES_LEAST = 1_024
"""Open files that a busy daemon may need: 64 downloads, their connections, the databases, children's pipes."""

_FEW = 16
"""With fewer left a process is about to be without any."""

_WATCHES_LEAST = 8_192
"""Folders that can be watched by events, of all programs of a user together; Linux's default since 2020 is higher."""

_NO_LOCKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ncpfs"})
"""File systems on which SQLite's write-ahead log is not safe: https://www.sqlite.org/wal.html (read 2026-11-23)."""


def environment(loaded: Loaded) -> Iterator[Check]:
    """Who may read secrets, what the system allows, and what disk the database is on."""
    settings = loaded.settings
    for file in (*loaded.files, settings.state_folder / "serve.token"):
        if (check := _secrecy(file, holds_secrets=_holds_secrets(loaded, file))) is not None:
            yield check
    yield _open_files()
    yield from _inotify()
    yield from _disk_of_database(settings)
    yield from _old_copies(settings.database)


def conditions(settings: Settings) -> Iterator[Check]:
    """What the process that works the database says is wrong now."""
    from dl_lit.app.now.pulse import read_own_pulse  # noqa: PLC0415 - brings msgspec, which --help need not load

    pulse = read_own_pulse(settings.database)
    for one in () if pulse is None else pulse.conditions:
        yield Check(f"running-{one.ailment.value}", Level.WARNING, _said(one))
    if pulse is not None and (told := descriptors(pulse.pid)) is not None:
        yield told


def descriptors(pid: int) -> Check | None:
    """Whether the process may open more files; None where that cannot be told (another user's, another system)."""
    try:
        opened = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        limit, _ = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    except (OSError, AttributeError):  # only Linux can tell of other processes
        return None
    says = f"process {pid} has {opened:,} of {limit:,} file descriptors open"
    raised = "what needs one is put off; raise LimitNOFILE= of the unit, or ulimit -n"
    few = limit != resource.RLIM_INFINITY and limit - opened < _FEW
    return Check.of("running-descriptors", not few, says, f"{says}: {raised}", level=Level.WARNING)


def _said(one: Condition) -> str:
    return f"{one.says}; {one.remedy}" if one.remedy else one.says


def _holds_secrets(loaded: Loaded, file: Path) -> bool:
    """Whether a key, token or password stands in this settings file; what is no settings file is all secret."""
    from dl_lit.settings.leaves import leaves  # noqa: PLC0415 - as above

    if file not in loaded.files:
        return True
    origin = f"file {file}"
    return any(
        leaves()[name].is_secret or (isinstance(value.value, RemoteDatabase) and value.value.has_secret)
        for name, value in loaded.values.items()
        if value.origin == origin
    )


def _secrecy(file: Path, *, holds_secrets: bool) -> Check | None:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return None
    open_to_others = bool(mode & 0o077) and holds_secrets
    return Check.of(
        f"secret-{file.name}",
        not open_to_others,
        f"{file} is yours alone" if holds_secrets else f"{file} holds no key",
        f"{file} holds keys and others may read it ({mode:o}): chmod 600 {file}",
        level=Level.WARNING,
    )


def _open_files() -> Check:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Check.of(
        "open-files",
        soft == resource.RLIM_INFINITY or soft >= _FILES_LEAST,
        f"{soft:,} files may be open at once",
        f"only {soft:,} files may be open at once: ulimit -n {_FILES_LEAST}, or LimitNOFILE= in the unit",
        level=Level.WARNING if hard >= _FILES_LEAST or hard == resource.RLIM_INFINITY else Level.FAILED,
    )


def _inotify() -> Iterator[Check]:
    try:
        most = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return  # another kernel
    yield Check.of(
        "inotify",
        most >= _WATCHES_LEAST,
        f"{most:,} folders may be watched by events",
        f"only {most:,} folders may be watched by events, others are looked through now and then: "
        f"sysctl fs.inotify.max_user_watches={_WATCHES_LEAST * 8}",
        level=Level.WARNING,
    )


def _disk_of_database(settings: Settings) -> Iterator[Check]:
    if is_signpost(settings.database):
        return  # its server's affair
    kind = _file_system(settings.database.parent)
    yield Check.of(
        "database-disk",
        kind not in _NO_LOCKS,
        f"the database is on {kind or 'a disk'}",
        f"the database is on {kind}, where SQLite can lose what was written: put it on a disk of this machine (--db)",
    )


def _file_system(folder: Path) -> str | None:
    """What kind of file system the folder is on, as the kernel calls it; None where it does not say."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        place = os.path.realpath(folder)
    except OSError:
        return None
    best, kind = "", None
    for line in mounts:
        _, point, found, *_ = line.split(" ")
        point = point.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
        if len(point) >= len(best) and (place == point or place.startswith(point.rstrip("/") + "/")):
            best, kind = point, found
    return kind


def _old_copies(database: Path) -> Iterator[Check]:
    """Copies that upgrades and restores have left are people's own to remove; that they are there is told."""
    copies = sorted(database.parent.glob(f"{database.name}.before-*")) if database.parent.is_dir() else []
    if copies:
        total = sum(one.stat().st_size for one in copies if one.exists()) / 1_048_576
        says = f"{len(copies)} kept from upgrades and restores, {total:,.0f} MB, the last {copies[-1].name}"
        yield Check("old-copies", Level.OK, says)
