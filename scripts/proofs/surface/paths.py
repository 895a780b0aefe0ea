"""Names and addresses that would lead out of where they may lead."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

from proofs.surface.served import Served
from proofs.surface.trial import SECRET, Attack, Trial
from proofs.surface.wire import PDF, Answer

_UPS = (
    *("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "%252e%252e%252f", "..%5c", "..\\", "..%c0%af", "%c0%ae%c0%ae/"),
    *("..;/", ".../", "....//", "..%00/", "..%ef%bc%8f", "..%e2%88%95", "/%2e/%2e%2e/", "%uff0e%uff0e/", "..%09/"),
)
_ROOMS = ("/", "/api/explain/", "/api/works/", "/api/", "/static/", "/dashboard/", "/uploads/", "/health/", "/events/")
_GOALS = ("etc/passwd", "secret.pdf", "state/serve-token", "dl-lit.db", "proc/self/environ")
_PARTS = ("..", ".", "", "/", "\\", "~", "%2e%2e", "\0", "\u2215", "\uff0f", "\u29f8", "\u2024\u2024", "C:", "x.pdf")
_NAMES = ("a", "é", "\u202egnp", "\r\nX: y", "`id`", "$(id)", "con", "nul.pdf", "\x1b[2J", "x" * 400, "é" * 300, " ")


def try_paths(trial: Trial, chance: random.Random, rounds: int) -> None:
    """Send all of it, and `rounds` more of each kind that chance puts together."""
    served = trial.served
    _plant(served)
    trial.attack("paths: addresses", _addresses(served, chance, rounds))
    trial.attack("paths: files named by their path", _named(served, chance, rounds))
    with _nothing_else_appears(trial):
        trial.attack("paths: names of uploads", _uploads(served, chance, rounds))


def _plant(served: Served) -> None:
    """What must not be reached, and ways that lead there."""
    inbox, secret = served.inbox, served.folder / "secret.pdf"
    secret.write_bytes(PDF + SECRET)
    (served.folder / "inbox-beside").mkdir(exist_ok=True)
    (served.folder / "inbox-beside" / "secret.pdf").write_bytes(PDF + SECRET)
    for name, to in (
        ("link.pdf", secret),
        ("up", served.folder),
        ("root", "/"),
        ("loop", "loop"),
        ("self", "/proc/self"),
    ):
        if not (inbox / name).is_symlink():
            (inbox / name).symlink_to(to)
    if not (inbox / "pipe.pdf").exists():
        os.mkfifo(inbox / "pipe.pdf")
    (inbox / "text.pdf").write_bytes(b"no PDF at all")
    (inbox / "folder.pdf").mkdir(exist_ok=True)


def _addresses(served: Served, chance: random.Random, rounds: int) -> Iterator[Attack]:
    def get(target: str) -> Attack:
        sent = f"GET {target} HTTP/1.1\r\nHost: {served.door.host}\r\nConnection: close\r\n\r\n".encode("latin-1")
        return Attack(target[:120], sent)

    for up, room, goal in product(_UPS, _ROOMS, _GOALS[:2]):
        yield get(f"{room}{up * 6}{goal}")
    for room, tail in product(
        _ROOMS, ("%00", "%0d%0aX:%20y", "a" * 9_000, "%ff%fe", "?%00=%ff", "//evil.example/", ";/..")
    ):
        if room != "/" or tail != "?%00=%ff":
            yield get(f"{room}nothing{tail}")
    for _ in range(rounds):
        parts = chance.choices(_UPS, k=chance.randint(1, 8))
        yield get(f"{chance.choice(_ROOMS)}{''.join(parts)}{chance.choice(_GOALS)}")


def _named(served: Served, chance: random.Random, rounds: int) -> Iterator[Attack]:
    inbox = str(served.inbox)
    named = [
        *("", "secret.pdf", "../secret.pdf", f"{inbox}/../secret.pdf", f"{inbox}-beside/secret.pdf"),
        *(f"{inbox}/{one}" for one in ("link.pdf", "up/secret.pdf", "root/etc/passwd", "loop", "self/environ")),
        *(f"{inbox}/{one}" for one in ("pipe.pdf", "text.pdf", "folder.pdf", "", ".", "..", "absent.pdf")),
        *(f"{inbox}/{up}secret.pdf" for up in _UPS),
        *(f"{inbox}/..{one}secret.pdf" for one in ("\u2215", "\uff0f", "\u29f8", "\0/", "\\")),
        *(
            "/etc/passwd",
            "/etc/shadow",
            "/proc/self/environ",
            "/proc/self/mem",
            "/dev/zero",
            "/dev/stdin",
            "//etc/passwd",
        ),
        *(f"/proc/self/root{served.folder}/secret.pdf", f"/proc/{served.pids[0] if served.pids else 1}/environ"),
        *(
            f"file://{inbox}/../secret.pdf",
            "http://127.0.0.1/",
            "~/secret.pdf",
            "\\\\host\\share",
            f"{inbox}\0/secret.pdf",
        ),
        *(
            f"{inbox}/" + "x" * 300,
            f"{inbox}/" + "x/" * 5_000,
            "/" + "a" * 60_000,
            f"{inbox}/" + "../" * 2_000 + "etc/passwd",
        ),
        str(served.database),
        str(served.folder / "c.sock"),
    ]
    named += [inbox + "/" + "/".join(chance.choices(_PARTS, k=chance.randint(1, 7))) for _ in range(rounds)]
    for path in named:
        # A round may come out at a text or a folder within, which are refused otherwise than what is outside.
        yield _post(served, repr(path)[:120], json.dumps({"path": path}).encode(), "application/json")


def _uploads(served: Served, chance: random.Random, rounds: int) -> Iterator[Attack]:
    names = [f"{up * 3}{goal}" for up in _UPS for goal in ("secret.pdf", "../inbox/x.pdf")] + [*_PARTS, *_NAMES, "."]
    names += ["/".join(chance.choices(_PARTS + _NAMES, k=chance.randint(1, 6))) for _ in range(rounds)]
    for number, name in enumerate(names):
        content = PDF + f"upload {served.name} {number}".encode()
        told = f"{name[:60]!r} {number}"
        yield _post(served, told, content, "application/pdf", query=f"?name={quote(name.encode())}", takes=True)
        clean = name.encode().replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
        for head in (
            b'filename="%s"' % clean.replace(b'"', b""),
            b"filename*=UTF-8''%s" % quote(name.encode()).encode(),
        ):
            form = b"--cut\r\nContent-Disposition: form-data; name=f; %s\r\n\r\n%s\r\n--cut--\r\n" % (head, content)
            yield _post(served, told, form, "multipart/form-data; boundary=cut", takes=True)


def _post(served: Served, name: str, body: bytes, kind: str, *, query: str = "", takes: bool = False) -> Attack:
    token = f"Authorization: Bearer {served.door.token}\r\n" if served.door.token else ""
    head = (
        f"POST /process{query} HTTP/1.1\r\nHost: {served.door.host}\r\nConnection: close\r\n{token}"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )

    def kept(came: list[Answer]) -> Iterator[str]:
        known = served.contents()
        for answer in came:
            if answer.status == 202 and answer.document["sha256"] not in known:
                yield "taken, and lost"

    may = {202, 400, 413, 422} if takes else {400, 403, 413, 422}
    return Attack(name, head.encode("latin-1") + body, may, may_change=takes, then=kept if takes else None)


class _nothing_else_appears:  # noqa: N801 - a context
    """Uploads appear in their folder alone, each in a folder of its content, with a harmless name."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    def _outside(self) -> set[Path]:
        folder = self._trial.served.folder
        own = ("dl-lit.db", "log.jsonl", "said")
        found = (path for path in folder.rglob("*") if "uploads" not in path.relative_to(folder).parts[:1])
        return {path for path in found if not path.name.startswith(own) and "state" not in path.parts}

    def __enter__(self) -> None:
        self._before = self._outside()

    def __exit__(self, *_: object) -> None:
        row, uploads = "paths: names of uploads", self._trial.served.folder / "uploads"
        for path in self._outside() - self._before:
            self._trial.found("doubled", row, str(path), "has appeared outside of the uploads")
        for path in uploads.rglob("*"):
            parts = path.relative_to(uploads).parts
            is_fine = len(parts) <= 2 and len(parts[0]) == 16 and not path.is_symlink()
            if not is_fine or (len(parts) == 2 and (not path.name.endswith(".pdf") or path.name.startswith("."))):
                self._trial.found("doubled", row, str(path), "is no upload's place")
