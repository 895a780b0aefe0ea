"""The year in which the citing work came out, as most of its witnesses have it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dl_lit.pdf.document import DocumentText, PageText
from dl_lit.pdf.frontmatter.identity import CITES_ITSELF

_YEAR = r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)"
_YEARS = re.compile(_YEAR)
_DATE = rf"[^\n]{{0,40}}?({_YEAR})"
_PUBLISHED = re.compile(
    rf"\b(?:publish(?:ed|ing)|publication date|issued|veröffentlicht|erschienen|publié|publicad[oa]|pubblicat[oa]|"
    rf"epub|available online|first online|date of publication|опубликован[оа]?)\b"
    rf"(?!\s(?:between|since|from|before|after|until|in\sthe|by)\b){_DATE}",
    re.IGNORECASE,
)
_ACCEPTED = re.compile(
    rf"\b(?:accepted|angenommen|accepté|aceptad[oa]|aceit[oa]|aprovad[oa]|accettat[oa]|approved|revised|submitted)\b{_DATE}",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(rf"(?:©|\(c\)|copyright)\s?(?:the authors?\s?)?[^\n]{{0,60}}?({_YEAR})", re.IGNORECASE)
_BY_AUTHORS = re.compile(rf"^[^\d\n]{{3,80}}(?:et al\.?)?,?\s\(({_YEAR})\)\.?\s")
_ISSUE = re.compile(
    rf"(?:\bvol(?:ume|\.)?|\bno\.|\bissue|\bjg\.|\bbd\.|\bpp?\.|\d\s?\(\d+\)|\d\s?[:;,]\s?\d)[^\n]{{0,60}}?({_YEAR})|"
    rf"({_YEAR})[,;)]?[^\n]{{0,20}}?(?:\bvol|\bno\.|\d\s?\(\d+\)|\d\s?[:;,]\s?e?\d)",
    re.IGNORECASE,
)
_LONE_DATE = re.compile(
    rf"(?:(?:\d{{1,2}}[.,]?\s)?[^\W\d_]{{3,12}}\.?,?\s(?:\d{{1,2}},\s)?|[^\d\n]{{0,30}}\s)?({_YEAR})"
)
_ADDRESS = re.compile(r"(?<!\S)\S*?(?:10\.\d{4,9}/|https?:|www\.)\S*")
_HEAD, _FOOT = 0.13, 0.07  # of the page's height; notes end above the foot
_YEAR_BEHIND = re.compile(rf"({_YEAR})")
_IN_DOI = re.compile(r"/(?:[^/]*[./\-])?((?:19|20)\d\d)[./\-]")


def own_year(document: DocumentText, doi: str | None, arxiv_id: str | None) -> int | None:
    """The year of the citing work; `None` where nothing but the file's own date of making names one."""
    created = _year_of(document.metadata.get("CreationDate", "").removeprefix("D:")[:4])
    weights: dict[int, float] = {}
    for year, weight in _witnesses(document, doi, arxiv_id):
        # Nothing is printed later than its file was made, but by an issue dated ahead.
        if created is None or year <= created + 1:
            weights[year] = weights.get(year, 0.0) + weight
    # When a file was made says nothing by itself: old papers are typeset anew. It tells witnesses apart.
    if created in weights:
        weights[created] += 0.8
    return max(weights, key=lambda year: (weights[year], year)) if weights else None


def _year_of(text: str) -> int | None:
    match = _YEARS.search(text)
    return int(match.group()) if match else None


def _witnesses(document: DocumentText, doi: str | None, arxiv_id: str | None) -> Iterator[tuple[int, float]]:
    """Every year that something names as the work's own, with how much it is believed."""
    metadata = document.metadata
    if year := _year_of(metadata.get("xmp:date", "")):
        yield year, 1.5
    subject = metadata.get("Subject", "")
    if len(subject) < 200 and len(set(_YEARS.findall(re.sub(r"10\.\d{4,}\S*", "", subject)))) == 1:
        yield int(_YEARS.findall(re.sub(r"10\.\d{4,}\S*", "", subject))[0]), 2.0
    if doi and (match := _IN_DOI.search(doi)):
        yield int(match.group(1)), 1.0
    if arxiv_id and (match := re.match(r"(\d\d)\d\d\.", arxiv_id)):
        yield 2000 + int(match.group(1)), 2.0
    for page in document.pages[:2]:
        yield from ((year, weight / page.number) for year, weight in _printed(page))
        if page.characters > 800:
            break


def _printed(page: PageText) -> Iterator[tuple[int, float]]:
    """What the page prints: dates of publication, copyright, issue, the work's own line of citation."""
    kinds = ((_PUBLISHED, 3.0), (_COPYRIGHT, 2.0), (_ACCEPTED, 0.6))
    seen: set[tuple[int, str]] = set()
    for line in page.lines:
        text = _ADDRESS.sub(" ", line.text)
        if not _YEARS.search(text):
            continue
        in_margin = not _FOOT * page.height <= line.middle <= (1 - _HEAD) * page.height
        found = [(pattern.search(text), weight, pattern.pattern) for pattern, weight in kinds]
        if in_margin:
            found += [(_ISSUE.search(text), 2.0, "issue"), (_BY_AUTHORS.match(text), 2.5, "itself")]
        if cue := CITES_ITSELF.search(text):
            found.append((_YEAR_BEHIND.search(text, cue.end()), 2.5, "itself"))
        if len(text) < 40 and line.middle > 0.3 * page.height:
            found.append((_LONE_DATE.fullmatch(text.strip()), 0.7, "date"))
        for match, weight, kind in found:
            if match:
                year = int(next(group for group in match.groups() if group))
                if (year, kind) not in seen:
                    seen.add((year, kind))
                    yield year, weight
