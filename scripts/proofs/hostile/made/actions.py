"""Files that want something done: scripts, programs, addresses, files in files, names that lead elsewhere."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.writing import TEXT, document, entries, flate, page

_NAMES = (
    b"(../../../../etc/passwd)",
    b"(..\\\\..\\\\x.exe)",
    b"(/etc/cron.d/x)",
    b"(C:\\\\x.pdf)",
    b"(a\\000b.pdf)",
    b"<FEFF202E0066006400702E>",
    b"<FEFFD800>",
    b"(" + b"x" * 5_000 + b")",
    b"(\\r\\nSet-Cookie: x)",
    b"($\\(touch x\\).pdf)",
)
_ADDRESSES = (
    b"(file:///etc/passwd)",
    b"(javascript:alert\\(1\\))",
    b"(http://127.0.0.1:1/x)",
    b"(http://169.254.169.254/latest/meta-data/)",
    b"(\\\\\\\\host\\\\share)",
    b"(https://doi.org/10.1000/x\\000y)",
    b"(https://x.example/" + b"a" * 9_000 + b")",
    b"<FEFF202E>",
    b"(https://doi.org/10.1000/\\u202Efdp)",
    b"(data:text/html,x)",
)


def actions(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Scripts, programs, forms and addresses that are to be opened when the file is."""
    name, address = chance.choice(_NAMES), chance.choice(_ADDRESSES)
    way = chance.choice(("JavaScript", "Launch", "URI", "SubmitForm", "GoToR", "GoToE", "ImportData", "Next", "XFA"))
    action = {
        "JavaScript": b"<< /S /JavaScript /JS (app.launchURL\\('file:///'\\); while\\(1\\);) >>",
        "Launch": b"<< /S /Launch /F %s /Win << /F %s /P (-x) >> >>" % (name, name),
        "URI": b"<< /S /URI /URI %s >>" % address,
        "SubmitForm": b"<< /S /SubmitForm /F << /FS /URL /F %s >> >>" % address,
        "GoToR": b"<< /S /GoToR /F %s /D [0 /Fit] >>" % name,
        "GoToE": b"<< /S /GoToE /F %s /T << /R /C /N %s /T 6 0 R >> >>" % (name, name),
        "ImportData": b"<< /S /ImportData /F %s >>" % name,
        "Next": b"<< /S /URI /URI %s /Next [6 0 R 6 0 R] >>" % address,
        "XFA": b"<< /S /Named /N /Print >>",
    }[way]
    form = b"/AcroForm << /XFA 7 0 R /Fields [] >>" if way == "XFA" else b""
    xfa = flate(b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><xdp:xdp>&a;</xdp:xdp>")
    links = b"<< /Type /Annot /Subtype /Link /Rect [%s] /A 6 0 R /AA << /U 6 0 R >> >>" % chance.choice(
        (b"0 0 600 800", b"-1e30 -1e30 1e30 1e30", b"9 9 1 1", b"NaN 0 0 0")
    )
    many = b"[" + b"8 0 R " * chance.choice((1, 50, 6_000)) + b"]"
    return way, document(
        entries(chance, 5),
        catalogue=b"/OpenAction 6 0 R /AA << /WC 6 0 R >> " + form,
        objects={4: page(more=b"/Annots " + many + b" /AA << /O 6 0 R >>")},
        extra=[action, xfa, links],
    )


def attachments(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Files in the file, under names that lead out of a folder, hold controls or halves of letters."""
    way = chance.choice(("names", "annotation", "collection", "media", "loop"))
    name = chance.choice(_NAMES)
    held = flate(b"%PDF-1.4 nothing" if chance.random() < 0.5 else b"MZ\x90\0" * 5_000, b"/Type /EmbeddedFile")
    spec = b"<< /Type /Filespec /F %s /UF %s /EF << /F 6 0 R /UF 6 0 R >> /RF 7 0 R >>" % (name, chance.choice(_NAMES))
    catalogue = b"/Names << /EmbeddedFiles << /Names [%s 7 0 R] %s >> >> /AF [7 0 R]" % (
        name,
        b"/Kids [7 0 R]" if way == "loop" else b"",
    )
    subtype = {"annotation": b"/FileAttachment /FS 7 0 R", "media": b"/RichMedia /RichMediaContent 7 0 R"}.get(
        way, b"/Text"
    )
    return way, document(
        TEXT,
        catalogue=catalogue + (b" /Collection << /View /D /D %s >>" % name if way == "collection" else b""),
        objects={4: page(more=b"/Annots [<< /Type /Annot /Subtype %s /Rect [0 0 9 9] >>]" % subtype)},
        extra=[held, spec],
    )


FAMILIES = {"actions": actions, "attachments": attachments}
