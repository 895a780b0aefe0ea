"""The queues on PostgreSQL that a fleet is compared with, in an environment of their own below .cache/peers.

They are installed for this benchmark alone, from `peers/fleet.lock`, by hash; nothing of them is imported here.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.extraction_peers import ENVIRONMENTS, HERE, NotToBeHad

LOCK = HERE / "peers" / "fleet.lock"
SETTINGS = {"procrastinate": (1, 4), "pgqueuer": (10, 50, 200)}
"""As each comes, then what it did best with here, one or the other as the machine was busy: jobs at once of one worker
of Procrastinate (more made it slower), jobs that PgQueuer takes in one query. Each round measures all; the best one is
told as the peer's rate, the others beside it."""

_PIP = ("install", "-qq", "--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check")
_INSTALL_S = 600.0


def prepare() -> Path:
    """The Python of their environment, made first where it is missing or out of step. Raises `NotToBeHad`."""
    name = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = ENVIRONMENTS / f"fleet-{name}"
    python = folder / "bin" / "python"
    if not (folder / ".in-step").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            _call(sys.executable, "-m", "venv", "--without-pip", str(folder))
            _call(sys.executable, "-m", "pip", "--python", str(python), *_PIP, "-r", str(LOCK))
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise NotToBeHad(f"the peers were left out: their wheels could not be had ({error})") from error
        (folder / ".in-step").touch()
    return python


def command_of(python: Path, peer: str, setting: int, url: str, ran: Path) -> list[str]:
    """A worker of the peer."""
    return [str(python), "-B", str(HERE / "peers" / f"fleet_{peer}.py"), url, str(ran), str(setting)]


def fill(python: Path, peer: str, url: str, ran: Path, items: int) -> None:
    """Make the peer's tables in the empty database, and its first jobs."""
    _call(*command_of(python, peer, 1, url, ran), "--fill", str(items))


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_S, stdin=subprocess.DEVNULL)
