"""A process that asks one service for a while, as one of several on the machine: `python -m tests.fakes.asker JSON`."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from dl_lit.cli.bringing import without_rich
from dl_lit.core.clock import SystemClock
from dl_lit.core.database_address import is_address, signpost
from dl_lit.core.errors import ServiceError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.services import Lane, Service, Window

with without_rich():  # as the program itself begins
    from db.machine.states import states_at
    from dl_lit.net.client import HttpServiceCalls
    from dl_lit.net.connections import shared_client
    from dl_lit.net.identity import Identity
    from dl_lit.net.politeness import Politeness

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Errand:
    """What the process does."""

    folder: str  # of the machine's state, or the address of the database that all hosts share
    netloc: str
    service: str = "crossref"
    permits: int = 1_000
    seconds: float = 1.0
    concurrency: int = 8
    credits_per_day: int | None = None
    credits: int = 0
    requests: int = 10
    threads: int = 2
    patience_s: float = 30.0
    key: str = ""
    path: str = "/x"

    def start(self) -> subprocess.Popen[str]:
        """A child process on this errand."""
        command = [sys.executable, "-m", "tests.fakes.asker", json.dumps(asdict(self))]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self) -> dict[str, int]:
        """Ask, and count the answers and the errors by their reason."""
        with self.asking() as (calls, _):
            told: dict[str, int] = {}
            lock = threading.Lock()

            def work() -> None:
                for _ in range(self.requests // self.threads):
                    try:
                        calls.get(self.service, self.path, credits=self.credits)
                        reason = "answered"
                    except ServiceError as error:
                        reason = error.reason.value
                    with lock:
                        told[reason] = told.get(reason, 0) + 1

            threads = [threading.Thread(target=work) for _ in range(self.threads)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return told

    def asking(self) -> Asking:
        """What it asks through, in this process."""
        return Asking(self)


def place_of(shared: str) -> Path:
    """The folder, or where a signpost to the database at that address stands."""
    return signpost(shared, ROOT / ".cache" / "signposts") if is_address(shared) else Path(shared)


class Asking:
    """Calls and gates of one process; a context manager."""

    def __init__(self, errand: Errand) -> None:
        lane = Lane((Window(errand.permits, errand.seconds),), errand.concurrency)
        service = Service(
            name=errand.service,
            base_url=f"http://{errand.netloc}",
            polite=lane,
            anonymous=lane,
            credits_per_day=errand.credits_per_day,
            credits_per_day_keyed=errand.credits_per_day,
            timeout_s=10.0,
        )
        keys = {errand.service: errand.key} if errand.key else {}
        identity = Identity("me@uni.edu", keys)
        clock, chance = SystemClock(), random.Random(1)
        self.states = states_at(place_of(errand.folder), clock)
        self.politeness = Politeness(
            [service],
            clock=clock,
            rng=chance,
            has_contact=True,
            keyed=keys,
            permit_wait_s=errand.patience_s,
            identity=identity,
            states=self.states,
        )
        rules = AddressRules([errand.netloc])
        self.client = shared_client(user_agent="asker/1", trusted=rules, public=rules)
        self.calls = HttpServiceCalls(
            self.client, self.politeness, [replace(service)], clock=clock, rng=chance, identity=identity
        )

    def __enter__(self) -> tuple[HttpServiceCalls, Politeness]:
        return self.calls, self.politeness

    def __exit__(self, *_: object) -> None:
        self.calls.stop()
        self.client.close()
        self.states.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Errand(**json.loads(sys.argv[1])).run()) + "\n")  # after what was logged
