"""The peers that install from wheels: each a program of its own, in an environment of its own below .cache/peers.

Nothing of them is imported here; what they find is turned into our schema by the adapters in `peers/`, which run with
the peer's Python.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENVIRONMENTS = ROOT / ".cache" / "peers"
_INSTALL_S = 600.0
_PIP = ("install", "-qq", "--only-binary", ":all:", "--retries", "1", "--timeout", "20", "--disable-pip-version-check")
_APT = ("-qq", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "DPkg::Lock::Timeout=60")
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Peer:
    """Another reader of bibliographies."""

    name: str
    requirement: str
    licence: str
    adapter: str  # module in peers/
    program: str | None = None  # what it needs beside its wheels
    package: str | None = None  # the Debian package of that program

    @property
    def folder(self) -> Path:
        """Its environment."""
        return ENVIRONMENTS / self.requirement.replace("==", "-")


PEERS = (
    Peer("refextract", "refextract==1.1.7", "GPL-2.0-or-later", "refextract_adapter", "pdftotext", "poppler-utils"),
    Peer("citation-checker", "citation-checker==1.0.3", "MIT, on PyMuPDF: AGPL-3.0", "citation_checker_adapter"),
)


class NotToBeHad(Exception):
    """Why a peer cannot be compared, as a plain sentence."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a program took, its own children included."""

    exit_code: int | None  # None: its time was over
    cpu_s: float
    wall_s: float
    peak_mb: float


def prepare(peer: Peer) -> Path:
    """The Python of the peer's environment, made first where it is missing. Raises `NotToBeHad`."""
    if peer.program and shutil.which(peer.program) is None:
        _install_package(peer.package or "")
        if shutil.which(peer.program) is None:
            raise NotToBeHad(
                f"{peer.name} was left out: it needs {peer.program} (on Debian: apt-get install {peer.package})."
            )
    python = peer.folder / "bin" / "python"
    if not (peer.folder / ".in-step").exists():
        shutil.rmtree(peer.folder, ignore_errors=True)
        peer.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            _call(sys.executable, "-m", "venv", "--without-pip", str(peer.folder))
            _call(sys.executable, "-m", "pip", "--python", str(python), *_PIP, peer.requirement)
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(peer.folder, ignore_errors=True)
            raise NotToBeHad(f"{peer.name} was left out: its wheels could not be had ({_why(error)}).") from error
        (peer.folder / ".in-step").touch()
    return python


def read(peer: Peer, python: Path, pdfs: list[Path], folder: Path, *, timeout_s: float, file_s: int) -> dict[str, Any]:
    """What the peer finds in the PDFs and what it takes: `documents`, `cpu_s`, `wall_s`, `peak_mb`, `timed_out`."""
    out = folder / f"{peer.name}.jsonl"
    command = [str(python), "-B", str(HERE / "peers" / f"{peer.adapter}.py"), str(out), str(file_s), *map(str, pdfs)]
    taken = measured(command, timeout_s, folder / f"{peer.name}.log")
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    documents = [json.loads(line) for line in lines if line.endswith("}")]
    known = {document["path"] for document in documents}
    missing = "its time was over" if taken.exit_code is None else f"it ended with {taken.exit_code}"
    documents += [{"path": str(p), "references": [], "error": missing} for p in pdfs if str(p) not in known]
    return {
        "documents": documents,
        "cpu_s": taken.cpu_s,
        "wall_s": taken.wall_s,
        "peak_mb": taken.peak_mb,
        "timed_out": taken.exit_code is None,
    }


def measured(command: list[str], timeout_s: float, log: Path) -> Measured:
    """Run `command`, at most `timeout_s` seconds, its output in `log`; whatever it started ends with it."""
    start = time.perf_counter()
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(log.parent)},
        )
    is_over = False
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if not is_over and time.perf_counter() - start > timeout_s:
            is_over = True
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        time.sleep(_POLL_S)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(
        None if is_over else process.returncode,
        usage.ru_utime + usage.ru_stime,
        time.perf_counter() - start,
        usage.ru_maxrss / 1024,
    )


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_S, stdin=subprocess.DEVNULL)


def _install_package(name: str) -> None:
    """Add the Debian package where we may; what does not work shows by the program still missing."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", name]):
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(["apt-get", *_APT, *arguments], check=True, capture_output=True, timeout=_INSTALL_S, env=env)


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        told = [line for line in (error.stderr or "").splitlines() if line.startswith("ERROR")]
        return told[-1].removeprefix("ERROR: ")[:160] if told else f"exit code {error.returncode}"
    return "it took too long" if isinstance(error, subprocess.TimeoutExpired) else str(error)[:160]
