"""One entry of a list of references, before its fields are read."""

from __future__ import annotations

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as printed."""

    text: str
    page: int  # 1-based, where it begins
    label: str | None = None
    number: int | None = None  # what a numeric label says
    uris: tuple[str, ...] = ()  # targets of the links that lie on it, in order
    lines: tuple[Line, ...] = ()  # as the page has them, the label still on the first
    follows: str = ""  # what a part of an entry leaves out as the work before has it: "authors", or "place", with them
