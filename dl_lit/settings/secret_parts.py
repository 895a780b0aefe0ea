"""What of a secret is one by itself: a server repeats the value of a header, or the path it was asked for, alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

_SHORTEST = 8
"""Characters of a part: shorter ones turn up in innocent words."""


def parts_of_header(header: str) -> tuple[str, ...]:
    """Of "Authorization: Bearer abc": "Bearer abc" and "abc"."""
    value = header.partition(":")[2].strip()
    return tuple(_worth((value, value.rpartition(" ")[2])))


def parts_of_cookie(cookie: str) -> tuple[str, ...]:
    """Of "ezproxy=abc; other=def": "abc" and "def"."""
    return tuple(_worth(pair.partition("=")[2].strip() for pair in cookie.split(";")))


def parts_of_address(url: str) -> tuple[str, ...]:
    """Of "https://chat.example/hooks/abc?key=def": what stands behind the host, "abc" and "def"."""
    found = urlsplit(url)
    target = f"{found.path}?{found.query}" if found.query else found.path
    last = unquote(found.path.rstrip("/").rpartition("/")[2])
    return tuple(_worth((target, found.query, last, *(value for _, value in parse_qsl(found.query)))))


def _worth(parts: Iterable[str]) -> Iterator[str]:
    return (part for part in parts if len(part) >= _SHORTEST)
