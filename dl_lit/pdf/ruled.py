"""What rules alone can read of an entry: names at its head, year and title."""

from __future__ import annotations

import re

from dl_lit.core.values import dataclass
from dl_lit.pdf.names import Heads
from dl_lit.pdf.titles import Split, split_title
from dl_lit.pdf.years import any_year, leading_year


@dataclass(frozen=True, slots=True)
class Ruled:
    """The fields that the rules read."""

    heads: Heads
    year: int | None
    title: str | None
    rest: str  # what stands behind the title
    title_is_plain: bool  # quoted, or behind a leading year


def read_by_rules(body: str, heads: Heads) -> Ruled:
    """The fields of `body`, an entry without its addresses, that begins with `heads`."""
    rest = body[heads.end :]
    leading = leading_year(rest)
    if leading:
        split = split_title(rest[leading.end :])
        is_plain = bool(split.rest) or split.is_quoted
        return Ruled(heads, leading.year or None, split.title, split.rest, is_plain)
    comma_style = heads.style in {"initials", "given", "reversed"} and bool(re.match(r"\s*,\s", rest))
    split = split_title(rest, comma_style=comma_style)
    if split.title and (late := re.search(r"\s*\(((?:1[5-9]|20)\d\d)[a-z]?\)$", split.title)):
        split = Split(split.title[: late.start()].rstrip(" .,"), f"{late.group(1)}. {split.rest}", split.is_quoted)
    year = any_year(split.rest) or any_year(rest) or any_year(body)
    is_plain = split.is_quoted or (bool(heads.names) and not comma_style)
    return Ruled(heads, year, split.title, split.rest, is_plain)
