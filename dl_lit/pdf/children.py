"""Child processes that open PDFs: started when first needed, lent to one thread at a time, killed when they must be."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import shortage_of
from dl_lit.pdf import apart
from dl_lit.pdf.messages import Answer, ChildGone, Order, TimeUp, receive_answer, send_order
from dl_lit.pdf.picture.order import PagePicture

log = logging.getLogger(__name__)

Take = Callable[[PagePicture], None]
STOPPED = "stopped: the children were ended"  # the detail of what a call that was interrupted raises
_ROOT = Path(__file__).resolve().parents[2]
_START_S = 60.0  # that a process may take to start and to bring in what it needs, which is no fault of the file's


class Child:
    """One child process. One thread uses it at a time; `kill` may come from any."""

    def __init__(self, memory_bytes: int, readable: Sequence[Path] = ()) -> None:
        """Start it; it reads orders as soon as it is up. Of files it can only read those in the folders `readable`."""
        self._memory_bytes = memory_bytes
        self._is_apart = apart.is_needed(memory_bytes)
        lifeline, self._lifeline = os.pipe()
        self._orders, orders = socket.socketpair()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
                [
                    *(sys.executable, "-m", "dl_lit.pdf.child", str(lifeline), str(memory_bytes)),
                    *(str(int(self._is_apart)), *map(str, readable)),
                ],
                stdin=orders.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                pass_fds=(lifeline,),
                start_new_session=True,
                cwd="/",
                # Nothing of our own environment: keys and addresses are none of a parser's business.
                env={
                    "PYTHONPATH": str(_ROOT),
                    "PYTHONSAFEPATH": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "PYTHONHASHSEED": "0",
                    "LANG": "C.UTF-8",
                    "PATH": os.defpath,
                },
            )
        except OSError:
            os.close(self._lifeline)
            self._orders.close()
            raise
        finally:
            os.close(lifeline)
            orders.close()
        self.jobs = 0
        self.is_spoilt = False
        self._lock = threading.Lock()
        self._peak_rss_bytes = 0

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it runs."""
        with self._lock:
            return self._process.returncode is None and not self._reap(os.WNOHANG)

    def do(self, order: Order, file: int, timeout_s: float, take: Take | None = None) -> Answer:
        """The answer to `order` about the open `file`.

        Raises `TimeUp` or `ChildGone`, after either of which the child is to be closed. `take` gets the page images
        that come before it. All together may take `timeout_s` from when the child sets to work; it may be just
        starting.
        """
        stdout = self._process.stdout
        if stdout is None:
            raise ChildGone
        self.jobs += 1
        send_order(self._orders, order, file)
        answer = receive_answer(stdout.fileno(), max(timeout_s, _START_S))
        if not answer.has_begun:
            return answer
        deadline = time.monotonic() + timeout_s
        while True:
            answer = receive_answer(stdout.fileno(), deadline - time.monotonic())
            if answer.picture is None:
                return answer
            if take is None:
                raise ChildGone
            take(answer.picture)

    def kill(self) -> None:
        """End it at once; a thread that waits for its answer sees `ChildGone`."""
        with self._lock:
            if self._process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(self._process.pid, signal.SIGKILL)

    def spoil(self) -> None:
        """Mark it as one that must not be lent again."""
        self.is_spoilt = True

    def close(self) -> None:
        """End it, reap it, and close the pipes. Only by the thread that has it."""
        self.kill()
        with self._lock:
            if self._process.returncode is None:
                self._reap(0)
        self._orders.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def reason_of_death(self) -> tuple[Reason, str]:
        """Why it ended in the middle of a job; waits for its end."""
        with self._lock:
            if self._process.returncode is None:
                self._reap(0)
        code = self._process.returncode or 0
        if code == -signal.SIGXCPU:
            return Reason.PARSE_TIMEOUT, "took too much processor time"
        much = int(apart.MEMORY_SHARE * self._memory_bytes)
        if self._is_apart:  # the peak may be our own: what the child had, it has judged itself
            if code == apart.OUT_OF_MEMORY_EXIT:
                return Reason.PARSE_MEMORY, f"had more than {much >> 20} MiB"
        elif code == apart.OUT_OF_MEMORY_EXIT or self._peak_rss_bytes > much:
            return Reason.PARSE_MEMORY, f"had {self._peak_rss_bytes >> 20} MiB"
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return Reason.PARSER_CRASHED, name

    def _reap(self, flags: int) -> bool:
        """Fetch exit code and peak memory; whether it has ended. Needs the lock."""
        try:
            pid, status, usage = os.wait4(self._process.pid, flags)
        except ChildProcessError:
            self._process.returncode = -signal.SIGKILL
            return True
        if pid == 0:
            return False
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._peak_rss_bytes = usage.ru_maxrss * 1024
        return True


