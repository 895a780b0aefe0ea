"""Sources for all hosts: put by their content where all reach them when they are added, brought from there to be read.

`shared.sources` names that place, a folder or a prefix of an object store. Each source is `SHA-256.pdf` there. What
the library holds needs no second copy: it is found there by its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from db.connect import Engine
from db.taking import known_source
from dl_lit.app.intake.inbox import HUGE_BYTES, content_of, open_regular
from dl_lit.app.shelving import sent_shelf, shelf_of
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError, FetchError
from dl_lit.core.items import SourceItem
from dl_lit.core.reasons import Reason
from dl_lit.core.source_path import path_of
from dl_lit.core.store import NewSource
from dl_lit.settings import Settings

_AGAIN_S = 60.0
_ENDING = ".pdf"


def send(settings: Settings, sources: Iterable[NewSource]) -> None:
    """Put the sources where all hosts reach them, if there is such a place; those that are there already stay.

    To be called before they are added, since another host may claim them the moment they are. Raises `DlLitError` where
    the place does not take them.
    """
    shelf = sent_shelf(settings)
    if shelf is None:
        return
    for one in sources:
        if not 0 < one.size_bytes <= HUGE_BYTES:  # it could not be read, or is not read whole
            continue
        path = path_of(one.path)
        try:
            if not shelf.has(one.sha256 + _ENDING):
                shelf.lay_back(one.sha256 + _ENDING, path)
        except FileNotFoundError as error:
            if error.filename != str(path):
                raise DlLitError(f"{shelf.name} (shared.sources) is not there") from error
        except OSError as error:
            raise DlLitError(f"{path} cannot be put into {shelf.name} (shared.sources): {error.strerror}") from error


def forget_sent(settings: Settings, reader: Engine) -> int:
    """Remove the sent sources that have been read; how many went. What could not be read may be tried again."""
    shelf, gone = sent_shelf(settings), 0
    if shelf is None:
        return gone
    for path, _ in list(shelf.sizes()):
        known = known_source(reader, path.removesuffix(_ENDING))
        if known is not None and known.state == "extracted":
            shelf.remove(path)
            gone += 1
    return gone


class ReachedSources:
    """Finds sources on this host, or brings them: see `SourceFiles`."""

    def __init__(self, settings: Settings, clock: Clock, find_same: Callable[[str], str | None]) -> None:
        """`find_same` says where in the library a content is."""
        self._find_same = find_same
        self._sent = sent_shelf(settings, clock)
        self._library = None if isinstance(settings.library, Path) else shelf_of(settings, clock)

    def local(self, item: SourceItem) -> Path:
        """See `SourceFiles.local`."""
        path = path_of(item.path)
        if (self._sent is None and self._library is None) or _holds(path, item.sha256):
            return path
        try:
            return self._brought(item.sha256) or path
        except DlLitError as error:
            raise FetchError(Reason.WRITE_ERROR, str(error), after=_AGAIN_S, costs_attempt=False) from error
        except OSError as error:
            told = f"a copy of {path} cannot be made: {error.strerror}"
            raise FetchError(Reason.WRITE_ERROR, told, after=_AGAIN_S, costs_attempt=False) from error

    def _brought(self, sha256: str) -> Path | None:
        if self._sent is not None:
            found = self._sent.local(sha256 + _ENDING, sha256)
            if _holds(found, sha256):
                return found
        same = self._find_same(sha256) if self._library is not None else None
        if self._library is not None and same is not None:
            found = self._library.local(same, sha256)
            if _holds(found, sha256):
                return found
        return None


def _holds(path: Path, sha256: str) -> bool:
    """Whether the file can be read here, and is what was added."""
    with suppress(OSError), open_regular(path) as file:
        return content_of(file)[0] == sha256
    return False
