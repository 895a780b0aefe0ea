"""Dumps of metadata, one record after the other: what is packed is unpacked on the way, what envelopes hold taken out.

Read are JSON Lines, one JSON document (an array, `{"items": [...]}`, an answer of the services' interfaces), packed
with gzip, bzip2 or xz, and tar archives of such files, from files and from standard input; told by their content.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, BinaryIO, cast

import msgspec

from dl_lit.core.errors import BadInput
from dl_lit.core.values import dataclass

Stream = BufferedIOBase | IO[bytes]

LONGEST_LINE = 64 << 20
"""Bytes of one line; the longest record of OpenAlex has some 10 MB."""
LARGEST_DOCUMENT = 1 << 30
"""Bytes of one JSON document that is not JSON Lines, unpacked; it is held in memory."""

_PEEKED = 512
_BLANK = b" \t\r\n\x1e\0"
_TAR_MARK = slice(257, 262)
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError)


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it stands in a dump."""

    place: str  # "works.jsonl:12", "all.tar:part.gz:7": file and line; of a document's records the number
    data: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place of a dump that no record can be read from."""

    place: str
    reason: str
    is_end: bool = False  # nothing more can be read of this file


def raw_records(file: BinaryIO, name: str) -> Iterator[Raw | Unreadable]:
    """The records of an open file in their order; raises `BadInput` where it is of no kind that is read."""
    try:
        yield from _unpacked(file, name)
    except _BROKEN as error:
        yield Unreadable(name, f"broken off: {error or type(error).__name__}", is_end=True)


def _unpacked(file: Stream, name: str) -> Iterator[Raw | Unreadable]:
    stream = file if isinstance(file, BufferedReader) else BufferedReader(cast(RawIOBase, file))
    head = stream.peek(_PEEKED)[:_PEEKED]
    with ExitStack() as opened:
        if head.startswith(b"\x1f\x8b"):
            yield from _unpacked(opened.enter_context(gzip.GzipFile(fileobj=stream)), name)
        elif head.startswith(b"BZh"):
            yield from _unpacked(opened.enter_context(bz2.BZ2File(stream)), name)
        elif head.startswith(b"\xfd7zXZ"):
            yield from _unpacked(opened.enter_context(lzma.LZMAFile(stream)), name)
        elif head.startswith(b"\x28\xb5\x2f\xfd"):
            raise BadInput(f"{name} is packed with zstd, which is not read: zstd -dc {name} | dl-lit import-metadata -")
        elif head.startswith((b"PK\x03\x04", b"7z\xbc\xaf", b"SQLite format 3", b"PAR1", b"%PDF")):
            raise BadInput(f"{name} is no dump in JSON: JSON Lines and JSON are read, packed with gzip, bzip2, xz, tar")
        elif head[_TAR_MARK] == b"ustar":
            archive = opened.enter_context(tarfile.open(fileobj=stream, mode="r|"))
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield from _of_member(content, f"{name}:{member.name}")
        else:
            yield from _records(stream, name)


def _of_member(content: IO[bytes], name: str) -> Iterator[Raw | Unreadable]:
    """What one file of an archive holds; one that cannot be read costs only itself."""
    try:
        yield from _unpacked(content, name)
    except BadInput as error:
        yield Unreadable(name, str(error))
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        yield Unreadable(name, f"broken off: {error or type(error).__name__}")


class _Envelope(msgspec.Struct):
    items: msgspec.Raw = msgspec.Raw()
    results: msgspec.Raw = msgspec.Raw()
    message: msgspec.Raw = msgspec.Raw()


_envelope = msgspec.json.Decoder(_Envelope)
_several = msgspec.json.Decoder(list[msgspec.Raw])


def _records(stream: BufferedReader, name: str) -> Iterator[Raw | Unreadable]:
    """Line by line; where the first line is but the beginning of a document, the document's."""
    number = 0
    is_first = True
    while line := stream.readline(LONGEST_LINE):
        number += 1
        data = line.strip(_BLANK).removeprefix(b"\xef\xbb\xbf")
        if not data:
            continue
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            yield Unreadable(f"{name}:{number}", f"a line of more than {LONGEST_LINE >> 20} MB")
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            continue
        if is_first and data[:1] in b"[{" and not _is_json(data):
            following = stream.readline(LONGEST_LINE)
            if data[-1:] in b"[{,:" or not following.startswith(b"{") or not _is_json(following):
                yield from _of_document(data + b"\n" + following, stream, name)
                return
            # Lines after all, of which the first is cut off: that is its fault alone.
            yield from _taken_out(data, f"{name}:{number}")
            number += 1
            data = following.strip(_BLANK)
        is_first = False
        yield from _taken_out(data, f"{name}:{number}")


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _of_document(beginning: bytes, stream: BufferedReader, name: str) -> Iterator[Raw | Unreadable]:
    rest = stream.read(LARGEST_DOCUMENT - len(beginning))
    if stream.peek(1):
        raise BadInput(f"{name} is one JSON document of more than {LARGEST_DOCUMENT >> 20} MB: split it into lines")
    yield from _taken_out(beginning + rest, name)


def _taken_out(data: bytes, place: str) -> Iterator[Raw | Unreadable]:
    """The record that `data` is, or those that it envelops."""
    try:
        if data.startswith(b"["):
            for number, one in enumerate(_several.decode(data), start=1):
                yield Raw(f"{place}[{number}]", bytes(one))
            return
        envelope = _envelope.decode(data)
        inner = bytes(envelope.message)
        if inner.startswith(b"{"):
            envelope = _envelope.decode(inner)
            data = inner
        listed = bytes(envelope.items) or bytes(envelope.results)
        if not listed.startswith(b"["):
            yield Raw(place, data)
            return
        for number, one in enumerate(_several.decode(listed), start=1):
            yield Raw(f"{place}[{number}]", bytes(one))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield Unreadable(place, f"no JSON: {error}"[:200])


def open_dump(path: Path) -> BinaryIO:
    """The file, open; raises `BadInput`."""
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
