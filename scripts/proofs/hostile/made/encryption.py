"""Encrypted in all ways: RC4 of 40 and 128 bits, AES of 128 and 256, by owner alone, by user, by nobody we know."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.aes import encrypted as aes
from proofs.hostile.made.writing import TEXT, document, entries, stream

from dl_lit.replica.sheets import rc4

_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ID = b"0123456789abcdef"


def encryption(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """A file encrypted properly, with an empty or a secret password, or with a dictionary that makes no sense."""
    way = chance.choice(("rc4-40", "rc4-128", "aes-128", "aes-256", "handler", "broken", "sizes", "crypt-filters"))
    password = chance.choice((b"", b"secret"))
    if way in {"rc4-40", "rc4-128", "aes-128"}:
        return f"{way}-{'user' if password else 'owner'}", _by_md5(chance, way, password)
    if way == "aes-256":
        return f"{way}-{'user' if password else 'owner'}", _by_sha(chance, password)
    dictionary = {
        "handler": b"<< /Filter /%s /V 4 /R 4 >>" % chance.choice((b"Adobe.PubSec", b"Nope", b"FOPN_fLock", b"")),
        "broken": chance.choice((b"null", b"<< >>", b"[1 2]", b"1 0 R", b"6 0 R", b"<< /Filter /Standard >>")),
        "sizes": b"<< /Filter /Standard /V %d /R %d /Length %d /O (%s) /U (x) /P %d >>"
        % (
            chance.choice((0, 1, 2, 5, 99, -1)),
            chance.choice((2, 3, 6, 7, -1)),
            chance.choice((0, 7, 40, 128, 4_096, -8)),
            b"y" * chance.choice((0, 31, 5_000)),
            chance.choice((-4, 0, 4_294_967_295)),
        ),
        "crypt-filters": b"<< /Filter /Standard /V 4 /R 4 /CF << /A << /CFM /%s /Length 999 >> /B 6 0 R >>"
        b" /StmF /A /StrF /B /O (%s) /U (%s) /P -4 >>"
        % (chance.choice((b"AESV2", b"V2", b"None", b"Nope")), b"o" * 32, b"u" * 32),
    }[way]  # fmt: skip
    return way, document(extra=[dictionary], trailer=b"/Encrypt 6 0 R /ID [(%s) (%s)]" % (_ID, _ID))


def _by_md5(chance: random.Random, way: str, password: bytes) -> bytes:
    """Algorithms 2 to 5 of ISO 32000-1, 7.6.3 (read 2026-11-23)."""
    version, revision, size = {"rc4-40": (1, 2, 5), "rc4-128": (2, 3, 16), "aes-128": (4, 4, 16)}[way]
    rounds = 50 if revision > 2 else 0
    owner = hashlib.md5((b"owner" + _PAD)[:32], usedforsecurity=False).digest()
    for _ in range(rounds):
        owner = hashlib.md5(owner, usedforsecurity=False).digest()
    padded = (password + _PAD)[:32]
    held = rc4(owner[:size], padded)
    for n in range(1, 20 if revision > 2 else 1):
        held = rc4(bytes(byte ^ n for byte in owner[:size]), held)
    permissions = -44
    key = hashlib.md5(
        padded + held + permissions.to_bytes(4, "little", signed=True) + _ID, usedforsecurity=False
    ).digest()
    for _ in range(rounds):
        key = hashlib.md5(key[:size], usedforsecurity=False).digest()
    key = key[:size]
    if revision == 2:
        user = rc4(key, _PAD)
    else:
        user = rc4(key, hashlib.md5(_PAD + _ID, usedforsecurity=False).digest())
        for n in range(1, 20):
            user = rc4(bytes(byte ^ n for byte in key), user)
        user += bytes(16)

    def shut(data: bytes) -> bytes:
        salted = key + (5).to_bytes(3, "little") + bytes(2) + (b"sAlT" if way == "aes-128" else b"")
        own = hashlib.md5(salted, usedforsecurity=False).digest()[: min(size + 5, 16)]
        return aes(own, data, chance.randbytes(16)) if way == "aes-128" else rc4(own, data)

    filters = b"/CF << /StdCF << /CFM /AESV2 /AuthEvent /DocOpen /Length 16 >> >> /StmF /StdCF /StrF /StdCF"
    dictionary = b"<< /Filter /Standard /V %d /R %d /Length %d /P %d /O <%s> /U <%s> %s >>" % (
        *(version, revision, size * 8, permissions, held.hex().encode(), user.hex().encode()),
        filters if way == "aes-128" else b"",
    )
    return _shut(chance, shut(entries(chance, 6)), dictionary)


def _by_sha(chance: random.Random, password: bytes) -> bytes:
    """Revision 5 of version 5: Adobe's supplement to ISO 32000, extension level 3 (read 2026-11-23)."""
    key, salts = chance.randbytes(32), chance.randbytes(32)
    user = hashlib.sha256(password + salts[:8]).digest() + salts[:16]
    wrapped = aes(hashlib.sha256(password + salts[8:16]).digest(), key, bytes(16), pads=False)[16:]
    owner = hashlib.sha256(b"owner" + salts[16:24] + user).digest() + salts[16:]
    owner_wrapped = aes(hashlib.sha256(b"owner" + salts[24:] + user).digest(), key, bytes(16), pads=False)[16:]
    permissions = (-44).to_bytes(4, "little", signed=True) + b"\xff" * 4 + b"Tadb" + chance.randbytes(4)
    filters = b"/CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen /Length 32 >> >> /StmF /StdCF /StrF /StdCF"
    dictionary = (
        b"<< /Filter /Standard /V 5 /R 5 /Length 256 /P -44 /O <%s> /U <%s> /OE <%s> /UE <%s> /Perms <%s> %s >>"
        % (
            *(one.hex().encode() for one in (owner, user, owner_wrapped, wrapped)),
            aes(key, permissions, None, pads=False).hex().encode(),
            filters,
        )
    )
    return _shut(chance, aes(key, entries(chance, 6), chance.randbytes(16)), dictionary)


def _shut(chance: random.Random, contents: bytes, dictionary: bytes) -> bytes:
    plain = chance.random() < 0.2  # says that it is encrypted, and is not
    return document(
        objects={5: stream(TEXT if plain else contents)},
        extra=[dictionary],
        trailer=b"/Encrypt 6 0 R /ID [<%s> <%s>]" % (_ID.hex().encode(), _ID.hex().encode()),
    )


FAMILIES = {"encryption": encryption}
