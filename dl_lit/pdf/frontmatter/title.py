"""The citing work's title: the metadata's where the first page prints it, else the largest type there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dl_lit.pdf.document import DocumentText, Line, PageText

_NO_TITLE = re.compile(
    r"(?:untitled|microsoft word|document\d*$|slide \d|.*\.(?:docx?|pdf|tex|dvi|indd|qxd|rtf|fm|p65)$|^\W*$|"
    r"layout \d|pii:|doi:|[\w\-]+\.\.?\d+$|title$|main$|manuscript$|template)",
    re.IGNORECASE,
)
_NO_TITLE_LINE = re.compile(
    r"(?:research (?:article|paper|note)|original (?:article|research|paper|investigation)|review(?: article)?|"
    r"article|open access|full paper|short communication|case report|letter|editorial|corrigendum$|erratum$|"
    r"abstract|introduction|www\.|https?:|doi|vol(?:ume)?\b|issn|journal of|proceedings of|received|accepted|"
    r"published|©|copyright|contents lists|available online|arxiv:|citation:|"
    r"bmc \w+|plos|frontiers in|page \d|biomed central|technical report|preprint|software|correspondence|springer|"
    r"elsevier|hindawi|mdpi|nature|science)",
    re.IGNORECASE,
)
_MASTHEAD = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)|\bvol|\bissn|\d\s?\(\d+\)|\d\s?:\s?\d", re.IGNORECASE)
_VOLUME = re.compile(r"vol|(?:18|19|20)\d\d|\d+issue")
# Also where they are spaced out: "S TUD Y P RO TOCO L".
_LABELS = frozenset(
    f"{kind}{what}"
    for kind in ("", "original", "research", "study", "case", "short", "brief", "review", "full", "systematic", "open")
    for what in ("article", "research", "protocol", "report", "review", "paper", "communication", "access", "note")
)
_CLAIMS = ("xmp:title", "Title")
_MOST_LINES, _MOST_WORDS = 10, 60  # of a title
_LARGER = 1.25  # how much larger than the page's usual type a title of one word is


def own_title(document: DocumentText) -> str | None:
    """The citing work's title; `None` where the file gives none."""
    page = document.pages[0] if document.pages else None
    lines = page.lines if page else ()
    printed = _folded(" ".join(line.text for line in lines))
    claims = list(dict.fromkeys(_claims(document)))
    for claim in claims:
        if len(claim.split()) >= 2 and (_folded(claim) in printed or not printed):
            return claim
        if len(claim) >= 5 and _is_printed_large(claim, lines):
            return claim
    largest = _largest(page, _mastheads(document)) if page else None
    return largest or next((claim for claim in claims if len(claim.split()) >= 3), None)


def stated_title(document: DocumentText) -> str | None:
    """The first title that the metadata give and that is none of a file; `None` where they give none."""
    return next(_claims(document), None)


def _claims(document: DocumentText) -> Iterator[str]:
    """The titles that the metadata give and that are none of a file."""
    for key in _CLAIMS:
        claim = " ".join(re.sub(r"<[^<>]*>", "", document.metadata.get(key, "")).split())
        if claim and not _NO_TITLE.match(claim):
            yield claim


def _is_printed_large(claim: str, lines: Sequence[Line]) -> bool:
    """Whether a line says just this, in larger type than the others."""
    sizes = sorted(line.size for line in lines)
    usual = sizes[len(sizes) // 2] if sizes else 0.0
    return any(line.size >= _LARGER * usual and _folded(line.text) == _folded(claim) for line in lines)


def _mastheads(document: DocumentText) -> list[str]:
    """Folded lines of the first pages that tell volume or year: where a journal's name is repeated, a title is not."""
    return [
        _folded(line.text)
        for page in document.pages[:3]
        for line in page.lines
        if _MASTHEAD.search(line.text)
        and (line.middle > 0.85 * page.height or line.middle < 0.15 * page.height)
        and len(line.text) < 200
    ]


def _is_named(name: str, masthead: str) -> bool:
    """Whether volume or year follow `name` in a masthead: it is the journal's then, not the title of an article."""
    at = masthead.find(name) if name else -1
    return at >= 0 and bool(_VOLUME.match(masthead, at + len(name)))


def _largest(page: PageText, mastheads: Sequence[str]) -> str | None:
    """The first page's largest lines that are no label of the journal, as one text."""
    upper = [
        line
        for line in page.lines
        if line.middle > 0.35 * page.height
        and len(line.text) > 3
        and not _NO_TITLE_LINE.match(line.text)
        and not (line.middle > 0.85 * page.height and _MASTHEAD.search(line.text))
        and line.x1 > line.x0
    ]
    for size in sorted({line.size for line in upper}, reverse=True)[:6]:
        block = _block(upper, size)
        text = " ".join(line.text.rstrip("\u00ad") for line in block).strip(" *†‡")
        if _folded(text) in _LABELS or any(_is_named(_folded(text), masthead) for masthead in mastheads):
            continue
        if 2 <= len(text.split()) <= _MOST_WORDS and len(text) >= 12 and len(block) <= _MOST_LINES:
            return re.sub(r"\s+", " ", text)
    return None


def _block(lines: Sequence[Line], size: float) -> list[Line]:
    """The first lines of this size that stand close together, and as close as the first two do."""
    block: list[Line] = []
    widest = 1.5  # heights of a line
    for line in lines:
        if abs(line.size - size) > 0.6:
            if block:
                break
            continue
        if block:
            gap = (block[-1].y0 - line.y1) / max(line.height, 1.0)
            if gap > widest:
                break
            if len(block) == 1:
                widest = max(0.8, 2 * gap)
        block.append(line)
    return block


def lines_of_title(lines: Sequence[Line], title: str | None) -> list[Line]:
    """Those of the first page's `lines` that print `title`, the largest where it stands there twice."""
    whole = _folded(title or "")
    within = [line for line in lines if len(_folded(line.text)) >= 4 and _folded(line.text) in whole]
    if not within:
        return []
    largest = max(line.size for line in within)
    return [line for line in within if abs(line.size - largest) <= 1.0][:_MOST_LINES]


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
