"""A reader of bibliographies that asks GROBID, too; whatever GROBID does, our own reading stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dl_lit.core.errors import PdfError, RequestRefused, ServiceError
from dl_lit.core.model import Bibliography, Reference
from dl_lit.core.ports import BibliographyReader, FileCalls, PdfChecker
from dl_lit.core.reasons import Reason
from stages.grobid.tei import SERVICE, parse
from stages.readings.merging import Recount, alone, merge

_PATH = "/api/processReferences"
_FORM = (("consolidateCitations", "0"), ("includeRawCitations", "1"))
"""Consolidation would have GROBID ask Crossref for every entry, past the limits that dl_lit keeps."""
_TRIES = 6  # while all its engines are busy; each waits some seconds for its turn
_OTHERS_MAY_READ = frozenset(
    {Reason.NO_REFERENCES_FOUND, Reason.PARSE_TIMEOUT, Reason.PARSE_MEMORY, Reason.PARSER_CRASHED}
)


def ask(calls: FileCalls, path: Path) -> tuple[Reference, ...]:
    """The references that GROBID finds in the PDF at `path`; none where it read the file and found none.

    Waits while it is busy, about half a minute. Raises `ServiceError` where it does not answer, or not as it should,
    `RequestRefused` where it cannot read this file.
    """
    for attempt in range(_TRIES):
        try:
            answer = calls.post_file(
                SERVICE, _PATH, path, field="input", form=_FORM, headers={"Accept": "application/xml"}
            )
        except ServiceError as error:
            is_busy = error.reason is Reason.RATE_LIMITED and not error.costs_attempt and error.after != 0.0
            if not is_busy or attempt == _TRIES - 1:
                raise
            continue
        if answer.status == 404:
            raise ServiceError(SERVICE, Reason.BAD_ANSWER, "HTTP 404: no GROBID at this address")
        return parse(answer.body) if answer.status != 204 else ()
    raise AssertionError("the last attempt returns or raises")


class GrobidReader:
    """Our own reading completed by GROBID's (`core.ports.BibliographyReader`). Thread-safe.

    What became of GROBID's part is said in the bibliography's notes.
    """

    def __init__(
        self, own: BibliographyReader, calls: FileCalls, checker: PdfChecker, recount: Recount | None = None
    ) -> None:
        """`own` reads first; `checker` counts the pages of a file that `own` cannot read; `recount` as in `merge`."""
        self._recount = recount
        self._own = own
        self._calls = calls
        self._checker = checker

    def read(self, path: Path) -> Bibliography:
        """The bibliography of the PDF at `path`; raises `PdfError` where neither finds one.

        Raises `ServiceError` only when the program is ending before GROBID was asked: the next run reads it anew.
        """
        try:
            own = self._own.read(path)
        except PdfError as error:
            return self._read_instead(path, error)
        try:
            theirs = ask(self._calls, path)
        except (ServiceError, PdfError) as error:
            _leave_for_the_next_run(error)
            return replace(own, notes=(*own.notes, f"read without GROBID: {_told(error)}"))
        found = merge(own, theirs, self._recount)
        note = f"GROBID: {found.both} of its {len(theirs)} entries are ours, {found.added} added, {found.fields} fields"
        return replace(found.bibliography, notes=(*own.notes, note))

    def close(self) -> None:
        """End the children."""
        self._own.close()

    def _read_instead(self, path: Path, error: PdfError) -> Bibliography:
        """What GROBID reads where we read nothing; raises `error` where it does not help."""
        if error.reason not in _OTHERS_MAY_READ:
            raise error
        try:
            theirs = ask(self._calls, path)
        except (ServiceError, PdfError) as theirs_error:
            _leave_for_the_next_run(theirs_error)
            raise error from None
        found = alone(self._pages(path), theirs)
        if not found.references:
            raise error
        note = f"GROBID alone: {len(found.references)} entries; our own reading ended with {error.reason.value}"
        return replace(found, notes=(note,))

    def _pages(self, path: Path) -> int:
        try:
            return self._checker.check(path).page_count
        except PdfError:
            return 0  # not to be had


def _leave_for_the_next_run(error: ServiceError | PdfError) -> None:
    """Raise `error` again where GROBID was not asked because the program is ending."""
    if isinstance(error, ServiceError) and error.reason is Reason.RATE_LIMITED and error.after == 0.0:
        raise error


def _told(error: ServiceError | PdfError) -> str:
    """In a few words, without what an answer's body said of the machine it ran on."""
    if isinstance(error, RequestRefused):
        return "it cannot read this file"
    return error.reason.value
