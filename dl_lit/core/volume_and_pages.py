"""Volume, issue and pages as we write them, of how they are printed: pure."""

from __future__ import annotations

import re


def tidy_issue(issue: str | None) -> str | None:
    """The issue without "no."; `None` where no number is left."""
    if issue is None:
        return None
    bare = re.sub(r"^(?:no?\.?|nr\.?|issue)\s*", "", issue.strip(), flags=re.IGNORECASE)
    return bare if bare and (any(c.isdigit() for c in bare) or "suppl" in bare.lower()) else None


def tidy_volume(volume: str) -> str | None:
    """The volume without "vol."; `None` where nothing is left or it is a year."""
    bare = re.sub(
        r"^(?:vol(?:ume|\.)?|v\.|bd\.?|band|jg\.?|t\.|т\.)\s*", "", volume.strip(" .,;:()"), flags=re.IGNORECASE
    )
    return bare.strip(" .,;:()") or None


def tidy_pages(pages: str | None) -> str | None:
    """Pages with a plain hyphen and no spaces; `None` stays `None`."""
    return re.sub(r" ?[-–—‐‑−]+ ?", "-", " ".join(pages.split())) if pages else None
