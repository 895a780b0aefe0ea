"""What the control surface asks of the program behind it, and what both call things.

`dl_lit.web` knows no database: questions go to `Queries`, orders to `Orders`. Their functions are called from threads,
may block, and raise `DlLitError`; a `Refused` says with which HTTP status.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol, TypeVar

from dl_lit.core.errors import DlLitError
from dl_lit.core.values import dataclass
from dl_lit.web.metrics import Metric

T = TypeVar("T")

Document = Mapping[str, Any]
"""A JSON object."""

PAGE_SIZE = 100
LARGEST_PAGE = 1000

LONGEST_NAME = 1024
"""Characters of what a sender may call a file; most of them are left out of its name here."""

PRIORITIES = (-10, 10)
"""The least and the most that a source can be put before others."""


class Refused(DlLitError):
    """A request that is not served: HTTP status, a slug for programs, and in how many seconds to come back."""

    def __init__(self, status: int, reason: str, message: str, *, after_s: float | None = None) -> None:
        """`after_s` is None where coming back does not help."""
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.after_s = after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which items of a list are wanted."""

    source: int | None = None  # id
    state: str | None = None  # waiting, downloaded, needs_review, failed; of sources: waiting, extracted, failed
    limit: int = PAGE_SIZE
    offset: int = 0
    after: int | None = None  # id of the last item of the page before; then nothing is counted


@dataclass(frozen=True, slots=True)
class Event:
    """Something that those who listen are told."""

    kind: str  # snapshot, status, item, conditions, gap
    data: Document
    id: int | None = None  # from where to go on after a break; None: as before


class Following(Protocol):
    """Follows what happens, for as long as somebody listens. Called from threads, one call at a time."""

    def look(self) -> Sequence[Event]:
        """What has happened since the last call; the first one begins with the present."""

    def snapshot(self) -> Event:
        """How everything stands, as of the last look."""

    def since(self, last: int) -> Sequence[Event]:
        """The items that were finished after the one with this event id, up to the last look."""

    def close(self) -> None:
        """Let go of what is open."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What can be asked with a question."""

    text: str  # what it means
    schema: Document  # JSON Schema 2020-12, with its limits
    is_required: bool = False


LARGEST_NUMBER = 10**18 - 1
"""Of ids and offsets."""

SOURCE_ID = "^s?[1-9][0-9]{0,17}$"
"""A source, as questions name it: 5 or s5."""

ITEM_ID = "^[esw]?[1-9][0-9]{0,17}$"
"""An entry, a source or a work."""

BEHIND = "^[esw]?(0|[1-9][0-9]{0,17})$"
"""The item behind which a page begins; 0 and what begins with it: the first page."""


def number(
    text: str, least: int = 0, most: int = LARGEST_NUMBER, *, usual: int | None = None, is_required: bool = False
) -> Parameter:
    """A parameter that is a whole number; `usual` is meant where it is left out."""
    schema = {"type": "integer", "minimum": least, "maximum": most} | ({} if usual is None else {"default": usual})
    return Parameter(text, schema, is_required)


def one_of(text: str, words: Iterable[str], *, usual: str | None = None) -> Parameter:
    """A parameter that is one of these words; it has to be given where none is `usual`."""
    schema = {"type": "string", "enum": list(words)} | ({} if usual is None else {"default": usual})
    return Parameter(text, schema, usual is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One more question, as the page has them: what answers it, and how it is described."""

    answer: Callable[[Mapping[str, str]], Document]  # called with the query's parameters
    summary: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)  # by name
    schema: Document = field(default_factory=lambda: {"type": "object"})  # of the answer, JSON Schema 2020-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """What can be asked."""

    health: Callable[[], Document]
    status: Callable[[], Document]
    conditions: Callable[[], Document]
    sources: Callable[[Selection], Document]
    references: Callable[[Selection], Document]
    works: Callable[[Selection], Document]
    explain: Callable[[str], Document]
    metrics: Callable[[], Iterable[Metric]]
    follow: Callable[[], Following]
    schemas: Callable[[], Document]  # of the documents by name, JSON Schema 2020-12
    version: str  # of the program
    extras: Mapping[str, Extra] = field(default_factory=dict)  # by path


class Draft(Protocol):
    """A file that is being received."""

    def write(self, data: bytes) -> None:
        """Append. Raises `Refused` as soon as it shows that this is no PDF, or is too large."""

    def seal(self) -> None:
        """All of it is there: check what could not be checked before, and bring it to the disk."""

    def discard(self) -> None:
        """Remove it; harmless when it has been taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a source is to be taken."""

    name: str | None = None  # as its sender calls the file
    priority: int = 0


class Orders(Protocol):
    """What can be changed."""

    def draft(self, size: int | None) -> Draft:
        """Room for an upload of so many bytes (None: not told). Raises `Refused` where there is none."""

    def take(self, draft: Draft, wanted: Wanted) -> Document:
        """Add the sealed draft as a source; the draft is taken or discarded."""

    def take_path(self, path: str, wanted: Wanted) -> Document:
        """Add the file at this path of the machine as a source."""

    def pause(self, stages: Sequence[str], by: str) -> Document:
        """Let these stages (none: all) take up nothing more; `by` says who wishes it, or what for."""

    def resume(self, stages: Sequence[str]) -> Document:
        """Let these stages (none: all) work again."""

    def retry(self, ids: Sequence[str], stages: Sequence[str], reasons: Sequence[str], *, every: bool) -> Document:
        """Put failures back to work, as `dl-lit retry` does."""


class Hands(Protocol):
    """Threads that do what may block."""

    def do(self, work: Callable[[], T]) -> Awaitable[T]:
        """Do it in one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Hands for each kind of request, so that none starves the others."""

    vital: Hands  # health, metrics, events
    reading: Hands
    taking: Hands
    ordering: Hands  # pausing, resuming, trying again: they may wait for the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is let in."""

    at_once: int = 15  # posts of PDFs handled at once
    waiting_room: int = 100  # posts that wait for that, and questions
    reading_at_once: int = 8
    ordering_at_once: int = 2
    orders_waiting: int = 16
    max_upload_bytes: int = 200 << 20
    uploads_per_minute: int = 600  # of one caller
    listeners: int = 32
