"""What reads papers: their pages' layout, entries, identifiers, their metadata, and what a child process says."""

from __future__ import annotations

import os
from functools import cache

import msgspec
from proofs.hostile.fuzz.target import SAMPLES, Target, recorded, text

from dl_lit.core import identifiers
from dl_lit.core.errors import PdfError
from dl_lit.core.volume_and_pages import tidy_issue, tidy_pages, tidy_volume
from dl_lit.exports.read_bib import read_bib
from dl_lit.pdf.bibliography import read_bibliography
from dl_lit.pdf.cleaning import clean
from dl_lit.pdf.document import DocumentText, Line, Link, PageText
from dl_lit.pdf.engine import open_document
from dl_lit.pdf.jsonform import document_json
from dl_lit.pdf.messages import ChildGone, TimeUp, receive_answer
from dl_lit.pdf.parsing import parse_entries
from dl_lit.pdf.splitting.entry import Entry
from dl_lit.pdf.xmp import packet_facts

_MOST_COORDINATE = 3.4e38  # PDFium's are floats of four bytes
_PAGES = 60
_LONGEST_LINE = 2_000  # characters: as the engine cuts them
_PIPE_BYTES = 60_000  # that a pipe holds while nobody reads


def _number(token: str) -> float:
    try:
        value = float(token)
    except ValueError:
        return 0.0
    return min(max(value, -_MOST_COORDINATE), _MOST_COORDINATE) if value == value else 0.0  # noqa: PLR0124 - NaN


def document_of(data: bytes) -> DocumentText:
    """A document from lines of tab-separated page, left, right, bottom, top, size, bold or address, and text."""
    pages: dict[int, list[Line]] = {}
    links: list[Link] = []
    for row in data.split(b"\n"):
        cells = text(row).split("\t", 7)
        if len(cells) < 8:
            continue
        number = int(abs(_number(cells[0]))) % _PAGES + 1
        x0, x1 = sorted((_number(cells[1]), _number(cells[2])))
        y0, y1 = sorted((_number(cells[3]), _number(cells[4])))
        uri = cells[6] if ":" in cells[6] else ""
        said = clean(cells[7][:_LONGEST_LINE])
        if uri:
            links.append(Link(uri, x0, y0, x1, y1))
        if said:
            pages.setdefault(number, []).append(
                Line(said, number, x0, x1, y0, y1, round(abs(_number(cells[5])), 1), cells[6] == "1")
            )
    count = max(pages, default=1)
    return DocumentText(
        count,
        tuple(
            PageText(n, 612.0, 792.0, tuple(pages.get(n, ())), tuple(links), sum(len(o.text) for o in pages.get(n, ())))
            for n in range(1, count + 1)
        ),
    )


@cache
def _printed() -> tuple[DocumentText, ...]:
    """Some of the demo's papers, each of another style."""
    found = []
    for path in sorted(SAMPLES.glob("*.pdf"))[::3]:
        with open_document(path, max_bytes=10_000_000) as pdf:
            found.append(pdf.read())
    return tuple(found)


def _layouts() -> list[bytes]:
    return [
        "\n".join(
            f"{line.page}\t{line.x0:.0f}\t{line.x1:.0f}\t{line.y0:.0f}\t{line.y1:.0f}\t{line.size}"
            f"\t{line.uris[0] if line.uris else int(line.bold)}\t{line.text}"
            for page in document.pages[-2:]
            for line in page.lines
        ).encode()
        for document in _printed()
    ]


@cache
def _entries() -> list[bytes]:
    return [
        "\n".join(entry.raw for entry in read_bibliography(document).references[:4]).encode() for document in _printed()
    ] + [
        "[12] van der Aa, B., Özil, Ç. (eds.): Ein Titel. 2. Aufl. Springer, Berlin 2010, S. 12–40.".encode(),
        b"Ibid., p. 7; Knuth D E (1997) The Art of Computer Programming, vol. 1, ISBN 0-201-89683-4.",
        "李明. 唐古特语研究[J]. 语言学报, 2001, 12(3): 45–67. doi:10.1000/xyz".encode(),
    ]


