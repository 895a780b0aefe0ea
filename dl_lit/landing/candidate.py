"""A link that may be the work's PDF, and how it was found."""

from __future__ import annotations

from dataclasses import field

from dl_lit.core.values import dataclass
from dl_lit.landing.sheet import Anchor


@dataclass(frozen=True, slots=True)
class Candidate:
    """One address, absolute, with the stable name of the technique that found it."""

    url: str
    technique: str
    is_stated: bool = (
        False  # the page's head, or the server, says that this is its PDF: an odd file name is no objection
    )
    anchor: Anchor | None = field(default=None, compare=False)  # the link of the page's body, where it is one
    origin: str = ""  # the address on the page, where `url` is made from it
    score: float = 0.0  # among links of the body
