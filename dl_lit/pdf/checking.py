"""What a fetched file is, from its first pages and its last: quick, and bounded however large the file is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dl_lit.core.errors import PdfError
from dl_lit.core.ports import PdfFacts
from dl_lit.core.printed import PrintedLine, PrintedPage
from dl_lit.core.reasons import Reason
from dl_lit.pdf.covers import cover_of
from dl_lit.pdf.document import DocumentText, Line, PageText
from dl_lit.pdf.engine import Document, open_document, read_file
from dl_lit.pdf.frontmatter.byline import own_authors
from dl_lit.pdf.frontmatter.identity import is_in_foot, own_arxiv_id, own_doi
from dl_lit.pdf.frontmatter.title import own_title, stated_title
from dl_lit.pdf.frontmatter.year import own_year
from dl_lit.pdf.headings import opens_references
from dl_lit.pdf.layout import page_lines
from dl_lit.pdf.legibility import judge_text
from dl_lit.pdf.opening import File
from dl_lit.pdf.wholeness import ends_whole, raise_unless_whole
from dl_lit.pdf.xmp import packet_facts

MOST_COVERS: Final = 3  # cover sheets that are passed over
MOST_PAGES: Final = 7  # looked at from the first on
FULL_PAGES: Final = 2  # pages of the work with running text, after which no more are looked at
_THIN_WORDS: Final = 60  # a page of fewer is a title page, a half-title, or the back of one
_PAGE_CHARACTERS: Final = 6_000  # kept of a page
_LAST_CHARACTERS: Final = 1_500  # kept of the last page
_LONGEST_LINE: Final = 400  # characters
_LONGEST_NUMBER: Final = 4  # figures of a page's number
_MOST_NUMBERS: Final = 60  # kept of one page
_RUNNING_CHARACTERS: Final = 400  # on a page that has running text
_BARE_CHARACTERS: Final = 40  # on a page; fewer, and it has no text to speak of


def check_pdf(file: File, *, max_bytes: int) -> PdfFacts:
    """What the PDF `file` is; raises `PdfError` when it does not open with a page, or did not come whole."""
    try:
        with open_document(file, max_bytes=max_bytes) as pdf:
            raise_unless_whole(pdf.buffer, pdf.page_count, pdf.shows_something)
            return _facts(pdf)
    except PdfError as error:
        if error.reason is Reason.DAMAGED_PDF and not ends_whole(read_file(file, max_bytes=max_bytes)):
            raise PdfError(Reason.TRUNCATED, f"the end is missing: {error.detail}") from error
        raise


def _facts(pdf: Document) -> PdfFacts:
    read = _first_pages(pdf)
    if not any(page.width > 0 for page, _ in read):
        raise PdfError(Reason.DAMAGED_PDF, "no page can be opened")
    printed = tuple(one for _, one in read)
    own = [page for page, one in read if one.cover is None]
    inner = DocumentText(len(own), tuple(_renumbered(own)), {}, None)
    metadata = pdf.metadata() | packet_facts(pdf.buffer)
    stated = replace(inner, metadata=metadata, xmp_doi=metadata.get("xmp:doi"))
    title = _printed_title(stated, [line.text for one in printed if one.cover is None for line in one.lines])
    arxiv_id = own_arxiv_id(stated)
    stated_doi = own_doi(DocumentText(0, (), metadata, stated.xmp_doi), ())
    is_bare = bool(own) and all(page.characters < _BARE_CHARACTERS for page in own)
    return PdfFacts(
        pdf.page_count,
        tuple(one.text[:_PAGE_CHARACTERS] for one in printed),
        title=title,
        doi=own_doi(_opening(inner), ()),
        stated_title=stated_title(stated),
        stated_doi=stated_doi,
        is_scan=is_bare and any(page.has_image for page in own),
        is_garbled=not is_bare and _is_garbled(inner),
        is_blank=is_bare and not any(pdf.shows_something(page.number - 1) for page in own),
        printed=printed,
        last=_last(pdf, printed),
        authors=own_authors(stated, title),
        year=own_year(stated, stated_doi, arxiv_id),
        arxiv_id=arxiv_id,
    )


def _first_pages(pdf: Document) -> list[tuple[PageText, PrintedPage]]:
    """The first pages: cover sheets, what stands on title pages, and the first with running text."""
    read: list[tuple[PageText, PrintedPage]] = []
    covers = full = 0
    for index in range(min(pdf.page_count, MOST_PAGES)):
        page = pdf.page(index, with_links=False)
        one = _printed(page, _PAGE_CHARACTERS)
        is_front = covers == len(read) and covers < MOST_COVERS
        is_last = index == pdf.page_count - 1
        if is_front and (index == 0 or not is_last) and (cover := cover_of(one.text, one.words, is_alone=is_last)):
            one = replace(one, cover=cover)
            covers += 1
        full += one.cover is None and one.words >= _THIN_WORDS
        read.append((page, one))
        if full >= FULL_PAGES:
            break
    return read


def _printed(page: PageText, most_characters: int) -> PrintedPage:
    """The page's lines, those beyond `most_characters` left out, but none of the margins'."""
    lines = page_lines(page)
    kept: list[PrintedLine] = []
    length = 0
    for line in lines:
        height = min(max(line.middle / page.height, 0.0), 1.0) if page.height > 0 else 0.5
        is_in_margin = not 0.08 <= height <= 0.92
        length += len(line.text) + 1
        if length <= most_characters or (is_in_margin and length <= 3 * most_characters):
            kept.append(PrintedLine(line.text[:_LONGEST_LINE], round(line.size, 2), round(height, 3)))
    return PrintedPage(
        number=page.number,
        lines=(*kept, *_numbers_beside(page, lines), *_aslant(page, len(lines))),
        words=sum(len(line.text.split()) for line in lines),
        width=round(page.width, 1),
        length=round(page.height, 1),
        has_image=page.has_image,
    )


def _numbers_beside(page: PageText, lines: Sequence[Line]) -> list[PrintedLine]:
    """The column of numbers that the reading order leaves out: those of lines, or of pages in a table of contents."""
    read = {(line.text, line.y0) for line in lines}
    return [
        PrintedLine(line.text, round(line.size, 2), round(line.middle / page.height, 3) if page.height else 0.5)
        for line in page.lines
        if line.text.isdecimal() and len(line.text) <= _LONGEST_NUMBER and (line.text, line.y0) not in read
    ][:_MOST_NUMBERS]


def _aslant(page: PageText, upright: int) -> list[PrintedLine]:
    """The stamps that run up the margin, which the reading order leaves out."""
    if upright >= len(page.lines):
        return []
    return [
        PrintedLine(line.text[:_LONGEST_LINE], round(line.size, 2), 0.0)
        for line in page.lines
        if len(line.text) > 3 and line.height > 3 * max(line.x1 - line.x0, 1.0)
    ][:5]


def _renumbered(pages: Sequence[PageText]) -> list[PageText]:
    """The pages as those of a file without cover sheets."""
    return [replace(page, number=number) for number, page in enumerate(pages, 1)]


def _printed_title(document: DocumentText, texts: Sequence[str]) -> str | None:
    """The title on the first page that has running text or one of few words before it; None where none is printed."""
    everything = _letters(" ".join(texts))
    for at in range(len(document.pages)):
        title = own_title(replace(document, pages=document.pages[at:]))
        if title and _letters(title) in everything:
            return title
        if document.pages[at].characters >= _RUNNING_CHARACTERS:
            break  # running text without a title above it: none will come
    return None


def _opening(document: DocumentText) -> DocumentText:
    """The document up to its first page with running text, without the list of references that may be on it.

    On later pages, and in such lists, other works' DOIs stand.
    """
    last = next((at for at, page in enumerate(document.pages) if page.characters >= _RUNNING_CHARACTERS), None)
    pages = document.pages if last is None else document.pages[: last + 1]
    return replace(document, pages=tuple(map(_without_list, pages)))


def _without_list(page: PageText) -> PageText:
    """The page without what stands behind the heading of a list of references, heads and feet kept."""
    lines = page_lines(page)
    start = next((at for at, line in enumerate(lines) if opens_references(line.text)), None)
    if start is None:
        return page
    listed = {(line.text, line.y0) for line in lines[start:] if not is_in_foot(line, page)}
    return replace(page, lines=tuple(line for line in page.lines if (line.text, line.y0) not in listed))


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _is_garbled(document: DocumentText) -> bool:
    try:
        judge_text(document)
    except PdfError:
        return True
    return False


def _last(pdf: Document, printed: Sequence[PrintedPage]) -> PrintedPage | None:
    if pdf.page_count <= len(printed):
        return None
    return _printed(pdf.page(pdf.page_count - 1, with_links=False), _LAST_CHARACTERS)
