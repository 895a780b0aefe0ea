"""What a reason means and what a person can do about it, for all who show failures."""

from __future__ import annotations

from dl_lit.core.reasons import Reason
from dl_lit.exports.reason_text import REASON_TEXT, ReasonText

_UNKNOWN = ReasonText("")


def told_of(reason: str) -> ReasonText:
    """The reason in plain words; empty ones for that of another version of dl_lit."""
    try:
        return REASON_TEXT[Reason(reason)]
    except (ValueError, KeyError):
        return _UNKNOWN
