"""The PDFs that a bibliography names: found however its program writes their paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote, urlsplit

from dl_lit.core.values import dataclass

_ENDNOTE = "internal-pdf://"
_DEEPEST = 3  # parts of a path from another machine that are looked for below our own folders


@dataclass(frozen=True, slots=True)
class Attachments:
    """What the paths of one entry came to."""

    found: tuple[Path, ...] = ()  # absolute, each once
    missing: tuple[str, ...] = ()  # as they are written
    others: int = 0  # files of other kinds, and addresses: left alone


def attachments(written: Sequence[str], folder: Path | None, base: Path | None) -> Attachments:
    """Find the PDFs that are `written` in an entry.

    `folder` is the bibliography's own (None: it has none), `base` the one that people name for its PDFs: it comes
    first. A path from another machine, or of another system, is looked for below both by its last parts.
    """
    found: dict[Path, None] = {}
    missing, others = [], 0
    folders = [one for one in (base, folder) if one is not None]
    for text in _each(written, folders):
        name = _without_scheme(text)
        if name is None or not name.lower().endswith(".pdf"):
            others += 1
            continue
        path = next(filter(_is_file, _places(name, folders)), None)
        if path is None:
            missing.append(text)
        else:
            found.setdefault(path.absolute())
    return Attachments(tuple(found), tuple(missing), others)


def _each(written: Sequence[str], folders: Sequence[Path]) -> Iterator[str]:
    """The paths one by one: RIS lets several stand in one field, with semicolons, which names may have themselves."""
    for text in written:
        parts = [part.strip() for part in text.split(";")]
        are_several = len(parts) > 1 and all(part.lower().endswith(".pdf") for part in parts)
        if are_several and not any(map(_is_file, _places(text, folders))):
            yield from parts
        else:
            yield text


def _without_scheme(text: str) -> str | None:
    """The path that an attachment's address stands for; None for what is on the web."""
    text = text.strip()
    if text.lower().startswith(_ENDNOTE):
        return unquote(text[len(_ENDNOTE) :])
    if text.lower().startswith("file:"):
        path = unquote(urlsplit(text).path)
        return path[1:] if PureWindowsPath(path[1:]).drive else path
    return None if "://" in text else text


def _places(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    """Where the file may be, the likeliest first."""
    own = Path(name)
    if name.startswith("~"):
        own = own.expanduser()
    if own.is_absolute():
        yield own
    parts = PureWindowsPath(name).parts if "\\" in name or PureWindowsPath(name).drive else own.parts
    parts = tuple(part for part in parts if part not in {"/", "\\"} and not part.endswith((":\\", ":")))
    for folder in folders:
        if not own.is_absolute():
            yield folder / own
            yield folder.joinpath(*parts)
        for count in range(min(_DEEPEST, len(parts)), 0, -1):
            yield folder.joinpath(*parts[-count:])


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long a name, a character that no path has
        return False
