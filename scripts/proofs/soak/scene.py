"""The two programs of a soak, each in a process of its own: the replica, and the daemon that is measured."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import psutil
from proofs.soak.folder import SoakFolder, Terms

from dl_lit.demo.pace import quick_motion

CHECKOUT = Path(__file__).resolve().parents[3]
_START_S = 120.0
_STOP_S = 90.0
_PR_SET_PDEATHSIG = 1  # https://man7.org/linux/man-pages/man2/prctl.2.html


class ReplicaProcess:
    """The scholarly web of this soak; its faults are set from here."""

    def __init__(self, child: subprocess.Popen[bytes], told: dict[str, Any]) -> None:
        """`told` is what it announced."""
        self._child = child
        self.env: dict[str, str] = told["env"]
        where = urlsplit(told["control"])
        self.port = where.port or 0
        self._host = where.hostname or ""
        self._faults: Sequence[dict[str, Any]] = ()

    def set_faults(self, faults: Sequence[dict[str, Any]]) -> None:
        """Let exactly these be in force."""
        if list(faults) == list(self._faults):
            return
        self._ask("DELETE", "faults")
        if faults:
            self._ask("POST", "faults", json.dumps(list(faults)))
        self._faults = list(faults)

    def problems(self) -> int:
        """How many errors of its own the replica has met."""
        return len(self._ask("GET", "stats")["problems"])

    def is_alive(self) -> bool:
        """Whether it still serves."""
        return self._child.poll() is None

    def _ask(self, method: str, what: str, body: str | None = None) -> Any:
        connection = HTTPConnection(self._host, self.port, timeout=60.0)
        try:
            connection.request(method, f"/__replica__/{what}", body)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def replica_process(folder: SoakFolder, terms: Terms) -> Iterator[ReplicaProcess]:
    """Serve the folder's universe in another process while entered; it ends with us, whatever happens."""
    command = [sys.executable, "-m", "dl_lit.replica", "--universe", str(folder.universe), "--seed", str(terms.seed)]
    command += ["--cache", str(folder.path / "universe-cache"), "--log", str(folder.requests)]
    command += ["--latency-profile", "realistic", "--time-scale", str(terms.time_scale), "--port", str(terms.port)]
    command += ["--pdf-bytes", "30000"]
    with (folder.path / "replica.err").open("ab") as errors:
        child = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        line = child.stdout.readline() if child.stdout else b""
        if not line:
            raise click.ClickException(f"the replica did not start: see {folder.path / 'replica.err'}")
        yield ReplicaProcess(child, json.loads(line))
    finally:
        child.terminate()
        child.wait(_STOP_S)
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()


def daemon_environment(folder: SoakFolder, terms: Terms, replica_env: dict[str, str]) -> dict[str, str]:
    """What points the daemon at the replica, with every limit divided by the time scale, and at its own folders."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DL_LIT_")}
    env |= replica_env | quick_motion(terms.time_scale)
    return env | {
        "PYTHONPATH": str(CHECKOUT),
        "DL_LIT_CONFIG": str(folder.path / "config.toml"),
        "DL_LIT_DB": str(folder.database),
        "DL_LIT_LIBRARY": str(folder.library),
        "DL_LIT_STATE_FOLDER": str(folder.state),
        "DL_LIT_CACHE_FOLDER": str(folder.cache),
        "DL_LIT_LOG_FILE": str(folder.log),
        "DL_LIT_CONTACT_EMAIL": "soak@library-of-shores.org",
        "DL_LIT_OPENALEX_KEY": "soak-key",  # without one a day's credits are spent within the hour, and little happens
    }


def start_daemon(folder: SoakFolder, env: dict[str, str]) -> psutil.Popen:
    """The real program; it is told to end (SIGTERM) when we die."""
    command = [sys.executable, "-m", "dl_lit", "watch-folder-concurrent", str(folder.inbox), "--json"]
    with folder.output.open("ab") as output:
        return psutil.Popen(
            command,
            cwd=folder.path,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )


def stop_daemon(daemon: psutil.Popen) -> int | None:
    """SIGTERM, and the exit code; None where it did not end in time and was killed."""
    daemon.send_signal(signal.SIGTERM)
    try:
        return int(daemon.wait(_STOP_S))
    except psutil.TimeoutExpired:
        daemon.kill()
        daemon.wait(_STOP_S)
        return None


def await_end_of(pid: int, folder: SoakFolder) -> None:
    """Wait until the daemon of an earlier call, which was told to end with it, has ended."""
    deadline = time.monotonic() + _STOP_S
    while time.monotonic() < deadline:
        try:
            if str(folder.inbox) not in psutil.Process(pid).cmdline():  # the number is another's by now
                return
        except psutil.Error:
            return
        time.sleep(0.2)
    raise click.ClickException(f"the daemon of an earlier call, process {pid}, does not end")


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
