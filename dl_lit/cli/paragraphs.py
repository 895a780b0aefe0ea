"""Lines for people that are as wide as a page: long ones go on below, indented."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

from dl_lit.cli.printing import line, shown

WIDEST = 100
"""Characters of a line, on a terminal that has them or where there is none."""


def page_width() -> int:
    """Characters of a line; what COLUMNS says counts where there is no terminal, too."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS", "").isdecimal():
        return WIDEST
    return max(40, min(WIDEST, shutil.get_terminal_size().columns))


def tell(text: object, *, indent: int = 2) -> None:
    """Print `text` from column `indent` on; what does not fit goes on two columns further in."""
    for part in paragraph(text, indent=indent):
        line(part)


def paragraph(text: object, *, indent: int = 2) -> list[str]:
    """The lines that `tell` prints."""
    return [" " * indent + part for part in _wrapped(shown(text), page_width() - indent, "  ")]


def tell_field(name: str, value: object, *, indent: int = 2, longest: int = 0) -> None:
    """Print `name: value`; what does not fit goes on below the value. Nothing for no value."""
    if value is None or value == "":
        return
    label = f"{name}: ".ljust(longest + 2)
    first, *rest = _wrapped(shown(value), page_width() - indent - len(label), "")
    line(" " * indent + label + first)
    for part in rest:
        line(" " * (indent + len(label)) + part)


def _wrapped(text: str, width: int, hanging: str) -> list[str]:
    # Addresses and paths stay whole, to be copied.
    parts = textwrap.wrap(text, width, subsequent_indent=hanging, break_on_hyphens=False, break_long_words=False)
    return parts or [""]


def cell_lines(text: str, width: int, most: int) -> list[str]:
    """`text` as at most `most` lines of a column; what is left out is marked."""
    parts = textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    if len(parts) > most:
        mark = shown("……", width=1)  # the mark that standard output can print
        parts = [*parts[: most - 1], parts[most - 1][: width - 1] + mark]
    return parts
