"""The patterns by which robots.txt and tdmrep.json name parts of a host. Pure.

`*` stands for anything, `$` at the end for the end; otherwise a pattern names everything that begins with it:
https://www.rfc-editor.org/rfc/rfc9309#section-2.2.2 and section 2.2.3 (read 2026-11-23). Matching takes time in
proportion to pattern and path, whatever they are: no regular expression is made of what strangers write.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ESCAPED = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def path_of(url: str) -> str:
    """Path and query of an address as patterns are compared with; "/" where it has no path."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return normalised(path).replace("*", "%2A").replace("$", "%24")


def normalised(text: str) -> str:
    """One spelling of a path or pattern: escapes only where they are needed, their digits in upper case."""
    plain = "".join(char if char.isascii() else _escaped(char) for char in text)
    return _ESCAPED.sub(_spelled, plain)


def matches(pattern: str, path: str) -> bool:
    """Whether `pattern` names `path`, both `normalised`."""
    is_whole = pattern.endswith("$")
    first, *others = (pattern[:-1] if is_whole else pattern).split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    if not others:
        return not is_whole or place == len(path)
    for part in others[:-1]:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    last = others[-1]
    if is_whole:
        return path.endswith(last) and len(path) - len(last) >= place
    return path.find(last, place) >= 0


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _spelled(escape: re.Match[str]) -> str:
    char = chr(int(escape[1], 16))
    return char if char in _UNRESERVED else escape[0].upper()
