"""Characters that act on whoever shows a text instead of being shown: controls, turned directions, half pairs. Pure.

Titles and names come from PDFs and web servers and may hold any of them. A terminal obeys C0 and C1 controls alike, a
line break begins another line of a log, the marks U+202A to U+202E and U+2066 to U+2069 turn the order of what stands
behind them, on the other side of a field's end too (https://trojansource.codes, read 2026-11-23), and half a surrogate
pair can be written to no file.
"""

from __future__ import annotations

import re

_BEYOND_C0 = "\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_ACTING = re.compile(f"[\x00-\x1f{_BEYOND_C0}]")
_ACTING_IN_JSON = re.compile(f"[{_BEYOND_C0}]")  # the others no JSON text has within its strings


def acts(text: str) -> bool:
    """Whether any of them is in `text`."""
    return not text.isprintable() and _ACTING.search(text) is not None


def without_controls(text: str) -> str:
    """`text` with a blank for each break or tabulator, and nothing for each of the others."""
    return text if text.isprintable() else _ACTING.sub(_blank_or_nothing, text)


def controls_shown(text: str) -> str:
    r"""`text` with each of them written out, as \x1b or \u202e: on one line, and nothing is lost."""
    return text if text.isprintable() else _ACTING.sub(_written_out, text)


def json_shown(document: str) -> str:
    r"""The JSON text `document` with each of them within its strings as a \u escape: to a reader it is the same."""
    return document if document.isprintable() else _ACTING_IN_JSON.sub(_escape, document)


def _blank_or_nothing(match: re.Match[str]) -> str:
    return " " if match[0].isspace() else ""


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
