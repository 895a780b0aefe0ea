"""The shim, compiled once for all tests of a process."""

from __future__ import annotations

from functools import cache

import pytest
from proofs.shim.loaded import Shim, build, compiler

from tests.fakes.scratch import scratch

needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")


@cache
def shim() -> Shim:
    """The shim."""
    return build(scratch("shim"))
