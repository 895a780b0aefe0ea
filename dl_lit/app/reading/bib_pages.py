"""The pages of PDFs on which their lists of references stand, cut out into PDFs of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from dl_lit.app.reading.readers import bibliography_reader
from dl_lit.core.errors import BadInput, PdfError
from dl_lit.core.model import ListKind
from dl_lit.core.values import dataclass
from dl_lit.pdf.reader import ChildPages
from dl_lit.runtime.together import together
from dl_lit.settings import Settings
from dl_lit.settings.model import MB


@dataclass(frozen=True, slots=True)
class CutList:
    """One list of references, in a PDF of its own."""

    heading: str | None  # as printed
    first_page: int  # 1-based physical page
    last_page: int
    entries: int
    path: str  # of the new file


@dataclass(frozen=True, slots=True)
class CutPages:
    """What one PDF came to."""

    path: str
    lists: tuple[CutList, ...] = ()
    left_out: int = 0  # lists in footnotes, which stand on nearly every page
    error: str | None = None  # the reason why nothing was cut


@dataclass(frozen=True, slots=True)
class Task:
    """A PDF, and the folder that its pages go to."""

    pdf: Path
    into: Path


def cut_bib_pages(settings: Settings, tasks: Sequence[Task], *, with_footnotes: bool = False) -> Iterator[CutPages]:
    """Cut each PDF's lists out, in the order of the tasks. Raises `BadInput` where a folder cannot be written."""
    with ExitStack() as stack:
        reader = stack.enter_context(bibliography_reader(settings))
        pages = stack.enter_context(
            ChildPages(
                settings.workers.extraction,
                timeout_s=settings.pdf.timeout_s,
                memory_bytes=settings.pdf.memory_mb * MB,
                max_bytes=settings.pdf.max_mb * MB,
            )
        )

        def cut(one: Task) -> CutPages:
            try:
                lists = reader.read(one.pdf).lists
                wanted = [each for each in lists if with_footnotes or each.kind is not ListKind.FOOTNOTES]
                found: list[CutList] = []
                for each in wanted:
                    begun = sum(before.first_page == each.first_page for before in found)
                    name = f"{one.pdf.stem}_refs_physical_p{each.first_page}" + (f"-{begun + 1}" if begun else "")
                    target = one.into / f"{name}.pdf"
                    _cut(pages, one.pdf, range(each.first_page, each.last_page + 1), target)
                    found.append(CutList(each.heading, each.first_page, each.last_page, each.found, str(target)))
            except PdfError as error:
                said = error.reason.value + (f" ({error.detail})" if error.detail else "")
                return CutPages(str(one.pdf), error=said)
            return CutPages(str(one.pdf), tuple(found), len(lists) - len(wanted))

        yield from together(cut, tasks, settings.workers.extraction, give_up=reader.kill)


def _cut(pages: ChildPages, pdf: Path, wanted: Sequence[int], target: Path) -> None:
    """Write the pages to `target`, whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        pages.split(pdf, wanted, part)
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise BadInput(f"cannot write {target}: {error.strerror}") from error
