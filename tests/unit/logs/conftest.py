"""What all tests of the log need."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from dl_lit import logs


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Leave the process's logging as it was found."""
    root = logging.getLogger()
    level = root.level
    yield
    logs.close()
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
