"""GROBID: reads the papers whose gold lists it was given, and finds nothing in others.

Shapes: https://grobid.readthedocs.io/en/latest/Grobid-service/ and
https://grobid.readthedocs.io/en/latest/TEI-encoding-of-results/ (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Person, Record
from dl_lit.replica.services.settings import Settings
from dl_lit.replica.wire import Plan, Refusal, Request, Response, text_response

VERSION = "0.8.2"
_XML = "application/xml"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PARTS_OF = {"journal-article": "j", "proceedings-article": "m", "book-chapter": "m"}
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xml:space="preserve" xmlns="http://www.tei-c.org/ns/1.0"
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xlink="http://www.w3.org/1999/xlink">
\t<teiHeader/>
\t<text>
\t\t<front/>
\t\t<body/>
\t\t<back>
\t\t\t<div>
\t\t\t\t<listBibl>
"""
_FOOT = "\t\t\t\t</listBibl>\n\t\t\t</div>\n\t\t</back>\n\t</text>\n</TEI>\n"


def papers_with_gold(pairs: Iterable[tuple[Path, Path]]) -> dict[str, Path]:
    """The gold list of every PDF by the file's SHA-256, from pairs of folders (PDFs, gold lists of the same names)."""
    found = {}
    for pdfs, gold in pairs:
        for path in sorted(pdfs.glob("*.pdf")):
            listing = gold / f"{path.stem}.json"
            if listing.is_file():
                found[hashlib.sha256(path.read_bytes()).hexdigest()] = listing
    return found


class Grobid:
    """A GROBID server."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        """Reads the papers of `settings`; what it says of a cited work is what the universe knows of it."""
        self._catalogue = catalogue
        self._papers = settings.grobid_papers

    def plan(self, request: Request) -> Plan:
        """Whether it is alive, or the references of a posted paper."""
        path = request.path.rstrip("/")
        if path == "/api/isalive":
            return Plan(kind="other", answer=partial(text_response, "true", "text/plain"))
        if path == "/api/version":
            version = json.dumps({"version": VERSION, "revision": "replica"})
            return Plan(kind="other", answer=partial(text_response, version, "application/json"))
        if path == "/api/processReferences" and request.method in {"POST", "PUT"}:
            return Plan(kind="file", answer=partial(self._references, request), lane="grobid", refuse=_busy)
        return Plan(kind="other", answer=partial(text_response, "HTTP 404 Not Found", "text/plain", status=404))

    def _references(self, request: Request) -> Response:
        parts = form_parts(request)
        pdf = parts.get("input")
        if pdf is None:
            return text_response("", "text/plain", status=400)
        if not pdf.lstrip()[:5].startswith(b"%PDF"):
            told = "[BAD_INPUT_DATA] PDF to XML conversion failed with error code: 1"
            return text_response(told, "text/plain", status=500)
        listing = self._papers.get(hashlib.sha256(pdf).hexdigest())
        entries = json.loads(listing.read_text(encoding="utf-8")).get("references") if listing else None
        if not entries:
            return Response(204)
        with_raw = parts.get("includeRawCitations") == b"1"
        body = "".join(self._entry(number, entry, with_raw=with_raw) for number, entry in enumerate(entries))
        return text_response(_HEAD + _NOT_XML.sub("", body) + _FOOT, _XML)

    def _entry(self, number: int, gold: Mapping[str, Any], *, with_raw: bool) -> str:
        record = self._catalogue.by_doi(gold["doi"]) if gold.get("doi") else None
        work = record or _from_gold(gold)
        level = _PARTS_OF.get(work.type)
        people = "".join(map(_author, work.authors))
        title = f'<title level={quoteattr("a" if level else "m")} type="main">{escape(work.title)}</title>'
        identifiers = "".join(
            f"<idno type={quoteattr(kind)}>{escape(value)}</idno>"
            for kind, value in (("DOI", gold.get("doi")), ("arXiv", work.arxiv_id), ("PMID", work.pmid))
            if value
        )
        whole = f"<title level={quoteattr(level)}>{escape(work.container or '')}</title>" if level else ""
        first = f"{title}{people}{identifiers}"
        inner = f"<analytic>{first}</analytic><monogr>{whole}" if level else f"<monogr>{first}"
        raw = f'<note type="raw_reference">{escape(gold["raw"])}</note>' if with_raw and gold.get("raw") else ""
        return f'\n<biblStruct xml:id="b{number}">{inner}{_imprint(work)}</monogr>{raw}</biblStruct>\n'


def form_parts(request: Request) -> dict[str, bytes]:
    """The fields of a multipart form by name; none where the request is no such form."""
    found = re.search(r'multipart/form-data;.*boundary="?([^";]+)', request.headers.get("content-type", ""))
    if found is None:
        return {}
    fields = {}
    for part in (b"\r\n" + request.body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, body = part.partition(b"\r\n\r\n")
        name = re.search(rb'[; ]name="([^"]*)"', head)
        if name:
            fields[name[1].decode(errors="replace")] = body
    return fields


def _from_gold(gold: Mapping[str, Any]) -> Record:
    """A work that only the gold list describes."""
    author, year = gold.get("first_author"), str(gold.get("year") or "")
    kind = str(gold.get("type") or "")
    return Record(
        position=0,
        title=str(gold.get("title") or ""),
        authors=(Person(str(author)),) if author else (),
        year=int(year[:4]) if year[:4].isdigit() else None,
        container=gold.get("container"),
        type="journal-article" if kind == "article-journal" or (not kind and gold.get("container")) else kind,
    )


def _author(person: Person) -> str:
    names = (person.given or "").split()
    given = "".join(
        f'<forename type="{"middle" if place else "first"}">{escape(name)}</forename>'
        for place, name in enumerate(names)
    )
    return f"<author><persName>{given}<surname>{escape(person.family)}</surname></persName></author>"


def _imprint(work: Record) -> str:
    parts = [f"<publisher>{escape(work.publisher)}</publisher>"] if work.publisher else []
    for unit, value in (("volume", work.volume), ("issue", work.issue)):
        parts += [f'<biblScope unit="{unit}">{escape(value)}</biblScope>'] if value else []
    if work.pages:
        first, _, last = work.pages.replace("–", "-").partition("-")
        ends = f"from={quoteattr(first)} to={quoteattr(last)}" if last else f"from={quoteattr(first)}"
        parts.append(f'<biblScope unit="page" {ends} />')
    parts += [f'<date type="published" when="{work.year}">{work.year}</date>'] if work.year else []
    return f"<imprint>{''.join(parts)}</imprint>"


def _busy(refusal: Refusal) -> Response:
    """What it says while all its engines are at work."""
    del refusal
    return text_response("", "text/plain", status=503)
