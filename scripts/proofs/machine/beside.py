"""What lies beside database and library: state, cache, temporary folder, log and home, gone or damaged."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from proofs.machine.course import Account, Fault, Ground, finish, lived_through
from proofs.machine.disk import Disk, may_mount
from proofs.machine.home import Ended, Home
from proofs.machine.row import Trial


def rows(ground: Ground) -> Iterator[Trial]:
    """Each under a daemon at work; a home without rights, and what is no log file, before a start."""
    for name, hit, begin in (
        ("state folder gone", "removed", _remove_state),
        ("state folder damaged", "every file overwritten with random bytes", _damage_state),
        ("cache folder gone", "removed", _remove_cache),
        ("cache folder damaged", "every file overwritten with random bytes", _damage_cache),
        ("log file gone", "removed, its folder too", _remove_log),
    ):
        fault = Fault(row=name, hit=hit, begin=begin, end=_nothing)
        yield lived_through(ground, Home(ground.base / name.replace(" ", "-"), ground.scene).made(), fault)
    yield _without_temporary_folder(ground)
    yield _log_that_cannot_be_opened(ground)
    if may_mount():
        yield _home_without_rights(ground)


def _nothing(_home: Home) -> None:
    """It stays as it is."""


def _remove_state(home: Home) -> None:
    shutil.rmtree(home.state)


def _remove_cache(home: Home) -> None:
    shutil.rmtree(home.cache)


def _remove_log(home: Home) -> None:
    shutil.rmtree(home.logs)


def _damage_state(home: Home) -> None:
    _overwrite(home.state)


def _damage_cache(home: Home) -> None:
    _overwrite(home.cache)


def _overwrite(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.endswith("-shm"):
            with path.open("r+b") as file:
                file.write(os.urandom(path.stat().st_size))


def _without_temporary_folder(ground: Ground) -> Trial:
    """$TMPDIR names a folder that goes away under the daemon."""
    home = Home(ground.base / "tmpdir", ground.scene).made()
    temporary = home.folder / "temporary"
    temporary.mkdir()
    home.changes = {"TMPDIR": str(temporary)}
    fault = Fault(row="$TMPDIR gone", hit="removed", begin=lambda _home: shutil.rmtree(temporary), end=_nothing)
    return lived_through(ground, home, fault)


def _log_that_cannot_be_opened(ground: Ground) -> Trial:
    """A folder stands where the log file is to be."""
    account = Account("log file that cannot be opened", "a folder in its place, at the start")
    home = Home(ground.base / "log-folder", ground.scene).made()
    home.log.mkdir()
    _refused(account, home.process())
    home.log.rmdir()
    finish(home, account)
    return account.closed(home, ground.expected)


def _home_without_rights(ground: Ground) -> Trial:
    """Nothing is set, so that all lies in the home folder, which may only be read."""
    account = Account("home without rights", "a read-only $HOME, nothing else set, at the start")
    home = Home(ground.base / "no-rights", ground.scene).made()
    bare = home.folder / "home"
    bare.mkdir()
    disk = Disk(bare)
    disk.read_only()
    try:
        ours = ("DL_LIT_DB", "DL_LIT_LIBRARY", "DL_LIT_STATE_FOLDER", "DL_LIT_CACHE_FOLDER", "DL_LIT_LOG_FILE")
        folders = {"HOME": str(bare), **dict.fromkeys(("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"), "")}
        bare_home = _Bare(home.folder, ground.scene, changes=folders, without=ours)
        _refused(account, bare_home.process())
        told = bare_home.run("doctor")
        account.see(f"doctor: exit {told.code}")
        account.failures += [f"untyped: doctor: {one}" for one in told.amiss() if "Traceback" in one]
        disk.writable()
        _ends_well(account, bare_home.process())
    finally:
        disk.close()
    finish(home, account)
    return account.closed(home, ground.expected)


class _Bare(Home):
    """A home of which some settings are left out."""

    def __init__(self, folder: Path, scene: object, *, changes: dict[str, str], without: tuple[str, ...]) -> None:
        super().__init__(folder, scene, changes)  # type: ignore[arg-type]
        self._without = without

    def environment(self, **changes: str) -> dict[str, str]:
        """As any home's, without those."""
        return {name: value for name, value in super().environment(**changes).items() if name not in self._without}


def _refused(account: Account, ended: Ended) -> None:
    account.see(f"exit {ended.code}", ended.said)
    account.failures += [f"untyped: {one}" for one in ended.amiss()]
    if ended.code in {0, 3}:
        account.failures.append(f"it was not refused: exit {ended.code}")


def _ends_well(account: Account, ended: Ended) -> None:
    if ended.code not in {0, 3}:
        account.failures.append(f"afterwards it ended with {ended.code}: {ended.line}")
