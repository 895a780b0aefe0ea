"""How we say who we are to each service: contact address, key, and the program's name where they ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
    # https://api.core.ac.uk/docs/v3 (read 2026-11-22)
    "core": lambda key: ("Authorization", f"Bearer {key}"),
    # https://www.semanticscholar.org/product/api (read 2026-11-22)
    "semantic_scholar": lambda key: ("x-api-key", key),
}

_PRIVATE = tuple(f"{name}=" for name in (*_CONTACT_PARAMETER.values(), *_KEY_PARAMETER.values()))


class Identity:
    """The contact address and the keys of this user. They go to the services and nowhere else."""

    def __init__(self, contact_email: str | None, keys: Mapping[str, str]) -> None:
        """`keys` by service name."""
        self.contact_email = contact_email
        self._keys = dict(keys)

    def has_key(self, service: str) -> bool:
        """Whether there is a key for the service."""
        return service in self._keys

    def parameters(self, service: str) -> list[tuple[str, str]]:
        """What is added to the address of every request."""
        found = []
        name = _CONTACT_PARAMETER.get(service)
        if name and self.contact_email:
            found.append((name, self.contact_email))
        if service in _TOOL_PARAMETER:
            found.append(_TOOL_PARAMETER[service])
        if service in _KEY_PARAMETER and (key := self._keys.get(service)):
            found.append((_KEY_PARAMETER[service], key))
        return found

    def headers(self, service: str) -> dict[str, str]:
        """What is added to the headers of every request."""
        key = self._keys.get(service)
        return dict([_KEY_HEADER[service](key)]) if key and service in _KEY_HEADER else {}


def without_identity(url: str) -> str:
    """`url` as it may be logged."""
    bare, _, query = url.partition("?")
    kept = [pair for pair in query.split("&") if not pair.startswith(_PRIVATE)]
    return f"{bare}?{'&'.join(kept)}" if query else bare
