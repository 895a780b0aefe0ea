"""Worker nodes on one machine: processes with state of their own, in network namespaces where these can be had."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

ROOT = Path(__file__).parents[2]
_UP_S = 60.0


class Node:
    """One worker: what starts it again, and the process that holds its group."""

    def __init__(self, name: str, folder: Path, command: list[str]) -> None:
        self.name = name
        self._folder = folder
        self._command = command
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with a home, a state and a place for drafts of its own."""
        for place in ("home", "state", "tmp"):
            (self._folder / place).mkdir(parents=True, exist_ok=True)
        own = {
            "HOME": str(self._folder / "home"),
            "XDG_STATE_HOME": str(self._folder / "state"),
            "TMPDIR": str(self._folder / "tmp"),
        }
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=environment() | own, stdout=log, stderr=log, start_new_session=True, cwd=self._folder
            )

    def kill(self) -> None:
        """As if the node lost its power."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def cpu_s(self) -> float:
        """Processor time of all its processes so far, those that have ended included."""
        return tree_cpu_s(self.process.pid) if self.process is not None else 0.0


class Nodes:
    """A scheduler and so many nodes with one thread each; ended when left."""

    def __init__(self, folder: Path, count: int, *, may_be_apart: bool = True) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.scheduler_file = folder / "scheduler.json"
        self.nodes: list[Node] = []
        self.are_apart = False  # in network namespaces of their own
        self._count = count
        self._may_be_apart = may_be_apart
        self._scheduler: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            return self._started()
        except BaseException:
            self._stack.close()
            raise

    def _started(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        address, prefixes = self._network()
        dask = [sys.executable, "-m", "dask"]
        named = ("--scheduler-file", str(self.scheduler_file))
        with (self._folder / "scheduler.log").open("ab") as log:
            self._scheduler = subprocess.Popen(
                [*dask, "scheduler", "--host", address, "--port", "0", "--no-dashboard", *named],
                env=environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._stack.callback(_end, self._scheduler)
        _wait(self.scheduler_file.is_file)
        for number, prefix in enumerate(prefixes, 1):
            name = f"node{number}"
            worker = [*dask, "worker", "--scheduler-file", str(self.scheduler_file), "--nthreads", "1"]
            worker += ["--nworkers", "1", "--no-dashboard", "--name", name]
            worker += ["--local-directory", str(self._folder / name / "state")]
            node = Node(name, self._folder / name, [*prefix, *worker])
            self.nodes.append(node)
            self._stack.callback(node.kill)
            node.start()
        self._wait_for_workers()
        return self

    def _wait_for_workers(self) -> None:
        from distributed import Client  # noqa: PLC0415 - takes half a second

        with Client(scheduler_file=str(self.scheduler_file), set_as_default=False) as client:
            client.wait_for_workers(self._count, timeout=_UP_S)

    def cpu_s(self) -> float:
        """Of the scheduler and the nodes together."""
        own = tree_cpu_s(self._scheduler.pid) if self._scheduler is not None else 0.0
        return own + sum(node.cpu_s() for node in self.nodes)

    def _network(self) -> tuple[str, list[list[str]]]:
        """The scheduler's address, and what goes before each worker's command."""
        if not self._may_be_apart:
            return "127.0.0.1", [[] for _ in range(self._count)]
        mark, net = f"dlc{os.getpid() % 100_000}", f"10.{200 + os.getpid() % 50}.{os.getpid() % 250}"
        try:
            _ip("link", "add", mark, "type", "bridge")
        except (OSError, subprocess.CalledProcessError):
            return "127.0.0.1", [[] for _ in range(self._count)]
        self._stack.callback(_ip_quietly, "link", "del", mark)
        _ip("addr", "add", f"{net}.1/24", "dev", mark)
        _ip("link", "set", mark, "up")
        for number in range(1, self._count + 1):
            space, outer, inner = f"{mark}n{number}", f"{mark}o{number}", f"{mark}i{number}"
            _ip("netns", "add", space)
            self._stack.callback(_ip_quietly, "netns", "del", space)
            _ip("link", "add", outer, "type", "veth", "peer", "name", inner)
            _ip("link", "set", outer, "master", mark, "up")
            _ip("link", "set", inner, "netns", space)
            _ip("-n", space, "addr", "add", f"{net}.{number + 1}/24", "dev", inner)
            _ip("-n", space, "link", "set", inner, "up")
            _ip("-n", space, "link", "set", "lo", "up")
        self.are_apart = True
        return f"{net}.1", [["ip", "netns", "exec", f"{mark}n{number}"] for number in range(1, self._count + 1)]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


CALM = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "30s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10s",
}
"""As docs/corpus.md has people start them: Dask's watching of itself, for a dashboard nobody looks at, costs more."""


def environment() -> dict[str, str]:
    """For dl-lit and its nodes, from this checkout."""
    return {**os.environ, **CALM, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}


def tree_cpu_s(pid: int) -> float:
    """Processor time of a process and all below it, those that have ended included."""
    total = 0.0
    with suppress(psutil.Error):
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            with suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _UP_S
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError("the scheduler does not come up")
        time.sleep(0.05)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _ip_quietly(*arguments: str) -> None:
    with suppress(OSError):
        subprocess.run(["ip", *arguments], check=False, capture_output=True)
