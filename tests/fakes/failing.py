"""A program that tries to keep promises on a disk that fails from its n-th write on. To be run below the shim.

    python -m tests.fakes.failing FOLDER PROMISE:STEP:MOST...

The n are 1, 1 + STEP, 1 + 2 STEP... up to MOST, or until all has been written. Each attempt has a folder of its own.
Told is one JSON line for each: what was promised, n, the disk's error, how it ended (kept, the text of a `DlLitError`,
or a traceback), and how another attempt ended when the disk was well again.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import traceback
from collections.abc import Callable
from errno import EIO, ENOSPC, EROFS, errorcode
from pathlib import Path

import structlog

from dl_lit.core.errors import DlLitError
from tests.fakes import promising

KIND = "all"
KEPT = "kept"
_ERRORS = (ENOSPC, EIO, EROFS)


def main(folder: Path, name: str, step: int, most: int) -> None:
    """Try one promise."""
    shim = ctypes.CDLL(os.environ["LD_PRELOAD"])
    promise = getattr(promising, name)
    for turn, number in enumerate(range(1, most + 1, step)):
        error = _ERRORS[turn % len(_ERRORS)]
        root = folder / f"{name}-{number}"
        root.mkdir()
        if promise is promising.pipeline:
            promising.prepare(root)
        shim.proof_shim_fail(KIND.encode(), number, error)
        ended = _ended(promise, root)
        is_met = shim.proof_shim_count(KIND.encode()) >= number
        shim.proof_shim_fail(KIND.encode(), 0, 0)
        told = {"promise": name, "number": number, "error": errorcode[error], "ended": ended}
        sys.stdout.write(json.dumps(told | {"again": _ended(promise, root)}) + "\n")
        if not is_met:
            break


def _ended(promise: Callable[[Path], None], root: Path) -> str:
    try:
        promise(root)
    except DlLitError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - this is what is looked for
        return traceback.format_exc()
    return KEPT


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    for words in sys.argv[2:]:
        which, every, last = words.split(":")
        main(Path(sys.argv[1]), which, int(every), int(last))
