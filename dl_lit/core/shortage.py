"""Whether an error means that the machine lacks something that it may have again in a moment.

No item, service or host is to blame for that: whoever meets it puts its work off and charges nobody.
"""

from __future__ import annotations

import errno

from dl_lit.core.errors import DlLitError

SHORTAGE_S = 15.0
"""How long what was put off for a shortage rests."""

_ERRNOS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_NO_THREAD = "can't start new thread"
_DEPTH = 8


def shortage_of(error: BaseException | None) -> str | None:
    """What is lacking, in a few words, by the error or what lies beneath it; None where nothing is."""
    for _ in range(_DEPTH):
        if error is None:
            return None
        if isinstance(error, MemoryError):
            return "no memory left"
        if isinstance(error, OSError) and error.errno in _ERRNOS:
            return error.strerror or "too many open files"
        if isinstance(error, RuntimeError) and str(error).startswith(_NO_THREAD):
            return "no thread left"
        if isinstance(error, ImportError):  # of what is loaded when it is first used: it was there at the start
            return f"a part of dl_lit cannot be loaded: {error}"
        error = error.__cause__ or error.__context__
    return None


def said_of(error: Exception) -> str | None:
    """One line on an error that has a name: one of ours, or a shortage; None for what needs its traceback."""
    return str(error) if isinstance(error, DlLitError) else shortage_of(error)
