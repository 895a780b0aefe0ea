"""A reader of bibliographies that has a language model read what the reading beside it is unsure of.

Rules and light model come first, and their reading stands: the model sees sections with gaps, pages of documents in
which nothing was found, and entries of which the reader is unsure, no more. What it says counts as far as it is in
print. What became of its part is said in the bibliography's notes; none of its failures is one of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dl_lit.core.errors import PdfError, ServiceError
from dl_lit.core.language import InOrder, LanguageModel, ModelError, Pages, PageText, Sections, Trouble
from dl_lit.core.model import Bibliography, ModelReading, Reference
from dl_lit.core.ports import BibliographyReader, PdfChecker
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from stages.language.checking import Checked, Heard, Places, checked
from stages.language.doubts import (
    Bounds,
    Doubtful,
    bounded,
    doubtful_entries,
    doubtful_sections,
    last_pages,
    parts,
)
from stages.language.entries import take_apart
from stages.language.sections import Desk, Document, NotAsked, Said
from stages.language.verbatim import Print
from stages.readings.merging import Recount, alone, merge

SERVICE = "language-model"
_OTHERS_MAY_READ = frozenset(
    {Reason.NO_REFERENCES_FOUND, Reason.PARSE_TIMEOUT, Reason.PARSE_MEMORY, Reason.PARSER_CRASHED}
)
_BEFORE = 2  # pages before a section, whose running heads tell which of its lines are such
_STATUS = re.compile(r"HTTP \d{3}\b", re.ASCII)  # how our words for a refusal begin
_NAMED = 20  # entries and pages that a note names one by one


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of some sections."""

    checked: Checked
    pages: frozenset[int]  # that were read
    notes: tuple[str, ...]
    printed: Print


class LanguageReader:
    """Another reader completed by a language model (`core.ports.BibliographyReader`). Thread-safe."""

    def __init__(
        self,
        own: BibliographyReader,
        *,
        model: LanguageModel,
        pages: Pages,
        sections: Sections,
        in_order: InOrder,
        checker: PdfChecker,
        bounds: Bounds | None = None,
        entries_together: int = 1,
        upload_timeout_s: float = 300.0,
        recount: Recount | None = None,
        scratch: Path | None = None,
    ) -> None:
        """`own` reads first; `checker` counts the pages of what it cannot read; `recount` as in `merge`.

        `upload_timeout_s` is for one section's pages, which stand in `scratch` (None: where the system has such).
        """
        self._own = own
        self._desk = Desk(
            model=model, pages=pages, sections=sections, upload_timeout_s=upload_timeout_s, scratch=scratch
        )
        self._in_order = in_order
        self._checker = checker
        self._bounds = bounds or Bounds()
        self._together = entries_together
        self._recount = recount

    def read(self, path: Path) -> Bibliography:
        """The bibliography of the PDF at `path`; raises `PdfError` where nobody finds one.

        Raises `ServiceError` only when the program is ending before the model was asked, or where `own` does: the next
        run reads it anew.
        """
        try:
            own = self._own.read(path)
        except PdfError as error:
            return self._read_instead(path, error)
        return self._entries(*self._sections(path, own))

    def close(self) -> None:
        """End the children."""
        self._own.close()

    def _read_instead(self, path: Path, error: PdfError) -> Bibliography:
        """What the model reads on the last pages where nothing was read; raises `error` where that does not help."""
        is_scan = error.reason is Reason.NO_TEXT_LAYER and self._desk.model.provider.takes_files
        if error.reason not in _OTHERS_MAY_READ and not is_scan:
            raise error
        try:
            count = self._checker.check(path).page_count
        except PdfError:
            raise error from None
        why = f"our own reading ended with {error.reason.value}"
        read = self._read(path, [Doubtful(last_pages(count, self._bounds), why)])
        theirs = [one for one in read.checked.references if read.checked.may_be_added(one)]
        found = alone(count, theirs)
        if not found.references:
            told = "; ".join(filter(None, (error.detail, *read.notes)))
            raise PdfError(error.reason, told) from None
        return replace(found, notes=(*read.notes, *_marks(found.references, read.checked)))

    def _sections(self, path: Path, own: Bibliography) -> tuple[Bibliography, frozenset[int]]:
        """The bibliography with its doubtful sections read again, and the pages that were."""
        doubtful = doubtful_sections(own, self._bounds)
        if not doubtful:
            return own, frozenset()
        read = self._read(path, doubtful)
        theirs = read.checked.references
        if not theirs:
            return replace(own, notes=(*own.notes, *read.notes)), read.pages
        places = Places(own.references, read.checked, read.printed)
        found = merge(own, theirs, self._recount, places, read.checked.may_be_added)
        note = (
            f"{self._name}: {found.both} of its {len(theirs)} entries are ours, "
            f"{found.added} added, {found.fields} fields"
        )
        marks = _marks(found.bibliography.references, read.checked)
        return replace(found.bibliography, notes=(*own.notes, *read.notes, note, *marks)), read.pages

    def _entries(self, own: Bibliography, read: frozenset[int]) -> Bibliography:
        """The bibliography with its doubtful entries taken apart anew, but for those of pages just `read`."""
        doubtful = [one for one in doubtful_entries(own.references, self._bounds) if one.page not in read]
        if not doubtful:
            return own
        told = take_apart(self._desk.model, self._in_order, doubtful, together=self._together)
        if told.is_stopping:
            raise _ending()
        after = {one.position: one for one in told.references}
        note = f"{self._name}: {told.completed} of {_entries(len(doubtful))} taken apart anew"
        if told.troubles:
            note += f"; without an answer {_counted(told.troubles)}"
        references = tuple(after.get(one.position, one) for one in own.references)
        return replace(own, references=references, notes=(*own.notes, note))

    def _read(self, path: Path, doubtful: Sequence[Doubtful]) -> _Read:
        """Have the model read these sections; what it says is checked against the print."""
        sections = bounded(doubtful, self._bounds)
        wanted = [(part, one) for one in sections.sections for part in parts(one.pages, self._bounds.section_pages)]
        notes = [f"{self._name}: read {_pages(one.pages)} again: {one.why}" for one in sections.sections]
        if sections.left:
            notes.append(f"{self._name}: {_pages(sections.left)} not read: beyond {self._bounds.most_pages} pages")
        try:
            texts = self._texts(path, [part for part, _ in wanted])
        except PdfError as error:
            failed = f"{self._name}: nothing read: the pages' text cannot be taken out: {error.reason.value}"
            return _Read(Checked((), frozenset(), 0, {}), frozenset(), (failed,), Print([]))
        answers = Document(self._desk, path, texts).read([part for part, _ in wanted])
        if any(isinstance(one, ModelError) and one.trouble is Trouble.STOPPING for one in answers):
            raise _ending()
        missing: list[tuple[tuple[int, ...], str]] = []
        heard: list[Heard] = []
        for answer, (part, one) in zip(answers, wanted, strict=True):
            if isinstance(answer, ModelError):
                missing.append((part, _why(answer)))
                continue
            heard += [Heard(said, one.heading, one.begins_on) for said in answer.references]
            missing += _missing(answer, part)
        printed = Print(texts)
        found = _signed(checked(heard, printed), self._desk.model.name)
        self._desk.model.note(entries=len(found.references), invented=found.invented)
        if found.invented:
            notes.append(f"{self._name}: {_entries(found.invented)} not in print, not taken")
        if found.strange:
            notes.append(f"{self._name}: {_entries(len(found.strange))} nothing like a reference: not added")
        if found.beyond:
            notes.append(f"{self._name}: {_entries(found.beyond)} left out: more than pages hold")
        notes += [f"{self._name}: {_pages(pages)} missing: {why}" for pages, why in missing]
        lost = {page for pages, _ in missing for page in pages}
        return _Read(found, frozenset(page for part, _ in wanted for page in part) - lost, tuple(notes), printed)

    def _texts(self, path: Path, wanted: Iterable[Sequence[int]]) -> Sequence[PageText]:
        """The texts of the parts, and of some pages before and behind, from which running heads are known."""
        pages = {page for part in wanted for page in (*part, *range(part[0] - _BEFORE, part[0]), part[-1] + 1)}
        return self._desk.pages.texts(path, sorted(page for page in pages if page > 0))

    @property
    def _name(self) -> str:
        return f"language model {self._desk.model.name}"


