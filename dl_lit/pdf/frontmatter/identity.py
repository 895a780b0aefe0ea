"""The citing work's own DOI and arXiv id, told from those it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from dl_lit.core.identifiers import arxiv_id_of_doi, find_arxiv_ids, find_dois, normalise_arxiv_id, normalise_doi
from dl_lit.core.model import Reference
from dl_lit.pdf.document import DocumentText, Line, PageText

_CUE = re.compile(r"(?:doi|https?://(?:dx\.)?doi\.org/|digital object identifier)", re.IGNORECASE)
CITES_ITSELF = re.compile(
    r"(?:cite (?:this|as)|how to cite|please cite|to cite|recommended citation|citation\s?:|zitier|citer cet|"
    r"c[oó]mo citar|como citar|crossmark\.crossref\.org)",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"[?&]doi=([^&#]+).*")
_ARXIV_STAMP = re.compile(r"\s*arXiv:(\S+?)(?:v\d+)?\s+\[[\w.\-]+\]")
_MARGIN, _FOOT = 0.15, 0.07  # of the page's height: where mastheads stand, and where nothing else does
_KEYS = ("doi", "DOI", "WPS-ARTICLEDOI", "Subject", "Keywords", "Title")
FIRST_PAGES = 2
"""How many pages are looked through."""


def own_doi(document: DocumentText, references: Sequence[Reference]) -> str | None:
    """The citing work's DOI, from XMP, metadata, or the first pages' print and links; `None` if none is its own."""
    for value in (document.xmp_doi, *(document.metadata.get(key, "") for key in _KEYS)):
        if doi := _in_metadata(value):
            return doi
    cited = {reference.doi for reference in references if reference.doi}
    cited.update(doi for reference in references for doi in find_dois(reference.raw))
    for page in document.pages[:FIRST_PAGES]:
        own, surely = _weighed(page), set(_in_margins(page))
        # A DOI that a line's end cut off is the beginning of a whole one. What stands in the margin is the work's own,
        # even where the reader took it for the last words of an entry beside it.
        own = {
            doi: weight
            for doi, weight in own.items()
            if doi in surely or not any(other.startswith(doi) for other in cited)
        }
        if own:
            best = max(own, key=lambda doi: own[doi])
            return best if own[best] >= page.number else None
        if page.number == 1 and (found := own_arxiv_id(document)):
            return f"10.48550/arxiv.{found}"
    return _in_citation_of_itself(document)


def _in_metadata(value: str | None) -> str | None:
    if not value:
        return None
    found = find_dois(value)
    return found[0] if found else normalise_doi(value)


def _weighed(page: PageText) -> dict[str, float]:
    """The DOIs of a page, with how much each looks like the page's own."""
    counted: dict[str, float] = {}
    for line in page.lines:
        for doi in find_dois(line.text):
            in_margin = not _MARGIN * page.height <= line.middle <= (1 - _MARGIN) * page.height
            cues = bool(_CUE.search(line.text)) + 2 * bool(CITES_ITSELF.search(line.text))
            counted[doi] = counted.get(doi, 0.0) + 1.0 + in_margin + cues
    for link in page.links:
        for doi in find_dois(_ADDRESSED.sub(r"/\1 ", link.uri)):
            near_top = link.y0 > 0.75 * page.height
            crossmark = bool(CITES_ITSELF.search(link.uri))
            counted[doi] = counted.get(doi, 0.0) + 0.6 + 0.4 * near_top + 3 * crossmark
    return counted


def _in_margins(page: PageText) -> Iterator[str]:
    """The DOIs in the head or foot of the page, where no entry of a list stands."""
    for line in page.lines:
        if is_in_foot(line, page):
            yield from find_dois(line.text)


def is_in_foot(line: Line, page: PageText) -> bool:
    """Whether the line stands in the outermost margin, above or below all text."""
    return not _FOOT * page.height <= line.middle <= (1 - _FOOT) * page.height


def _in_citation_of_itself(document: DocumentText) -> str | None:
    """The DOI behind "Cite this article as", which may stand on the last page, even among the references."""
    for page in (*document.pages[:FIRST_PAGES], *document.pages[FIRST_PAGES:][-1:]):
        for index, line in enumerate(page.lines):
            if CITES_ITSELF.search(line.text):
                text = " ".join(other.text for other in page.lines[index : index + 5])
                if found := find_dois(text):
                    return found[0]
    return None


def own_arxiv_id(document: DocumentText) -> str | None:
    """The citing work's arXiv id, from the stamp on its first page or its metadata, without version."""
    for value in _of_arxiv(document.metadata):
        if found := normalise_arxiv_id(value):
            return found
    return _stamped(document.pages[0].lines) if document.pages else None


def _of_arxiv(metadata: Mapping[str, str]) -> Iterator[str]:
    if identifier := metadata.get("arXivID"):
        yield identifier
    for key in ("DOI", "doi", "xmp:doi"):
        if identifier := arxiv_id_of_doi(normalise_doi(metadata.get(key))):
            yield identifier


def _stamped(lines: Sequence[Line]) -> str | None:
    for line in lines:
        if _ARXIV_STAMP.match(line.text) and (ids := find_arxiv_ids(line.text)):
            return ids[0]
    return None
