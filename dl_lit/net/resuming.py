"""Going on with a file whose connection broke: what to ask for, and whether the answer is the rest of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.net.bodies import Received
from dl_lit.net.partial_files import Part, validator_of

MAX_RESUMES = 3
"""Within one fetch."""

BROKEN = frozenset({Reason.TRUNCATED, Reason.CONNECTION_RESET, Reason.TIMEOUT_READ})
"""How a body can end early."""

_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII | re.IGNORECASE)


class OtherFile(Exception):
    """What the server has now is not the rest of what came before: begin anew."""


@dataclass(slots=True)
class Carried:
    """A part of a file that has come, and what would let the rest be asked for."""

    part: Part
    received: Received = field(default_factory=Received)

    def asks_for(self) -> dict[str, str]:
        """The headers of the request for the rest."""
        return {"Range": f"bytes={self.received.size_bytes}-", "If-Range": self.part.validator}

    def check(self, headers: Mapping[str, str]) -> None:
        """Whether an answer with status 206 is the rest of this very file; raises `OtherFile`."""
        match = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
        if match is None or headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            raise OtherFile
        first, last, total = (int(number) for number in match.groups())
        if (first, last, total) != (self.received.size_bytes, self.part.total_bytes - 1, self.part.total_bytes):
            raise OtherFile
        tag, date = headers.get("etag", "").strip(), headers.get("last-modified", "").strip()
        is_tagged = self.part.validator.startswith('"')
        if (tag if is_tagged else date) not in {"", self.part.validator}:
            raise OtherFile
        if not is_tagged and not date and tag.startswith('"'):  # what came before had none to be known again by
            raise OtherFile

    def finished(self) -> None:
        """Whether the whole has come; raises `FetchError` (truncated) where it has not."""
        if self.received.size_bytes != self.part.total_bytes:
            raise FetchError(Reason.TRUNCATED, f"{self.received.size_bytes} of {self.part.total_bytes} bytes")


def carried_from(url: str, headers: Mapping[str, str]) -> Carried | None:
    """What to keep of a file that begins to come; None where the server does not let its rest be asked for."""
    length, encoding = headers.get("content-length", ""), headers.get("content-encoding", "identity")
    validator = validator_of(headers.get("etag", ""), headers.get("last-modified", ""))
    takes_ranges = headers.get("accept-ranges", "bytes").strip().lower() == "bytes"
    is_plain = encoding.strip().lower() in {"", "identity"}
    if validator is None or not takes_ranges or not is_plain or not (length.isascii() and length.isdigit()):
        return None
    return Carried(Part(url, validator, int(length), headers.get("content-type", "")))
