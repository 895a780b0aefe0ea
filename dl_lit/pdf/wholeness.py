"""Whether a file came whole: what an interrupted transfer leaves opens now and then, with pages missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason

_END: Final = b"%%EOF"
_TAIL_BYTES: Final = 4_096  # at the end, in which the mark stands; some servers add lines of their own
_OBJECT = re.compile(rb"\d+ \d+ obj\b")
PAGES_TRIED: Final = 60  # the last ones: what is cut off is missing at the end


def ends_whole(data: bytes) -> bool:
    """Whether the file has its mark of the end where it belongs."""
    return _END in data[-_TAIL_BYTES:]


def raise_unless_whole(data: bytes, page_count: int, shows_something: Callable[[int], bool]) -> None:
    """Raise `PdfError` (`truncated`) for a file without its end of which something is missing.

    A file that lacks only its index opens whole, and is. `shows_something` says of a page (0-based) whether it can be
    opened and has contents.
    """
    if ends_whole(data):
        return
    last = data.rfind(b"endobj")
    if _OBJECT.search(data, max(last, 0)):
        raise PdfError(Reason.TRUNCATED, "it breaks off within an object")
    missing = [index for index in range(max(0, page_count - PAGES_TRIED), page_count) if not shows_something(index)]
    if missing:
        raise PdfError(Reason.TRUNCATED, f"page {missing[0] + 1} of {page_count} is missing, and so is the file's end")
