"""The DOI in a PDF's XMP packet is found, compressed or not."""

import io
import time

import pypdf
from hypothesis import given
from hypothesis import strategies as st
from pypdf.generic import DecodedStreamObject, NameObject

from dl_lit.pdf.xmp import packet_facts
from tests.fakes.effort import within

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


def document_doi(data: bytes) -> str | None:
    return packet_facts(data).get("xmp:doi")


def test_a_plain_packet_is_read():
    assert document_doi(pdf(compressed=False)) == "10.1000/own"


def test_a_compressed_packet_is_read():
    assert document_doi(pdf(compressed=True)) == "10.1000/own"


def test_without_packet_there_is_none():
    assert document_doi(b"%PDF-1.7 nothing") is None
    assert document_doi(b"%PDF-1.7 /Metadata 5 0 R broken") is None


def packet(body: str, attributes: str = "") -> bytes:
    """A file that is hardly more than a packet."""
    return (
        f'%PDF-1.7\n<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description {attributes}>{body}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def test_title_authors_and_date_are_read():
    facts = packet_facts(
        packet(
            '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">On <i>A</i> &amp; B\n  and C</rdf:li></rdf:Alt></dc:title>'
            "<dc:creator><rdf:Seq><rdf:li>Ada Müller</rdf:li><rdf:li></rdf:li><rdf:li>B. Doe</rdf:li></rdf:Seq>"
            "</dc:creator>"
            "<dc:date><rdf:Seq><rdf:li>2019-12-31</rdf:li></rdf:Seq></dc:date>"
            "<prism:coverDate>2020-01-15</prism:coverDate><prism:DOI>10.1000/Own</prism:DOI>"
        )
    )
    assert facts == {
        "xmp:doi": "10.1000/Own",
        "xmp:title": "On A & B and C",
        "xmp:creators": "Ada Müller\nB. Doe",
        "xmp:date": "2020-01-15",
    }


def test_facts_may_be_attributes():
    facts = packet_facts(packet("", 'prism:doi=\'10.1000/own\' dc:title="T" prism:publicationDate="2020"'))
    assert facts == {"xmp:doi": "10.1000/own", "xmp:title": "T", "xmp:date": "2020"}


def test_an_identifier_that_is_no_doi_is_none():
    assert packet_facts(packet("<dc:identifier>uuid:5b6c</dc:identifier>")) == {}
    assert document_doi(packet("<dc:identifier>doi:10.1000/x</dc:identifier>")) == "doi:10.1000/x"


@given(st.binary(max_size=300))
def test_whatever_stands_in_a_packet_is_no_error(inside):
    for value in packet_facts(b"<x:xmpmeta><dc:title>" + inside + b"</dc:title></x:xmpmeta>").values():
        assert value


def test_packets_whose_elements_are_never_closed_are_read_in_no_time() -> None:
    """Each opening tag once looked for its end through forty thousand characters."""
    unclosed = b"<dc:title>" * 9_000 + b"<rdf:li>" * 9_000 + b"<prism:doi" * 9_000
    data = (
        b"<x:xmpmeta " * 90_000 + b">" + unclosed + b"</x:xmpmeta><x:xmpmeta>" + b"<dc:title>A</dc:title></x:xmpmeta>"
    )
    began = time.thread_time()
    assert packet_facts(data) == {"xmp:title": "A"}
    assert time.thread_time() - began < within(1.0)
