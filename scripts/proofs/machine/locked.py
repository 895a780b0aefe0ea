"""Another program that holds the database for writing, for longer than anyone should."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from proofs.machine.course import Fault, Ground, lived_through
from proofs.machine.home import Home
from proofs.machine.row import Trial

from dl_lit.core.conditions import Ailment

_HOLDS_S = (1.0, 15.0, 60.0)
_TOLD_FROM_S = 12.0  # ten seconds, and a beat of the heart

_HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


class _Program:
    """A program that begins an exclusive transaction and does not end it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def begin(self, home: Home) -> None:
        """Hold the database."""
        self._child = subprocess.Popen(
            [sys.executable, "-c", _HOLDER, str(home.database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if self._child.stdout is None or self._child.stdout.readline() != b"held\n":
            raise RuntimeError("the database could not be locked")

    def end(self, _home: Home) -> None:
        """Let it go."""
        if self._child is not None:
            self._child.communicate(timeout=60.0)


def rows(ground: Ground) -> Iterator[Trial]:
    """For one, 15 and 60 seconds."""
    for holds_s in _HOLDS_S:
        program = _Program()
        told = frozenset({Ailment.DATABASE_UNWRITABLE.value}) if holds_s > _TOLD_FROM_S else frozenset()
        fault = Fault(
            row="database locked by another program",
            hit=f"BEGIN EXCLUSIVE for {holds_s:.0f} s",
            begin=program.begin,
            end=program.end,
            told=told,
            hold_s=holds_s,
            papers=(1, 2),
        )
        yield lived_through(ground, Home(ground.base / f"locked-{holds_s:.0f}", ground.scene).made(), fault)
