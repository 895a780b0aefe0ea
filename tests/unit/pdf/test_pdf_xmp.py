"""The DOI in a PDF's XMP packet is found, compressed or not."""

import io

import pypdf
from pypdf.generic import DecodedStreamObject, NameObject

from dl_lit.pdf.xmp import document_doi

PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description><prism:doi>10.1000/own</prism:doi>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def pdf(*, compressed: bool) -> bytes:
    """A blank PDF with the packet."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    stream = DecodedStreamObject()
    stream.set_data(PACKET)
    writer.root_object[NameObject("/Metadata")] = writer._add_object(stream.flate_encode() if compressed else stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_plain_packet_is_read():
    assert document_doi(pdf(compressed=False)) == "10.1000/own"


def test_a_compressed_packet_is_read():
    assert document_doi(pdf(compressed=True)) == "10.1000/own"


def test_without_packet_there_is_none():
    assert document_doi(b"%PDF-1.7 nothing") is None
    assert document_doi(b"%PDF-1.7 /Metadata 5 0 R broken") is None
