"""A command of the operator's, told something on its standard input: without a shell, bounded in time and in words."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from dl_lit.core.values import dataclass

_KEPT_BYTES = 4_000  # of what it prints; the rest is read and forgotten, so that it never waits for us
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class HookEnded:
    """How a command ended."""

    code: int | None  # its exit code, negative for a signal's number; None: it could not be started
    output: str  # of what it printed, the beginning
    is_overdue: bool = False  # it was killed, with all that it had started

    @property
    def is_well(self) -> bool:
        """Whether it did what it was asked."""
        return self.code == 0

    @property
    def says(self) -> str:
        """What went wrong, in words; "" where nothing did."""
        if self.is_well:
            return ""
        ended = "took too long and was killed" if self.is_overdue else f"ended with {self.code}"
        if self.code is None:
            ended = "could not be started"
        return f"{ended}: {self.output.strip()}" if self.output.strip() else ended


def run_hook(command: Sequence[str], told: bytes, env: Mapping[str, str], *, timeout_s: float) -> HookEnded:
    """Run `command` with `told` on its standard input and nothing but `env` as its environment.

    What it starts belongs to its group, which is killed when `timeout_s` is over; what it leaves running when it ends
    by itself is left alone.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own command, and no shell
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(env),
            start_new_session=True,
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        return HookEnded(None, str(error))
    with process:
        output = _Talk(process, told).until(time.monotonic() + timeout_s)
        is_overdue = process.poll() is None
        if is_overdue:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
    return HookEnded(code, output.decode("utf-8", "replace"), is_overdue)


class _Talk:
    """Writing to a process and reading from it at once, so that neither waits for the other for ever."""

    def __init__(self, process: subprocess.Popen[bytes], told: bytes) -> None:
        self._process = process
        self._left = memoryview(told)
        self._heard = bytearray()
        self._selector = selectors.DefaultSelector()
        for pipe, event in ((process.stdin, selectors.EVENT_WRITE), (process.stdout, selectors.EVENT_READ)):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                self._selector.register(pipe, event)

    def until(self, deadline: float) -> bytes:
        """Talk until the process has ended or the deadline (`time.monotonic`) is there; what it printed."""
        with self._selector:
            while self._selector.get_map() and (rest := deadline - time.monotonic()) > 0:
                ready = self._selector.select(min(_LOOK_S, rest))
                for key, _ in ready:
                    self._write(key) if key.events == selectors.EVENT_WRITE else self._read(key)
                if not ready and self._process.poll() is not None:
                    break  # something that it left running may hold the pipes open
        with suppress(subprocess.TimeoutExpired):  # it has closed its pipes, and may have more to do
            self._process.wait(max(0.0, deadline - time.monotonic()))
        return bytes(self._heard)

    def _write(self, key: selectors.SelectorKey) -> None:
        with suppress(BlockingIOError):
            try:
                written = os.write(key.fd, self._left[:65_536])
            except BrokenPipeError:  # it does not want to know
                written = len(self._left)
            self._left = self._left[written:]
        if not self._left:
            self._close(key)

    def _read(self, key: selectors.SelectorKey) -> None:
        with suppress(BlockingIOError):
            block = os.read(key.fd, 65_536)
            self._heard += block[: max(0, _KEPT_BYTES - len(self._heard))]
            if not block:
                self._close(key)

    def _close(self, key: selectors.SelectorKey) -> None:
        self._selector.unregister(key.fileobj)
        with suppress(OSError):
            os.close(key.fd) if isinstance(key.fileobj, int) else key.fileobj.close()  # type: ignore[attr-defined]
