"""The shim, compiled once for all tests of a process."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest
from proofs.shim.loaded import Shim, build, compiler

needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
_folders: list[tempfile.TemporaryDirectory[str]] = []  # they go with the process


@cache
def shim() -> Shim:
    """The shim."""
    _folders.append(tempfile.TemporaryDirectory(prefix="dl-lit-shim-"))
    return build(Path(_folders[-1].name))
