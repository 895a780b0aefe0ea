"""A terminal that a command of this process writes to: nothing is started, which takes longer than most commands."""

from __future__ import annotations

import os
import pty
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout

import pytest

from dl_lit.cli import cli


def on_a_terminal(columns: int, *arguments: str) -> str:
    """What a terminal of that width shows of a command, which ends well."""
    outer, inner = pty.openpty()
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as aside:
        patch.setenv("COLUMNS", str(columns))
        patch.setenv("NO_COLOR", "1")
        shown = aside.submit(_read, outer)
        with os.fdopen(inner, "w", encoding="utf-8") as terminal, redirect_stdout(terminal), redirect_stderr(terminal):
            cli.main(arguments, standalone_mode=False)
        return shown.result(timeout=30).decode()


def _read(terminal: int) -> bytes:
    blocks = []
    with os.fdopen(terminal, "rb", buffering=0) as file:
        while True:
            try:
                block = file.read(65536)
            except OSError:  # how Linux says that the other end is closed
                block = b""
            if not block:
                return b"".join(blocks)
            blocks.append(block)
