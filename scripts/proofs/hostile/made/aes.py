"""AES encryption in plain Python (FIPS 197), enough for a page: the libraries we have only read PDFs."""

from __future__ import annotations

_BLOCK = 16


def _tables() -> tuple[bytes, bytes]:
    box, double = (
        bytearray(256),
        bytes((n << 1) ^ (0x11B if n & 0x80 else 0) & 0x1FF for n in range(128))
        + bytes(((n << 1) ^ 0x11B) & 0xFF for n in range(128, 256)),
    )
    p = q = 1
    while True:
        p ^= double[p]
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        q ^= 0x09 if q & 0x80 else 0
        turned = q
        for shift in range(1, 5):
            turned ^= (q << shift | q >> (8 - shift)) & 0xFF
        box[p] = turned ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return bytes(box), double


_BOX, _DOUBLE = _tables()


def encrypted(key: bytes, data: bytes, start: bytes | None, *, pads: bool = True) -> bytes:
    """`data` with a key of 16 or 32 bytes: chained from `start`, which goes first; block by block where it is None."""
    if pads:
        data += bytes([_BLOCK - len(data) % _BLOCK]) * (_BLOCK - len(data) % _BLOCK)
    keys = _round_keys(key)
    out, before = bytearray(start or b""), start
    for at in range(0, len(data), _BLOCK):
        block = data[at : at + _BLOCK]
        if before is not None:
            block = bytes(a ^ b for a, b in zip(block, before, strict=True))
        block = _block(block, keys)
        before = None if before is None else block
        out += block
    return bytes(out)


def _round_keys(key: bytes) -> list[bytes]:
    size = len(key) // 4
    words = [key[at : at + 4] for at in range(0, len(key), 4)]
    turn = 1
    for n in range(size, 4 * (size + 7)):
        last = words[-1]
        if n % size == 0:
            last = bytes(_BOX[one] for one in last[1:] + last[:1])
            last = bytes([last[0] ^ turn]) + last[1:]
            turn = _DOUBLE[turn]
        elif size == 8 and n % size == 4:
            last = bytes(_BOX[one] for one in last)
        words.append(bytes(a ^ b for a, b in zip(words[n - size], last, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def _block(block: bytes, keys: list[bytes]) -> bytes:
    state = bytes(a ^ b for a, b in zip(block, keys[0], strict=True))
    for number, key in enumerate(keys[1:], 1):
        state = bytes(_BOX[state[(at + 4 * (at % 4)) % _BLOCK]] for at in range(_BLOCK))
        if number < len(keys) - 1:
            state = b"".join(_mixed(state[at : at + 4]) for at in range(0, _BLOCK, 4))
        state = bytes(a ^ b for a, b in zip(state, key, strict=True))
    return state


def _mixed(column: bytes) -> bytes:
    a, b, c, d = column
    every = a ^ b ^ c ^ d
    return bytes(one ^ every ^ _DOUBLE[one ^ other] for one, other in ((a, b), (b, c), (c, d), (d, a)))
