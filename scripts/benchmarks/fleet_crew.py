"""Processes that wait for a word and then work, and what ran in them, as seen from outside."""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import click

PATIENCE_S = 300.0
_LOOK_S = 0.005
_ROOT = Path(__file__).parents[2]
_PATH = f"{_ROOT}:{_ROOT / 'scripts'}"


class Worker:
    """A process that says "ready", waits for a line, and works until it is ended; `ran` is what it writes."""

    def __init__(self, command: Sequence[str], ran: Path, environment: Mapping[str, str] | None = None) -> None:
        """It starts at once."""
        self.ran = ran
        self.log = ran.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": _PATH, **(environment or {})},
            )

    def wait_ready(self) -> None:
        """Until all is open."""
        if self.process.stdout is None or self.process.stdout.readline() != b"ready\n":
            said = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise click.ClickException(f"what writes to {self.ran} did not begin: {said}")

    def go(self) -> None:
        """Let it work."""
        if self.process.stdin is not None:
            self.process.stdin.write(b"go\n")
            self.process.stdin.flush()

    def has_ran(self) -> bool:
        """Whether anything has run in it."""
        return self.ran.exists() and self.ran.stat().st_size > 0

    def end(self, *, kill: bool = False) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            (self.process.kill if kill else self.process.terminate)()
        try:
            self.process.wait(20.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


class Crew:
    """Several at once; entered, they are ready."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        """They have been started."""
        self.workers = workers

    def __enter__(self) -> Self:
        try:
            for worker in self.workers:
                worker.wait_ready()
        except BaseException:
            self.end(kill=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(kill=error is not None)

    def go(self) -> float:
        """Let all work; when that was (monotonic)."""
        began = time.monotonic()
        for worker in self.workers:
            worker.go()
        return began

    def end(self, *, kill: bool = False) -> None:
        """End all."""
        for worker in self.workers:
            with suppress(ProcessLookupError):
                (worker.process.kill if kill else worker.process.terminate)()
        for worker in self.workers:
            worker.end(kill=kill)


def ran(files: Sequence[Path]) -> Counter[tuple[str, str]]:
    """How often each stage was asked about each item, in all processes together."""
    found: Counter[tuple[str, str]] = Counter()
    for file in files:
        if file.exists():
            pairs = (line.split() for line in file.read_text(encoding="ascii").splitlines())
            found.update((pair[0], pair[1]) for pair in pairs if len(pair) == 2)
    return found


class Lines:
    """Counts lines of growing files that hold a word, each line once."""

    def __init__(self, files: Sequence[Path], word: bytes) -> None:
        """Nothing is read yet."""
        self._at = dict.fromkeys(files, 0)
        self._word = word
        self.count = 0

    def look(self) -> int:
        """How many there are by now."""
        for file, at in self._at.items():
            with suppress(OSError), file.open("rb") as opened:
                opened.seek(at)
                new = opened.read()
                whole = new.rfind(b"\n") + 1
                self._at[file] = at + whole
                self.count += new[:whole].count(self._word)
        return self.count


def wait_for(is_so: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> float:
    """When (monotonic) something came true; looks every few milliseconds."""
    end = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > end:
            raise click.ClickException(f"in vain waited {patience_s:.0f} s for {what}")
        time.sleep(_LOOK_S)
    return time.monotonic()
