"""What pypdf raises made ours, where it enters."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason


@contextmanager
def refused(what: str) -> Iterator[None]:
    """Raise `PdfError` (damaged-pdf) for whatever pypdf trips over; its detail begins with `what` was not done."""
    from pypdf.errors import DependencyError, PyPdfError  # noqa: PLC0415 - seldom needed

    try:
        yield
    except (PyPdfError, DependencyError, RecursionError, NotImplementedError, AssertionError, zlib.error) as error:
        raise PdfError(Reason.DAMAGED_PDF, f"{what}: {error}"[:200]) from error
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OverflowError,
        OSError,
        EOFError,
        struct.error,
    ) as error:
        raise PdfError(Reason.DAMAGED_PDF, f"{what}: {type(error).__name__}") from error
