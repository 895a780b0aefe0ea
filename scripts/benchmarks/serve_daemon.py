"""A daemon to be posted to, on a replica of the services, both in processes and folders of their own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import click
from benchmarks.serve_load import Target

from dl_lit.demo.assets import universe_path
from dl_lit.demo.pace import quick_motion

CHECKOUT = Path(__file__).resolve().parents[2]
_SCALE = 20.0
_TOLD_IN = ("daemon.err", "log.jsonl")
_LEFT = ("*.faults", "*.pulse")
_DYING_S = 2.0
_START_S = 60.0
_STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running one."""

    target: Target
    database: Path
    inbox: Path  # watched
    process: subprocess.Popen[bytes]


@contextmanager
def daemon(folder: Path, *, unix: bool) -> Iterator[Daemon]:
    """Start both, and stop them when left."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    with _replica(folder) as told:
        env = {name: value for name, value in os.environ.items() if not name.startswith("DL_LIT_")}
        token = secrets.token_urlsafe()
        env |= told["env"] | quick_motion(_SCALE)
        env |= {
            "PYTHONPATH": str(CHECKOUT),
            "DL_LIT_DB": str(folder / "bench.db"),
            "DL_LIT_LIBRARY": str(folder / "library"),
            "DL_LIT_STATE_FOLDER": str(folder / "state"),
            "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
            "DL_LIT_LOG_FILE": str(folder / "log.jsonl"),
            "DL_LIT_CONTACT_EMAIL": "bench@library-of-shores.org",
            "DL_LIT_SERVE_ADDRESS": f"unix:{folder / 'control.sock'}" if unix else "127.0.0.1:0",
            "DL_LIT_SERVE_TOKEN": token,
            "DL_LIT_SERVE_UPLOADS_PER_MINUTE": "1000000",  # all come from one caller here
        }
        command = [sys.executable, "-m", "dl_lit", "watch-folder-concurrent", str(inbox)]
        with (folder / "daemon.err").open("wb") as errors:
            process = subprocess.Popen(command, env=env, cwd=folder, stdout=errors, stderr=errors)
        try:
            url = _listening(folder, process)
            yield Daemon(Target(url, token), folder / "bench.db", inbox, process)
            if process.poll() is not None:
                raise click.ClickException(f"the daemon has ended with {process.returncode}: {_end(folder)}")
        except (OSError, HTTPException) as error:
            raise click.ClickException(f"{type(error).__name__}: {error}\n{state_of(folder, process)}") from error
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def state_of(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """What can be told of a daemon that does not answer: whether it lives, what it has left, and what it said last."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(_DYING_S)  # who is refused may be quicker than the system is with a dead process
    lines = ["the daemon runs" if process.returncode is None else f"the daemon has ended with {process.returncode}"]
    for file in sorted(one for ending in _LEFT for one in folder.glob(ending)):
        lines += [f"{file.name}: {file.read_bytes().decode(errors='replace').strip() or 'empty'}"]
    return "\n".join([*lines, f"the daemon said: {_end(folder)}"])


def removed_or_kept(folder: Path, kind: type[BaseException] | None, *_: object) -> None:
    """Remove the folder, but where something went wrong that it may explain."""
    if kind is not None and issubclass(kind, click.ClickException):
        click.echo(f"what is left to look at: {folder}", err=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _end(folder: Path) -> str:
    """The last that the daemon wrote."""
    files = [folder / name for name in _TOLD_IN]
    return "".join(one.read_text(encoding="utf-8", errors="replace")[-2000:] for one in files if one.exists())


def _listening(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the control surface listens, as the daemon's pulse tells it."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            where = json.loads((folder / "bench.db.pulse").read_bytes())["control"]
        except (OSError, ValueError):
            where = None
        if where:
            return str(where)
        time.sleep(0.05)
    raise click.ClickException(f"the daemon does not listen: {_end(folder)}")


@contextmanager
def _replica(folder: Path) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "dl_lit.replica", "--universe", str(universe_path()), "--seed", "1"]
    command += ["--cache", str(folder / "universe"), "--time-scale", str(_SCALE), "--port", "0"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            line = child.stdout.readline() if child.stdout else b""
            if not line:
                raise click.ClickException("the replica did not start")
            yield json.loads(line)
        finally:
            child.terminate()
