"""`dl-lit doctor` tells of the process at work how many file descriptors it has left."""

from __future__ import annotations

import os
import resource
import sys

import pytest

from dl_lit.cli.checkup import Level
from dl_lit.cli.environment import descriptors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of other processes")


def test_a_process_that_has_nearly_none_left_is_told_with_its_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = len(os.listdir("/proc/self/fd")) + 4  # noqa: PTH208 - a count
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    try:
        told = descriptors(os.getpid())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert told is not None
    assert told.level is Level.WARNING
    assert f"of {limit} file descriptors open: what needs one is put off; raise LimitNOFILE=" in told.says


def test_one_that_has_enough_is_well() -> None:
    told = descriptors(os.getpid())
    assert told is not None
    assert told.level is Level.OK


def test_of_a_process_that_is_not_there_nothing_is_told() -> None:
    assert descriptors(2**22 + 1) is None
