"""Reads the printed references of a tagged sample back: their order, their pages and their text, as the gold list."""

from __future__ import annotations

import ctypes
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from .catalogue import CitedWork, works
from .papers import Paper

LINE_END_HYPHEN = "\x02"  # how pdfium gives a hyphen at the end of a line, printed for good or by the line break
LINE_END = "\x03"  # ours: the next piece stands on another line, and no blank comes between
LINE_PITCH_PT = 5.0  # pieces further apart in height stand on different lines
Piece = tuple[str, float]  # text, height of its foot on the page
Marks = dict[tuple[int, int], list[Piece]]


@dataclass(frozen=True, slots=True)
class Printed:
    """One entry as printed."""

    page: int  # 1-based, where it begins
    label: str | None
    marked: str  # its text, with the marks of its line ends


def gold(paper: Paper, tagged: bytes) -> dict[str, Any]:
    """The gold list of `paper`, whose tagged PDF is `tagged`. Raises `LookupError` when an entry cannot be placed."""
    entries = list(printed(tagged))
    references: list[dict[str, Any]] = []
    for part in paper.parts:
        left = [works()[key] for key in part.works]
        for entry in entries[len(references) : len(references) + len(part.works)]:
            work = _recognise(entry, left)
            left.remove(work)
            references.append(_reference(len(references) + 1, entry, work, paper))
        if left:
            raise LookupError(f"{paper.name}: {[work.key for work in left]} are not in print")
    if len(entries) != len(references):
        raise LookupError(f"{paper.name}: {len(entries)} entries in print, {len(references)} cited")
    return {
        "source": f"{paper.name}.pdf",
        "doi": paper.doi,
        "title": paper.title,
        "language": paper.language,
        "style": paper.style,
        "gold_from": "typesetting",
        "references": references,
    }


def printed(tagged: bytes) -> Iterator[Printed]:
    """Every list item of a reference list, in printed order."""
    reader = PdfReader(io.BytesIO(tagged))
    pages = {page.indirect_reference.idnum: i for i, page in enumerate(reader.pages) if page.indirect_reference}
    marks = _marked_text(tagged)
    root = cast("DictionaryObject", reader.root_object["/StructTreeRoot"])
    for item in _items(root):
        label, body, page = "", "", 0
        for kid in _kids(item):
            text, first = _text(kid, pages, marks)
            if kid.get("/S") == "/Lbl":
                label = text
            else:
                body += text
            page = page or first
        yield Printed(page, _fold(label) or None, body)


def _items(element: DictionaryObject) -> Iterator[DictionaryObject]:
    """The list items that hold a bibliography entry or lie in a numbered list; the samples have no other lists."""
    for kid in _kids(element):
        if kid.get("/S") == "/LI":
            yield kid
        elif kid.get("/S") != "/TOC":
            yield from _items(kid)


def _kids(element: DictionaryObject) -> list[DictionaryObject]:
    kids = element.get("/K", ArrayObject())
    kids = kids if isinstance(kids, ArrayObject) else ArrayObject([kids])
    objects = [kid.get_object() for kid in kids]
    return [kid for kid in objects if isinstance(kid, DictionaryObject) and "/S" in kid]


def _text(element: DictionaryObject, pages: dict[int, int], marks: Marks) -> tuple[str, int]:
    """The text below `element` with the marks of its line ends, and the 1-based page of its first piece (0: none)."""
    text, foot, page = "", None, 0
    for number, mark in _marks(element, pages):
        page = page or number + 1
        for piece, height in marks.get((number, mark), []):
            new_line = foot is not None and abs(height - foot) > LINE_PITCH_PT
            text += (LINE_END if new_line and text[-1:] not in {LINE_END_HYPHEN, " "} else "") + piece
            foot = height
    return text, page


def _marks(element: DictionaryObject, pages: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The 0-based page and number of every marked piece below `element`, in reading order."""
    kids = element.get("/K", ArrayObject())
    for raw in kids if isinstance(kids, ArrayObject) else [kids]:
        kid = raw.get_object() if isinstance(raw, IndirectObject) else raw
        if not isinstance(kid, DictionaryObject):
            yield pages[element.raw_get("/Pg").idnum], int(cast("int", kid))
        elif "/S" in kid:
            yield from _marks(kid, pages)
        elif "/MCID" in kid:
            holder = kid if "/Pg" in kid else element
            yield pages[holder.raw_get("/Pg").idnum], int(cast("int", kid["/MCID"]))


def _marked_text(pdf: bytes) -> Marks:
    """The text of every marked piece of every page."""
    marks: Marks = {}
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number, page in enumerate(document):
            textpage = page.get_textpage()
            for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=4):
                key = (number, pdfium.FPDFPageObj_GetMarkedContentID(item))
                marks.setdefault(key, []).append((_object_text(item, textpage), item.get_bounds()[1]))
    finally:
        document.close()
    return marks


def _object_text(item: Any, textpage: Any) -> str:
    size = pdfium.FPDFTextObj_GetText(item, textpage, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFTextObj_GetText(item, textpage, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def _fold(text: str) -> str:
    return re.sub(r"[ \t\r\n\u00a0]+", " ", text).strip()


def _mend(marked: str, work: CitedWork) -> str:
    """`marked` without its marks: what a line end cut is whole again, as the work's facts have it."""
    known = json.dumps(work.facts, ensure_ascii=False).casefold() + f" https://doi.org/{work.doi} doi:{work.doi}"
    pieces = re.split(f"([{LINE_END_HYPHEN}{LINE_END}])", marked)
    mended = pieces[0]
    for mark, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        left = re.split(r"[\s“«]", mended)[-1].lstrip("(").casefold()
        right = piece.split(" ")[0].rstrip(".,;:)”»").casefold()
        if mark == LINE_END_HYPHEN:
            mended += "-" if f"{left}-{right}" in known else ""
        else:
            mended += "" if "/" in left and f"{left}{right}" in known else " "
        mended += piece
    return _fold(mended)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _recognise(entry: Printed, candidates: list[CitedWork]) -> CitedWork:
    """The work whose title the entry prints; of several the one with the longest title, then the right year."""
    print_letters = _letters(entry.marked)
    fitting = [work for work in candidates if _letters(work.title) in print_letters]
    if not fitting:
        raise LookupError(f"no title of the catalogue in: {entry.marked!r}")
    return max(fitting, key=lambda work: (len(work.title), str(work.facts["year"]) in entry.marked))


def _reference(position: int, entry: Printed, work: CitedWork, paper: Paper) -> dict[str, Any]:
    facts = work.facts
    raw = _mend(entry.marked, work)
    doi_in = None
    if work.doi:
        doi_in = "text" if work.doi in raw.casefold() else "link" if paper.style == "linked-list" else None
    return {
        "position": position,
        "page": entry.page,
        "label": entry.label,
        "raw": raw,
        "key": work.key,
        "type": facts["type"],
        "title": work.title,
        "first_author": work.first_author,
        "year": str(facts["year"]),
        "doi": work.doi,
        "doi_in": doi_in,
        "container": facts.get("container"),
    }
