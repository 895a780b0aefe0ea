"""A busy run that has a secret in every setting, among services that fail and servers that repeat what they are told.

Whatever the program writes, answers, prints, sends to those who are not to know, or shows to other processes of the
machine is searched for the secrets.
"""

from __future__ import annotations

import random
import resource
import shlex
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import psutil
from benchmarks.pipeline import environment as pipeline_environment
from benchmarks.pipeline import replica_of
from benchmarks.workload import Workload
from proofs.surface.canaries import EMAIL, Canary, Search, canaries
from proofs.surface.mirror import Mirror
from proofs.surface.served import Served, daemon
from proofs.surface.trial import Trial
from proofs.surface.wire import PDF, Unreadable, received

from dl_lit.replica.faults import Fault, FaultKind

_REPEATING = ("CORE", "SEMANTIC_SCHOLAR", "PUBMED", "GROBID", "HAL", "OPENCITATIONS")
"""Services that are the mirror."""

_SAID_BACK = (
    "/api/status", "/api/conditions", "/health", "/metrics", "/openapi.json", "/api/sources", "/api/references",
    "/api/works?limit=1000", "/api/recent?limit=500", "/api/library", "/api/graph", "/api/throughput", "/",
)  # fmt: skip
_COMMANDS = (
    ["config"], ["config", "--json"], ["config", "--toml"], ["config", "--changed"], ["status"], ["status", "--json"],
    ["doctor"], ["doctor", "--explain"], ["ledger", "--json"], ["export", "--format", "bibtex"],
    ["inspect-tables", "--json"],
    ["missing"], ["missing", "--format", "html"], ["explain", "w1"], ["explain", "s1", "--json"], ["cache"], ["review"],
    ["backup", "{folder}/kept"], ["serve", "--port", "99999"], ["config", "--no-such"], ["retry", "x"],
    ["doctor", "--live"],
)  # fmt: skip
_NOTING = "import os, sys; open(sys.argv[1], 'a').write(repr(dict(os.environ)) + sys.stdin.read())"
_BUSY_S = 25.0
_LONGEST_S = 120.0


def try_secrets(trial: Trial, folder: Path, seed: int) -> None:
    """The whole run; `trial` is told, its own surface is not touched."""
    planted = canaries()
    workload = Workload.load()
    folder.mkdir(parents=True, exist_ok=True)
    pdfs, universe = workload.write(folder, 3)
    with ExitStack() as stack:
        mirror = stack.enter_context(Mirror())
        replica = stack.enter_context(replica_of(workload, universe))
        kinds = (FaultKind.SERVER_ERROR, FaultKind.NOT_JSON, FaultKind.RESET, FaultKind.HTML, FaultKind.FORBIDDEN)
        for kind in kinds:
            replica.add_fault(Fault(kind=kind, probability=0.06))
        home = folder / "home"
        base = pipeline_environment(workload, replica, home)
        env = _settings(base, planted, mirror, home)
        with daemon(home, unix=False, also=env) as served:
            token = planted["DL_LIT_SERVE_TOKEN"].value
            shown = served.shown_as(token)
            search = Search(planted.values())
            told = Search(planted.values(), {"contact_email": EMAIL})
            _hand_in(shown, pdfs)
            _look_around(trial, shown, search, told)
            _look_at_processes(trial, shown, search)
            for what, said in _answered(shown):
                _judge(trial, "secrets: answers", what, told.within(said))
            _look_at_modes(trial, shown)
        _run_commands(trial, home, env, search)
        for room, body in mirror.bodies:
            if room.startswith(("/hooks", "/otlp")):
                _judge(trial, "secrets: notifications and telemetry", room, told.within(body))
        own = (home / "config", pdfs)
        for path, setting in search.below(home, own):
            trial.found("doubled", "secrets: files", str(path.relative_to(home)), f"{setting} stands in it")
        for path in (home / "log.jsonl", home / "said"):
            _judge(trial, "secrets: logs", path.name, told.within(path.read_bytes()))
        trial.note("secrets: files", tried=sum(1 for one in home.rglob("*") if one.is_file()))
        _require_busy(trial, home, mirror, seed)
        trial.told["secrets: MB searched"] = (search.searched + told.searched) >> 20
        trial.told["secrets: planted"] = len(planted) + 1


