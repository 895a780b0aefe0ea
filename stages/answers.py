"""From a service's bytes to values: decoding that raises the typed error, and look-ups in batches that shrink."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from dl_lit.core.batching import LEARNED, TOO_MUCH
from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import Work
from dl_lit.core.ports import ServiceAnswer
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

T = TypeVar("T")

OK = 200
NOT_FOUND = 404

_PAIR_OR_HALF = re.compile(
    rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)

_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_making = threading.Lock()


def decode(body: bytes, kind: type[T], service: str) -> T:
    """Decode JSON into `kind`; raises `ServiceError` (`bad-answer`) when it is none, or not of that shape."""
    try:
        return _decoded(body, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ServiceError(service, Reason.BAD_ANSWER, f"not the JSON that was hoped for: {error}"[:200]) from error


def _decoded(body: bytes, kind: type[T]) -> T:
    """As `decode`; half a surrogate pair, which no text can hold, becomes U+FFFD."""
    try:
        return _decoder(kind).decode(body)
    except msgspec.DecodeError:
        mended = _PAIR_OR_HALF.sub(lambda found: found[1] or rb"\ufffd", body)
        if mended == body:
            raise
        return _decoder(kind).decode(mended)


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of `kind`, made once: msgspec 0.22.0 crashes where two threads meet a type for the first time."""
    decoder: msgspec.json.Decoder[T] | None = _decoders.get(kind)
    if decoder is None:
        with _making:
            decoder = _decoders[kind] = msgspec.json.Decoder(kind, strict=False)
    return decoder


def list_body(answer: ServiceAnswer, service: str) -> bytes:
    """Body of a list route's answer; a 404 there establishes nothing and raises `ServiceError` (`bad-answer`)."""
    if answer.status != OK:
        raise ServiceError(service, Reason.BAD_ANSWER, f"HTTP {answer.status} of a list")
    return answer.body


def decode_each(records: Sequence[msgspec.Raw], kind: type[T], service: str) -> list[T]:
    """Decode the records of a list, leaving out odd ones; raises `ServiceError` (`bad-answer`) when all are odd."""
    decoded: list[T] = []
    for record in records:
        try:
            decoded.append(decode(bytes(record), kind, service))
        except ServiceError:
            continue
    if records and not decoded:
        raise ServiceError(service, Reason.BAD_ANSWER, f"none of {len(records)} records has the shape hoped for")
    return decoded


def day_of(text: str | None) -> date | None:
    """Day that an ISO 8601 date or time begins with; `None` when there is none."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def text_of(value: str | float | None) -> str | None:
    """Text of a field that services send as text or as a number; `None` when there is none."""
    text = "" if value is None else str(value).strip()
    return text or None


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a batch of identifiers gave. An identifier in none of these is positively absent at the service."""

    works: Mapping[str, Work] = field(default_factory=dict)
    unanswered: Mapping[str, ServiceError] = field(default_factory=dict)
    not_asked: frozenset[str] = frozenset()  # the service cannot be asked for these: nobody said anything about them


def look_up(
    ids: Sequence[str],
    size: int,
    url_bytes: int,
    ask: Callable[[Sequence[str]], Mapping[str, Work]],
    *,
    service: str = "",
) -> LookUp:
    """Look works up by `ids`; see `in_batches`.

    What was refused by itself is unanswered with its `RequestRefused`: it will never be found there, but a service that
    refuses everything for a while has said nothing that may be remembered.
    """
    refused: dict[str, ServiceError] = {}
    found, unanswered = in_batches(ids, size, url_bytes, ask, service=service, refused=refused)
    return LookUp(found, {**unanswered, **refused})


def in_batches(
    ids: Sequence[str],
    size: int,
    url_bytes: int,
    ask: Callable[[Sequence[str]], Mapping[str, T]],
    *,
    service: str = "",
    refused: dict[str, ServiceError] | None = None,
) -> tuple[dict[str, T], dict[str, ServiceError]]:
    """Ask for `ids` in batches of at most `size`, their encoded length at most `url_bytes`: (found, unanswered).

    A refused batch is asked again in halves; an identifier refused by itself is in neither, since the service says that
    it cannot be one of its own, and put into `refused`. Any other error costs its own batch and ends the asking: the
    identifiers that it leaves open are unanswered. Where `service` is named, what it called too much is remembered for
    the next.
    """
    found: dict[str, T] = {}
    waiting = _batches(ids, LEARNED.now(service, size), url_bytes)
    while waiting:
        batch = waiting.pop(0)
        if len(batch) > (fits := LEARNED.now(service, size)):
            waiting[:0] = [batch[at : at + fits] for at in range(0, len(batch), fits)]
            continue
        try:
            found.update(ask(batch))
            LEARNED.taken(service, size, len(batch))
        except RequestRefused as error:
            if service and error.status in TOO_MUCH:
                LEARNED.too_many(service, size, len(batch))
            if len(batch) > 1:
                middle = len(batch) // 2
                waiting[:0] = [batch[:middle], batch[middle:]]
            elif refused is not None:
                refused[batch[0]] = error
        except ServiceError as error:
            return found, {one: error for rest in [batch, *waiting] for one in rest}
    return found, {}


def _batches(ids: Sequence[str], size: int, url_bytes: int) -> list[Sequence[str]]:
    batches: list[list[str]] = []
    length = 0
    for one in dict.fromkeys(ids):
        cost = len(quote(one, safe="")) + 9  # the separator and a filter's name, encoded
        if not batches or len(batches[-1]) >= size or length + cost > url_bytes:
            batches.append([])
            length = 0
        batches[-1].append(one)
        length += cost
    return list(batches)


def path_quote(identifier: str) -> str:
    """`identifier` as the end of a path: `# ? % < > ; [ ]` and spaces encoded, `/` kept."""
    return quote(identifier, safe="/:().,_-+=@!$&*'~")
