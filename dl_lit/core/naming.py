"""How files of works are named: templates such as "{author}_{year}_{title}". Pure; filling one in is the library's."""

from __future__ import annotations

from dl_lit.core import braces
from dl_lit.core.values import dataclass

FIELDS = ("author", "authors", "year", "title", "journal", "publisher", "volume", "doi", "type", "key")
"""What may stand in braces: `author` is the first one's family name, `authors` up to three, `key` the citation key."""

KEPT_FOLDERS = frozenset({"quarantine", "superseded", "reports"})
"""Folders of the library that a template may not lead into."""

_FORBIDDEN = frozenset('\\:*?"<>|')  # on one file system or another
_MOST_WORDS = 50


@dataclass(frozen=True, slots=True)
class Field:
    """A part of a name that the work fills in."""

    name: str  # of FIELDS
    words: int | None = None  # at most so many of them


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """The parts of a file's relative path without its ending: text as it is, and fields. "/" parts folders."""

    parts: tuple[str | Field, ...]

    @classmethod
    def parse(cls, text: str) -> NameTemplate:
        """Read a template; raises `ValueError` with what is wrong, for whoever wrote it."""
        found = list(braces.parts(text, _literal, _field))
        if not any(isinstance(part, Field) for part in found):
            raise ValueError(f"{text!r} names every file the same: put one of {braces.choice(FIELDS)} into it")
        _check_folders(found)
        return cls(tuple(found))


DEFAULT_TEMPLATE = NameTemplate((Field("author"), "_", Field("year"), "_", Field("title")))
"""{author}_{year}_{title}"""


def _literal(text: str) -> str:
    if wrong := sorted({char for char in text if char in _FORBIDDEN or not char.isprintable()}):
        raise ValueError(f"{''.join(wrong)!r} cannot be in a file's name everywhere")
    return text


def _field(name: str, spec: str, conversion: str | None) -> Field:
    if name not in FIELDS:
        raise ValueError(f"{{{name}}} is nothing a name can be made of; there are {braces.choice(FIELDS)}")
    is_number = spec.isascii() and spec.isdigit() and 1 <= int(spec) <= _MOST_WORDS
    if conversion or (spec and not is_number):
        raise ValueError(f"write {{{name}}}, or {{{name}:N}} for its first N words, N from 1 to {_MOST_WORDS}")
    return Field(name, int(spec) if spec else None)


def _check_folders(parts: list[str | Field]) -> None:
    """Refuse what would lead out of the library, into a kept folder, or to a hidden file."""
    shape = "".join("{}" if isinstance(part, Field) else part for part in parts).split("/")
    if any(not name.strip(" .") for name in shape):
        raise ValueError('folders are parted by single "/", with a name on both sides')
    if any(name.startswith((".", "-", " ")) for name in shape):
        raise ValueError("no name may begin with a dot, a hyphen or a space")
    if len(shape) > 1 and shape[0].casefold() in KEPT_FOLDERS:
        raise ValueError(f"the folder {shape[0]} is kept for other files")
