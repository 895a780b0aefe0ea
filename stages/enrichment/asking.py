"""Asking nothing twice: what is remembered first, then what somebody else is asking already, then the service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Reference, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import text_key
from stages.enrichment.metered import Metered
from stages.sources.registry import BatchLookUp, ByCoordinates, SearchMany, Source

FLIGHT_S = 120.0  # so long is somebody else's request waited for; then we ask ourselves

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """What a service told, or is remembered to have told, about some keys.

    A key in neither mapping was not asked for: the service cannot be asked that.
    """

    values: Mapping[str, T | None]  # None: positively absent
    errors: Mapping[str, ServiceError]
    remembered: frozenset[str] = frozenset()  # no request of ours was made for these, which others asked before
    requests: int = 0  # for the others, all together
    credits: int = 0  # likewise

    def is_remembered(self, key: str) -> bool:
        """Whether an answer about `key` was had without a request; a failure that is shared is no answer."""
        return key in self.remembered and key in self.values

    def share_of(self, key: str) -> tuple[float, float]:
        """The requests and the credits that fall to `key`: equal parts for all that had to be asked for."""
        asked = len(self.values) + len(self.errors) - len(self.remembered)
        return (0.0, 0.0) if key in self.remembered or asked <= 0 else (self.requests / asked, self.credits / asked)


@dataclass(frozen=True, slots=True)
class _Codec(Generic[T]):
    """How values are written for `ServiceCalls.remember`."""

    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]


_WORK: _Codec[Work] = _Codec(msgspec.json.encode, msgspec.json.Decoder(Work).decode)
_WORKS: _Codec[list[Work]] = _Codec(msgspec.json.encode, msgspec.json.Decoder(list[Work]).decode)


@dataclass(slots=True)
class _Flight:
    """A request that is under way for one key."""

    landed: threading.Event = field(default_factory=threading.Event)
    is_known: bool = False  # it gave a value, or None for absent
    value: Any = None
    error: ServiceError | None = None  # it gave none, and why
    waiting: int = 0  # how many others wait for it


_Answers = tuple[Mapping[str, T | None], Mapping[str, ServiceError]]


@dataclass(frozen=True, slots=True)
class _Errand(Generic[T]):
    """What one service is to be asked, and how."""

    service: str
    keys: Sequence[str]
    ask: Callable[[ServiceCalls, Sequence[str]], _Answers[T]]
    codec: _Codec[T]


class Asking:
    """What all workers of a stage ask through. Thread-safe."""

    def __init__(self) -> None:
        """Nothing is under way."""
        self._lock = threading.Lock()
        self._flights: dict[tuple[str, str], _Flight] = {}

    def look_up(self, calls: ServiceCalls, service: str, kind: str, ids: Iterable[str], ask: BatchLookUp) -> Told[Work]:
        """The works with these identifiers, by identifier; `ask` is the source's own look-up."""
        by_key = {f"{kind}:{one}": one for one in ids}

        def asked(through: ServiceCalls, keys: Sequence[str]) -> _Answers[Work]:
            found = ask(through, [by_key[key] for key in keys])
            errors = {key: found.unanswered[by_key[key]] for key in keys if by_key[key] in found.unanswered}
            told = [key for key in keys if key not in errors and by_key[key] not in found.not_asked]
            return {key: found.works.get(by_key[key]) for key in told}, errors

        return _renamed(self._once(calls, _Errand(service, list(by_key), asked, _WORK)), by_key)

    def by_coordinates(
        self, calls: ServiceCalls, service: str, references: Iterable[Reference], ask: ByCoordinates | None
    ) -> Told[Work]:
        """The works at these places in journals, by the entries' raw texts; without `ask` only what is remembered."""
        by_key = {f"coordinates:{_digest(one.raw)}": one for one in references}

        def asked(through: ServiceCalls, keys: Sequence[str]) -> _Answers[Work]:
            if ask is None:
                return {}, {}
            found = ask(through, [by_key[key] for key in keys])
            errors = {key: found.unanswered[by_key[key].raw] for key in keys if by_key[key].raw in found.unanswered}
            told = [key for key in keys if key not in errors and by_key[key].raw not in found.not_asked]
            return {key: found.works.get(by_key[key].raw) for key in told}, errors

        told = self._once(calls, _Errand(service, list(by_key), asked, _WORK))
        return _renamed(told, {key: reference.raw for key, reference in by_key.items()})

    def search_many(
        self, calls: ServiceCalls, source: Source, references: Iterable[Reference], ask: SearchMany
    ) -> Told[list[Work]]:
        """What searches for many entries at once give, under the `search_key` of each, as `search` tells it."""
        by_key = {search_key(source, one): one for one in references}

        def asked(through: ServiceCalls, keys: Sequence[str]) -> _Answers[list[Work]]:
            told = ask(through, [by_key[key] for key in keys])
            raws = {key: by_key[key].raw for key in keys}
            errors = {key: told.unanswered[raw] for key, raw in raws.items() if raw in told.unanswered}
            return {key: told.found[raw] or None for key, raw in raws.items() if raw in told.found}, errors

        return self._once(calls, _Errand(source.service, list(by_key), asked, _WORKS))

    def search(self, calls: ServiceCalls, source: Source, reference: Reference) -> Told[list[Work]]:
        """What a search for the entry gives, under `search_key`; an empty list is told as None."""
        ask = source.search
        if ask is None:
            return Told({}, {})

        def asked(through: ServiceCalls, keys: Sequence[str]) -> _Answers[list[Work]]:
            try:
                found = ask(through, reference)
            except ServiceError as error:
                return {}, dict.fromkeys(keys, error)
            return ({} if found is None else dict.fromkeys(keys, found or None)), {}

        return self._once(calls, _Errand(source.service, [search_key(source, reference)], asked, _WORKS))

    def _once(self, calls: ServiceCalls, errand: _Errand[T]) -> Told[T]:
        service = errand.service
        values: dict[str, T | None] = {}
        errors: dict[str, ServiceError] = {}
        through = Metered(calls, keeps=True)
        mine, others = self._take_off(service, errand.keys)
        try:
            # Only now: what another flight brought before is remembered when that flight has landed.
            values.update(recalled(calls, service, mine, errand.codec.decode))
            remembered = set(values)
            self._land(service, remembered, values, errors)
            mine = [key for key in mine if key not in remembered]
            _ask(through, errand, mine, values, errors)
        finally:
            self._land(service, mine, values, errors)
        orphaned = []
        for key, flight in others.items():
            if flight.landed.wait(FLIGHT_S) and flight.is_known:
                values[key] = flight.value
                remembered.add(key)
            elif flight.error is not None:
                errors[key] = flight.error
                remembered.add(key)
            else:
                orphaned.append(key)  # whoever asked was cut off: we ask for ourselves
        _ask(through, errand, orphaned, values, errors)
        return Told(values, errors, frozenset(remembered), through.requests, through.credits)

    def _take_off(self, service: str, keys: Sequence[str]) -> tuple[list[str], dict[str, _Flight]]:
        """Which of the keys we ask for, and the flights of others that bring the rest."""
        mine, others = [], {}
        with self._lock:
            for key in keys:
                flight = self._flights.get((service, key))
                if flight is None:
                    self._flights[service, key] = _Flight()
                    mine.append(key)
                else:
                    flight.waiting += 1
                    others[key] = flight
        return mine, others

    def _land(
        self, service: str, keys: Iterable[str], values: Mapping[str, Any], errors: Mapping[str, ServiceError]
    ) -> None:
        with self._lock:
            flights = {key: self._flights.pop((service, key)) for key in keys}
        for key, flight in flights.items():
            flight.is_known = key in values
            flight.value, flight.error = values.get(key), errors.get(key)
            flight.landed.set()


