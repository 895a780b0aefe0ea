r"""Paths of sources as text, and back: file names are bytes, and not all of them are UTF-8.

The text is what the database, reports and JSON hold. It is the path itself but for two things: a byte that is not UTF-8
is written `\xff`, and a backslash before an x `\x5c`, so that every path has its own text.
"""

from __future__ import annotations

import re
from pathlib import Path

_STRANGE = re.compile(r"[\udc80-\udcff]|\\(?=x)")  # PEP 383: how Python keeps bytes that are not UTF-8
_WRITTEN = re.compile(r"\\x(5c|[89a-f][0-9a-f])")


def path_text(path: Path) -> str:
    """The path as text that can be stored and printed anywhere."""
    return _STRANGE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", str(path))


def path_of(text: str) -> Path:
    """The path whose `path_text` this is."""
    return Path(_WRITTEN.sub(lambda found: _char(int(found[1], 16)), text))


def _char(byte: int) -> str:
    return "\\" if byte == ord("\\") else chr(0xDC00 + byte)
