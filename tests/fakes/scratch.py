"""Where fakes keep what lasts for as long as this process: within the folder of the tests' run, which pytest removes.

However the run ends: a killed one's folder goes with a later run. Where no tests run, as in a proof, it goes with the
process.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

_places: list[Path] = []
_folders: list[tempfile.TemporaryDirectory[str]] = []  # they go with the process


def keep_within(folder: Path) -> None:
    """Make folders there from now on."""
    _places[:] = [folder]


def scratch(name: str) -> Path:
    """A new folder, its name beginning with this one."""
    if not _places:
        _folders.append(tempfile.TemporaryDirectory(prefix="dl-lit-scratch-"))
        keep_within(Path(_folders[-1].name))
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=_places[0]))
