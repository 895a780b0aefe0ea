"""Texts with fields in braces, as users write them for names, keys and addresses: taken apart. Pure."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def pieces(text: str) -> list[tuple[str, str | None, str, str | None]]:
    """Text as it is, and the field behind it: its name (None: none), what stands after a colon, what after "!".

    Raises `ValueError` where the braces do not fit together.
    """
    try:
        return [(literal, name, spec or "", how) for literal, name, spec, how in string.Formatter().parse(text)]
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from error


def parts(text: str, literal: Callable[[str], str], field: Callable[[str, str, str | None], T]) -> Iterator[str | T]:
    """The text's parts in their order: `literal` checks what stands as it is, `field` makes what is filled in.

    Raises `ValueError` where the braces do not fit together, and what the two raise.
    """
    for fixed, name, spec, how in pieces(text):
        if fixed:
            yield literal(fixed)
        if name is not None:
            yield field(name, spec, how)


def choice(names: Iterable[str]) -> str:
    """The names as one writes them: "{author}, {year}"."""
    return ", ".join(f"{{{name}}}" for name in names)
