"""PDFs put together from sheets: printed text, cover sheets, scanned pictures, blank pages, stamps, passwords."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence

from dl_lit.core.values import dataclass
from dl_lit.replica.pdfs import Encoding, assembled, page_text, stream
from dl_lit.replica.records import hash64

Block = tuple[int, Sequence[str]]
"""Lines of one type size, in points."""

_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_PERMISSIONS = -44 & 0xFFFF_FFFF
_FILE_ID = bytes(16)
_WIDTH, _HEIGHT = 306, 396  # of a scanned page, in pixels
_GARBLED_SHIFT = 0x2460 - 0x20  # letters become circled numbers and box drawings


@dataclass(frozen=True, slots=True)
class Printed:
    """A page of text; without blocks it is blank."""

    blocks: tuple[Block, ...] = ()
    stamp: str = ""  # along the foot, as publishers add to each page


@dataclass(frozen=True, slots=True)
class Scanned:
    """A page that is one picture: rows of grey strokes, and no text."""

    seed: int = 0


Sheet = Printed | Scanned


def bind(
    sheets: Sequence[Sheet],
    *,
    info: Mapping[str, str] | None = None,
    is_garbled: bool = False,
    password: str | None = None,
) -> bytes:
    """A PDF of these pages.

    `info` is its document information, is_garbled makes the text layer say something else than the page shows,
    `password` locks it (RC4, 40 bits): with an empty one every reader opens it unasked.
    """
    encoding = Encoding(shift=_GARBLED_SHIFT if is_garbled else 0)
    contents = [_drawing(sheet, encoding) for sheet in sheets]
    pictures = [_picture(sheet) if isinstance(sheet, Scanned) else b"" for sheet in sheets]
    first, count = 6, len(sheets)
    kids = " ".join(f"{first + number} 0 R" for number in range(count))
    lock = _Lock(password) if password is not None else None
    told = {} if lock else dict(info or {})
    objects: list[bytes | tuple[bytes, str]] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 4 0 R >>",
        (encoding.to_unicode(), ""),
        b"<< " + b" ".join(b"/" + name.encode() + b" " + _text(value) for name, value in told.items()) + b" >>",
    ]
    for number in range(count):
        resources = "/Font << /F1 3 0 R >>"
        if pictures[number]:
            resources += f" /XObject << /Im1 {first + 2 * count + number} 0 R >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << {resources} >> "
            f"/Contents {first + count + number} 0 R >>".encode()
        )
    objects += [(content, "") for content in contents]
    about = f"/Type /XObject /Subtype /Image /Width {_WIDTH} /Height {_HEIGHT} /ColorSpace /DeviceGray "
    about += "/BitsPerComponent 8 /Filter /FlateDecode "
    objects += [(picture, about) if picture else b"null" for picture in pictures]
    trailer = "/Root 1 0 R /Info 5 0 R"
    made = [_object(number, one, lock) for number, one in enumerate(objects, 1)]
    if lock is not None:
        made.append(lock.dictionary())
        trailer += f" /Encrypt {len(made)} 0 R /ID [<{_FILE_ID.hex()}> <{_FILE_ID.hex()}>]"
    return assembled(made, trailer, 0)


def _object(number: int, one: bytes | tuple[bytes, str], lock: _Lock | None) -> bytes:
    if isinstance(one, bytes):
        return one
    content, entries = one
    return stream(lock.locked(number, content) if lock else content, entries)


def _drawing(sheet: Sheet, encoding: Encoding) -> bytes:
    if isinstance(sheet, Scanned):
        return b"q 612 0 0 792 0 0 cm /Im1 Do Q"
    if not sheet.blocks:
        return b""
    drawn = page_text([(size, [encoding.show(line) for line in lines]) for size, lines in sheet.blocks])
    if sheet.stamp:
        drawn += b"\nBT /F1 7 Tf 60 24 Td " + encoding.show(sheet.stamp) + b" Tj ET"
    return drawn


def _picture(sheet: Scanned) -> bytes:
    """Rows of strokes as a scanner sees lines of print, packed."""
    rows = bytearray()
    for y in range(_HEIGHT):
        is_line = 30 < y < _HEIGHT - 30 and y % 9 < 4
        strokes = hash64(f"{sheet.seed}|{y // 9}").to_bytes(8, "big") if is_line else b""
        rows += bytes(
            40 if is_line and 30 < x < _WIDTH - 30 and strokes[x // 3 % 8] >> (x % 5) & 1 else 244
            for x in range(_WIDTH)
        )
    return zlib.compress(bytes(rows), 9)


def _text(value: str) -> bytes:
    return b"<FEFF" + value.encode("utf-16-be").hex().upper().encode() + b">"


class _Lock:
    """The standard security handler, revision 2: ISO 32000-1, 7.6.3."""

    def __init__(self, password: str) -> None:
        padded = (password.encode("latin-1") + _PAD)[:32]
        owner = rc4(_md5((b"owner" + _PAD)[:32])[:5], padded)
        self._key = _md5(padded + owner + _PERMISSIONS.to_bytes(4, "little") + _FILE_ID)[:5]
        self._owner, self._user = owner, rc4(self._key, _PAD)

    def locked(self, number: int, content: bytes) -> bytes:
        """The content of the object with this number, encrypted."""
        return rc4(_md5(self._key + number.to_bytes(3, "little") + bytes(2))[:10], content)

    def dictionary(self) -> bytes:
        """The encryption dictionary."""
        owner, user = self._owner.hex().upper(), self._user.hex().upper()
        return f"<< /Filter /Standard /V 1 /R 2 /P {_PERMISSIONS - 2**32} /O <{owner}> /U <{user}> >>".encode()


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


def rc4(key: bytes, content: Iterable[int]) -> bytes:
    """The content encrypted, or decrypted, with RC4, as PDF 1.1 to 1.6 have it."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
