"""A process that has no file descriptor left, for a while."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """While entered this process can open nothing. Import before whatever will be needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 - numbers, not paths
    kept = [os.open("/", os.O_RDONLY) for _ in range(highest)]  # so that none below the limit is free
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(kept) + 1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for one in kept:
            os.close(one)
