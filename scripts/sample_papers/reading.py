"""Reads the printed references of a tagged sample back: their order, their pages and their text, as the gold list."""

from __future__ import annotations

import ctypes
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from .catalogue import CitedWork, works
from .papers import Paper

LINE_END_HYPHEN = "\x02"  # how pdfium gives a hyphen that a line break put in
Marks = dict[tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class Printed:
    """One entry as printed."""

    page: int  # 1-based, where it begins
    label: str | None
    raw: str


def gold(paper: Paper, tagged: bytes) -> dict[str, Any]:
    """The gold list of `paper`, whose tagged PDF is `tagged`. Raises `LookupError` when an entry cannot be placed."""
    entries = list(printed(tagged))
    references = []
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
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    for item in _items(root):
        label, body, page = "", "", 0
        for kid in _kids(item):
            text, first = _text(kid, pages, marks)
            if kid.get("/S") == "/Lbl":
                label = text
            else:
                body += text
            page = page or first
        yield Printed(page, _fold(label) or None, _fold(body))


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
    """The text below `element` and the 1-based page of its first piece (0: it has none)."""
    kids = element.get("/K", ArrayObject())
    text, page = "", 0
    for raw in kids if isinstance(kids, ArrayObject) else [kids]:
        kid = raw.get_object() if isinstance(raw, IndirectObject) else raw
        if isinstance(kid, DictionaryObject) and "/S" in kid:
            piece, first = _text(kid, pages, marks)
        elif isinstance(kid, DictionaryObject) and "/MCID" not in kid:
            continue  # an annotation
        else:
            holder = kid if isinstance(kid, DictionaryObject) and "/Pg" in kid else element
            number = pages[holder.raw_get("/Pg").idnum]
            piece = marks.get((number, int(kid["/MCID"] if isinstance(kid, DictionaryObject) else kid)), "")
            first = number + 1
        text += piece
        page = page or first
    return text, page


def _marked_text(pdf: bytes) -> Marks:
    """The text of every marked piece of every page."""
    marks: Marks = {}
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number, page in enumerate(document):
            textpage = page.get_textpage()
            for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=4):
                key = (number, pdfium.FPDFPageObj_GetMarkedContentID(item))
                marks[key] = marks.get(key, "") + _object_text(item, textpage)
    finally:
        document.close()
    return marks


def _object_text(item: Any, textpage: Any) -> str:
    size = pdfium.FPDFTextObj_GetText(item, textpage, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFTextObj_GetText(item, textpage, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def _fold(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace(LINE_END_HYPHEN, "")).strip()


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _recognise(entry: Printed, candidates: list[CitedWork]) -> CitedWork:
    """The work whose title the entry prints; of several the one with the longest title, then the right year."""
    print_letters = _letters(entry.raw)
    fitting = [work for work in candidates if _letters(work.title) in print_letters]
    if not fitting:
        raise LookupError(f"no title of the catalogue in: {entry.raw}")
    return max(fitting, key=lambda work: (len(work.title), str(work.facts["year"]) in entry.raw))


def _reference(position: int, entry: Printed, work: CitedWork, paper: Paper) -> dict[str, Any]:
    facts = work.facts
    doi_in = None
    if work.doi:
        squeezed = entry.raw.casefold().replace(" ", "")
        doi_in = "text" if work.doi in squeezed else "link" if paper.style == "linked-list" else None
    return {
        "position": position,
        "page": entry.page,
        "label": entry.label,
        "raw": entry.raw,
        "key": work.key,
        "type": facts["type"],
        "title": work.title,
        "first_author": work.first_author,
        "year": str(facts["year"]),
        "doi": work.doi,
        "doi_in": doi_in,
        "container": facts.get("container"),
    }
