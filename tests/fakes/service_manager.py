"""A service manager that behaves like systemd towards one service: it reads the unit file and keeps its contract.

Starts the real program with the unit's environment and folders (below a folder of the test's own), listens to what it
tells, kills it when it has not fed its watchdog, and starts it again. What it does is written in
https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html (read 2026-11-23), and in sd_notify(3).
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
_UNITS_S = {"": 1.0, "s": 1.0, "ms": 0.001, "min": 60.0, "h": 3_600.0}
_CREDENTIALS = struct.Struct("3i")
_LOOK_S = 0.02


@dataclass(frozen=True)
class Unit:
    """The [Service] section of a unit file, with what drop-ins add to it."""

    lines: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, path: Path, **drop_in: str) -> Unit:
        section, found = "", []
        for line in path.read_text(encoding="utf-8").splitlines():
            text = line.strip()
            if text.startswith("["):
                section = text
            elif text and not text.startswith(("#", ";")) and section == "[Service]":
                key, _, value = text.partition("=")
                found.append((key, value))
        return cls((*found, *drop_in.items()))

    def all(self, key: str) -> list[str]:
        """Every value of a setting that may be given many times; an empty one forgets those before."""
        values: list[str] = []
        for name, value in self.lines:
            if name == key:
                values = [*values, value] if value else []
        return values

    def last(self, key: str, default: str = "") -> str:
        return next((value for name, value in reversed(self.lines) if name == key), default)

    def seconds(self, key: str) -> float:
        number, unit = self.last(key).rstrip("minsh"), self.last(key).lstrip("0123456789.")
        return float(number) * _UNITS_S[unit]


@dataclass
class Told:
    """One notification."""

    at: float
    pid: int
    fields: dict[str, str]


@dataclass
class Manager:
    """Runs one unit below `folder`. Everything happens within `until`, which waits for something the unit is to do."""

    unit: Unit
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)  # what the environment file would say
    state: str = "inactive"  # activating, active, reloading, deactivating, failed
    status: str = ""
    told: list[Told] = field(default_factory=list)
    refused: list[Told] = field(default_factory=list)  # of other processes than the main one
    restarts: int = 0
    results: list[str] = field(default_factory=list)  # how each run ended: "exit-code 0", "watchdog", "timeout", ...

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(str(self.folder / "notify"))
        self._socket.settimeout(_LOOK_S)
        self._main: subprocess.Popen[bytes] | None = None
        self._fed_at = self._start_at = 0.0
        self._deadline = float("inf")
        self._killed_for = ""
        self.journal = (self.folder / "journal").open("ab")

    # --- what an administrator does

    def start(self) -> None:
        """Start the unit and return at once, as `systemctl start --no-block`."""
        environment = self._environment()
        # The number of the main process is known only in it.
        wrapped = ["/bin/sh", "-c", 'export WATCHDOG_PID=$$; exec "$@"', "sh", *self._command("ExecStart")]
        self.state, self._killed_for = "activating", ""
        self._main = subprocess.Popen(
            wrapped,
            env=environment,
            cwd=self._place("/var/lib/dl-lit"),
            stdin=subprocess.DEVNULL,
            stdout=self.journal,
            stderr=self.journal,
            start_new_session=True,
        )
        self._deadline = time.monotonic() + self.unit.seconds("TimeoutStartSec")

    def reload(self) -> None:
        subprocess.run(self._command("ExecReload"), check=True)
        self.until(lambda: self.state == "reloading", "RELOADING=1")
        self.until(lambda: self.state == "active", "READY=1 after the reload")

    def stop(self) -> str:
        """Stop the unit and wait for it; how it ended."""
        self.state = "deactivating"
        self._deadline = time.monotonic() + self.unit.seconds("TimeoutStopSec")
        self.main.send_signal(signal.SIGTERM)
        self.until(lambda: self._main is None, "the end")
        return self.results[-1]

    # --- what the manager does

    @property
    def main(self) -> subprocess.Popen[bytes]:
        assert self._main is not None, f"the service does not run: {self.results}\n{self.log()}"
        return self._main

    def log(self) -> str:
        return (self.folder / "journal").read_text(encoding="utf-8", errors="replace")[-4_000:]

    def until(self, is_so: Callable[[], Any], what: str, timeout: float = 30.0) -> None:
        """Do a manager's work until something is so."""
        end = time.monotonic() + timeout
        while not is_so():
            assert time.monotonic() < end, f"in vain waited for {what}; {self.state}, {self.results}\n{self.log()}"
            self._hear()
            self._look()

    def for_a_while(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end, "time", seconds + 5.0)

    def close(self) -> None:
        if self._main is not None:
            self._kill_all()
            self._main.wait()
        self._socket.close()
        self.journal.close()

    def _hear(self) -> None:
        try:
            data, extra, _, _ = self._socket.recvmsg(4_096, socket.CMSG_SPACE(_CREDENTIALS.size))
        except TimeoutError:
            return
        pid = next(_CREDENTIALS.unpack(cmsg)[0] for _, kind, cmsg in extra if kind == socket.SCM_CREDENTIALS)
        fields = dict(line.partition("=")[::2] for line in data.decode().splitlines())
        told = Told(time.monotonic(), pid, fields)
        if self.unit.last("NotifyAccess") == "main" and (self._main is None or pid != self._main.pid):
            self.refused.append(told)
            return
        self.told.append(told)
        self.status = fields.get("STATUS", self.status)
        if fields.get("STOPPING") == "1":
            self.state = "deactivating"
            self._deadline = min(self._deadline, told.at + self.unit.seconds("TimeoutStopSec"))
        elif fields.get("RELOADING") == "1":
            assert abs(int(fields["MONOTONIC_USEC"]) / 1e6 - told.at) < 5.0
            self.state = "reloading"
        elif fields.get("READY") == "1":
            if self.state == "activating":
                self._fed_at = told.at
            self.state, self._deadline = "active", float("inf")
        if fields.get("WATCHDOG") == "1":
            self._fed_at = told.at
        if "EXTEND_TIMEOUT_USEC" in fields and self._deadline != float("inf"):
            self._deadline = max(self._deadline, told.at + int(fields["EXTEND_TIMEOUT_USEC"]) / 1e6)

    def _look(self) -> None:
        now = time.monotonic()
        if self._main is None:
            if self.state == "auto-restart" and now >= self._start_at:
                self.restarts += 1
                self.start()
            return
        if self._main.poll() is not None:
            self._ended(self._main.returncode)
            return
        if self.state in {"active", "reloading"} and now - self._fed_at > self.unit.seconds("WatchdogSec"):
            self._killed_for, self.state = "watchdog", "deactivating"
            self._deadline = now + self.unit.seconds("TimeoutAbortSec")
            self._main.send_signal(getattr(signal, self.unit.last("WatchdogSignal", "SIGABRT")))
        elif now > self._deadline:
            self._killed_for = self._killed_for or "timeout"
            self._kill_all()

    def _ended(self, code: int) -> None:
        self._kill_all()  # what is left of the service's group
        self._main = None
        result = self._killed_for or (f"signal {-code}" if code < 0 else f"exit-code {code}")
        self.results.append(result)
        asked = self.state == "deactivating" and not self._killed_for
        for_good = result in {f"exit-code {one}" for one in self.unit.last("RestartPreventExitStatus").split()}
        if result == "exit-code 0" or asked or for_good:
            self.state = "inactive" if result == "exit-code 0" else "failed"
            return
        self._start_at, self.state = time.monotonic() + self.unit.seconds("RestartSec"), "auto-restart"
        assert self.unit.last("Restart") == "on-failure"

    def _kill_all(self) -> None:
        """What KillMode=mixed does at the end: SIGKILL to all that is left."""
        pid = self._main.pid if self._main is not None else 0
        for process in psutil.process_iter(["pid"]):
            try:
                if os.getsid(process.pid) == pid:
                    process.kill()
            except (psutil.Error, OSError):
                continue

    # --- the unit's words, below our folder

    def _place(self, text: str) -> str:
        for theirs, ours in {
            "/opt/dl-lit/.venv/bin/python": sys.executable,
            "/opt/dl-lit": str(ROOT),
            **{
                name: f"{self.folder}{name}" for name in ("/srv/dl-lit", "/etc/dl-lit", "/var/lib/dl-lit", "/var/cache")
            },
        }.items():
            text = text.replace(theirs, ours)
        return text

    def _command(self, key: str) -> list[str]:
        line = self._place(self.unit.last(key))
        return shlex.split(line.replace("$MAINPID", str(self._main.pid if self._main else 0)))

    def _environment(self) -> dict[str, str]:
        """What systemd gives a service: nothing of its own environment, but what the unit says."""
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": self._place("/var/lib/dl-lit")}
        for line in self.unit.all("Environment"):
            env.update(one.partition("=")[::2] for one in shlex.split(self._place(line)))
        env.update(self.variables)
        for key, folder in {"State": "/var/lib", "Cache": "/var/cache", "Configuration": "/etc"}.items():
            place = Path(f"{self.folder}{folder}") / self.unit.last(f"{key}Directory")
            place.mkdir(parents=True, exist_ok=True)
            env[f"{key.upper()}_DIRECTORY"] = str(place)
        env |= {"NOTIFY_SOCKET": str(self.folder / "notify"), "CREDENTIALS_DIRECTORY": self._credentials()}
        return {**env, "WATCHDOG_USEC": str(round(self.unit.seconds("WatchdogSec") * 1e6))}

    def _credentials(self) -> str:
        """As LoadCredential= of a folder: its files, each with the name before its own."""
        given = self.folder / "run" / "credentials"
        given.mkdir(parents=True, exist_ok=True)
        for line in self.unit.all("LoadCredential"):
            name, _, place = line.partition(":")
            for file in sorted(Path(self._place(place)).iterdir()):
                (given / f"{name}_{file.name}").write_bytes(file.read_bytes())
        return str(given)
