"""The small words of family names: van, von, de, …; folded, without accents."""

from __future__ import annotations

PARTICLES = frozenset(
    [
        "af",
        "al",
        "av",
        "bin",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "des",
        "di",
        "dos",
        "du",
        "el",
        "ibn",
        "la",
        "le",
        "te",
        "ten",
        "ter",
        "van",
        "von",
        "zu",
        "zum",
        "zur",
    ]
)
"""What belongs to the family name where it stands before one."""

LOOSE_PARTICLES = PARTICLES | frozenset(
    ["abu", "ben", "d", "do", "e", "het", "l", "las", "les", "los", "op", "saint", "st", "t", "und", "y"]
)
"""With words that are a name's part in one catalogue and left out in the next: only for comparing."""
