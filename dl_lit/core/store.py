"""The database as the pipeline sees it: a few verbs, the same on every database.

The conformance suite in `tests/conformance` says what each verb promises; a second database has to pass it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from dl_lit.core.job import Claim, Outcome
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Finished:
    """A claim with its final answer, ready to be written down."""

    claim: Claim
    outcome: Outcome
    started_at: float  # epoch seconds
    seconds: float  # how long the stage worked on it


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of outcomes that were handed in together."""

    written: Sequence[Finished]
    moved_on: Sequence[Finished] = ()  # somebody had changed their rows meanwhile: nothing came of these
    taken_over: Sequence[Finished] = ()  # others had been given their claims by then: nothing came of these


class SourceKind(StrEnum):
    """What the entries of a source come from."""

    PDF = "pdf"  # the bibliography printed in it
    BIBLIOGRAPHY = "bibliography"  # a file of a reference manager
    LIST = "list"  # identifiers or titles, one in a line
    SEARCH = "search"  # what a service found for words
    CITING = "citing"  # the works that cite a work, as a service knows them


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source to be added: a PDF, or what its entries come from instead."""

    path: str  # absolute; of what is no file, its name for people
    sha256: str
    size_bytes: int
    kind: SourceKind = SourceKind.PDF
    origin: str | None = None  # JSON: what was asked for, where it is no file that people gave
    level: int = 0  # 0: given by people; n: found through a source of level n - 1
    from_work_id: int | None = None  # the work whose PDF it is, or whose citing works it lists


@dataclass(frozen=True, slots=True)
class AddedSource:
    """What adding a source came to."""

    id: int
    is_new: bool  # False: its content was known already


class Store(Protocol):
    """What the pipeline asks of the database. All verbs are thread-safe."""

    def claim(self, stage: StageName, limit: int) -> list[Claim]:
        """At most `limit` rows that are due and in nobody's hands, in rank order; none where the stage is paused.

        They are the caller's until recorded or released.
        """

    def release(self, claims: Iterable[Claim]) -> None:
        """Give back claims unfinished; nothing about their rows changes."""

    def record(self, finished: Sequence[Finished]) -> Recorded:
        """Write the outcomes down in one durable transaction, then let go of their claims; what became of them.

        `Retry` and `Snooze` must carry `after`. A claim whose row has moved on meanwhile changes nothing. Raises
        `DatabaseFull` or `DatabaseUnusable` where the same call may succeed later; the claims stay held then.
        """

    def held(self) -> int:
        """Claims of all stages that are neither recorded nor released."""

    def waiting(self, stage: StageName) -> int:
        """Rows in the stage's waiting room, those in hand included."""

    def pressing(self, stage: StageName) -> int:
        """Of the rows waiting, those that are due within a minute: what was put off for longer dams nothing up."""

    def next_due(self, stage: StageName) -> float | None:
        """When (epoch seconds) the earliest row that is not due yet will be; None when there is none."""

    def notice(self) -> bool:
        """Whether another process has written since the last call; brings counts up to date."""

    def paused(self) -> Mapping[StageName, str]:
        """The stages that somebody has paused, with who it was, as of the last `notice`."""

    def mark_running(self, claims: Sequence[Claim]) -> None:
        """Leave a note, readable after a sudden death, that these are being worked on."""

    def unmark_running(self, claims: Sequence[Claim]) -> None:
        """Take the note back."""

    def claim_suspect(self) -> Claim | None:
        """A row that was in hand at three sudden deaths: to be worked on alone, or quarantined as poison.

        Deaths without a cause of their own (`kill -9`, a power cut) do not count.
        """
