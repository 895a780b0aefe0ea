"""What is to be known of a file that a task made."""

from __future__ import annotations

import hashlib

from dl_lit.app.corpus.orders import Made


def made_of(content: bytes, rows: int) -> Made:
    """What is to be known of it without opening it."""
    return Made(rows=rows, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
