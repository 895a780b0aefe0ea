"""Processes that do tasks for the local engine, one task each at a time; one that dies costs its task only."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from dl_lit.app.corpus.engines.engine import TaskLost

_ROOT = Path(__file__).resolve().parents[4]


class Hands:
    """Started when first needed, kept for the next task. Thread-safe."""

    def __init__(self) -> None:
        """None is started yet."""
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._busy: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def do(self, order: bytes) -> bytes:
        """Have a process do the order; raises `TaskLost` where it died."""
        process = self._taken()
        answer = b""
        try:
            if process.stdin is not None and process.stdout is not None:
                with suppress(BrokenPipeError):
                    process.stdin.write(order + b"\n")
                    process.stdin.flush()
                    answer = process.stdout.readline()
        finally:
            self._put_back(process, is_well=answer.endswith(b"\n"))
        if not answer.endswith(b"\n"):
            raise TaskLost("the process that was at it died")
        return answer

    def end(self) -> None:
        """End all processes at once."""
        with self._lock:
            self._is_over = True
            for process in self._busy:
                process.kill()
            idle, self._idle = self._idle, []
        for process in idle:
            _ended(process)

    def _taken(self) -> subprocess.Popen[bytes]:
        with self._lock:
            process = self._idle.pop() if self._idle else _started()
            self._busy.add(process)
            if self._is_over:
                process.kill()
            return process

    def _put_back(self, process: subprocess.Popen[bytes], *, is_well: bool) -> None:
        with self._lock:
            self._busy.discard(process)
            keep = is_well and not self._is_over
            if keep:
                self._idle.append(process)
        if not keep:
            _ended(process)


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dl_lit.app.corpus.engines.hand"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # an interrupt is for us to hear
        env={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1"},
    )


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
