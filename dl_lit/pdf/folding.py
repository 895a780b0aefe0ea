"""Words made comparable: small letters without accents."""

from __future__ import annotations

import unicodedata


def without_accents(text: str) -> str:
    """`text` in small letters, compatibility forms resolved, accents left out; marks and spaces stay."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
