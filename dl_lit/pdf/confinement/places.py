"""What a process that parses PDFs has to read besides the PDF: its program, its libraries, fonts and language data."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
# What distributions install: the same for everybody, and for everybody to read. Of /etc, what the loader needs.
_OF_THE_SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store", "/opt/homebrew/share/tessdata"),
    *("/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/fonts", "/etc/localtime"),
    *("/sys/devices/system/cpu", "/dev/null", "/dev/zero", "/dev/urandom"),
)


def readable(more: Iterable[Path]) -> Iterator[Path]:
    """Where the child may read, `more` included: nothing of people's own, no settings, no database, no library."""
    yield from map(Path, _OF_THE_SYSTEM)
    # The checkout's folder may hold anything; a folder of installed packages holds what is imported.
    is_installed = _ROOT.name in {"site-packages", "dist-packages"}
    for place in map(Path, sys.path):
        if place.is_absolute() and (is_installed or place.resolve() != _ROOT):
            yield place
    yield _ROOT / "dl_lit"
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}:
        yield Path(prefix) / "lib"
        yield Path(prefix) / "lib64"
    for place in more:
        yield place
        with_links = place.iterdir() if place.is_dir() else ()
        yield from (one.resolve() for one in with_links if one.is_symlink())
