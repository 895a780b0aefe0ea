"""The PDFs of an input: a folder, a pattern, a list, an object store; told one after the other, none opened."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from dl_lit.app.corpus.orders import Piece
from dl_lit.app.corpus.places import ANYWHERE, is_address, place_at
from dl_lit.app.intake.inbox import require_folder
from dl_lit.core.errors import BadInput
from dl_lit.core.source_path import path_text
from dl_lit.core.values import dataclass
from dl_lit.runtime.watching.wanted import is_pdf_name

_WILD = frozenset("*?[")
_GONE = -1  # the size of what cannot be looked at: the survey says why

Trouble = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listing:
    """An input as it was named."""

    given: str  # what it was named as, made absolute; for people and for knowing it again
    place: str  # below which the pieces' names are
    pieces: Callable[[Trouble], Iterator[Piece]]  # `Trouble` is told of folders that cannot be read, in a line


def listing_of(text: str) -> Listing:
    """The input that `text` names. Raises `BadInput` where there is no such thing."""
    if is_address(text):
        return _objects(text)
    if "://" in text:
        place_at(text)  # says which there are
    path = Path(text)
    if path.is_dir():
        require_folder(path)
        root = path.absolute()
        return Listing(path_text(root), path_text(root), lambda trouble: _walked(root, trouble))
    if path.exists():
        one = path.absolute()
        if one.suffix.lower() == ".pdf":
            return Listing(path_text(one), path_text(one.parent), lambda _trouble: iter((_piece(one, one.parent),)))
        return Listing(path_text(one), ANYWHERE, lambda _trouble: _of_list(one))
    if _WILD & set(text):
        return _pattern(text)
    raise BadInput(f"{text} does not exist: name a folder, a pattern in quotes, a list, or a store such as s3://...")


def _walked(root: Path, trouble: Trouble) -> Iterator[Piece]:
    """Every PDF below a folder; hidden ones and folders behind links left out."""
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            trouble(f"cannot read the folder {folder}: {error.strerror}")
            continue
        for entry in found:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif is_pdf_name(entry.name) and not entry.is_dir():
                yield _piece(Path(entry.path), root)


def _pattern(text: str) -> Listing:
    """Local files by a pattern; its own folders end where the first wildcard stands."""
    whole = Path(text).absolute()
    fixed = Path(whole.anchor)
    for part in whole.parts[1:]:
        if _WILD & set(part):
            break
        fixed /= part

    def found(_trouble: Trouble) -> Iterator[Piece]:
        for one in glob.iglob(str(whole), recursive=True):  # noqa: PTH207 - gives them one by one
            path = Path(one)
            if not path.is_dir():
                yield _piece(path, fixed)

    return Listing(path_text(whole), path_text(fixed), found)


def _of_list(path: Path) -> Iterator[Piece]:
    """What the lines name: paths, relative ones from where the list is, or addresses; "#" begins a comment.

    Objects are not asked after one by one: one that a list names is taken not to change.
    """
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, 1):
                named = line.strip()
                if not named or named.startswith("#"):
                    continue
                if "\0" in named:
                    raise BadInput(f"{path}:{number}: no path: a list names one PDF in a line")
                yield Piece(name=named, size=0) if is_address(named) else _piece(path.parent / named, None)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error


def _piece(path: Path, root: Path | None) -> Piece:
    """The file with its size and time, where it can be looked at."""
    name = path_text(path if root is None else path.relative_to(root))
    try:
        about = path.stat()
    except OSError:
        return Piece(name=name, size=_GONE)
    return Piece(name=name, size=about.st_size, stamp=str(about.st_mtime_ns))


def _objects(text: str) -> Listing:
    """The PDFs below an address, or those whose names there a pattern fits ("*" stands for slashes, too)."""
    folder, pattern = text.rstrip("/"), ""
    if _WILD & set(text):
        fixed = text[: min(text.index(one) for one in _WILD if one in text)]
        folder = fixed.rpartition("/")[0]
        pattern = text[len(folder) + 1 :]

    def found(_trouble: Trouble) -> Iterator[Piece]:
        from dl_lit.app.corpus.objects import Objects  # noqa: PLC0415 - brings an extra

        for name, size, stamp in Objects(folder).listed():
            if fnmatchcase(name, pattern) if pattern else is_pdf_name(name.rpartition("/")[2]):
                yield Piece(name=name, size=size, stamp=stamp)

    return Listing(text.rstrip("/"), folder, found)
