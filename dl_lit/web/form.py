"""A form with a file in it (multipart/form-data, RFC 7578), taken apart while it comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from dl_lit.web.contract import Refused

_FIELD = 4_096  # bytes of a field that is no file
_PARTS = 16
_FILE_NAME = b"file"  # what curl -F file=@x.pdf calls it
_PDF = b"application/pdf"
_ENCODED_NAME = re.compile(rb"""filename\*=(?:"?)utf-8'[^']*'([^";]+)""", re.IGNORECASE)


class Form:
    """Gives the bytes of the one file in the form, and keeps the small fields. Never holds more than it was fed."""

    def __init__(self, content_type: str) -> None:
        """Raises `Refused` where the boundary is missing or too long."""
        _, options = parse_options_header(content_type)
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self.has_file = False
        self._parts = 0
        self._is_file = False
        self._is_done = False
        self._name = self._value = b""
        self._disposition = self._type = b""
        self._field = bytearray()
        self._out: list[bytes] = []
        if not options.get(b"boundary"):
            raise _broken("its boundary is missing")
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._begin,
                    "on_header_begin": self._header,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers,
                    "on_part_data": self._data,
                    "on_part_end": self._end,
                    "on_end": self._finished,
                },
            )
        except FormParserError as error:
            raise _broken(str(error)) from error

    def feed(self, data: bytes) -> bytes:
        """Take in the next bytes of the body; those of the file among them."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _broken(str(error)) from error
        found, self._out = b"".join(self._out), []
        return found

    def close(self) -> None:
        """The body has ended. Raises `Refused` where the form has not."""
        if not self._is_done:
            raise _broken("it ends in the middle")

    # --- what the parser tells

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise _broken(f"it has more than {_PARTS} parts")
        self._is_file = False
        self._disposition = self._type = b""
        self._field.clear()

    def _header(self) -> None:
        self._name = self._value = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        elif self._name.lower() == b"content-type":
            self._type = self._value

    def _headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"")
        filename = _filename(self._disposition, options)
        self._is_file = filename is not None or self._name == _FILE_NAME or self._type.lower().startswith(_PDF)
        if self._is_file and self.has_file:
            raise Refused(422, "one-file-at-a-time", "one PDF a request: post them one after the other, or in parallel")
        if self._is_file:
            self.has_file = True
            self.filename = (filename or b"").decode("utf-8", "replace") or None

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._out.append(data[start:end])
        elif len(self._field) + end - start > _FIELD:
            raise _broken("one of its fields is too long")
        else:
            self._field += data[start:end]

    def _end(self) -> None:
        if not self._is_file:
            self.fields[self._name.decode("utf-8", "replace")] = self._field.decode("utf-8", "replace")

    def _finished(self) -> None:
        self._is_done = True


def _filename(disposition: bytes, options: Mapping[bytes, bytes]) -> bytes | None:
    """What the sender calls the file; None where the part is not said to be one.

    RFC 7578 forbids `filename*`, in which some write names that are not ASCII all the same (RFC 5987).
    """
    given = options.get(b"filename")
    match = None if given else _ENCODED_NAME.search(disposition)
    return given if match is None else unquote_to_bytes(match[1])


def _broken(why: str) -> Refused:
    return Refused(400, "bad-form", f"the form cannot be read: {why}")