def _missing(said: Said, part: Sequence[int]) -> list[tuple[tuple[int, ...], str]]:
    if said.is_complete or said.missing:
        return list(said.missing)
    return [(tuple(part), "it says that it did not read all")]


def _signed(read: Checked, model: str) -> Checked:
    """With each entry marked as the model's find, and whether it stands in print."""
    return replace(
        read,
        references=tuple(
            replace(
                one, model_reading=ModelReading(model=model, is_its_find=True, is_checked=one.raw not in read.unchecked)
            )
            for one in read.references
        ),
    )


def _marks(references: Iterable[Reference], read: Checked) -> list[str]:
    """The marks of entries that nothing but the model's word bears out, or that it added and that may be none."""
    added = [one for one in references if one.model_reading is not None and one.model_reading.is_its_find]
    marked = (
        ("on pages without text, not checked against print", [one for one in added if one.raw in read.unchecked]),
        ("doubtful whether they are references", [one for one in added if one.raw in read.doubtful]),
    )
    return [f"{mark}: {_entries(len(found))} ({_named(found)})" for mark, found in marked if found]


def _named(references: Sequence[Reference]) -> str:
    more = ", …" if len(references) > _NAMED else ""
    return ", ".join(str(one.position) for one in references[:_NAMED]) + more


def _ending() -> ServiceError:
    return ServiceError(SERVICE, Reason.RATE_LIMITED, "stopping", after=0.0, costs_attempt=False)


def _why(error: ModelError) -> str:
    """In a few words: our own, and the status of an answer; nothing that a provider said."""
    if isinstance(error, NotAsked):
        return f"{error.trouble.value} ({error.detail})"
    status = _STATUS.match(error.detail) if error.trouble is Trouble.BAD_REQUEST else None
    return f"{error.trouble.value} ({status[0]})" if status else error.trouble.value


def _counted(troubles: Mapping[Trouble, int]) -> str:
    return ", ".join(f"{n} ({trouble.value})" for trouble, n in sorted(troubles.items()))


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"


def _pages(pages: Sequence[int]) -> str:
    """As "page 7" or "pages 3-9, 12"."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    named = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs[:_NAMED])
    return f"page{'' if len(pages) == 1 else 's'} {named}{', …' if len(runs) > _NAMED else ''}"
