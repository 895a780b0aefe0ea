"""Values of the core to and from the text they are stored as."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from dl_lit.core.items import Downloaded
from dl_lit.core.model import CitationContext, Coverage, Location, Name, Reference, ShortForm, Work
from dl_lit.core.proof import Proof
from dl_lit.core.trail import Trail

_MILLISECONDS = tuple(f".{number:03}Z" for number in range(1000))

_encoder = msgspec.json.Encoder()
_reference = msgspec.json.Decoder(Reference)
_work = msgspec.json.Decoder(Work)
_locations = msgspec.json.Decoder(tuple[Location, ...])
_names = msgspec.json.Decoder(tuple[Name, ...])
_coverage = msgspec.json.Decoder(Coverage)
_short_forms = msgspec.json.Decoder(tuple[ShortForm, ...])
_contexts = msgspec.json.Decoder(tuple[CitationContext, ...])
_trail = msgspec.json.Decoder(Trail)
_downloaded = msgspec.json.Decoder(Downloaded)
_proof = msgspec.json.Decoder(Proof)

decode_reference = _reference.decode
decode_work = _work.decode
decode_locations = _locations.decode
decode_names = _names.decode
decode_coverage = _coverage.decode
decode_short_forms = _short_forms.decode
decode_contexts = _contexts.decode
decode_trail = _trail.decode
decode_downloaded = _downloaded.decode
decode_proof = _proof.decode


def encode(value: Any) -> str:
    """JSON text of a core value, a container of them, or plain data."""
    return _encoder.encode(value).decode()


def contexts_by_position(contexts: Iterable[CitationContext]) -> dict[int, str]:
    """For each entry that is cited, JSON text of the places that cite it; each place is encoded once."""
    texts: dict[int, list[str]] = {}
    for context in contexts:
        text = encode(context)
        for position in context.positions:
            texts.setdefault(position, []).append(text)
    return {position: f"[{','.join(those)}]" for position, those in texts.items()}


def stamp(epoch_s: float) -> str:
    """Seconds since the Unix epoch as ISO 8601 in UTC, to the millisecond: sorts as it reads."""
    seconds, milliseconds = divmod(int(epoch_s * 1000 + 0.5), 1000)
    return _to_the_second(seconds) + _MILLISECONDS[milliseconds]  # a dozen of these an item: no formatting


@lru_cache(maxsize=64)
def _to_the_second(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