def _read_layout(data: bytes) -> object:
    found = read_bibliography(document_of(data))
    return msgspec.json.encode(found), document_json("x", None, found)


def _read_entries(data: bytes) -> object:
    entries = [Entry(line, 1) for line in map(clean, text(data).split("\n")[:200]) if line]
    return msgspec.json.encode(parse_entries(entries))


def _read_identifiers(data: bytes) -> object:
    said = text(data)
    one_by_one = (
        *(identifiers.normalise_doi, identifiers.normalise_arxiv_id, identifiers.normalise_pmid),
        *(identifiers.normalise_pmcid, identifiers.normalise_isbn, identifiers.normalise_openalex_id),
        *(identifiers.arxiv_id_of_doi, tidy_issue, tidy_pages, tidy_volume),
    )
    finders = (
        *(identifiers.find_dois, identifiers.find_arxiv_ids, identifiers.find_pmids, identifiers.find_pmcids),
        identifiers.find_isbns,
    )
    return [read(said) for read in one_by_one], [find(said) for find in finders], clean(said)


def _read_message(data: bytes) -> object:
    """What a child that has been taken over may send its parent."""
    reading, writing = os.pipe()
    try:
        os.write(writing, (data if data[:1] == b"\xff" else len(data).to_bytes(4, "big") + data)[:_PIPE_BYTES])
        os.close(writing)
        writing = -1
        return receive_answer(reading, 1.0)
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)


def _messages() -> list[bytes]:
    bibliography = msgspec.to_builtins(read_bibliography(_printed()[0]))
    return [
        msgspec.json.encode({"bibliography": bibliography}),
        msgspec.json.encode({"has_begun": True}),
        msgspec.json.encode({"reason": "damaged-pdf", "detail": "x"}),
        msgspec.json.encode({"update": "aGVsbG8=", "extract": "aGVsbG8="}),
        msgspec.json.encode({"facts": {"page_count": 1, "text": "x"}, "texts": [{"page": 1, "text": "x"}]}),
        b"\xff\xff\xff\xff{}",
    ]


_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>
<rdf:Description prism:doi="10.1000/a.b" dc:identifier='doi:10.1/x'>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &amp; B &#x41;</rdf:li></rdf:Alt></dc:title><dc:creator><rdf:Seq>
<rdf:li>A. Author</rdf:li><rdf:li>B. Other</rdf:li></rdf:Seq></dc:creator><prism:coverDate>2011-04-01</prism:coverDate>
</rdf:Description></rdf:RDF></x:xmpmeta>"""

_RIS = b"TY  - JOUR\r\nAU  - Aa, B.\r\nTI  - Title\r\nPY  - 2010///\r\nSP  - 1\r\nEP  - 9\r\nDO  - 10.1/x\r\nER  - \r\n"

_BIB = rb"""@string{j = "Journal of " # "Things"}
@article{key:1, author = {van der Aa, B. and {\"O}zil, {\c C}. and others}, title = "A {T}itle \& more $x_1$",
 journal = j, year = 2010, pages = {1--9}, doi = {10.1000/x}, note = {{nested {deep}}}}
@comment{jabref-meta: x} @book(b2, title={B}, publisher="P" # {Q}, isbn={0-201-89683-4}, file={:a\:b.pdf:PDF})
"""

TARGETS = (
    Target("layout", _read_layout, _layouts, (PdfError,)),
    Target("entries", _read_entries, _entries, most_bytes=20_000),
    Target("identifiers", _read_identifiers, _entries, most_bytes=40_000),
    Target("xmp", packet_facts, lambda: [_XMP.encode(), b"junk" + _XMP.encode() * 2, _XMP.encode("utf-16")]),
    Target(
        "references-files",
        lambda data: msgspec.json.encode([entry.reference for entry in read_bib(data).entries]),
        lambda: [_BIB, _RIS, _RIS * 3, "\ufeff".encode("utf-16") + _BIB.decode().encode("utf-16"), *recorded("acl")],
    ),
    Target("child-messages", _read_message, _messages, (ChildGone, TimeUp)),
)
