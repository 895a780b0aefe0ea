"""What annotators did now one way, now the other, made one way.

Identifiers are marked without the words that announce them ("doi:", "https://doi.org/", "arXiv:", "PMID:"), pages,
volumes and issues without "pp.", "vol.", "no.", editors without "(Eds.)"; the section of a journal goes with its name
(*Phys. Rev. D*, volume 22; GROBID's annotators did so 789 times of 823); an address of doi.org is a DOI; a note that
says which edition it is, is the edition. Nothing else is changed: neither where a title ends nor what is a journal.
"""

from __future__ import annotations

import re

from dl_lit.pdf.fields.labels import Label

Marked = tuple[Label, int, int]

_ANNOUNCED = {
    Label.DOI: re.compile(r"(?i).*?(?=10\s?\.\s?\d{3,9}(?:\.\d+)?\s?/|$)"),
    Label.ARXIV: re.compile(
        r"(?i)[\s\[(]*(?:(?:e-?prints?|preprint|corr|arxiv|ar\s?xiv)(?:\s?\.\s?org)?[\s:,.]*)*(?:/?abs\s?/\s?)?"
    ),
    Label.IDENTIFIER: re.compile(
        r"(?i)(?:(?:pubmed|central|medline|pmid|pmcid|e?-?issn|isbn(?:-?1[03])?|pii|id)\b[\s:.]*|"
        r"(?:pmid|pmcid|issn|isbn)(?=\d))+"
    ),
    Label.PAGES: re.compile(r"(?i)(?:(?:pp|pages?|pgs?|p)\b[\s.:]*(?=\S)|pp?(?=\d))"),
    Label.VOLUME: re.compile(r"(?i)(?:vols?|volume|no)\b[\s.:]*(?=\S)"),
    Label.ISSUE: re.compile(r"(?i)(?:no|nr|number|issue)\b[\s.:]*(?=\d)"),
}
_EXPLAINED = {
    Label.PAGES: re.compile(r"(?i)[\s.(]*\b(?:pp|pages|pgs?)[\s.)]*$|(?<=\d)[\s(]*pp?[\s.)]*$"),
    Label.EDITOR: re.compile(r"[\s,(]*\b(?:[Ee]ds?|[Ee]ditors?)[.\s)]*$"),
}
_SECTION = re.compile(r"([A-H])\s?(?=\d)")
_DOI_ADDRESS = re.compile(r"(?i)doi\s?\.\s?org\s?/\s?10\s?\.")
_ARXIV_ID = re.compile(r"(?i)ar\s?xiv\s*:\s*\S*\d|hep\s?-\s?\w+\s?/\s?\d")
_EDITION = re.compile(r"(?i)\b(?:ed\.?|edn\.?|edition)\W*$")
_LONGEST_EDITION = 40  # characters


def cleaned(text: str, spans: tuple[Marked, ...]) -> tuple[Marked, ...]:
    """The spans of `text`, marked one way."""
    even = [_cleaned(text, *span) for span in spans]
    for index, (label, start, end) in enumerate(even[1:], start=1):
        before, first, last = even[index - 1]
        follows = label is Label.VOLUME and before is Label.CONTAINER and not text[last:start].strip()
        if follows and (section := _SECTION.match(text, start, end)):
            even[index - 1] = (before, first, section.end(1))
            even[index] = (label, section.end(), end)
    return tuple(even)


def _cleaned(text: str, label: Label, start: int, end: int) -> Marked:
    part = text[start:end]
    if label is Label.URL and _DOI_ADDRESS.search(part):
        label = Label.DOI
    elif label in {Label.NUMBER, Label.REPORT} and _ARXIV_ID.match(part):
        label = Label.ARXIV
    elif label is Label.NOTE and len(part) < _LONGEST_EDITION and _EDITION.search(part):
        label = Label.EDITION
    if (announced := _ANNOUNCED.get(label)) and (match := announced.match(text, start, end)) and match.end() < end:
        start = match.end()
    if (explained := _EXPLAINED.get(label)) and (match := explained.search(text, start, end)) and match.start() > start:
        end = match.start()
    return label, start, end
