"""What is remembered of works between two visits to their hosts: nobody is asked twice for nothing, no file is lost."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Location
from dl_lit.core.ports import Located
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked
from stages.download.candidates import Candidate
from stages.download.failures import Failure
from stages.download.leads import Lead

MAX_WORKS = 2_000  # some two kB each; those that come back soon are the latest
MAX_FILES = 64  # that wait for a better one, or for the disk
MAX_BYTES = 1_000_000_000  # of these together


_PAGE_S = 600.0  # links that a page named are believed so long: signed ones expire


@dataclass(slots=True)
class Memory:
    """One work's. Used by one worker at a time."""

    dead: dict[str, Failure] = field(default_factory=dict)  # failures for good, by the address asked for and the final
    refused: dict[str, Failure] = field(default_factory=dict)  # files that were not taken, by their SHA-256
    passing: dict[str, Failure] = field(default_factory=dict)  # what may pass, but has cost this attempt already
    doubtful: int = 0  # files seen that a person would have to look at
    parked: int = 0  # how often in this attempt it was sent away by hosts that are left alone
    turn_since: float | None = None  # when it first had to wait for its turn at a service; of monotonic()
    found: tuple[Location, ...] = ()  # by the locators of the second round
    embargoed: tuple[Location, ...] = ()  # likewise
    asked: tuple[Asked, ...] = ()  # these locators, in this process
    unheard: tuple[ServiceError, ...] = ()  # those of them that gave no answer
    searches: int = 0  # rounds of them in this attempt
    is_searched: bool = False  # whether they have nothing more
    is_recalled: bool = False  # whether the attempts before this process were looked at
    revisited: set[str] = field(default_factory=set)  # pages that were asked again for a link that had run out
    _pages: dict[str, tuple[float, list[Lead]]] = field(default_factory=dict)

    def heard(self, located: Located) -> None:
        """Remember a round of locators: of each the latest word, with what all its words cost."""
        before = {(one.service, one.how): one for one in self.asked}
        for one in located.asked:
            last = before.pop((one.service, one.how), None)
            cost = (last.requests, last.credits) if last is not None else (0.0, 0.0)
            word = replace(one, requests=one.requests + cost[0], credits=one.credits + cost[1])
            before[one.service, one.how] = _shared(word)
        self.asked = tuple(before.values())
        self.embargoed = located.embargoed or self.embargoed
        self.unheard = tuple(_bare(error) for error in located.errors)
        self.searches += 1

    def note(self, failure: Failure) -> None:
        """Remember a failure for good."""
        self.dead[failure.url] = failure
        if failure.final_url:
            self.dead.setdefault(failure.final_url, failure)

    def reasons(self) -> dict[str, Reason]:
        """How addresses ended that are not to be asked again, whoever leads there."""
        return {url: failure.reason for url, failure in self.dead.items()}

    def keep_page(self, url: str, leads: list[Lead], now: float) -> None:
        """Remember what the page behind `url` named; `now` is of the clock's monotonic()."""
        self._pages[url] = (now, leads)

    def recall_page(self, url: str, now: float) -> list[Lead] | None:
        """What the page named, if that was lately; None where it has to be asked."""
        at, leads = self._pages.get(url, (0.0, None))
        return leads if leads is not None and now - at <= _PAGE_S else None

    def is_to_be_revisited(self, url: str) -> bool:
        """Whether the page behind `url` may be asked once more, since a link it named has run out; true once."""
        is_first = url not in self.revisited
        self.revisited.add(url)
        if is_first:
            self._pages.clear()
        return is_first

    def next_attempt(self) -> None:
        """Give another chance to what may have passed."""
        self.passing.clear()
        self._pages.clear()
        self.parked = self.searches = 0
        self.is_searched = self.is_searched and not self.unheard


@lru_cache(maxsize=4_096)
def _shared(asked: Asked) -> Asked:
    """The same word once for all works: twenty locators say of nearly every one what they say of the next."""
    return asked


def _bare(error: ServiceError) -> ServiceError:
    """The error without where it came from: its frames hold whole answers."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error


class Memories:
    """Those of all works, in bounded size. Thread-safe.

    Losing one costs requests, no more.
    """

    def __init__(
        self, discard: Callable[[Path], None], *, max_works: int = MAX_WORKS, max_files: int = MAX_FILES
    ) -> None:
        """`discard` removes an unfinished file."""
        self._discard = discard
        self._max_works = max_works
        self._max_files = max_files
        self._works: OrderedDict[int, Memory] = OrderedDict()
        self._files: OrderedDict[int, Candidate] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, work_id: int) -> Memory:
        """The work's memory, new where there was none."""
        with self._lock:
            memory = self._works.setdefault(work_id, Memory())
            self._works.move_to_end(work_id)
            while len(self._works) > self._max_works:
                self._works.popitem(last=False)
            return memory

    def put_by(self, work_id: int, candidate: Candidate) -> None:
        """Keep a file until the work's next visit; the oldest ones go where there are too many."""
        with self._lock:
            before = self._files.pop(work_id, None)
            gone = [] if before is None else [before]
            self._files[work_id] = candidate
            while len(self._files) > self._max_files or self._size() > MAX_BYTES:
                gone.append(self._files.popitem(last=False)[1])
        for one in gone:
            self._discard(one.fetched.path)

    def take_back(self, work_id: int) -> Candidate | None:
        """The file that was put by, the caller's from now on; None where there is none, or no more."""
        with self._lock:
            candidate = self._files.pop(work_id, None)
        return candidate if candidate is not None and candidate.fetched.path.is_file() else None

    def forget(self, work_id: int) -> None:
        """The work has its answer."""
        with self._lock:
            self._works.pop(work_id, None)

    def close(self) -> None:
        """Remove the files that were put by."""
        with self._lock:
            gone = list(self._files.values())
            self._files.clear()
        for one in gone:
            self._discard(one.fetched.path)

    def _size(self) -> int:
        return sum(one.fetched.size_bytes for one in self._files.values())
