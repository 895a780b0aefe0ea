"""A key goes to the host it was given for, and nowhere else."""

from __future__ import annotations

import pytest

from dl_lit.net.credentials import HostCredentials, headers_for

KEYS = (
    HostCredentials("api.publisher.example", {"X-Key": "api"}),
    HostCredentials("publisher.example", {"X-Key": "all"}),
    HostCredentials("127.0.0.5", {"X-Key": "own"}),
    HostCredentials("", {"X-Key": "nobody's"}),
)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://api.publisher.example/a", "api"),
        ("https://API.Publisher.example./a", "api"),
        ("https://www.publisher.example:443/a", "all"),
        ("http://api.publisher.example/a", None),
        ("https://api.publisher.example:8443/a", None),
        ("https://evilpublisher.example/a", None),
        ("https://publisher.example.evil.example/a", None),
        ("https://evil.example/?publisher.example", None),
        ("http://127.0.0.5:8000/a", "own"),
        ("http://127.0.0.6:8000/a", None),
    ],
)
def test_by_scheme_port_and_host(url: str, key: str | None) -> None:
    assert headers_for(url, KEYS).get("X-Key") == key


def test_a_key_is_not_shown() -> None:
    assert "api'" not in repr(KEYS[0]).replace("api.publisher.example", "")
