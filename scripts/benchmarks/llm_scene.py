"""What the benchmarks and proofs of language models share: a replica as a process, and the program's parts."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from benchmarks.workload import Workload

from dl_lit.app.language.opened import Language, Threads
from dl_lit.app.network import Network
from dl_lit.core.clock import SystemClock
from dl_lit.core.language import LanguageModel, ModelUse
from dl_lit.core.model import Reference
from dl_lit.runtime.brakes import Gauges
from dl_lit.settings import load
from stages.language.entries import TakenApart, take_apart

CHECKOUT = Path(__file__).resolve().parents[2]
KEY = "bench-key-that-no-log-may-tell"
PATHS = {"compatible": ("chat", "/v1"), "openrouter": ("chat", "/api/v1"), "gemini": ("gemini", ""),
         "anthropic": ("anthropic", "")}  # fmt: skip
_STOP_S = 10.0
_ENOUGH = 100_000  # calls in a minute: no rate of ours is measured here


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica in another process, told what to do through its control address."""

    told: Mapping[str, Any]
    client: httpx.Client

    def url(self, provider: str) -> str:
        """Where a provider is found."""
        site, path = PATHS[provider]
        return f"{self.told[site]}{path}"

    def get(self, name: str) -> Any:
        """What is told below the control address."""
        return self.client.get(f"{self.told['control']}/__replica__/{name}").raise_for_status().json()

    def post(self, name: str, value: Any) -> Any:
        """Tell it something."""
        return self.client.post(f"{self.told['control']}/__replica__/{name}", json=value).raise_for_status().json()

    def anew(self, latency: Mapping[str, float], faults: Sequence[Mapping[str, Any]] = ()) -> None:
        """Forget everything; from now on requests take so long (seconds by `group/kind`), and so much goes wrong."""
        self.post("reset", {})
        self.post("latency", dict(latency))
        self.post("faults", list(faults))

    def log(self, group: str, *kinds: str) -> list[dict[str, Any]]:
        """The requests of a provider, of some kinds (all unless named), by arrival."""
        entries = self.get(f"log?group={group}")["entries"]
        return [one for one in entries if not kinds or one["kind"] in kinds]

    def account(self, site: str) -> dict[str, Any]:
        """What the answers of a site took."""
        found: dict[str, Any] = self.get("models")["models"][site]
        return found

    def files_left(self) -> int:
        """Uploads that nobody deleted."""
        return len(self.get("models")["files_left"])

    def problems(self) -> list[str]:
        """What went wrong in the replica itself."""
        found: list[str] = self.get("stats")["problems"]
        return found


@contextmanager
def replica(processing_s: float, *, is_limited: bool = False) -> Iterator[Replica]:
    """A replica that knows no works; uploads take so long until they can be asked about."""
    command = [sys.executable, "-m", "dl_lit.replica", "--empty", "--hosts", "2", "--processing-s", str(processing_s)]
    command += [] if is_limited else ["--no-limits"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        if child.stdin is None or child.stdout is None:
            raise OSError("no pipes")
        try:
            with httpx.Client(timeout=30.0) as client:
                yield Replica(json.loads(child.stdout.readline()), client)
        finally:
            child.stdin.close()
            child.wait(_STOP_S)


def environment(served: Replica, provider: str, folder: Path, **changes: object) -> dict[str, str]:
    """The settings of a run in `folder` that asks the replica; `changes` are settings without their prefix."""
    given: dict[str, object] = {
        "STATE_FOLDER": folder / "state",
        "CACHE_FOLDER": folder / "cache",
        "DB": folder / "bench.db",
        "LIBRARY": folder / "library",
        "ALLOW_HOSTS": "127.0.0.0/8",
        "LLM_PROVIDER": provider,
        "LLM_MODEL": "replica-reader",
        "LLM_BASE_URLS": served.url(provider),
        "LLM_KEY": KEY,
        "LLM_REQUESTS_PER_MINUTE": _ENOUGH,
        "LLM_WARM_UP": "off",
        **changes,
    }
    return {f"DL_LIT_{name}": str(value) for name, value in given.items()}


@dataclass(frozen=True, slots=True)
class Opened:
    """The parts of the program that ask models."""

    language: Language
    threads: Threads

    @property
    def model(self) -> LanguageModel:
        """What is asked."""
        return self.language.model

    def use(self) -> ModelUse:
        """What was asked so far."""
        return self.language.use()


@contextmanager
def language(served: Replica, provider: str, *, folder: Path | None = None, **changes: object) -> Iterator[Opened]:
    """The parts of the program that ask models, as settings put them together; without `folder` in a fresh one."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as temporary:
        env = environment(served, provider, folder or Path(temporary), **changes)
        settings, clock, chance = load(env=env).settings, SystemClock(), random.Random(1)
        threads = Threads(settings, clock=clock, chance=chance, gauges=Gauges((), clock))
        with (
            Network(settings, clock=clock, chance=chance) as network,
            Language(settings, network, clock=clock, chance=chance) as opened,
        ):
            yield Opened(opened, threads)
            threads.stop()


@dataclass(frozen=True, slots=True)
class Printed:
    """An entry as it is printed, and what it says."""

    reference: Reference
    title: str


def printed(count: int) -> list[Printed]:
    """So many different entries, none of which was read with confidence."""
    found = []
    for number, record in zip(range(1, count + 1), Workload.load().records(count), strict=False):
        names = ", ".join(f"{one['family']}, {one['given']}" for one in record["authors"])
        raw = f"{names} ({record['year']}). {record['title']}. {record['container']}, {record['volume']}, "
        raw += f"{record['pages']}."
        found.append(Printed(Reference(position=number, raw=raw, confidence=0.1), record["title"]))
    return found


def taken_apart(opened: Opened, entries: Sequence[Printed], *, together: int = 1) -> tuple[float, TakenApart]:
    """Seconds that asking about all entries took, and what came of it."""
    began = time.monotonic()
    done = take_apart(opened.model, opened.threads.in_order, [one.reference for one in entries], together=together)
    return time.monotonic() - began, done


def misplaced(entries: Sequence[Printed], done: TakenApart) -> int:
    """Entries that did not come out at their own place."""
    places = [one.reference.position for one in entries]
    return sum(one.position != place for one, place in zip(done.references, places, strict=True))


def wrong(entries: Sequence[Printed], done: TakenApart) -> int:
    """Entries of which something else than what is printed was taken over."""
    return sum(
        after.title not in {None, one.title} or after.doi is not None
        for one, after in zip(entries, done.references, strict=True)
    )


def right(entries: Sequence[Printed], done: TakenApart) -> int:
    """Entries that were read as they are printed."""
    return sum(after.title == one.title for one, after in zip(entries, done.references, strict=True))
