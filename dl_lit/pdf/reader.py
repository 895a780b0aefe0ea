"""The ports to PDFs, served by child processes: bibliographies read, fetched files opened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from dl_lit.core.errors import PdfError
from dl_lit.core.language import PageText
from dl_lit.core.model import Bibliography, Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.reasons import Reason
from dl_lit.pdf.annotating import Marks
from dl_lit.pdf.children import Children, Take
from dl_lit.pdf.confinement import Confinement
from dl_lit.pdf.messages import Answer, Order, Verb
from dl_lit.pdf.ocr.order import OcrOrder
from dl_lit.pdf.opening import opened
from dl_lit.pdf.picture.order import PictureOrder

log = structlog.get_logger(__name__)

TIMEOUT_S = 60.0  # wall clock, for one file
MEMORY_BYTES = 1024 * 1024 * 1024  # address space of a child
MAX_BYTES = 200 * 1024 * 1024  # of a file
MAX_PAGES = 4_000
MAX_JOBS = 200  # after which a child is renewed: what leaks is given back


class _Jobs:
    """What reader and checker share: children, limits, and how they end."""

    def __init__(
        self,
        children: int = 2,
        *,
        timeout_s: float = TIMEOUT_S,
        memory_bytes: int = MEMORY_BYTES,
        max_bytes: int = MAX_BYTES,
        max_pages: int = MAX_PAGES,
        max_jobs: int = MAX_JOBS,
        readable: Sequence[Path] = (),
        patience_s: float = 0.0,
    ) -> None:
        """At most `children` processes at a time, started when first needed; limits are for one file.

        A job waits `patience_s` for one that is busy before another is started.
        Of files they can read those they are handed, what they are made of, and what is in the folders `readable`.
        """
        self._children = Children(
            children,
            timeout_s=timeout_s,
            memory_bytes=memory_bytes,
            max_jobs=max_jobs,
            readable=readable,
            patience_s=patience_s,
        )
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._max_pages = max_pages

    def _do(
        self,
        verb: Verb,
        path: Path,
        *,
        picture: PictureOrder | None = None,
        take: Take | None = None,
        ocr: OcrOrder | None = None,
        marks: Marks | None = None,
        pages: Sequence[int] = (),
    ) -> Answer:
        order = Order(
            verb=verb,
            max_bytes=self._max_bytes,
            max_pages=self._max_pages,
            cpu_s=math.ceil(self._timeout_s),
            picture=picture,
            ocr=ocr,
            marks=marks,
            pages=tuple(pages),
        )
        with opened(path) as file:
            answer = self._children.do(order, file, take)
        if answer.reason is not None:
            raise PdfError(answer.reason, answer.detail)
        return answer

    def confinement(self) -> Confinement:
        """What a child can do besides its work, tried by one; raises `PdfError` where none can be started."""
        found = self._do(Verb.TRY, Path(__file__)).confinement
        if found is None:
            raise PdfError(Reason.PARSER_CRASHED, "an answer without what was tried")
        return found

    def pids(self) -> list[int]:
        """The process ids of the children that run, for whoever watches memory."""
        return self._children.pids()

    def keep(self, count: int) -> None:
        """End children that nobody uses until no more than `count` are left; they are started again when needed."""
        if ended := self._children.keep(count):
            log.debug("children_ended", number=ended, kept=count)

    def kill(self) -> None:
        """End the children at once, from any thread.

        A call that waits raises `PdfError` with `parser-crashed` (a transient reason: the file is not to blame) and
        the detail `children.STOPPED`; so do later calls.
        """
        self._children.stop()

    def close(self) -> None:
        """End the children; the same as `kill`, since they hold nothing worth finishing."""
        self._children.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ChildReader(_Jobs):
    """Reads PDFs' bibliographies in child processes (`core.ports.BibliographyReader`). Thread-safe."""

    def __init__(
        self,
        children: int = 2,
        *,
        timeout_s: float = TIMEOUT_S,
        memory_bytes: int = MEMORY_BYTES,
        max_bytes: int = MAX_BYTES,
        max_pages: int = MAX_PAGES,
        max_jobs: int = MAX_JOBS,
        ocr: OcrOrder | None = None,
    ) -> None:
        """As for all jobs; `ocr` says how to read scans, `None` not to."""
        super().__init__(
            children,
            timeout_s=timeout_s,
            memory_bytes=memory_bytes,
            max_bytes=max_bytes,
            max_pages=max_pages,
            max_jobs=max_jobs,
            readable=[Path(ocr.data_folder)] if ocr is not None and ocr.data_folder else (),
        )
        self._ocr = ocr

    def read(self, path: Path) -> Bibliography:
        """The bibliography of the PDF at `path`; raises `PdfError`."""
        return _bibliography(self._do(Verb.READ, path, ocr=self._ocr))

    def picture(self, path: Path, order: PictureOrder, take: Take) -> Bibliography:
        """The bibliography of the PDF at `path`; raises `PdfError`.

        Before that, `take` gets an image of each page that `order` asks for, with what was read marked on it: also
        where no references were found, if pages are asked for by number.
        """
        return _bibliography(self._do(Verb.PICTURE, path, picture=order, take=take, ocr=self._ocr))


def _bibliography(answer: Answer) -> Bibliography:
    if answer.bibliography is None:
        raise PdfError(Reason.PARSER_CRASHED, "an answer without bibliography")
    return answer.bibliography


class ChildChecker(_Jobs):
    """Opens fetched files in child processes (`core.ports.PdfChecker`). Thread-safe."""

    def check(self, path: Path) -> PdfFacts:
        """What the file at `path` is; raises `PdfError` when it does not open with at least one page."""
        answer = self._do(Verb.CHECK, path)
        if answer.facts is None:
            raise PdfError(Reason.PARSER_CRASHED, "an answer without facts")
        return answer.facts

    def annotate(self, path: Path, work: Work) -> bool:
        """Append to the file at `path` what work it is; False where it says so already, or cannot be updated.

        The file itself stays as it is, byte for byte. Raises `OSError` where the disk refuses.
        """
        try:
            update = self._do(Verb.ANNOTATE, path, marks=Marks.of(work)).update
        except PdfError as error:
            log.info("not_annotated", file=path.name, reason=error.reason.value, detail=error.detail)
            return False
        if update:
            with path.open("ab") as file:
                file.write(update)
        return bool(update)


class ChildPages(_Jobs):
    """Takes single pages out of PDFs in child processes (`core.language.Pages`). Thread-safe."""

    def texts(self, path: Path, pages: Sequence[int]) -> Sequence[PageText]:
        """The texts of these pages (1-based) of the PDF at `path`, those there are; raises `PdfError`."""
        answer = self._do(Verb.PAGES, path, pages=pages)
        if answer.texts is None:
            raise PdfError(Reason.PARSER_CRASHED, "an answer without texts")
        return answer.texts

    def split(self, path: Path, pages: Sequence[int], into: Path) -> None:
        """Write a PDF of these pages (1-based) of the one at `path` to `into`.

        Raises `PdfError`, also where it does not have one of the pages, and `OSError`; `into` is not there then.
        """
        extract = self._do(Verb.SPLIT, path, pages=pages).extract
        if extract is None:
            raise PdfError(Reason.PARSER_CRASHED, "an answer without pages")
        try:
            into.write_bytes(extract)
        except OSError:
            with suppress(OSError):
                into.unlink(missing_ok=True)
            raise
