"""The two inputs nobody can read: a PDF locked with a password, and a scan without a text layer."""

from __future__ import annotations

import io
import zlib

import pypdfium2
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

SCAN_DPI = 100
PAPER_WHITE = 160  # grey values from here on are paper


def encrypted(pdf: bytes) -> bytes:
    """`pdf` behind a user password (40-bit RC4, whose result depends on nothing but its inputs)."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    identifier = ByteStringObject(b"dl_lit encrypted")
    writer._ID = ArrayObject((identifier, identifier))  # noqa: SLF001 - the writer would take a random one
    writer.encrypt("a password nobody has", algorithm="RC4-40")
    writer._ID = ArrayObject((identifier, identifier))  # noqa: SLF001 - as above, for the second half
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def scanned(pdf: bytes) -> bytes:
    """The first page of `pdf` as a black and white picture, and nothing else."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        width_pt, height_pt = page.get_size()
        bitmap = page.render(scale=SCAN_DPI / 72, grayscale=True)
        width, height, stride, grey = bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer)
    finally:
        document.close()
    rows = (_bits(grey[y * stride : y * stride + width]) for y in range(height))
    return _picture_page(b"".join(rows), width, height, width_pt, height_pt)


def _bits(row: bytes) -> bytes:
    text = "".join("1" if value >= PAPER_WHITE else "0" for value in row)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def _picture_page(bits: bytes, width: int, height: int, width_pt: float, height_pt: float) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(width_pt, height_pt)
    image = StreamObject()
    image._data = zlib.compress(bits, 9)  # noqa: SLF001 - the only way to hand over a stream that is packed already
    image.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(width),
            NameObject("/Height"): NumberObject(height),
            NameObject("/ColorSpace"): NameObject("/DeviceGray"),
            NameObject("/BitsPerComponent"): NumberObject(1),
            NameObject("/Filter"): NameObject("/FlateDecode"),
        }
    )
    drawing = DecodedStreamObject()
    drawing.set_data(f"q {width_pt:.2f} 0 0 {height_pt:.2f} 0 0 cm /Scan Do Q".encode())
    page[NameObject("/Resources")] = writer._add_object(  # noqa: SLF001 - pypdf has no public name for it
        _dictionary({"/XObject": _dictionary({"/Scan": writer._add_object(image)})})  # noqa: SLF001
    )
    page[NameObject("/Contents")] = writer._add_object(drawing)  # noqa: SLF001
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _dictionary(entries: dict[str, PdfObject]) -> DictionaryObject:
    return DictionaryObject({NameObject(name): value for name, value in entries.items()})
