"""A secret of its own in every setting that can hold one, and a search for it in whatever was written or said."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

from dl_lit.settings.leaves import Leaf, leaves

_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_MOST_PACKED = 20_000  # beginnings of packed data that are tried in one file
EMAIL = "kanarie-zq@library-of-shores.org"
"""The contact address: it is sent to the services, and is to stand in no log."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One secret."""

    setting: str
    value: str  # of the setting
    secret: str  # what of it must not be seen


def canaries() -> dict[str, Canary]:
    """By the environment variable that sets it."""
    found = {}
    for number, leaf in enumerate(one for one in leaves().values() if one.is_secret):
        secret = f"zq{number:02}Kanarie+{leaf.credential.replace('_', '-')}/x=7Qz"
        found[leaf.variables[-1]] = Canary(leaf.name, _value(leaf, secret), secret)
    return found


def _value(leaf: Leaf, secret: str) -> str:
    match leaf.name:
        case "notify.url":
            return f"http://127.0.0.1:{{port}}/hooks/told?key={quote(secret, safe='')}"
        case "metrics.otlp_header":
            return f"Authorization: Bearer {secret}"
        case "access.proxy_cookie":
            return f"ezproxy={secret}; other=1"
    return secret


def forms(secret: str) -> frozenset[bytes]:
    """Everything that a secret may look like: as it is, in addresses, JSON, hexadecimal, and base64 at any place."""
    raw = secret.encode()
    found = {raw, raw.lower(), raw.upper(), quote(secret, safe="").encode(), quote(secret).encode(), raw[::-1]}
    found |= {
        quote_plus(secret).encode(),
        secret.replace("/", "\\/").encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
    }
    found |= {secret.encode("utf-16-le"), secret.replace("+", "&#43;").replace("/", "&#x2F;").encode()}
    found |= {quote(quote(secret, safe=""), safe="").encode()}
    core = secret[: secret.index("+")]  # what no encoding of single characters changes
    found |= {core.encode()}
    for shift in range(3):
        padded = base64.b64encode(b"\0" * shift + raw)
        cut = padded[(0, 2, 3)[shift] : len(padded) - 4]
        found |= {cut, cut.replace(b"+", b"-").replace(b"/", b"_")}
    return frozenset(found)


class Search:
    """Looks for all canaries at once."""

    def __init__(self, planted: Iterable[Canary], also: Mapping[str, str] | None = None) -> None:
        """`also` are texts that are looked for as they are, by what they are called."""
        self._by_form = {form: one.setting for one in planted for form in forms(one.secret)}
        self._by_form |= {text.encode(): name for name, text in (also or {}).items()}
        longest_first = sorted(self._by_form, key=lambda form: -len(form))
        self._pattern = re.compile(b"|".join(re.escape(form) for form in longest_first))
        self.searched = 0

    def within(self, data: bytes) -> set[str]:
        """The settings whose secrets stand in it, also packed."""
        found = self._plainly(data)
        for number, match in enumerate(_PACKED.finditer(data)):
            if number >= _MOST_PACKED:
                break
            found |= self._plainly(_unpacked(data, match.start()))
        return found

    def _plainly(self, data: bytes) -> set[str]:
        self.searched += len(data)
        return {self._by_form[match[0]] for match in self._pattern.finditer(data)}

    def below(self, folder: Path, leave_out: Iterable[Path] = ()) -> Iterator[tuple[Path, str]]:
        """Every file whose content or name has a secret in it, and the setting."""
        left_out = set(leave_out)
        for path in sorted(folder.rglob("*")):
            if not left_out.isdisjoint((path, *path.parents)):
                continue
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            for setting in self.within(content) | self._plainly(str(path).encode("utf-8", "surrogateescape")):
                yield path, setting


def _unpacked(data: bytes, at: int) -> bytes:
    try:
        if data[at : at + 2] == b"\x1f\x8b":
            return gzip.decompress(data[at:])
    except (OSError, EOFError, zlib.error):
        pass
    try:
        return zlib.decompressobj(47).decompress(data[at:], 1 << 24)
    except zlib.error:
        return b""
