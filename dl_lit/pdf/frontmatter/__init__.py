"""What a PDF says about itself: title, authors, DOI, arXiv id and year of the citing work.

Three witnesses are heard: the XMP packet, the information dictionary, and the first pages' print. Metadata are often
those of another file or of the typesetter, so title and authors count where the page prints them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dl_lit.core.identifiers import arxiv_id_of_doi, doi_of_arxiv_id
from dl_lit.core.model import Name, Reference
from dl_lit.core.values import dataclass
from dl_lit.pdf.document import DocumentText, Line, Section
from dl_lit.pdf.frontmatter.byline import own_authors
from dl_lit.pdf.frontmatter.identity import FIRST_PAGES, is_in_foot, own_arxiv_id, own_doi
from dl_lit.pdf.frontmatter.title import own_title
from dl_lit.pdf.frontmatter.year import own_year

_ROW = 40.0  # points; lines are looked up by it
_TALLEST, _FARTHEST = 1_000.0, 1e6  # points; what a broken file puts beyond is no line of a page


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """The citing work, as far as the PDF tells."""

    doi: str | None = None  # normalised
    title: str | None = None
    authors: tuple[Name, ...] = ()
    year: int | None = None
    arxiv_id: str | None = None  # without version


def front_matter(
    document: DocumentText, references: Sequence[Reference] = (), sections: Sequence[Section] = ()
) -> FrontMatter:
    """What `document`, which cites `references`, printed in `sections`, says about itself."""
    document = _without(document, sections)
    doi = own_doi(document, references)
    arxiv_id = own_arxiv_id(document) or (arxiv_id_of_doi(doi) if doi else None)
    title = own_title(document)
    return FrontMatter(
        doi=doi or (doi_of_arxiv_id(arxiv_id) if arxiv_id else None),
        title=title,
        authors=own_authors(document, title),
        year=own_year(document, doi, arxiv_id),
        arxiv_id=arxiv_id,
    )


def _without(document: DocumentText, sections: Sequence[Section]) -> DocumentText:
    """The document without what its lists of references print on the first pages, heads and feet kept."""
    cited: dict[tuple[int, int], list[Line]] = {}
    for section in sections:
        for line in section.lines:
            if line.page <= FIRST_PAGES and line.height < _TALLEST and abs(line.middle) < _FARTHEST:
                for row in range(int(line.y0 // _ROW) - 1, int(line.y1 // _ROW) + 2):
                    cited.setdefault((line.page, row), []).append(line)
    if not cited:
        return document
    pages = tuple(
        replace(page, lines=tuple(line for line in page.lines if is_in_foot(line, page) or not _is_of(line, cited)))
        if page.number <= FIRST_PAGES
        else page
        for page in document.pages
    )
    return replace(document, pages=pages)


def _is_of(line: Line, cited: Mapping[tuple[int, int], Sequence[Line]]) -> bool:
    """Whether `line` is one of `cited`, which are by page and row, or a piece of one."""
    return abs(line.middle) < _FARTHEST and any(
        other.y0 - 1 <= line.middle <= other.y1 + 1 and other.x0 - 1 <= line.x0 <= other.x1
        for other in cited.get((line.page, int(line.middle // _ROW)), ())
    )
