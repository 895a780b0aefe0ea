"""Where crashes in compiled code are reported to while a process works a database."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def fault_reports(file: BinaryIO) -> Iterator[None]:
    """Let crashes in compiled code report to `file`, and afterwards where they did before."""
    was_on = faulthandler.is_enabled()
    faulthandler.enable(file)
    try:
        yield
    finally:
        faulthandler.disable()
        if was_on and sys.__stderr__ is not None:
            faulthandler.enable(sys.__stderr__)
