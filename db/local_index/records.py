"""Records to and from what is stored of them: compressed JSON, and the identifiers they are found by. Pure."""

from __future__ import annotations

import hashlib
import zlib

import msgspec

from db.local_index.words import Words
from dl_lit.core.model import Work, WorkType

KINDS = {"doi": 1, "openalex": 2, "arxiv": 3, "pmid": 4, "isbn": 5}
"""The kinds of identifiers, as they are stored."""
NO_IDENTIFIER = 0
"""The kind of a key made of title, people and year, for records without identifiers."""

_HAS_OWN_ISBN = frozenset({WorkType.BOOK, WorkType.THESIS, WorkType.REPORT, WorkType.DOCUMENT})
"""Chapters and papers carry the number of the book that they stand in."""

DAMAGE = (zlib.error, msgspec.DecodeError, ValueError)
"""What reading a damaged record raises."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Work)
_LEVEL = 5
_WINDOW = -13  # raw deflate with a window of 8 kB: records are small, and the state of larger ones is costly to make
# What nearly all records have in common, the commonest last; part of the file's format.
_COMMON = (
    b'"locations":[{"url":"https://","is_pdf":true,"host_type":"repository","version":"submittedVersion",'
    b'"licence":"cc-by","found_by":"openalex"},{"url":"https://doi.org/10.","is_pdf":false,"host_type":"publisher",'
    b'"version":"publishedVersion","licence":null,"found_by":"openalex"}]}'
    b'{"title":"The of and in for the on a with International Conference Proceedings Journal ","type":"book"'
    b'"type":"chapter","type":"paper-conference","type":"article-journal","authors":[{"family":"","given":"",'
    b'"literal":null},{"family":"","given":"","literal":null}],"editors":[],"year":2019,"container_title":"Journal of '
    b'","publisher":"","volume":"1","issue":"1","pages":"1-10","doi":"10.1016/j.","openalex_id":"W2","arxiv_id":null,'
    b'"pmid":null,"pmcid":null,"isbn":null,"url":"https://doi.org/10.1","abstract":null,"language":"en",'
    b'"is_retracted":false,"notices":[],"notice_of":[],"relations":[],"aliases":[],"metadata_source":"openalex",'
    b'"metadata_source":"crossref","locations":[]}'
)


def encode(work: Work, words: Words) -> bytes:
    """The work with its words as it is stored; the same gives the same bytes."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, 5, zlib.Z_DEFAULT_STRATEGY, _COMMON)
    plain = f"{words.title} {words.line}\n".encode() + _encoder.encode(work)
    return compressor.compress(plain) + compressor.flush()


def decode(data: bytes) -> Work:
    """The stored work; raises `DAMAGE` where it is damaged."""
    return _decoder.decode(_parts(data)[1])


def decode_words(data: bytes) -> Words:
    """The stored work's words; raises `DAMAGE` where it is damaged."""
    title, _, line = _parts(data)[0].decode().partition(" ")
    return Words(line, int(title))


def _parts(data: bytes) -> tuple[bytes, bytes]:
    words, _, work = zlib.decompressobj(_WINDOW, _COMMON).decompress(data).partition(b"\n")
    return words, work


def identifiers(work: Work) -> list[tuple[int, str]]:
    """The (kind, value) pairs a work is found by; the one that its source knows it by is the first."""
    by_kind = {
        "openalex": work.openalex_id,
        "doi": work.doi,
        "arxiv": work.arxiv_id,
        "pmid": work.pmid,
        "isbn": work.isbn if work.type in _HAS_OWN_ISBN else None,
    }
    found = [(KINDS[kind], value) for kind, value in by_kind.items() if value]
    if work.metadata_source != "openalex":
        found.sort()
    return found or [(NO_IDENTIFIER, _fingerprint(work))]


def _fingerprint(work: Work) -> str:
    first = work.authors[0].sort_key if work.authors else ""
    text = f"{work.title}\n{first}\n{work.year}\n{work.container_title}\n{work.volume}\n{work.pages}"
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
