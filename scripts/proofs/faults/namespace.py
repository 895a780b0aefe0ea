"""Run by the proof in namespaces of its own (`unshare --net --mount`): what fails here fails for nobody else."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpcore
from proofs.faults.cell import Trial, undisturbed
from proofs.faults.kinds import SERVICES
from proofs.faults.scene import HOUR_S, scene

from dl_lit import logs
from dl_lit.net.failures import reason_of
from dl_lit.net.guard import resolve

_NOT_KNOWN, _SERVER_FAILED = 3, 2  # https://www.rfc-editor.org/rfc/rfc1035#section-4.1.1
_NAME = "api.openalex.org"


def _link(state: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", state], check=True, timeout=10)


@contextlib.contextmanager
def _name_server(code: int | None) -> Iterator[None]:
    """On the usual port: answers every question with this code, or never (None)."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 53))
        server.settimeout(0.1)
        ending = threading.Event()

        def serve() -> None:
            while not ending.is_set():
                try:
                    question, client = server.recvfrom(512)
                except TimeoutError:
                    continue
                if code is not None:
                    server.sendto(question[:2] + bytes([0x81, 0x80 | code]) + question[4:], client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join(5)


def _asked() -> str:
    began = time.monotonic()
    try:
        told = f"found {resolve(_NAME, 443)}"
    except httpcore.ConnectError as error:
        told = reason_of(error).value
    return f"{told} after {time.monotonic() - began:.1f} s"


def names() -> dict[str, Any]:
    """What our client makes of the system's resolver when its server fails."""
    _link("up")
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("nameserver 127.0.0.1\noptions timeout:1 attempts:2\n")
        file.flush()
        subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True, timeout=10)
        found = {"nobody listens": _asked()}
        for case, code in (("not known", _NOT_KNOWN), ("it fails", _SERVER_FAILED), ("silent", None)):
            with _name_server(code):
                found[case] = _asked()
        subprocess.run(["umount", "/etc/resolv.conf"], check=True, timeout=10)
    return found


def network() -> dict[str, Any]:
    """The loopback device, which is all the network there is, goes down for an outage."""
    _link("up")
    with tempfile.TemporaryDirectory(prefix="dl-lit-prove-") as temporary, scene(Path(temporary)) as one:
        expected = undisturbed(one, Path(temporary) / "undisturbed")
        trial = Trial(one, Path(temporary) / "row", "network", expected)
        _link("down")
        ended = trial.run((), SERVICES, HOUR_S / 4, on_health=lambda: _link("up"))
    return asdict(ended) | {"conditions": sorted(ended.conditions), "reasons": dict(ended.reasons)}


_WHAT: dict[str, Callable[[], dict[str, Any]]] = {"names": names, "network": network}

if __name__ == "__main__":
    logs.configure(level="critical", form="json", file=None)
    sys.stdout.write(json.dumps(_WHAT[sys.argv[1]]()))
