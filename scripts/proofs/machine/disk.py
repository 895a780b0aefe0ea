"""Real disks of a few megabytes: filled, made read-only, taken away and brought back.

Mounting needs rights. The proof starts itself in a mount namespace of its own (`unshare`), so that nothing is seen
outside and all of it goes when the proof ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


class Skipped(Exception):
    """A trial cannot be made here; the message is why."""


INSIDE = "DL_LIT_PROOF_NAMESPACE"


def may_mount() -> bool:
    """Whether this process is in a namespace where it may mount."""
    return os.environ.get(INSIDE) == "yes"


def require_mounts() -> None:
    """Raises `Skipped` where nothing may be mounted."""
    if not may_mount():
        raise Skipped("no disk may be mounted here: neither as this user nor in a namespace of its own (unshare -rm)")


def start_inside(words: Sequence[str]) -> int | None:
    """Start `words` of `proofs` where disks may be mounted; its exit code, None where that is not to be had."""
    if may_mount():
        return None
    for unshare in (["unshare", "-m"], ["unshare", "-rm"]):
        try:
            subprocess.run([*unshare, "mount", "-t", "tmpfs", "none", "/mnt"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        command = [*unshare, sys.executable, "-m", "proofs", *words]
        return subprocess.run(command, env={**os.environ, INSIDE: "yes"}, check=False).returncode
    return None


class Disk:
    """A tmpfs whose content is seen at `place`; it stays while it is taken away from there."""

    def __init__(self, place: Path, megabytes: int = 16, inodes: int = 4_000) -> None:
        """Mount it; what was in `place` is hidden."""
        self.place = place
        self._kept = place.with_name(f"{place.name}.disk")
        self._kept.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={megabytes}m,nr_inodes={inodes},mode=755", "tmpfs", str(self._kept))
        self.bring_back()

    @property
    def _filling(self) -> Path:
        return self._kept / "filling"

    def fill(self, leaving_kb: int = 0) -> None:
        """Leave no room on it, or so much."""
        with self._filling.open("ab", buffering=0) as file:
            for size in (1_048_576, 65_536, 4_096):
                with suppress(OSError):
                    while True:
                        file.write(bytes(size))
            file.truncate(file.tell() // 4_096 * 4_096 - 1_024 * leaving_kb)

    def fill_names(self) -> None:
        """Leave no room for another file or folder."""
        folder = self._kept / "names"
        with suppress(OSError):
            folder.mkdir()
            for number in range(100_000):
                (folder / str(number)).touch()

    def make_room(self) -> None:
        """Take away what filled it."""
        self._filling.unlink(missing_ok=True)
        folder = self._kept / "names"
        if folder.exists():
            for one in folder.iterdir():
                one.unlink()
            folder.rmdir()

    def read_only(self) -> None:
        """Let nothing be written at its place: a view of it that is mounted above the other, so that none is busy."""
        _mount("--bind", str(self._kept), str(self.place))
        _mount("-o", "remount,bind,ro", str(self.place))

    def writable(self) -> None:
        """End `read_only`."""
        _unmount(self.place)

    def take_away(self) -> None:
        """Let its place be the empty folder below; who has files of it open keeps them."""
        _unmount(self.place)

    def bring_back(self) -> None:
        """End `take_away`."""
        _mount("--bind", str(self._kept), str(self.place))

    def close(self) -> None:
        """Let go of the disk."""
        with suppress(subprocess.CalledProcessError):
            while os.path.ismount(self.place):
                _unmount(self.place)
        with suppress(subprocess.CalledProcessError):
            _unmount(self._kept)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True, timeout=30)


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", str(place)], check=True, capture_output=True, timeout=30)
