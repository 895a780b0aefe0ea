"""GROBID's answer: a TEI list of `biblStruct`, made references.

Read 2026-11-22: https://grobid.readthedocs.io/en/latest/TEI-encoding-of-results/ and
https://grobid.readthedocs.io/en/latest/Grobid-service/#apiprocessreferences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_arxiv_id, normalise_doi, normalise_isbn, normalise_pmid
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.core.reasons import Reason

SERVICE = "grobid"
MAX_BYTES = 16_000_000  # of an answer; 5,000 entries are some 6 MB
MAX_ENTRIES = 5_000

_TEI = "{http://www.tei-c.org/ns/1.0}"
_LABEL = re.compile(r"\s*(\[[^\[\]\s]{1,12}\]|\(\d{1,4}\)|\d{1,4}[.)])\s+")
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # damaged PDFs leave such behind
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_MEETING = re.compile(r"\b(?:proceedings|conference|symposium|workshop|congress|meeting)\b", re.IGNORECASE)
_KINDS = (
    (re.compile(r"thesis|dissertation|habilitation", re.IGNORECASE), WorkType.THESIS),
    (re.compile(r"report|working paper|technical|white paper", re.IGNORECASE), WorkType.REPORT),
    (re.compile(r"software|program", re.IGNORECASE), WorkType.SOFTWARE),
)


def parse(body: bytes) -> tuple[Reference, ...]:
    """The references of an answer in their order, positions from 1; empty entries are left out.

    Raises `ServiceError` (bad-answer) where the body is no such TEI, is too large, or declares entities.
    """
    root = _tree(body)
    found: list[Reference] = []
    for listing in root.iter(f"{_TEI}listBibl"):
        for entry in listing.iterfind(f"{_TEI}biblStruct"):
            reference = _reference(entry, len(found) + 1)
            if reference is not None:
                found.append(reference)
            if len(found) > MAX_ENTRIES:
                raise _bad(f"more than {MAX_ENTRIES} entries")
    return tuple(found)


def _tree(body: bytes) -> ET.Element:
    if len(body) > MAX_BYTES:
        raise _bad(f"over {MAX_BYTES} bytes")
    try:
        text = body.decode("utf-8-sig")  # nothing else is taken: a declaration cannot hide in another encoding
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise _bad("a document type where TEI was hoped for")
        root = ET.fromstring(_NOT_XML.sub("", text))  # noqa: S314 - entity declarations are refused above
    except (UnicodeDecodeError, ET.ParseError, ValueError) as error:
        raise _bad(f"no TEI: {error}"[:200]) from error
    if root.tag not in {f"{_TEI}TEI", f"{_TEI}listBibl"}:
        raise _bad(f"no TEI but {root.tag[:60]}")
    return root


def _bad(detail: str) -> ServiceError:
    return ServiceError(SERVICE, Reason.BAD_ANSWER, detail)


def _reference(entry: ET.Element, position: int) -> Reference | None:
    part, whole = entry.find(f"{_TEI}analytic"), entry.find(f"{_TEI}monogr")
    own_title = _title(part, "a", "main") or _title(part)
    whole_title, level = _whole_title(whole)
    is_part = bool(own_title) or level == "j"
    label, raw = _raw(entry)
    identifiers = _identifiers(entry)
    reference = Reference(
        position=position,
        raw=raw,
        label=label,
        type=_type(entry, whole, level, is_part=bool(own_title)),
        authors=tuple(_people(part, "author")) or tuple(_people(whole, "author")),
        editors=tuple(_people(whole, "editor")),
        title=own_title or (None if is_part else whole_title),
        container_title=whole_title if is_part else _title(whole, "s"),
        publisher=_text(whole, f"{_TEI}imprint/{_TEI}publisher"),
        year=_year(entry),
        volume=_scope(whole, "volume"),
        issue=_scope(whole, "issue"),
        pages=_pages(whole),
        doi=identifiers.get("doi"),
        arxiv_id=identifiers.get("arxiv"),
        pmid=identifiers.get("pmid"),
        isbn=identifiers.get("isbn"),
        url=_url(entry),
    )
    if not reference.raw:
        return None if reference.title is None and not reference.authors else _spelt_out(reference)
    return reference


def _spelt_out(reference: Reference) -> Reference:
    """The reference with a text of its own making, for servers that do not hand on the printed one."""
    names = ", ".join(name.sort_key for name in reference.authors)
    year = str(reference.year) if reference.year else None
    parts = (names, reference.title, reference.container_title, reference.volume, reference.pages, year)
    raw = ". ".join(part for part in parts if part)
    return Reference(**{name: getattr(reference, name) for name in Reference.__slots__} | {"raw": raw})


def _raw(entry: ET.Element) -> tuple[str | None, str]:
    """Label and text of the entry as printed; the label only where GROBID left it in the text."""
    for note in entry.iterfind(f"{_TEI}note"):
        if note.get("type") == "raw_reference":
            text = _folded(note)
            label = _LABEL.match(text)
            return (label[1], text[label.end() :]) if label else (None, text)
    return None, ""


def _title(place: ET.Element | None, level: str | None = None, kind: str | None = None) -> str | None:
    if place is None:
        return None
    for title in place.iterfind(f"{_TEI}title"):
        if (level is None or title.get("level") == level) and (kind is None or title.get("type") == kind):
            text = _folded(title)
            if text:
                return text
    return None


def _whole_title(whole: ET.Element | None) -> tuple[str | None, str]:
    """Title and level (j journal, m book, u unpublished) of what the work appeared in, or of the work itself."""
    for level in ("j", "m", "u"):
        title = _title(whole, level)
        if title:
            return title, level
    title = _title(whole)
    return title, "m" if title else ""


def _type(entry: ET.Element, whole: ET.Element | None, level: str, *, is_part: bool) -> WorkType:
    for note in entry.iter(f"{_TEI}note"):
        if note.get("type") == "report_type":
            text = _folded(note)
            return next((kind for pattern, kind in _KINDS if pattern.search(text)), WorkType.REPORT)
    if level == "j":
        return WorkType.ARTICLE_JOURNAL
    if level == "m" and is_part:
        title = _whole_title(whole)[0] or ""
        meets = whole is not None and whole.find(f"{_TEI}meeting") is not None
        return WorkType.PAPER_CONFERENCE if meets or _MEETING.search(title) else WorkType.CHAPTER
    return WorkType.BOOK if level == "m" else WorkType.DOCUMENT


def _people(place: ET.Element | None, role: str) -> Iterator[Name]:
    if place is None:
        return
    for one in place.iterfind(f"{_TEI}{role}"):
        person = one.find(f"{_TEI}persName")
        if person is None:
            body = _text(one, f"{_TEI}orgName") or _folded(one)
            if body:
                yield Name(literal=body)
            continue
        family = _text(person, f"{_TEI}surname")
        given = " ".join(filter(None, (_folded(name) for name in person.iterfind(f"{_TEI}forename"))))
        if family:
            yield Name(family=family, given=given or None)
        elif given:
            yield Name(literal=given)


def _year(entry: ET.Element) -> int | None:
    for date in entry.iter(f"{_TEI}date"):
        found = _YEAR.search(date.get("when", "")) or _YEAR.search(_folded(date))
        if found:
            return int(found[0])
    return None


def _scope(whole: ET.Element | None, unit: str) -> str | None:
    for scope in whole.iter(f"{_TEI}biblScope") if whole is not None else ():
        if unit in {scope.get("unit"), scope.get("type")}:
            return _folded(scope) or None
    return None


def _pages(whole: ET.Element | None) -> str | None:
    for scope in whole.iter(f"{_TEI}biblScope") if whole is not None else ():
        if scope.get("unit") in {"page", "pp"}:
            first, last = scope.get("from"), scope.get("to")
            pages = f"{first}-{last}" if first and last else first or last or _folded(scope)
            return pages.replace("–", "-") or None
    return None


def _identifiers(entry: ET.Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for number in entry.iter(f"{_TEI}idno"):
        kind, text = (number.get("type") or "").lower(), _folded(number)
        known = {"doi": normalise_doi, "arxiv": normalise_arxiv_id, "pmid": normalise_pmid, "isbn": normalise_isbn}
        value = known[kind](text) if kind in known else None
        if value:
            found.setdefault(kind, value)
    return found


def _url(entry: ET.Element) -> str | None:
    for pointer in entry.iter(f"{_TEI}ptr"):
        target = (pointer.get("target") or "").strip()
        if target.startswith(("http://", "https://")) and not normalise_doi(target):
            return target
    return None


def _text(place: ET.Element | None, path: str) -> str | None:
    found = place.find(path) if place is not None else None
    return (_folded(found) or None) if found is not None else None


def _folded(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())
