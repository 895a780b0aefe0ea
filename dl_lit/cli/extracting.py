"""PDFs read for `dl-lit extract`, each with its images where they are wanted."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import _TemporaryFileWrapper

from dl_lit.app.intake.inbox import new_source
from dl_lit.app.reading.readers import bibliography_reader
from dl_lit.app.reading.reading_beside import reading_beside
from dl_lit.core.errors import BadInput, DlLitError, PdfError
from dl_lit.core.model import Bibliography
from dl_lit.core.source_path import path_text
from dl_lit.core.values import dataclass
from dl_lit.pdf.children import STOPPED
from dl_lit.pdf.picture.album import Album
from dl_lit.pdf.picture.order import PictureOrder
from dl_lit.runtime.together import together
from dl_lit.settings import Settings
from dl_lit.settings.model import MB

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Extracted:
    """One PDF and what came of it."""

    path: str
    sha256: str | None  # None: it could not be read
    result: Bibliography | PdfError

    @property
    def bibliography(self) -> Bibliography | None:
        """What was read; `None` where nothing was."""
        return self.result if isinstance(self.result, Bibliography) else None

    @property
    def error(self) -> PdfError | None:
        """Why nothing was read; `None` where something was."""
        return self.result if isinstance(self.result, PdfError) else None

    @property
    def said(self) -> str:
        """The error's reason and detail; empty without one."""
        if self.error is None:
            return ""
        return self.error.reason.value + (f" ({self.error.detail})" if self.error.detail else "")


def extracted(
    settings: Settings, pdfs: Sequence[Path], pictures: Path | None, order: PictureOrder | None
) -> Generator[Extracted, None, None]:
    """Every PDF of `pdfs` in their order; "-" is standard input. Page images go below `pictures` as `order` says.

    Where the settings have one, a language model is asked about what our reader is unsure of, but not for images.
    Raises `NeedsConfiguration` where it cannot be asked.
    """
    with ExitStack() as stack:
        named = [
            (path_text(path), stack.enter_context(_StandardInput(settings)) if path == Path("-") else path)
            for path in pdfs
        ]
        reader = stack.enter_context(bibliography_reader(settings))
        readers = stack.enter_context(reading_beside(settings, reader))

        def read(one: tuple[str, Path]) -> Extracted:
            name, path = one
            source = new_source(path)
            sha256 = source.sha256 if source.size_bytes else None
            if pictures is None or order is None:
                return Extracted(name, sha256, _result(readers.read, path))
            album = Album(pictures, name if name != "-" else "standard-input", sha256)
            result = _result(lambda path: reader.picture(path, order, album.take), path)
            if isinstance(result, PdfError) and result.detail == STOPPED:
                album.give_up()
            else:
                album.finish(result)
            return Extracted(name, sha256, result)

        yield from together(read, named, settings.workers.extraction, give_up=readers.kill)


def _result(read: Callable[[Path], Bibliography], path: Path) -> Bibliography | PdfError:
    try:
        return read(path)
    except PdfError as error:
        return error


class _StandardInput:
    """What comes on standard input, as a file for the child to open."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.pdf.max_mb * MB
        self._stack = ExitStack()

    def __enter__(self) -> Path:
        if sys.stdin is None:
            raise BadInput("standard input is closed: there is no PDF to read from it")
        with ExitStack() as stack:
            file = stack.enter_context(self._file())
            size = 0
            for piece in self._pieces():
                size += len(piece)
                if size > self._most:
                    raise BadInput(f"standard input has more than {self._most // MB} MB (pdf.max_mb)")
                _write_all(file, piece)
            self._stack = stack.pop_all()
        return Path(file.name)

    @staticmethod
    def _file() -> _TemporaryFileWrapper[bytes]:
        try:
            # Without a buffer: what could not be written would be tried again when it is closed.
            return tempfile.NamedTemporaryFile(prefix="dl-lit-", suffix=".pdf", buffering=0)
        except OSError as error:
            raise _cannot_keep(error) from error

    @staticmethod
    def _pieces() -> Iterator[bytes]:
        try:
            while piece := sys.stdin.buffer.read(_PIECE):
                yield piece
        except OSError as error:
            raise BadInput(f"cannot read standard input: {error.strerror}") from error

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _write_all(file: _TemporaryFileWrapper[bytes], piece: bytes) -> None:
    try:
        rest = memoryview(piece)
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise _cannot_keep(error) from error


def _cannot_keep(error: OSError) -> DlLitError:
    """What to say where there is no room for a copy of standard input."""
    return DlLitError(f"cannot keep a copy of standard input (TMPDIR says where): {error.strerror}")
