"""All samples of this kind, by number."""

from __future__ import annotations

from . import alphabets, europe, lists, notes
from .sample import Sample


def collection() -> tuple[Sample, ...]:
    """In the order of their names."""
    return tuple(
        sorted(
            (*notes.samples(), *lists.samples(), *alphabets.samples(), *europe.samples()),
            key=lambda sample: sample.name,
        )
    )