def _settings(base: dict[str, str], planted: dict[str, Canary], mirror: Mirror, home: Path) -> dict[str, str]:
    """All secrets, and everybody whom they are for."""
    there = f"http://127.0.0.1:{mirror.port}"
    env = {name: value for name, value in base.items() if name.startswith("DL_LIT_")}
    for own in ("DB", "LIBRARY", "STATE_FOLDER", "CACHE_FOLDER", "LOG_FILE"):
        env.pop(f"DL_LIT_{own}", None)
    env |= {
        name: one.value.format(port=mirror.port) if "{port}" in one.value else one.value
        for name, one in planted.items()
    }
    env |= {f"DL_LIT_{name}_URL": f"{there}/{name.lower()}" for name in _REPEATING}
    env |= {
        "DL_LIT_OFFLINE": "false",
        "DL_LIT_CONTACT_EMAIL": EMAIL,
        "DL_LIT_ALLOW_HOSTS": ",".join(filter(None, (env.get("DL_LIT_ALLOW_HOSTS"), f"127.0.0.1:{mirror.port}"))),
        "DL_LIT_NOTIFY_COMMAND": shlex.join([sys.executable, "-c", _NOTING, str(home / "noted")]),
        "DL_LIT_NOTIFY_LEAST_S": "0",
        "DL_LIT_METRICS_OTLP_URL": f"{there}/otlp",
        "DL_LIT_METRICS_TEXTFILE": str(home / "metrics.prom"),
        "DL_LIT_METRICS_EVERY_S": "1",
        "DL_LIT_LLM_PROVIDER": "compatible",
        "DL_LIT_LLM_MODEL": "a-model",
        "DL_LIT_LLM_BASE_URLS": f"{there}/llm",
        "DL_LIT_LLM_DOUBTFUL_BELOW": "1",
        "DL_LIT_ACCESS_ELSEVIER_URL": f"{there}/elsevier",
        "DL_LIT_ACCESS_WILEY_URL": f"{there}/wiley",
        "DL_LIT_ACCESS_PROXY": f"{there}/proxy?url={{url}}",
        "DL_LIT_ACCESS_OPENALEX_CONTENT": "true",
        "DL_LIT_ACCESS_OPENALEX_CREDITS_KEPT": "0",
    }
    return env


def _hand_in(served: Served, pdfs: Path) -> None:
    for path in sorted(pdfs.glob("*.pdf")):
        served.door.ask("POST", "/process", path.read_bytes(), Content_Type="application/pdf")
    served.door.ask("POST", "/process", PDF, Content_Type="application/pdf")


