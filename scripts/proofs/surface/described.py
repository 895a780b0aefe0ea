"""What schemathesis makes of the description that a served control surface gives of itself, in a child of its own.

A Unix socket is driven through a relay: schemathesis speaks TCP alone.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofs.surface.served import CHECKOUT, Served

_LEFT_OUT = "/events"  # a stream has no end that a check could wait for: `streams` asks it
_LONGEST_S = 3_000.0
_ANSWER_S = 60.0
_SHOWN = 700
_REFUSED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, 431]
_CONFIG = f"""# 413 and 431 are refusals as well: of what is too long.
[checks.negative_data_rejection]
expected-statuses = {_REFUSED}
"""


@dataclass(frozen=True, slots=True)
class Described:
    """What came of one run."""

    requests: int
    operations: int
    failures: tuple[str, ...]  # a line each
    server_errors: int
    taken: tuple[tuple[str, str], ...]  # number and content of the sources that were accepted
    checks: tuple[str, ...]  # that were held against answers


def described(served: Served, folder: Path, *, examples: int, seed: int) -> Described:
    """Let schemathesis ask `served` with so many examples for each operation; what it writes is in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with _over_tcp(served) as url:
        report, seen = folder / "events.ndjson", folder / "seen.jsonl"
        seen.touch()
        words = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--url", url),
            *("--checks", "all", "--max-examples", str(examples), "--seed", str(seed), "--no-color"),
            *("--exclude-path", _LEFT_OUT, "--request-timeout", str(_ANSWER_S), "--continue-on-failure"),
            *("--report", "ndjson", "--report-ndjson-path", str(report), "--generation-database", "none"),
            *("--suppress-health-check", "all", "--warnings", "off", "--output-truncate", "false", "--workers", "1"),
        ]
        if served.door.token:
            words += ["--header", f"Authorization: Bearer {served.door.token}"]
        env = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'scripts'}",
            "SCHEMATHESIS_HOOKS": "proofs.surface.noting",
            "SURFACE_SEEN": str(seen),
        }
        (folder / "schemathesis.toml").write_text(_CONFIG, encoding="ascii")
        with (folder / "said").open("wb") as said:
            subprocess.run(words, env=env, cwd=folder, stdout=said, stderr=said, timeout=_LONGEST_S, check=False)
    return read(report, seen)


@contextmanager
def _over_tcp(served: Served) -> Iterator[str]:
    """Where schemathesis finds it."""
    if isinstance(served.door.where, tuple):
        yield f"http://{served.door.where[0]}:{served.door.where[1]}"
        return
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=_relay, args=(listener, served), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _relay(listener: socket.socket, served: Served) -> None:
    with suppress(OSError):
        while True:
            outside, _ = listener.accept()
            inside = served.door.connected()
            for one in (outside, inside):
                one.settimeout(None)
            for source, goal in ((outside, inside), (inside, outside)):
                threading.Thread(target=_pass_on, args=(source, goal), daemon=True).start()


def _pass_on(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65_536):
            goal.sendall(block)
    for one in (source, goal):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def read(report: Path, seen: Path) -> Described:
    """What stands in the files that a run has left; one that has left none has failed."""
    answered = [json.loads(line) for line in seen.read_text("ascii").splitlines()]
    events = [json.loads(line) for line in report.read_text("utf-8").splitlines()] if report.exists() else []
    failures, checks, is_finished = [], set(), False
    for event in events:
        kind, told = next(iter(event.items()))
        is_finished |= kind == "EngineFinished"
        if kind == "ScenarioFinished":
            found = _failures(told)
            failures += found
            checks |= _checks(told)
        elif kind in {"NonFatalError", "FatalError"}:
            failures.append(f"schemathesis: {json.dumps(told)[:600]}")
    if not is_finished:
        failures.append(f"schemathesis has not come to its end: see {report.parent / 'said'}")
    return Described(
        requests=len(answered),
        operations=len({one["operation"] for one in answered}),
        failures=tuple(dict.fromkeys(failures)),
        server_errors=sum(one["status"] >= 500 for one in answered),
        taken=tuple((one["id"], one["sha256"]) for one in answered if one["status"] == 202),
        checks=tuple(sorted(checks)),
    )


def _nodes(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The checks of a scenario, on every answer in it."""
    for nodes in told["recorder"].get("checks", {}).values():
        yield from nodes


def _checks(told: dict[str, Any]) -> set[str]:
    return {str(one["name"]) for one in _nodes(told)}


def _failures(told: dict[str, Any]) -> list[str]:
    return [f"{one['name']}: {json.dumps(one)[:_SHOWN]}" for one in _nodes(told) if one["status"] != "success"]
