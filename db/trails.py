"""What was asked and tried in one attempt, as the text that is kept with it: bounded, and still readable when cut."""

from __future__ import annotations

from dataclasses import replace

from db.codec import encode
from dl_lit.core.trail import Trail

MOST_BYTES = 32 * 1024
"""What one attempt's trail may take in the database."""

_DECISION_CHARACTERS = 1_000


def trail_text(trail: Trail | None) -> str | None:
    """The trail as JSON of at most `MOST_BYTES`; None when there is none.

    Of one that is too long the largest list loses its later half until it fits; `decision` ends with what was cut.
    """
    if trail is None:
        return None
    text = encode(trail)
    if len(text) <= MOST_BYTES // 4 or len(text.encode()) <= MOST_BYTES:
        return text
    shown = replace(trail, decision=trail.decision[:_DECISION_CHARACTERS])
    while len((text := encode(_marked(shown, trail))).encode()) > MOST_BYTES:
        lengths = {name: len(encode(getattr(shown, name))) for name in ("asked", "tried", "candidates")}
        largest = max(lengths, key=lengths.__getitem__)
        kept = getattr(shown, largest)
        shown = replace(shown, **{largest: kept[: len(kept) // 2]})
    return text


def _marked(shown: Trail, whole: Trail) -> Trail:
    """`shown`, saying what it lacks of `whole`."""
    left_out = [
        f"{missing} {name}"
        for name in ("asked", "tried", "candidates")
        if (missing := len(getattr(whole, name)) - len(getattr(shown, name)))
    ]
    cut = f"[cut: {', '.join(left_out)} left out]" if left_out else "[cut]"
    return replace(shown, decision=f"{shown.decision} {cut}".strip())