def _look_around(trial: Trial, served: Served, search: Search, told: Search) -> None:
    """Listen to events and ask questions while it works; errors of all kinds are provoked."""
    token = served.door.token or ""
    deadline = time.monotonic() + _BUSY_S
    with closing(served.door.connected()) as listening:
        listening.sendall(
            f"GET /events HTTP/1.1\r\nHost: {served.door.host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        heard = b""
        while time.monotonic() < deadline:
            heard += received(listening, 0.5)
            with suppress(OSError, Unreadable):
                for target in (
                    "/api/status",
                    "/metrics",
                    f"/api/explain/w{random.Random(len(heard)).randrange(1, 90)}",
                ):
                    _judge(trial, "secrets: answers", target, told.within(served.door.ask("GET", target).body))
            _look_at_processes(trial, served, search)
    _judge(trial, "secrets: events", "/events", told.within(heard))
    if b"event: item" not in heard:
        trial.found("lost", "secrets: events", "/events", "no item was told: nothing was tried")


def _answered(served: Served) -> Iterator[tuple[str, bytes]]:
    """Everything that can be asked, and errors."""
    door, token = served.door, served.door.token or ""
    for target in _SAID_BACK:
        yield target, door.ask("GET", target).body
        yield f"{target} as JSON", door.ask("GET", target, Accept="application/json").body
    for number in range(1, 95):
        for kind in "ew":
            yield f"{kind}{number}", door.ask("GET", f"/api/explain/{kind}{number}").body
    wrong = token[:-1]
    for sent in (
        "POST /api/pause HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n{x}",
        f"GET /nowhere?token=x HTTP/1.1\r\nHost: {door.host}\r\nConnection: close\r\n\r\n",
        f"POST /process HTTP/1.1\r\nHost: {door.host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        f"POST /process HTTP/1.1\r\nHost: {door.host}\r\nConnection: close\r\nAuthorization: Bearer {wrong}x\r\n\r\n",
        "GARBAGE\r\n\r\n",
    ):
        yield "an error", door.said(sent.encode(), quiet_s=2.0)


def _look_at_processes(trial: Trial, served: Served, search: Search) -> None:
    """What every process of it shows to others: words of its command; of its children the environment, too."""
    row = "secrets: processes"
    for pid in served.pids:
        with suppress(psutil.Error):
            parent = psutil.Process(pid)
            for process in (parent, *parent.children(recursive=True)):
                with suppress(OSError):
                    shown = (
                        Path(f"/proc/{process.pid}/cmdline").read_bytes()
                        + Path(f"/proc/{process.pid}/comm").read_bytes()
                    )
                    if process.pid != pid:
                        shown += Path(f"/proc/{process.pid}/environ").read_bytes()
                    _judge(trial, row, "a child" if process.pid != pid else "the daemon", search.within(shown))
            soft, _ = parent.rlimit(resource.RLIMIT_CORE)
            if soft not in {0, 1}:
                trial.found("doubled", row, "a dump of its memory", f"RLIMIT_CORE is {soft}")


def _look_at_modes(trial: Trial, served: Served) -> None:
    """Who else may read or write what."""
    row = "secrets: permissions"
    for path in served.folder.rglob("*"):
        if path.is_symlink() or "inbox" in path.parts:
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        trial.note(row)
        if mode & 0o022:
            trial.found("doubled", row, str(path.relative_to(served.folder)), f"others may write to it: {mode:o}")
        if (path.is_socket() or path.name == "serve-token") and mode & 0o177:
            trial.found("doubled", row, str(path.relative_to(served.folder)), f"it is for its owner: {mode:o}")
    trial.told["secrets: modes"] = {
        name: f"{stat.S_IMODE(path.stat().st_mode):o}"
        for name in ("dl-lit.db", "log.jsonl", "state", "cache", "library", "uploads")
        if (path := served.folder / name).exists()
    }


def _run_commands(trial: Trial, home: Path, env: dict[str, str], search: Search) -> None:
    """What every command prints, of itself and of what goes wrong."""
    from proofs.surface.served import environment  # noqa: PLC0415 - beside its use

    for words in _COMMANDS:
        asked = [word.format(folder=home) for word in words]
        done = subprocess.run(
            [sys.executable, "-m", "dl_lit", *asked], env=environment(home, env), cwd=home, capture_output=True,
            timeout=_LONGEST_S, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        said = done.stdout + done.stderr
        _judge(trial, "secrets: commands", " ".join(words), search.within(said))
        if b"Traceback" in said:
            trial.found("untyped", "secrets: commands", " ".join(words), said[-300:].decode("utf-8", "replace"))


def _judge(trial: Trial, row: str, what: str, settings: set[str]) -> None:
    trial.note(row)
    for setting in settings:
        trial.found("doubled", row, what, f"{setting} is told")


def _require_busy(trial: Trial, home: Path, mirror: Mirror, seed: int) -> None:
    """The run has to have met what it was made for, or nothing was proven."""
    trial.told["secrets: asked of the mirror"] = dict(mirror.asked)
    for room in ("hooks", "otlp", "llm"):
        if not mirror.asked[room]:
            trial.found("lost", "secrets", f"seed {seed}", f"nothing was sent to /{room}: nothing was tried there")
    if not (home / "noted").exists():
        trial.found("lost", "secrets", f"seed {seed}", "the command was not told anything")
