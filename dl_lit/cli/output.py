"""The file that `--output` names: replaced whole if it is one, written straight through if it is a pipe or a device."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import click

from db.durable import flush
from dl_lit.core.errors import DlLitError
from dl_lit.core.fitting import fitting

STANDARD_STREAM = Path("-")
"""What names standard input among inputs and standard output as an output."""


def to_standard_output(output: Path | None) -> bool:
    """Whether no file is named: nothing at all, or "-"."""
    return output is None or output == STANDARD_STREAM


def refuse_inputs(output: Path, inputs: Iterable[Path]) -> None:
    """Raise a usage error if the output is one of the inputs (under whatever name): it would be lost."""
    there = _status(output)
    if there is None or not stat.S_ISREG(there.st_mode):
        return
    for one in inputs:
        status = _status(0 if one == STANDARD_STREAM else one)
        if status is not None and os.path.samestat(status, there):
            name = "standard input" if one == STANDARD_STREAM else str(one)
            raise click.UsageError(f"--output {output} is {name} itself, which would be lost: name another file")


def write_output(path: Path, pieces: Iterable[str]) -> None:
    """Write a file whole or not at all, through links and with the mode it has; raises `DlLitError`.

    What is no regular file (a pipe, a device) is written as the pieces come.
    """
    with _told(path):
        there = _status(path)
        if there is not None and not stat.S_ISREG(there.st_mode):
            with path.open("w", encoding="utf-8", newline="") as file:
                _fill(file, pieces)
            return
        target = Path(os.path.realpath(path))
        _replace(target, there, pieces)


def _replace(target: Path, there: os.stat_result | None, pieces: Iterable[str]) -> None:
    temporary = target.with_name(fitting(target.name, before=".", after=f".{os.getpid()}"))
    temporary.unlink(missing_ok=True)
    try:
        # Until it has the mode of the file that it replaces nobody else may read it.
        mode = 0o666 if there is None else 0o600
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            _fill(file, pieces)
            if there is not None:
                with suppress(OSError):  # only root may give a file away
                    os.fchown(handle, there.st_uid, there.st_gid)
                os.fchmod(handle, stat.S_IMODE(there.st_mode))
            os.fsync(handle)  # or a power cut leaves nothing in the place of what was there
        temporary.replace(target)
        with suppress(OSError):  # a folder that may only be written to
            flush(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _fill(file: IO[str], pieces: Iterable[str]) -> None:
    file.writelines(pieces)
    file.flush()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DlLitError(f"cannot write {path}: {error.strerror}") from error


def _status(path: Path | int) -> os.stat_result | None:
    """What is there behind all links; `None` where nothing is, or nothing that can be looked at."""
    try:
        return os.fstat(path) if isinstance(path, int) else path.stat()
    except OSError:
        return None
