"""What tests of the engine share: a clock that is set by hand, stages that do as told, facts made from a claim."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from dl_lit.core.items import Downloaded, DownloadItem, EntryItem, Extracted, Facts, Queued, Resolved, WorkItem
from dl_lit.core.job import Answer, Claim, Done, Outcome
from dl_lit.core.model import Bibliography, Location, Name, Reference, StageName, Work
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.store import Finished, NewSource

EPOCH_S = 1_800_000_000.0
"""When the tests' clock begins."""

VERIFIED = Proof(verdict=Verdict.VERIFIED, score=1.0, evidence=("DOI on page 1",))
UNVERIFIED = Proof(verdict=Verdict.UNVERIFIED, score=0.0)


class ManualClock:
    """Time that passes only when told to."""

    def __init__(self, at_s: float = EPOCH_S) -> None:
        """Begin at `at_s` seconds since the epoch."""
        self._at_s = at_s
        self._lock = threading.Lock()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        with self._lock:
            self._at_s += seconds

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.fromtimestamp(self._at_s, UTC)

    def time(self) -> float:
        """See `Clock.time`."""
        return self._at_s

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._at_s


def eventually(holds: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Wait until `holds`; fails after `timeout_s` seconds of real time."""
    pause = threading.Event()
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, f"{holds} did not come true within {timeout_s} s"
        pause.wait(0.005)


def new_source(number: int) -> NewSource:
    """A PDF that differs from all of other numbers."""
    return NewSource(f"/papers/{number}.pdf", f"{number:064x}", 1_000 + number)


def work(number: int | str, **changed: object) -> Work:
    """A work that differs from all of other numbers, but for what is `changed`."""
    fields: dict[str, object] = {
        "title": f"Title {number}",
        "doi": f"10.1000/{number}",
        "year": 2020,
        "authors": (Name("Author", "Ann"),),
        "metadata_source": "test",
    }
    return Work(**{**fields, **changed})  # type: ignore[arg-type]


def reference(position: int, text: str = "") -> Reference:
    """An entry at `position`."""
    return Reference(position=position, raw=text or f"Author, A. Title {position}. 2020.", title=text or None)


def bibliography(count: int) -> Bibliography:
    """A bibliography of `count` entries."""
    return Bibliography(page_count=3, references=tuple(reference(place) for place in range(1, count + 1)))


LOCATION = Location(url="https://repository.example/paper.pdf", found_by="test")


def facts_for(claim: Claim, *, references: int = 1) -> Facts:
    """What the stage of `claim` would find if all went well; every entry another work."""
    item = claim.item
    match item:
        case EntryItem(source_id, entry):
            return Resolved(work=work(f"{source_id}-{entry.position}"), matched_by="doi")
        case WorkItem():
            return Queued((LOCATION,))
        case DownloadItem():
            return downloaded(claim.id)
        case _:
            return Extracted(bibliography(references))


def downloaded(work_id: int, **changed: object) -> Downloaded:
    """A file of its own for work `work_id`."""
    fields: dict[str, object] = {
        "path": f"{work_id}.pdf",
        "sha256": f"{work_id:064x}",
        "size_bytes": 10,
        "page_count": 1,
        "location": LOCATION,
        "final_url": LOCATION.url,
        "proof": VERIFIED,
    }
    return Downloaded(**{**fields, **changed})  # type: ignore[arg-type]


def finished(
    claim: Claim, outcome: Outcome | None = None, *, started_at: float = EPOCH_S, seconds: float = 0.5
) -> Finished:
    """The claim with its outcome; found, unless told otherwise."""
    return Finished(claim, Done(facts_for(claim)) if outcome is None else outcome, started_at, seconds)


class FakeStage:
    """A stage that answers as `answer` says; remembers what it was asked."""

    def __init__(
        self,
        name: StageName,
        answer: Callable[[Claim], Answer] | None = None,
        *,
        batch: Callable[[str], int] = lambda _phase: 1,
    ) -> None:
        """`answer` may raise; by default everything is found."""
        self.name = name
        self._answer: Callable[[Claim], Answer] = answer or (lambda claim: Done(facts_for(claim)))
        self._batch = batch
        self.batches: list[list[int]] = []
        self.seen: list[Claim] = []
        self._lock = threading.Lock()

    def batch_size(self, phase: str) -> int:
        """See `Stage.batch_size`."""
        return self._batch(phase)

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        """See `Stage.handle`."""
        with self._lock:
            self.batches.append([claim.id for claim in claims])
            self.seen.extend(claims)
        for claim in claims:
            yield claim, self._answer(claim)

    def close(self) -> None:
        """Nothing is open."""


def all_found(*, references: int = 1, but: Iterable[FakeStage] = ()) -> list[FakeStage]:
    """The four stages, each finding everything, those in `but` in the place of their like."""
    instead = {stage.name: stage for stage in but}

    def found(claim: Claim) -> Answer:
        return Done(facts_for(claim, references=references))

    return [instead.get(name) or FakeStage(name, found) for name in StageName]
