"""Where in a journal an entry says that its work stands: what services that search by coordinates are asked."""

from __future__ import annotations

import re

from dl_lit.core.model import Name, Reference
from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import plain_text

_FIRST_PAGE = re.compile(r"(?:[A-Za-z]{1,3}[-.]?)?\d{1,9}[A-Za-z]?")
_NUMBER = re.compile(r"[A-Za-z]?\d{1,5}[A-Za-z]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """A place in a journal; all but year and author are there."""

    journal: str  # as printed, white space folded
    volume: str
    first_page: str  # or the article's number
    year: int | None = None
    author: Name | None = None  # the first one


def coordinates_of(reference: Reference) -> Coordinates | None:
    """The place an entry gives; `None` where journal, volume or first page are missing or no such things."""
    journal = plain_text(reference.container_title or "")
    page = _FIRST_PAGE.match((reference.pages or "").strip())
    volume = _NUMBER.fullmatch((reference.volume or "").strip())
    if not journal or not page or not volume:
        return None
    return Coordinates(
        journal=journal,
        volume=volume.group(),
        first_page=page.group(),
        year=reference.year,
        author=reference.authors[0] if reference.authors else None,
    )
