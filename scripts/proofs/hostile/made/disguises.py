"""Files that are two things at once, or a PDF behind something else."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.writing import document, entries


def disguises(chance: random.Random, sound: Sequence[Path]) -> tuple[str, bytes]:
    """HTML, ZIP, PostScript, JPEG, programs and mail before, behind or around a PDF; two in one; other encodings."""
    way = chance.choice(
        (
            "html",
            "zip",
            "postscript",
            "jpeg",
            "program",
            "mail",
            "junk",
            "behind",
            "two",
            "utf-16",
            "base64",
            "versions",
            "crlf",
        )
    )
    pdf = document(entries(chance, 12)) if chance.random() < 0.5 else chance.choice(sound).read_bytes()[:2_000_000]
    before = {
        "html": b"<!doctype html><html><body><script>alert(1)</script><!-- ",
        "postscript": b"%!PS-Adobe-3.0\n/x { (" + bytes(chance.choice((0, 50))) + b") run } def\n",
        "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xfe",
        "program": b"\x7fELF\2\1\1" + bytes(100),
        "mail": b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n",
        "junk": chance.randbytes(chance.choice((1, 900, 1_023, 1_024, 5_000))),
    }
    if way in before:
        return way, before[way] + pdf
    if way == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(zipfile.ZipInfo("../../x.pdf"), pdf)
        return way, held.getvalue()
    if way == "behind":
        return way, pdf + chance.choice((b"PK\5\6" + bytes(18), b"<html>", chance.randbytes(90_000), bytes(200_000)))
    if way == "two":
        return way, pdf + chance.choice(sound).read_bytes()[:2_000_000]
    if way == "utf-16":
        return way, pdf[:200_000].decode("latin-1").encode("utf-16")
    if way == "base64":
        return way, b"%PDF-1.7\n" + pdf.hex().encode()
    if way == "versions":
        return way, b"%PDF-" + chance.choice((b"0.0", b"99.99", b"-1", b"1.x", b"")) + pdf[8:]
    return way, pdf.replace(b"\n", chance.choice((b"\r\n", b"\r")))


FAMILIES = {"disguises": disguises}
