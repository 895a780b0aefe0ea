"""What stands on every answer, and at which addresses the program refuses to begin."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from proofs.surface.doors import ROUTES
from proofs.surface.served import environment, prepared
from proofs.surface.trial import Trial
from proofs.surface.wire import Answer, Door, answers

PUBLIC = (
    *(
        "0.0.0.0",  # noqa: S104 - it is to be refused
        "::",
        "::ffff:0.0.0.0",
        "::ffff:10.0.0.1",
        "10.0.0.1",
        "192.168.1.2",
        "169.254.1.1",
        "fe80::1",
        "ff02::1",
    ),
    *(
        "0",
        "0x0",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "*",
        "example.org",
        "LOCALHOST.evil.example",
        "localhost.localdomain",
    ),
    *("127.0.0.1.nip.io", "ip6-localhost", "", " ", "0:0:0:0:0:0:0:0", "::0", "255.255.255.255", "8.8.8.8"),
)
"""Spellings of addresses that others can reach, or of which nobody can tell that they cannot."""

_NEEDED = {
    "x-content-type-options": re.compile("nosniff"),
    "content-security-policy": re.compile("default-src 'none'(?!.*unsafe).*frame-ancestors 'none'"),
    "referrer-policy": re.compile("no-referrer"),
    "cross-origin-resource-policy": re.compile("same-origin"),
    "cross-origin-opener-policy": re.compile("same-origin"),
    "cache-control": re.compile("no-store|no-cache"),
}
_NEVER = ("set-cookie", "server", "x-powered-by", "access-control-allow-origin", "access-control-allow-credentials")
_NEEDS_CONFIGURATION = 6
_LONGEST_S = 120.0


def try_guards(trial: Trial) -> None:
    """Every answer, also to what is no request, has what keeps browsers from making more of it."""
    row, door = "guards: headers of answers", trial.served.door
    for target in ROUTES:
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            for token in (True, False):
                _look(trial, row, f"{method} {target}", door.ask(method, target, token=token))
    for sent in (b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 40_000):
        for answer in answers(door.said(sent)):
            _look(trial, row, repr(sent[:20]), answer)
    listening = door.said(_events(door), quiet_s=1.0)
    _look(trial, row, "/events", answers(listening)[0])
    page = door.ask("GET", "/").body.decode()
    for found in re.findall(r"\son[a-z]+\s*=\s*[\"'][^\"']*[\"']|javascript:", page):
        trial.found("doubled", row, "/", f"a script within the page: {found[:80]}")


def _events(door: Door) -> bytes:
    token = f"Authorization: Bearer {door.token}\r\n" if door.token else ""
    return f"GET /events HTTP/1.1\r\nHost: {door.host}\r\n{token}\r\n".encode()


def _look(trial: Trial, row: str, name: str, answer: Answer) -> None:
    trial.note(row, answer.status)
    for complaint in complaints(answer):
        trial.found("doubled", row, name, complaint)


def complaints(answer: Answer) -> Iterator[str]:
    """What is missing in the answer's head, or stands there and must not."""
    for header, needed in _NEEDED.items():
        is_bare = (header == "cache-control" and answer.status >= 400) or answer.status == 204
        if not is_bare and not needed.search(answer.headers.get(header, "")):
            yield f"{header}: {answer.headers.get(header)!r}"
    for header in _NEVER:
        if header in answer.headers:
            yield f"{header} is sent"


def try_addresses(trial: Trial, folder: Path) -> None:
    """Where others could reach it, it does not begin without a token that was set; everywhere else, it is loopback."""
    prepared(folder)
    env = environment(folder)
    del env["DL_LIT_SERVE_TOKEN"]
    for host in (*PUBLIC, socket.gethostname()):
        words = ["serve", "--host", host, "--port", "0"]
        _refused(trial, f"serve --host {host!r}", words, folder, env)
    for host in (PUBLIC[0], "[::]", "[::ffff:0.0.0.0]", "10.0.0.1", "example.org", socket.gethostname()):
        also = env | {"DL_LIT_SERVE_ADDRESS": f"{host}:0"}
        _refused(trial, f"serve.address {host}", ["watch-folder-concurrent", str(folder / "inbox")], folder, also)


def _refused(trial: Trial, name: str, words: Sequence[str], folder: Path, env: dict[str, str]) -> None:
    row = "addresses: refused without a token"
    trial.note(row)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "dl_lit", *words],
            env=env,
            cwd=folder,
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        trial.found("doubled", row, name, "it serves")
        return
    if done.returncode != _NEEDS_CONFIGURATION or b"Traceback" in done.stderr:
        trial.found(
            "doubled" if done.returncode == 0 else "untyped", row, name, f"{done.returncode}: {done.stderr[-200:]!r}"
        )
