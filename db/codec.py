"""Values of the core to and from the text they are stored as."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from dl_lit.core.model import Location, Reference, Work

_encoder = msgspec.json.Encoder()
_reference = msgspec.json.Decoder(Reference)
_work = msgspec.json.Decoder(Work)
_locations = msgspec.json.Decoder(tuple[Location, ...])

decode_reference = _reference.decode
decode_work = _work.decode
decode_locations = _locations.decode


def encode(value: Any) -> str:
    """JSON text of a core value, a container of them, or plain data."""
    return _encoder.encode(value).decode()


def stamp(epoch_s: float) -> str:
    """Seconds since the Unix epoch as ISO 8601 in UTC, to the millisecond: sorts as it reads."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
