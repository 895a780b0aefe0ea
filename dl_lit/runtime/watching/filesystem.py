"""What the folder's file system can do: whether it tells of changes, and which mount it is."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dl_lit.core.values import dataclass

MOUNTS = Path("/proc/self/mountinfo")

SILENT = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "9p", "virtiofs", "vboxsf", "prl_fs"),
        *("ceph", "lustre", "beegfs", "gpfs", "ocfs2", "gfs2", "orangefs", "pvfs2", "fuse", "drvfs"),
    }
)
"""File systems on which others' changes, or all, come without events (inotify(7), "Limitations and caveats")."""

_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a file system is to be seen."""

    point: str
    kind: str  # "ext4", "nfs4", "fuse.sshfs"

    @property
    def is_silent(self) -> bool:
        """Whether changes come without events."""
        # fuseblk is a local disk (NTFS, exFAT): all changes pass through this kernel.
        return self.kind in SILENT or self.kind.startswith("fuse.")


def mounts(table: Path = MOUNTS) -> list[Mount]:
    """The mounts that this process sees, later ones above earlier ones; none where that cannot be told."""
    try:
        lines = os.fsdecode(table.read_bytes()).splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after:
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
            found.append(Mount(point, after.split(" ", 1)[0]))
    return found


def mount_of(folder: Path, among: list[Mount]) -> Mount | None:
    """The mount that `folder` (a real path) is on; None where that cannot be told."""
    best: Mount | None = None
    for mount in among:
        is_longer = best is None or len(mount.point) >= len(best.point)
        if is_longer and _is_below(str(folder), mount.point):
            best = mount
    return best


def silent_mount(folder: Path, among: list[Mount]) -> Mount | None:
    """The mount at or below `folder` (a real path) that tells of no changes; None where all do."""
    own = mount_of(folder, among)
    if own is not None and own.is_silent:
        return own
    return next((mount for mount in among if mount.is_silent and _is_below(mount.point, str(folder))), None)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