def _ask(
    through: Metered,
    errand: _Errand[T],
    keys: Sequence[str],
    values: dict[str, T | None],
    errors: dict[str, ServiceError],
) -> None:
    """Ask for `keys` and keep what is told."""
    if not keys:
        return
    found, failed = errand.ask(through, keys)
    values.update(found)
    errors.update(failed)
    if found:
        kept = {key: None if value is None else errand.codec.encode(value) for key, value in found.items()}
        through.remember(errand.service, kept)


def recalled(
    calls: ServiceCalls, service: str, keys: Sequence[str], decode: Callable[[bytes], T]
) -> dict[str, T | None]:
    """What is remembered under `keys`; what an older version wrote otherwise than we read it is left out."""
    found: dict[str, T | None] = {}
    for key, body in calls.recall(service, keys).items():
        try:
            found[key] = None if body is None else decode(body)
        except msgspec.DecodeError:
            continue
    return found


def recalled_works(calls: ServiceCalls, service: str, kind: str, ids: Iterable[str]) -> dict[str, Work | None]:
    """The works remembered under these identifiers of a service; None: remembered as absent."""
    by_key = {f"{kind}:{one}": one for one in ids}
    return {by_key[key]: work for key, work in recalled(calls, service, list(by_key), _WORK.decode).items()}


def remember_works(calls: ServiceCalls, service: str, kind: str, works: Mapping[str | None, Work]) -> None:
    """Keep records that a service gave without being asked for these identifiers, for whoever asks next."""
    calls.remember(service, {f"{kind}:{one}": _WORK.encode(work) for one, work in works.items() if one})


def recalled_search(calls: ServiceCalls, source: Source, reference: Reference) -> list[Work] | None:
    """What is remembered of a search for the entry; None where nothing is, empty where it found nothing."""
    key = search_key(source, reference)
    found = recalled(calls, source.service, [key], _WORKS.decode)
    return (found[key] or []) if key in found else None


def search_key(source: Source, reference: Reference) -> str:
    """What a search for the entry is remembered under: what the service is sent, so that entries share one answer.

    Of a source that does not say what it sends, the fields that searches use.
    """
    if source.search_text is not None:
        return f"search:{_digest(source.search_text(reference))}"
    people = (*reference.authors[:1], *reference.editors[:1])
    title = text_key(reference.title or "")
    told = (title or text_key(reference.raw), people[0].sort_key if people else "", str(reference.year or ""))
    return f"search:{_digest(chr(0).join(told))}"


def _digest(text: str) -> str:
    return blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def _renamed(told: Told[T], names: Mapping[str, str]) -> Told[T]:
    return Told(
        {names[key]: value for key, value in told.values.items()},
        {names[key]: error for key, error in told.errors.items()},
        frozenset(names[key] for key in told.remembered),
        told.requests,
        told.credits,
    )
