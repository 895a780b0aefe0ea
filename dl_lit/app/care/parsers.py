"""What the processes that parse PDFs can do besides that, as `dl-lit doctor` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from dl_lit.core.errors import PdfError
from dl_lit.pdf.confinement import Confinement
from dl_lit.pdf.reader import ChildReader
from dl_lit.settings import Settings
from dl_lit.settings.model import MB

_LANDLOCK_OF_ALL = 6  # the version that keeps away all that is kept away


def parsers_are_confined(settings: Settings) -> tuple[bool, str]:
    """Whether a child could do nothing of what it tried, and which layers saw to that, or what it could do.

    Raises `PdfError` where no child can be started, or does not have what it needs.
    """
    found = _tried(settings.pdf.memory_mb)
    layers = ", ".join(_in_force(found)) or "nothing"
    if found.allowed:
        return False, f"a hostile PDF could get at: {', '.join(found.allowed)}; in force: {layers}; see --explain"
    return True, f"parsed without {', '.join(found.refused)}; in force: {layers}"


def confinement_explained(settings: Settings) -> Iterator[str]:
    """What each layer keeps away from a hostile PDF, or what it takes to have it; nothing where no child starts."""
    try:
        layers = _tried(settings.pdf.memory_mb).layers
    except PdfError:
        return
    if not layers.no_new_privileges:
        yield "PDFs are parsed without any confinement but limits: this kernel has none of Linux's"
        return
    if layers.filters_calls:
        yield "parsers' system calls are filtered: no sockets, programs or other processes, no change to any file"
    else:
        yield "parsers' system calls are not filtered: that needs seccomp in the kernel, on x86-64 or 64-bit ARM"
    if layers.landlock:
        yield "Landlock lets parsers read the PDF they are handed, their program, libraries and fonts, and nothing else"
    else:
        yield "without Landlock parsers can read what you can: it needs Linux 5.13, booted with it (lsm=landlock,…)"
    if 0 < layers.landlock < _LANDLOCK_OF_ALL and not layers.filters_calls:
        yield f"this kernel's Landlock is of version {layers.landlock}: TCP is kept away from 4 on, signals from 6 on"


def _in_force(found: Confinement) -> Iterator[str]:
    layers = found.layers
    if layers.no_new_privileges:
        yield "no new privileges"
    if layers.landlock:
        yield f"Landlock {layers.landlock}"
    if layers.filters_calls:
        yield "filtered system calls"


@cache
def _tried(memory_mb: int) -> Confinement:
    """What one child tried; the machine does not change while we run."""
    with ChildReader(1, memory_bytes=memory_mb * MB) as reader:
        return reader.confinement()
