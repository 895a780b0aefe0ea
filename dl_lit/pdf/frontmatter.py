"""What a PDF says about itself: the DOI and the title of the citing work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dl_lit.core.identifiers import find_arxiv_ids, find_dois, normalise_doi
from dl_lit.core.model import Reference
from dl_lit.pdf.document import DocumentText, Line

_NO_TITLE = re.compile(
    r"(?:untitled|microsoft word|document\d*$|slide \d|.*\.(?:docx?|pdf|tex|dvi|indd|qxd|rtf|fm|p65)$|^\W*$|"
    r"layout \d|pii:|doi:|[\w\-]+\.\.?\d+$|^\S+$|title$|main$|manuscript$|template)",
    re.IGNORECASE,
)
_NO_TITLE_LINE = re.compile(
    r"(?:research (?:article|paper|note)|original (?:article|research|paper|investigation)|review(?: article)?|"
    r"article|open access|full paper|short communication|case report|letter|editorial|"
    r"abstract|introduction|www\.|https?:|doi|vol(?:ume)?\b|issn|journal of|proceedings of|received|accepted|"
    r"published|©|copyright|contents lists|available online|arxiv:|citation:|"
    r"bmc \w+|plos|frontiers in|page \d|biomed central|technical report|preprint|software|correspondence|springer|"
    r"elsevier|hindawi|mdpi|nature|science)",
    re.IGNORECASE,
)
_OWN_DOI_CUE = re.compile(r"(?:doi|https?://(?:dx\.)?doi\.org/|digital object identifier)", re.IGNORECASE)


def own_doi(document: DocumentText, references: Sequence[Reference]) -> str | None:
    """The citing work's DOI, from XMP, metadata, or the first page; `None` if it gives none of its own."""
    cited = {reference.doi for reference in references if reference.doi}
    for value in (document.xmp_doi, *_metadata_values(document.metadata)):
        if value and (doi := normalise_doi(value)) and doi not in cited:
            return doi
    for page in document.pages[:2]:
        counted: dict[str, float] = {}
        for line in page.lines:
            for doi in find_dois(line.text):
                in_margin = line.middle > 0.85 * page.height or line.middle < 0.15 * page.height
                cue = bool(_OWN_DOI_CUE.search(line.text))
                counted[doi] = counted.get(doi, 0.0) + 1.0 + in_margin + cue
        for link in page.links:
            for doi in find_dois(link.uri):
                near_top = link.y0 > 0.75 * page.height
                counted[doi] = counted.get(doi, 0.0) + 0.6 + 0.4 * near_top
        # A DOI that a line's end cut off is the beginning of a whole one.
        own = {doi: score for doi, score in counted.items() if not any(other.startswith(doi) for other in cited)}
        if own:
            best = max(own, key=lambda doi: own[doi])
            return best if own[best] >= 1.0 else None
        if page.number == 1 and (found := _own_arxiv(page.lines)):
            return found
    return None


def _own_arxiv(lines: Sequence[Line]) -> str | None:
    for line in lines:
        if re.match(r"\s*arXiv:\d{4}\.\d{4,5}v\d+\s+\[", line.text) and (ids := find_arxiv_ids(line.text)):
            return f"10.48550/arxiv.{ids[0]}"
    return None


def _metadata_values(metadata: Mapping[str, str]) -> list[str]:
    return [metadata.get(key, "") for key in ("doi", "DOI", "WPS-ARTICLEDOI", "Subject", "Keywords", "Title")]


def own_title(document: DocumentText) -> str | None:
    """The citing work's title: the metadata's where the first page prints it, else the largest type there."""
    claimed = re.sub(r"\s+", " ", document.metadata.get("Title", "")).strip()
    lines = document.pages[0].lines if document.pages else ()
    printed = _folded(" ".join(line.text for line in lines))
    if len(claimed.split()) >= 2 and not _NO_TITLE.match(claimed) and (_folded(claimed) in printed or not printed):
        return claimed
    largest = _largest(lines, document.pages[0].height) if document.pages else None
    if largest:
        return largest
    return claimed if len(claimed.split()) >= 3 and not _NO_TITLE.match(claimed) else None


def _largest(lines: Sequence[Line], height: float) -> str | None:
    """The first page's largest lines that are no label of the journal, as one text."""
    upper = [
        line
        for line in lines
        if line.middle > 0.35 * height
        and len(line.text) > 3
        and not _NO_TITLE_LINE.match(line.text)
        and line.x1 > line.x0
    ]
    for size in sorted({line.size for line in upper}, reverse=True)[:4]:
        block: list[Line] = []
        for line in upper:
            if abs(line.size - size) > 0.6:
                if block:
                    break
                continue
            if block and block[-1].y0 - line.y1 > 1.5 * line.height:
                break
            block.append(line)
        text = " ".join(line.text.rstrip("\u00ad") for line in block).strip(" *†‡")
        if 2 <= len(text.split()) <= 45 and len(text) >= 12 and len(block) <= 6:
            return re.sub(r"\s+", " ", text)
    return None


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