class Children:
    """At most `count` children, lent out one by one. Thread-safe."""

    def __init__(
        self,
        count: int,
        *,
        timeout_s: float,
        memory_bytes: int,
        max_jobs: int,
        readable: Sequence[Path] = (),
        patience_s: float = 0.0,
    ) -> None:
        """`timeout_s` is for one job; a child is renewed after `max_jobs`; it can read the folders `readable`.

        A job waits `patience_s` for a child that is busy before another one is started for it.
        """
        self._count = count
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._max_jobs = max_jobs
        self._readable = tuple(readable)
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._idle: list[Child] = []
        self._lent: set[Child] = set()
        self._starting = 0
        self._is_stopped = False

    def do(self, order: Order, file: int, take: Take | None = None) -> Answer:
        """The answer to `order` about the open `file`, waiting for a free child first; raises `PdfError`.

        `take` gets the page images that come before it; after a second try it may get some of them twice.
        """
        answer = self._try(order, file, take, is_first_try=True)
        return answer or self._try(order, file, take, is_first_try=False) or Answer(reason=Reason.PARSER_CRASHED)

    def _try(self, order: Order, file: int, take: Take | None, *, is_first_try: bool) -> Answer | None:
        """The answer; `None` where a used child died at the first try.

        It may have come to grief by an earlier file: what a fresh one says is said of this one.
        """
        with self._borrowed() as child:
            was_used = child.jobs > 0
            try:
                return child.do(order, file, self._timeout_s, take)
            except TimeUp:
                raise PdfError(Reason.PARSE_TIMEOUT, f"took more than {self._timeout_s:g} s") from None
            except ChildGone:
                if self._is_stopped:
                    raise PdfError(Reason.PARSER_CRASHED, STOPPED) from None
                reason, detail = child.reason_of_death()
                if was_used and is_first_try:
                    child.spoil()
                    return None
                raise PdfError(reason, detail) from None

    def pids(self) -> list[int]:
        """The process ids of all children that run."""
        with self._changed:
            return [child.pid for child in (*self._idle, *self._lent)]

    def keep(self, count: int) -> int:
        """End children that nobody uses until no more than `count` are left; how many ended."""
        with self._changed:
            spare = max(0, len(self._idle) + len(self._lent) - count)
            gone, self._idle = self._idle[:spare], self._idle[spare:]
        for child in gone:
            child.close()
        return len(gone)

    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._is_stopped

    def stop(self) -> None:
        """Kill all children; what waits for one raises. For good."""
        with self._changed:
            self._is_stopped = True
            idle, self._idle = self._idle, []
            for child in self._lent:
                child.kill()
            self._changed.notify_all()
        for child in idle:
            child.close()

    @contextmanager
    def _borrowed(self) -> Iterator[Child]:
        child = self._borrow()
        is_well = False
        try:
            yield child
            is_well = child.jobs < self._max_jobs and not child.is_spoilt
        finally:
            self._give_back(child, is_well=is_well)

    def _borrow(self) -> Child:
        until = time.monotonic() + self._patience_s
        with self._changed:
            while True:
                if self._is_stopped:
                    raise PdfError(Reason.PARSER_CRASHED, STOPPED)
                if self._idle:
                    child = self._idle.pop()
                    if child.is_alive():
                        self._lent.add(child)
                        return child
                    child.close()
                    continue
                at_work, waits_s = len(self._lent) + self._starting, until - time.monotonic()
                if at_work == 0 or (at_work < self._count and waits_s <= 0):
                    self._starting += 1
                    break
                self._changed.wait(timeout=waits_s if waits_s > 0 else 60)
        began = time.monotonic()
        try:
            child = Child(self._memory_bytes, self._readable)
            log.debug("child_started: process %d, in %.3f s", child.pid, time.monotonic() - began)
        except OSError as error:
            with self._changed:
                self._starting -= 1
                self._changed.notify()
            reason = Reason.PARSER_CRASHED if shortage_of(error) is None else Reason.WRITE_ERROR
            raise PdfError(reason, f"cannot start a process: {error.strerror}") from error
        with self._changed:
            self._starting -= 1
            self._lent.add(child)
            if self.is_stopped():
                child.kill()
        return child

    def _give_back(self, child: Child, *, is_well: bool) -> None:
        with self._changed:
            self._lent.discard(child)
            keep = is_well and not self._is_stopped
            if keep:
                self._idle.append(child)
            self._changed.notify()
        if not keep:
            child.close()
