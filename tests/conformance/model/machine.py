"""The store under test beside what is expected of it: how a step is taken, and what holds after each."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from db.codec import stamp
from db.reading.doctor import invariants
from dl_lit.core.errors import BadInput
from dl_lit.core.job import Claim, Outcome
from dl_lit.core.model import Alias, Relation, RelationKind, StageName, Work, WorkType
from tests.conformance.model.expected import Decision, Expected
from tests.conformance.model.picture import Broken, Picture, Source, promises, seen
from tests.fakes.backends import BACKENDS, Backend, Reader, TestedStore
from tests.fakes.engine import ManualClock, new_source, work
from tests.fakes.scratch import scratch

T = TypeVar("T")

Key = tuple[str, int]
"""A stage and a row's number."""


def a_work(**facts: object) -> Work:
    """A work as a service would describe it."""
    return work(1, metadata_source="test", **facts)


WORKS = st.one_of(
    st.builds(lambda number: a_work(title=f"Title {number}", doi=f"10.1000/{number}"), st.integers(1, 5)),
    st.builds(
        a_work,
        title=st.sampled_from(["One title", "Other title", "Ein Titel"]),
        doi=st.sampled_from([None, None, None, "10.1/a", "10.1/B", "10.48550/arxiv.2001.00001"]),
        openalex_id=st.sampled_from([None, "W1", "W2"]),
        pmid=st.sampled_from([None, "7"]),
        type=st.sampled_from([*[WorkType.ARTICLE_JOURNAL] * 4, WorkType.ARTICLE]),
        year=st.sampled_from([2020, 2020, 2020, 2021]),
        aliases=st.sampled_from([(), (), (Alias(title="One title", language="en"),)]),
        relations=st.sampled_from([(), (), (), (Relation(kind=RelationKind.VERSION, doi="10.1/a"),)]),
    ),
)
"""Works that are one with each other, versions of each other, or neither; often enough to meet."""


@dataclass
class Hand:
    """A claim in hand, and what its stage has learnt of it."""

    claim: Claim
    word: Outcome | None = None


@dataclass
class Ghost:
    """A process that was taken for dead, with what it had in hand."""

    store: TestedStore
    held: dict[Key, Hand] = field(default_factory=dict)


class Machine(RuleBasedStateMachine):
    """What all rules share."""

    make: ClassVar[Callable[[Path, ManualClock], Backend]] = BACKENDS["sqlite"]
    versions: ClassVar[tuple[str, ...]] = ("", "", "", "0001", "0004", "0005")
    """What wrote the database first: "" is this version."""
    _taken: ClassVar[list[int]] = [0]

    @classmethod
    def taken(cls) -> int:
        """Steps taken by all machines of this process."""
        return cls._taken[0]

    @initialize(version=st.data())
    def begin(self, version: st.DataObject) -> None:
        """A database that an older version left, or none."""
        self.folder = scratch("model")
        self.clock = ManualClock()
        self.backend = type(self).make(self.folder, self.clock)
        self.expected = Expected()
        self.held: dict[Key, Hand] = {}
        self.marked: dict[Key, bool] = {}  # in the note of what is running; whether alone
        self.ghosts: list[Ghost] = []
        self.decisions: list[Decision | Any] = []
        self.numbers = 0
        self.claimed: Counter[str] = Counter()  # by stage, since the store was opened
        self.readers: list[tuple[Reader, object]] = []
        self.paused: set[str] = set()  # as the store has noticed
        self.is_noticed = True
        before = version.draw(st.sampled_from(type(self).versions))
        if before:
            self._from_before(before)
        self.store = self.backend.open()
        self.rows = self.backend.looking().rows
        self.look()

    def _from_before(self, version: str) -> None:
        self.backend.make_old(version)
        for number in (1, 2):
            new = new_source(self.number())
            self.backend.change(
                "INSERT INTO sources (id, path, sha256, size_bytes, added_at) VALUES (?, ?, ?, ?, ?)",
                *(number, new.path, new.sha256, new.size_bytes, self.when),
            )
            self.expected.now.sources[number] = Source(new.sha256, new.path, "pending")

    # --- for rules

    @property
    def at(self) -> float:
        """Epoch seconds."""
        return self.clock.time()

    @property
    def when(self) -> str:
        """The same, as the database has it."""
        return stamp(self.at)

    def number(self) -> int:
        """One that was not given before in this run: for contents and paths."""
        self.numbers += 1
        return self.numbers

    def elsewhere(self, step: Callable[[Any], T]) -> T:
        """Take a step as another process would; the pipeline has not noticed yet."""
        try:
            return self.backend.elsewhere(step)
        finally:
            self.is_noticed = False

    def refused(self, step: Callable[[], object]) -> None:
        """The step is refused in words, and changes nothing."""
        try:
            step()
        except BadInput:
            self.look()
        else:
            raise Broken("wrong", "what is not so was accepted")

    def look(self) -> None:
        """The database is as it should be."""
        found, _ = seen(self.rows)
        self.expected.learn(found, self.when)

    def present(self) -> Picture:
        """What the database holds."""
        return seen(self.rows)[0]

    def citing(self, work: int) -> Iterable[int]:
        """The entries that cite a work."""
        return [number for number, entry in self.expected.now.entries.items() if entry.work == work]

    # --- what always holds

    @invariant()
    def everything_is_as_expected(self) -> None:
        """Row by row, and by the promises that need no expectation."""
        self._taken[0] += 1
        found, ranks = seen(self.rows)
        for broken in promises(found, ranks):
            raise broken
        self.expected.learn(found, self.when)

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        """What users can ask for agrees."""
        with self.backend.reading() as connection:
            found = [finding for finding in invariants(connection) if not finding.holds]
        if found:
            raise Broken("wrong", f"the doctor finds {found}")

    @invariant()
    def the_store_knows_what_waits(self) -> None:
        """Once it has noticed what others wrote, its counts are those of the tables."""
        if self.store.held() != len(self.held):
            raise Broken("wrong", f"{self.store.held()} claims are held, not {len(self.held)}")
        if not self.is_noticed:
            return
        for stage in StageName:
            room = self.expected.now.room(stage.value)
            late = [row.due for row in room.values() if row.due is not None and row.due > self.at]
            if self.store.waiting(stage) != len(room):
                raise Broken("wrong", f"{self.store.waiting(stage)} wait for {stage}, not {len(room)}")
            if self.store.next_due(stage) != min(late, default=None):
                raise Broken("wrong", f"{stage} is due at {self.store.next_due(stage)}, not {min(late, default=None)}")
            pressing = len(room) - sum(due > self.at + 60.0 for due in late)
            if self.store.pressing(stage) != pressing:
                raise Broken("wrong", f"{self.store.pressing(stage)} press for {stage}, not {pressing}")
        if {stage.value for stage in self.store.paused()} != set(self.expected.now.paused):
            raise Broken("wrong", f"{self.store.paused()} are paused, not {self.expected.now.paused}")

    def teardown(self) -> None:
        """Nothing stays."""
        if hasattr(self, "backend"):
            try:
                self.backend.close()
            finally:
                shutil.rmtree(self.folder)
