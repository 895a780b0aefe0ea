"""PDFs made on the fly: small, valid, the same bytes for one work always."""

from __future__ import annotations

import textwrap
from functools import lru_cache

from dl_lit.replica.records import Record

LINE_CHARACTERS = 88
TITLE_CHARACTERS = 52
_FIRST_FREE_CODE = 161  # codes above ASCII that single characters are given
_FILLER_PAGES = 3
_PAGE_LINES = 46

_FILLER = (
    "The present work was carried out over two seasons, and the observations were repeated whenever the "
    "weather or the patience of the observers allowed it. Each series was read twice by persons who did not know "
    "the purpose of the reading, and differences were settled by a third. The figures reported below are means "
    "of at least five such readings; where fewer were available this is stated. We describe first the material, "
    "then the procedure, and last what can and cannot be concluded from it. "
)


class Encoding:
    """One byte per character: ASCII as it is, other characters under codes explained in a ToUnicode map."""

    def __init__(self, *, shift: int = 0) -> None:
        """`shift` makes the map lie: every letter is said to be the one so many places further on."""
        self._codes: dict[str, int] = {}
        self._shift = shift

    def show(self, text: str) -> bytes:
        """`text` as a PDF string."""
        shown = bytearray()
        for character in text:
            code = ord(character) if 32 <= ord(character) < 127 else self._code(character)
            if code in b"()\\":
                shown.append(0x5C)
            shown.append(code)
        return b"(" + bytes(shown) + b")"

    def to_unicode(self) -> bytes:
        """The ToUnicode map of every code in use."""
        lines = []
        if self._codes:
            lines.append(f"{len(self._codes)} beginbfchar")
            for character, code in self._codes.items():
                lines.append(f"<{code:02X}> <{character.encode('utf-16-be').hex().upper()}>")
            lines.append("endbfchar")
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange <00> <FF> endcodespacerange\n"
            f"1 beginbfrange <20> <7E> <{0x20 + self._shift:04X}> endbfrange\n" + "\n".join(lines) + "\n"
            "endcmap CMapName currentdict /CMap defineresource pop end end"
        ).encode()

    def _code(self, character: str) -> int:
        if ord(character) < 32 or 127 <= ord(character) < 161:
            return 32
        code = self._codes.get(character)
        if code is None:
            if len(self._codes) >= 256 - _FIRST_FREE_CODE:
                return ord("?")
            code = self._codes[character] = _FIRST_FREE_CODE + len(self._codes)
        return code


def stream(content: bytes, entries: str = "") -> bytes:
    """A stream object; `entries` stand in its dictionary."""
    return f"<< /Length {len(content)} {entries}>>\nstream\n".encode() + content + b"\nendstream"


def page_text(blocks: list[tuple[int, list[bytes]]]) -> bytes:
    """The drawing of blocks of lines, each with its type size, from the top of the page down."""
    parts = [b"BT 72 740 Td"]
    for size, lines in blocks:
        parts.append(f"/F1 {size} Tf {size * 1.35:.1f} TL".encode())
        parts += [line + b" Tj T*" for line in lines]
        parts.append(b"T*")
    parts.append(b"ET")
    return b"\n".join(parts)


@lru_cache(maxsize=8)
def filler_lines(times: int) -> list[str]:
    """Lines of running text that say nothing about any work."""
    return textwrap.wrap(_FILLER * times, LINE_CHARACTERS)


@lru_cache(maxsize=1)
def _filler_pages() -> tuple[bytes, ...]:
    """The drawings of the pages after the first; the same in every file."""
    encoding = Encoding()
    lines = [encoding.show(line) for line in filler_lines(7)]
    return tuple(
        stream(page_text([(10, [encoding.show(f"{number}. Observations"), *lines])]))
        for number in range(2, 2 + _FILLER_PAGES)
    )


def first_page_lines(record: Record) -> list[tuple[int, list[str]]]:
    """What is printed on page 1: title, authors, container and year, DOI, and the beginning of the text."""
    authors = ", ".join(person.full for person in record.authors[:30])
    published = ", ".join(str(part) for part in (record.container, record.volume, record.year) if part)
    blocks = [(16, textwrap.wrap(record.title, TITLE_CHARACTERS))]
    if authors:
        blocks.append((11, textwrap.wrap(authors, LINE_CHARACTERS)))
    if published:
        blocks.append((10, textwrap.wrap(published, LINE_CHARACTERS)))
    if record.doi:
        blocks.append((10, [f"https://doi.org/{record.doi}"]))
    abstract = textwrap.wrap(record.abstract, LINE_CHARACTERS) if record.abstract else filler_lines(1)
    return [*blocks, (10, ["Abstract", *abstract])]


def reference_pages(record: Record) -> list[list[str]]:
    """The lines of the pages on which the record's references are printed; none where it has none."""
    pages: list[list[str]] = []
    for number, cited in enumerate(record.references, 1):
        fields = (cited.author, f"({cited.year})" if cited.year else None, cited.title, cited.container, cited.doi)
        text = cited.unstructured or ". ".join(part for part in fields if part)
        lines = textwrap.wrap(f"[{number}] {text}", LINE_CHARACTERS, subsequent_indent="    ")
        if not pages or len(pages[-1]) + len(lines) > _PAGE_LINES:
            pages.append([] if pages else ["References", ""])
        pages[-1] += lines
    return pages


def make_pdf(record: Record, *, version: str = "", min_bytes: int = 0, encrypted: bool = False) -> bytes:
    """The PDF of `record`: four pages and those of its references; `version` is a note, `min_bytes` fills it up.

    `encrypted` makes a file that asks for a password nobody has.
    """
    encoding = Encoding()
    shown = [(size, [encoding.show(line) for line in lines]) for size, lines in first_page_lines(record)]
    if version:
        shown.append((8, [encoding.show(f"This is the {version} of the work.")]))
    listed = [stream(page_text([(10, list(map(encoding.show, lines)))])) for lines in reference_pages(record)]
    contents = [stream(page_text(shown)), *_filler_pages(), *listed]
    count = len(contents)
    first_page = 5
    kids = " ".join(f"{first_page + number} 0 R" for number in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 4 0 R >>",
        stream(encoding.to_unicode()),
    ]
    objects += [
        (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {first_page + count + number} 0 R >>"
        ).encode()
        for number in range(count)
    ]
    objects += contents
    trailer = "/Root 1 0 R"
    if encrypted:
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /P -44 /O <" + b"5A" * 32 + b"> /U <" + b"C3" * 32 + b"> >>")
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<{'00' * 16}> <{'00' * 16}>]"
    return assembled(objects, trailer, min_bytes)


def assembled(objects: list[bytes], trailer: str, min_bytes: int) -> bytes:
    """A whole file: header, objects, padding as one unused stream, cross-reference table, trailer."""
    file = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    missing = min_bytes - len(file) - 400
    if missing > 0:
        offsets.append(len(file))
        file += b"%d 0 obj\n" % len(offsets) + stream(b"\x00\x80\xff\x7f" * (missing // 4)) + b"\nendobj\n"
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    file += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    file += f"trailer\n<< /Size {len(offsets) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(file)


def damaged(pdf: bytes) -> bytes:
    """A file that begins and ends like a PDF and cannot be opened: its middle is noise."""
    return pdf[:20] + bytes((number * 37 + 11) % 251 for number in range(len(pdf) // 2)) + b"\n%%EOF\n"
