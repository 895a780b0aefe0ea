"""How we say who we are to each service: contact address, key, and the program's name where they ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from hashlib import blake2b

from dl_lit.core.clock import Clock, SystemClock

_CONTACT_PARAMETER = {
    # https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/ (read 2026-11-22)
    "crossref": "mailto",
    # https://unpaywall.org/products/api (read 2026-11-22)
    "unpaywall": "email",
    # https://www.ncbi.nlm.nih.gov/books/NBK25497/ (read 2026-11-22)
    "pubmed": "email",
}

_TOOL_PARAMETER = {
    # "tool" names the program to NCBI; same page
    "pubmed": ("tool", "dl_lit"),
}

_KEY_PARAMETER = {
    # NCBI takes a key in the address only; same page
    "pubmed": "api_key",
}

_KEY_HEADER: dict[str, Callable[[str], tuple[str, str]]] = {
    # https://developers.openalex.org/guides/authentication (read 2026-11-22); in the address it would end up in logs
    "openalex": lambda key: ("Authorization", f"Bearer {key}"),
    # the same key: https://developers.openalex.org/download/full-text-pdfs (read 2026-11-23)
    "openalex_content": lambda key: ("Authorization", f"Bearer {key}"),
    # https://api.core.ac.uk/docs/v3 (read 2026-11-22)
    "core": lambda key: ("Authorization", f"Bearer {key}"),
    # https://www.semanticscholar.org/product/api (read 2026-11-22)
    "semantic_scholar": lambda key: ("x-api-key", key),
}

_PRIVATE = tuple(f"{name}=" for name in (*_CONTACT_PARAMETER.values(), *_KEY_PARAMETER.values()))
_REFUSED_S = 3_600.0  # a key that was refused is tried again after this: services err, too


class Identity:
    """The contact address and the keys of this user. They go to the services and nowhere else. Thread-safe."""

    def __init__(self, contact_email: str | None, keys: Mapping[str, str], clock: Clock | None = None) -> None:
        """`keys` by service name; the clock says when a refused one is tried again."""
        self._clock = clock or SystemClock()
        self.contact_email = contact_email
        self._keys = dict(keys)
        self._refused_until: dict[str, float] = {}  # monotonic
        self._troubles: dict[str, str] = {}
        self._lock = threading.Lock()

    def has_key(self, service: str) -> bool:
        """Whether there is a key for the service that it has not refused lately."""
        return service in self._keys and self._clock.monotonic() >= self._refused_until.get(service, 0.0)

    def is_refused(self, service: str) -> bool:
        """Whether there is a key that the service has refused lately."""
        return service in self._keys and not self.has_key(service)

    def trouble(self, service: str) -> str | None:
        """What is wrong with the key for the service; None where nothing is known against it."""
        return self._troubles.get(service)

    def refuse(self, service: str, says: str) -> bool:
        """Do without the key for a while; whether that is news."""
        with self._lock:
            is_news = self.has_key(service)
            self._refused_until[service] = self._clock.monotonic() + _REFUSED_S
            self._troubles[service] = says
            return is_news

    def is_due_again(self, service: str) -> bool:
        """Whether a refused key is to be tried again; said once."""
        with self._lock:
            return self.has_key(service) and self._refused_until.pop(service, None) is not None

    def ignore(self, service: str, says: str) -> bool:
        """Note that the service does not look at the key; whether that is news."""
        with self._lock:
            is_news = service not in self._troubles
            self._troubles[service] = says
            return is_news

    def clear(self, service: str) -> None:
        """Note that the service takes the key."""
        self._troubles.pop(service, None)

    def key_hash(self, service: str) -> str:
        """What stands for the key where it must not be told; empty without one."""
        key = self._keys.get(service)
        return _hash(service, key) if key else ""

    def contact_hash(self, service: str) -> str:
        """What stands for the contact address where it must not be told; never equal to a key's."""
        return _hash(service, "contact", self.contact_email or "")

    def user_hash(self, service: str) -> str:
        """What stands for us as the service sees us."""
        return _hash(service, self.contact_email or "", self._keys.get(service, ""))

    def parameters(self, service: str) -> list[tuple[str, str]]:
        """What is added to the address of every request."""
        found = []
        name = _CONTACT_PARAMETER.get(service)
        if name and self.contact_email:
            found.append((name, self.contact_email))
        if service in _TOOL_PARAMETER:
            found.append(_TOOL_PARAMETER[service])
        if service in _KEY_PARAMETER and self.has_key(service):
            found.append((_KEY_PARAMETER[service], self._keys[service]))
        return found

    def headers(self, service: str) -> dict[str, str]:
        """What is added to the headers of every request."""
        if service not in _KEY_HEADER or not self.has_key(service):
            return {}
        return dict([_KEY_HEADER[service](self._keys[service])])


def without_identity(url: str) -> str:
    """`url` as it may be logged."""
    return _without(url, _PRIVATE)


def without_key(url: str, service: str) -> str:
    """`url` as it is without a key."""
    name = _KEY_PARAMETER.get(service)
    return _without(url, (f"{name}=",)) if name else url


def _without(url: str, names: tuple[str, ...]) -> str:
    bare, _, query = url.partition("?")
    kept = [pair for pair in query.split("&") if not pair.startswith(names)]
    return f"{bare}?{'&'.join(kept)}" if query else bare


def _hash(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
