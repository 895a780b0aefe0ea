"""The pages of a section sent to a model: split, uploaded, asked about and cleaned up as one task.

Whatever happens, what was written here and sent there is removed again: also after a failure, also when the program is
ending, also where an upload comes to its end only after it was given up. Models that take no files are sent the texts.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from dl_lit.core.errors import PdfError
from dl_lit.core.language import LanguageModel, ModelAnswer, ModelError, Pages, PageText, RemoteFile, Sections, Trouble
from dl_lit.core.values import dataclass
from stages.language.believing import objects
from stages.language.doubts import halves
from stages.language.prompts import of_file, of_texts

SCRATCH_PREFIX = "dl-lit-section-"
"""How the folders begin in which split pages stand for as long as they are needed."""


class NotAsked(ModelError):
    """The model was not asked; why is in our own words, as no provider's are: they may be told."""

    def __init__(self, why: str) -> None:
        """The same question will never do."""
        super().__init__(Trouble.BAD_REQUEST, why)


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said about a run of pages: nothing of it is checked."""

    references: tuple[Mapping[str, Any], ...] = ()
    missing: tuple[tuple[tuple[int, ...], str], ...] = ()  # pages that it could not read, and why
    is_complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What sections are read with."""

    model: LanguageModel
    pages: Pages
    sections: Sections
    upload_timeout_s: float = 300.0
    scratch: Path | None = None  # where split pages stand; None: the system's folder for such


class Document:
    """One PDF whose sections are read. Its tasks run in several threads."""

    def __init__(self, desk: Desk, path: Path, texts: Iterable[PageText]) -> None:
        """`texts` are those of the pages that will be asked about."""
        self._desk = desk
        self._path = path
        self._texts = {one.page: one for one in texts}

    def read(self, parts: Sequence[Sequence[int]]) -> Sequence[Said | ModelError]:
        """What the model says about each part, in their order; a part that fails leaves the others alone."""
        return self._desk.sections.run([partial(self._read, tuple(part)) for part in parts])

    def _read(self, pages: tuple[int, ...], *, again: bool = True) -> Said:
        """Read the pages together, or in halves where the answer would be too long or is said to be incomplete."""
        try:
            answer = self._ask(pages)
        except ModelError as error:
            if error.trouble is not Trouble.CUT:
                raise
            if len(pages) == 1:
                return Said(missing=((pages, error.trouble.value),), is_complete=False)
            return _joined(self._read(half) for half in halves(pages))
        value = answer.value
        if not isinstance(value, dict) or not isinstance(value.get("references"), list):
            raise ModelError(Trouble.BAD_ANSWER, "no list of references")
        said = Said(tuple(objects(value, "references")), self._unread(pages), value.get("is_complete") is True)
        if said.is_complete or not again or len(pages) == 1:
            return said
        in_halves = _joined(self._read(half, again=False) for half in halves(pages))
        return Said((*said.references, *in_halves.references), in_halves.missing, in_halves.is_complete)

    def _ask(self, pages: tuple[int, ...]) -> ModelAnswer:
        if self._desk.model.provider.takes_files:
            return self._ask_with_file(pages)
        shown = [self._texts[page] for page in pages if page in self._texts and not self._texts[page].is_image]
        if not shown:
            raise NotAsked("pages without text, and the model takes no files")
        return self._desk.model.ask(of_texts(shown))

    def _unread(self, pages: tuple[int, ...]) -> tuple[tuple[tuple[int, ...], str], ...]:
        if self._desk.model.provider.takes_files:
            return ()
        images = tuple(page for page in pages if page not in self._texts or self._texts[page].is_image)
        return ((images, "no text layer, and the model takes no files"),) if images else ()

    def _ask_with_file(self, pages: tuple[int, ...]) -> ModelAnswer:
        desk = self._desk
        remembered = of_file(pages, self._digest)
        if desk.model.is_remembered(remembered):
            return desk.model.ask(remembered)
        with self._folder() as folder:
            part = Path(folder) / "pages.pdf"
            desk.sections.split(lambda: self._split(pages, part))
            upload = Upload(desk.model, part, desk.upload_timeout_s)
            try:
                file = desk.sections.upload(upload)
                return desk.model.ask(of_file(pages, self._digest, file))
            finally:
                upload.clean_up()

    def _split(self, pages: Sequence[int], into: Path) -> None:
        try:
            self._desk.pages.split(self._path, pages, into)
        except (PdfError, OSError) as error:
            raise NotAsked(f"the pages cannot be taken out: {_told(error)}") from error

    def _folder(self) -> tempfile.TemporaryDirectory[str]:
        try:
            return tempfile.TemporaryDirectory(
                prefix=SCRATCH_PREFIX, dir=self._desk.scratch, ignore_cleanup_errors=True
            )
        except OSError as error:
            raise NotAsked(f"no folder for the pages: {_told(error)}") from error

    @cached_property
    def _digest(self) -> str:
        """What the file holds: two names of one file are one question."""
        try:
            with self._path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise NotAsked(f"the file cannot be read: {_told(error)}") from error


class Upload:
    """One upload, and the promise that its file is deleted: when it is done with, or when it comes too late."""

    def __init__(self, model: LanguageModel, path: Path, timeout_s: float) -> None:
        """Nothing is sent yet."""
        self._send: Callable[[], RemoteFile] = partial(model.upload, path, timeout_s=timeout_s)
        self._delete = model.delete
        self._lock = threading.Lock()
        self._file: RemoteFile | None = None
        self._is_over = False

    def __call__(self) -> RemoteFile:
        """Send it. Raises `ModelError`."""
        file = self._send()
        with self._lock:
            is_late, self._file = self._is_over, None if self._is_over else file
        if is_late:
            self._delete(file)
        return file

    def clean_up(self) -> None:
        """Delete what was sent, and what may yet turn out to have been sent."""
        with self._lock:
            file, self._file, self._is_over = self._file, None, True
        if file is not None:
            self._delete(file)


def _joined(said: Iterable[Said]) -> Said:
    parts = list(said)
    return Said(
        tuple(one for part in parts for one in part.references),
        tuple(one for part in parts for one in part.missing),
        all(part.is_complete for part in parts),
    )


def _told(error: PdfError | OSError) -> str:
    """In a word, without the paths of this machine."""
    return error.reason.value if isinstance(error, PdfError) else error.strerror or type(error).__name__
