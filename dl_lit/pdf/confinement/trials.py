"""What a confined process can still do, found out by trying; for `dl-lit doctor` and the tests."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing

from dl_lit.pdf.confinement import Confinement, Layers

_NO_SUCH_PROGRAM = "/usr/bin/dl-lit-tries-whether-programs-can-be-started"
_OF_OTHERS = "/etc/passwd"
_DISCARD_PORT = 9  # of this machine itself
_REFUSALS = frozenset({errno.EPERM, errno.EACCES})


def try_everything(layers: Layers) -> Confinement:
    """Try all that the process should not be able to do; harmless where it can be done."""
    refused: list[str] = []
    allowed: list[str] = []
    for name, attempt in _attempts(layers):
        (refused if _is_refused(attempt) else allowed).append(name)
    return Confinement(layers=layers, refused=tuple(refused), allowed=tuple(allowed))


def _attempts(layers: Layers) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "network", _connect
    yield "reading other files", lambda: os.close(os.open(_OF_OTHERS, os.O_RDONLY))
    yield "writing", lambda: os.close(os.open(os.devnull, os.O_WRONLY))
    yield "other processes", lambda: os.kill(os.getppid(), 0)
    if layers.filters_calls or not layers.landlock:
        # Landlock refuses to start a program that is there; that cannot be tried without becoming it.
        yield "programs", lambda: os.execv(_NO_SUCH_PROGRAM, ["none"])  # noqa: S606 - there is none


def _is_refused(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno in _REFUSALS
    return False


def _connect() -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as one:
        one.settimeout(1)
        one.connect(("127.0.0.1", _DISCARD_PORT))
