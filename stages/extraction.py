"""Extraction: from a PDF to its bibliography."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dl_lit.core.errors import FetchError, PdfError, ServiceError
from dl_lit.core.items import Extracted, SourceItem
from dl_lit.core.job import Answer, Claim, Done, Reject, Snooze
from dl_lit.core.model import Bibliography, StageName
from dl_lit.core.ports import BibliographyReader, SourceFiles
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import SHORTAGE_S, shortage_of
from dl_lit.core.source_path import path_of
from stages.outcomes import of_pdf_error, of_service_error


class ExtractionStage:
    """Reads bibliographies, one PDF at a time a worker; the reading itself happens in a killable child."""

    def __init__(
        self, reader: BibliographyReader, *, most_of_found: int | None = None, files: SourceFiles | None = None
    ) -> None:
        """`most_of_found` references are taken of a source that snowballing found; None: all.

        `files` brings sources that were added elsewhere; without it they are where they were added.
        """
        self._reader = reader
        self._files = files
        self._most_of_found = most_of_found

    @property
    def name(self) -> StageName:
        """The first stage."""
        return StageName.EXTRACTION

    def batch_size(self, phase: str) -> int:
        """One: a worker has one child."""
        del phase
        return 1

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        """Read each PDF."""
        for claim in claims:
            yield claim, self._answer(claim)

    def close(self) -> None:
        """End the children."""
        self._reader.close()

    def _answer(self, claim: Claim) -> Answer:
        if not isinstance(claim.item, SourceItem):
            raise TypeError(f"extraction was handed {type(claim.item).__name__}")
        try:
            path = self._files.local(claim.item) if self._files else path_of(claim.item.path)
        except FetchError as error:
            return Snooze(error.reason, error.after or SHORTAGE_S, error.detail)
        refusal = _refuse_unread(path)
        if refusal:
            return refusal
        try:
            bibliography = self._reader.read(path)
        except PdfError as error:
            return of_pdf_error(error)
        except ServiceError as error:
            return of_service_error(error)
        if not bibliography.references:
            return Reject(Reason.NO_REFERENCES_FOUND, f"{bibliography.page_count} pages were read")
        return Done(self._taken(bibliography, claim.item))

    def _taken(self, read: Bibliography, item: SourceItem) -> Extracted:
        """What is taken of it: of what people gave all, of what was found as much as is set, in printed order."""
        most = self._most_of_found
        cut = len(read.references) - most if item.level and most is not None else 0
        if cut <= 0:
            return Extracted(read)
        note = f"{most} of {len(read.references)} references were taken (snowball.max_references)"
        return Extracted(replace(read, references=read.references[:most], notes=(*read.notes, note)), cut)


def _refuse_unread(path: Path) -> Reject | Snooze | None:
    """What is wrong with the file before anybody parses it."""
    try:
        if not path.is_file():
            gone = not path.exists()
            return Reject(Reason.VANISHED if gone else Reason.UNREADABLE_FILE, "" if gone else "not a regular file")
        with path.open("rb") as file:
            begins = file.read(1)
    except FileNotFoundError:
        return Reject(Reason.VANISHED)
    except OSError as error:
        if (lacking := shortage_of(error)) is not None:
            return Snooze(Reason.WRITE_ERROR, SHORTAGE_S, lacking)
        return Reject(Reason.UNREADABLE_FILE, error.strerror or str(error))
    return None if begins else Reject(Reason.EMPTY_FILE)
