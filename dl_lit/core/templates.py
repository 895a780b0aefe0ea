"""Addresses with names in braces, as users write them for resolvers and proxies: checked, then filled. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from dl_lit.core import braces


def placeholders(template: str) -> frozenset[str]:
    """The names in braces; raises `ValueError` where the braces do not fit together or hold more than a name."""
    found = braces.pieces(template)
    for _, name, form, conversion in found:
        if name is not None and (form or conversion or not name.isidentifier()):
            raise ValueError(f"{template!r}: {{{name}}} is no name in braces")
    return frozenset(name for _, name, _, _ in found if name is not None)


def check_address(template: str, allowed: Collection[str], *, example: Mapping[str, str] | None = None) -> None:
    """Raise `ValueError`, in one line, unless `template` makes HTTP addresses of names that are `allowed`.

    Scheme and host stand as they are; with an `example` of values names may stand there, too. One at least is named.
    """
    if any(not "\x20" < letter < "\x7f" for letter in template):
        raise ValueError(f"{template!r} has white space or characters other than ASCII")
    used = placeholders(template)
    if not used:
        raise ValueError(f"{template!r} names nothing in braces; it may name {braces.choice(sorted(allowed))}")
    if unknown := sorted(used - set(allowed)):
        raise ValueError(f"{{{unknown[0]}}} in {template!r} is not known; it may name {braces.choice(sorted(allowed))}")
    address = template if example is None else filled(template, example)
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "{" in parts.netloc or "@" in parts.netloc:
        raise ValueError(f"{template!r} makes no http or https address")


def filled(template: str, values: Mapping[str, str]) -> str:
    """`template` with its names replaced by `values`, encoded as they should stand there. Raises `KeyError`."""
    return "".join(text + ("" if name is None else values[name]) for text, name, _, _ in braces.pieces(template))
